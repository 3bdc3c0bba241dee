/* SPDX-License-Identifier: MIT */
#include "score/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/finite.h"
#include "prog/mem.h"
#include "score/record_form.h"

const char *const score_kind_name[SCORE_KINDS] = { "effect", "summary", "perbin" };

void
score_record_init(struct score_record *r)
{
    memset(r, 0, sizeof *r);
    site_init(&r->site);
}

void
score_record_free(struct score_record *r)
{
    site_free(&r->site);
    for (size_t i = 0; i < r->cap_block; i++)
        free(r->block[i].memory);
    free(r->block);
    score_record_clear(r);
    free(r->gene);
    score_record_init(r);
}

void
score_record_clear(struct score_record *r)
{
    r->n_block = 0;
    while (r->n_gene)
        free(r->gene[--r->n_gene]);
}

void
score_record_name(struct score_record *r, const char *name, size_t n)
{
    mem_grow(&r->gene, &r->cap_gene, r->n_gene + 1, sizeof *r->gene);
    r->gene[r->n_gene++] = mem_strndup(name, n);
}

uint32_t
score_record_gene(struct score_record *r, const char *name)
{
    for (size_t i = 0; i < r->n_gene; i++)
        if (strcmp(r->gene[i], name) == 0)
            return (uint32_t)i;
    score_record_name(r, name, strlen(name));
    return (uint32_t)r->n_gene - 1;
}

/* Hand out the next n elements of a block's memory. */
static void *
carve(uint8_t **at, size_t n, size_t size)
{
    void *p = *at;

    *at += n * size;
    return p;
}

struct score_block *
score_record_shape(struct score_record *r, enum score_kind kind, uint32_t track, size_t n,
                   unsigned parts)
{
    const bool details = parts & BLOCK_DETAILS;
    const bool effect = details && kind == SCORE_EFFECT, perbin = details && kind == SCORE_PERBIN;
    struct score_block *b;
    size_t old = r->cap_block;
    uint8_t *at;

    if (r->n_block == old) {
        mem_grow(&r->block, &r->cap_block, old + 1, sizeof *r->block);
        memset(r->block + old, 0, (r->cap_block - old) * sizeof *r->block);
    }
    b = &r->block[r->n_block++];
    /* Largest kind: three doubles, allele, gene, strand; widest elements first keep all aligned. */
    mem_grow(&b->memory, &b->cap, n + 1, 3 * sizeof (double) + 2 * sizeof (uint32_t) + 1);
    at = b->memory;
    b->kind = kind;
    b->track = track;
    b->n = n;
    b->score = carve(&at, n, sizeof (double));
    b->ref = effect ? carve(&at, n, sizeof (double)) : NULL;
    b->alt = effect ? carve(&at, n, sizeof (double)) : NULL;
    b->allele = effect ? carve(&at, n, sizeof (uint32_t)) : NULL;
    b->bin = perbin ? carve(&at, n, sizeof (uint32_t)) : NULL;
    b->gene = parts & BLOCK_GENES ? carve(&at, n, sizeof (uint32_t)) : NULL;
    b->strand = details ? carve(&at, n, 1) : NULL;
    return b;
}

static struct score_block *
add_zeroed(struct score_record *r, enum score_kind kind, uint32_t track, size_t n, unsigned parts)
{
    struct score_block *b = score_record_shape(r, kind, track, n, parts);

    memset(b->memory, 0, (size_t)(b->strand + n - b->memory));
    return b;
}

struct score_block *
score_record_add(struct score_record *r, enum score_kind kind, uint32_t track, size_t n)
{
    return add_zeroed(r, kind, track, n, BLOCK_DETAILS);
}

struct score_block *
score_record_add_genes(struct score_record *r, enum score_kind kind, uint32_t track, size_t n)
{
    return add_zeroed(r, kind, track, n, BLOCK_DETAILS | BLOCK_GENES);
}

static void
writer_free(struct score_writer *w)
{
    track_table_free(&w->tracks);
    buf_free(&w->out);
    free(w->name);
    free(w);
}

struct score_writer *
score_create(FILE *fp, const char *name, const struct meta *m, bool text, struct err *e)
{
    struct score_writer *w = mem_zalloc(sizeof *w);
    struct meta full;
    int status;

    meta_init(&full);
    meta_copy(&full, m);
    meta_set(&full, "content", STREAM_SCORES);
    w->fp = fp;
    w->name = mem_strdup(name);
    track_table_init(&w->tracks);
    status = track_table_from_meta(&w->tracks, m, e);
    if (status == 0 && text)
        status = score_text_create(w, &full, e);
    else if (status == 0)
        status = (w->stream = stream_create(fp, name, &full, e)) ? 0 : -1;
    meta_free(&full);
    if (status == 0)
        return w;
    writer_free(w);
    return NULL;
}

/* A name that a TSV can hold and that reads back as a gene. */
static int
check_genes(const struct score_record *r, struct err *e)
{
    if (r->n_gene > (size_t)UINT16_MAX + 1)
        return err_set(e, "%zu genes at one site, expected at most %d", r->n_gene, UINT16_MAX + 1);
    for (size_t i = 0; i < r->n_gene; i++) {
        const char *name = r->gene[i];

        if (!*name || name[strcspn(name, "\t\n\r")] || !strcmp(name, ".") || !strcmp(name, "+") ||
            !strcmp(name, "-"))
            return err_set(e, "'%s' cannot be the name of a gene", name);
    }
    return 0;
}

static int
check_block(const struct score_writer *w, const struct score_record *r,
            const struct score_block *b, struct err *e)
{
    if (b->kind >= SCORE_KINDS || b->track >= w->tracks.n)
        return err_set(e, "block of kind %d and track %u, expected kinds below %d and tracks "
                       "below %zu", (int)b->kind, b->track, SCORE_KINDS, w->tracks.n);
    if (!finite_as_f32(b->score, b->n))
        return err_set(e, "%s of track '%s' is NaN or infinite, or beyond single precision "
                       "(3.4e38)", score_kind_name[b->kind], w->tracks.track[b->track].id);
    if (b->gene && b->kind == SCORE_PERBIN)
        return err_set(e, "bin values with genes");
    for (size_t i = 0; i < b->n; i++) {
        if (b->strand[i] >= STRANDS)
            return err_set(e, "strand code %u, expected 0 to 2", b->strand[i]);
        if (b->kind == SCORE_EFFECT &&
            (b->allele[i] >= r->site.n_alt || b->allele[i] > UINT16_MAX))
            return err_set(e, "effect of allele number %u of %zu", b->allele[i] + 1,
                           r->site.n_alt);
        if (b->gene && b->gene[i] >= r->n_gene)
            return err_set(e, "gene number %u of %zu", b->gene[i] + 1, r->n_gene);
        if (b->kind == SCORE_PERBIN && (double)(float)b->score[i] != b->score[i])
            return err_set(e, "bin value %.17g is no single-precision number", b->score[i]);
    }
    return 0;
}

int
score_write(struct score_writer *w, const struct score_record *r, struct err *e)
{
    int status = check_genes(r, e);

    for (size_t i = 0; i < r->n_block && status == 0; i++)
        status = check_block(w, r, &r->block[i], e);
    if (status)
        return err_prefix(e, "%s: site %s:%lld", w->name, r->site.chrom,
                          (long long)r->site.start + 1);
    return w->stream ? score_binary_write(w, r, e) : score_text_write(w, r, e);
}

int
score_finish(struct score_writer *w, const struct meta *trailer, struct err *e)
{
    int status = w->stream ? stream_finish(w->stream, trailer, e)
                           : score_text_finish(w, trailer, e);

    writer_free(w);
    return status;
}

void
score_abandon(struct score_writer *w)
{
    if (!w)
        return;
    stream_abandon(w->stream);
    writer_free(w);
}

static int
open_binary(struct score_reader *r, struct err *e)
{
    if (!r->stream)
        r->stream = stream_open_file(r->fp, r->name, STREAM_SCORES, e);
    if (!r->stream)
        return -1;
    if (track_table_from_meta(&r->tracks, stream_meta(r->stream), e))
        return err_prefix(e, "%s", r->name);
    return 0;
}

static struct score_reader *
open_reader(FILE *fp, struct stream_reader *in, const char *name, struct err *e)
{
    struct score_reader *r = mem_zalloc(sizeof *r);
    int status;

    r->fp = fp;
    r->stream = in;
    r->name = mem_strdup(name);
    score_record_init(&r->rec);
    track_table_init(&r->tracks);
    status = in || stream_is_binary(fp) ? open_binary(r, e) : score_text_open(r, e);
    if (status == 0)
        return r;
    score_close(r);
    return NULL;
}

struct score_reader *
score_open(FILE *fp, const char *name, struct err *e)
{
    return open_reader(fp, NULL, name, e);
}

struct score_reader *
score_open_stream(struct stream_reader *in, const char *name, struct err *e)
{
    return open_reader(NULL, in, name, e);
}

int
score_read(struct score_reader *r, const struct score_record **rec, struct err *e)
{
    *rec = &r->rec;
    return r->stream ? score_binary_read(r, e) : score_text_read(r, e);
}

void
score_skip_details(struct score_reader *r)
{
    r->skip_details = true;
}

void
score_accept_nan(struct score_reader *r)
{
    r->accept_nan = true;
}

const struct meta *
score_meta(const struct score_reader *r)
{
    return r->stream ? stream_meta(r->stream) : &r->meta;
}

const struct meta *
score_trailer(const struct score_reader *r)
{
    return r->stream ? stream_trailer(r->stream) : &r->trailer;
}

const struct track_table *
score_tracks(const struct score_reader *r)
{
    return &r->tracks;
}

const char *
score_line(const struct score_reader *r)
{
    return r->stream ? NULL : r->line;
}

const char *
score_columns(const struct score_reader *r)
{
    return r->columns;
}

uint64_t
score_line_number(const struct score_reader *r)
{
    return r->stream ? stream_count(r->stream) : r->line_number;
}

void
score_close(struct score_reader *r)
{
    if (!r)
        return;
    stream_close(r->stream);
    score_record_free(&r->rec);
    track_table_free(&r->tracks);
    meta_free(&r->meta);
    meta_free(&r->trailer);
    free(r->line);
    free(r->columns);
    free(r->role);
    free(r->name);
    free(r);
}
