/* SPDX-License-Identifier: MIT */
/* Scores in, the same rows with percentile and exceedance out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/prov.h"
#include "prog/tally.h"
#include "rng/blake2b.h"
#include "stream/buf.h"

enum { UNKNOWN = -1, FLUSH_BYTES = 1 << 18 };

/* A track of the score file: where its rows are, once it has been met. */
struct target {
    bool met;
    ptrdiff_t track;            /* in the background, or UNKNOWN */
    float *row[SCORE_KINDS];
    bool loaded[SCORE_KINDS];
};

struct job {
    const struct lookup *l;
    const struct options *o;
    const char *name;
    struct score_reader *in;
    struct agreement *agreement;
    struct target *target;      /* by track of the score file */
    size_t n_target;
    struct tally *unknown;
    FILE *out;
    struct buf text;
    uint64_t n_values, n_rows;
};

static void
flush(struct job *j)
{
    if (j->text.n && fwrite(j->text.p, 1, j->text.n, j->out) != j->text.n)
        die("%s: cannot write", fio_name_out(j->o->out));
    buf_clear(&j->text);
}

static void
put(struct job *j, const char *s)
{
    buf_put(&j->text, s, strlen(s));
}

static void
put_meta(struct job *j, const struct meta *m)
{
    for (size_t i = 0; i < m->n; i++) {
        put(j, META_TEXT_PREFIX);
        put(j, m->line[i].key);
        put(j, "=");
        put(j, m->line[i].value);
        put(j, "\n");
    }
}

/*
 * Which background it was: BLAKE2b over name, size and CRC-32 of all its members, which is all of
 * its contents without reading them.
 */
static json_t *
background_identity(const struct zip *z)
{
    struct blake2b_state h;
    uint8_t digest[16];
    char hex[2 * sizeof digest + 1];

    blake2b_init(&h, sizeof digest, NULL, 0);
    for (size_t i = 0; i < z->n_member; i++) {
        const struct zip_member *m = &z->member[i];

        blake2b_update(&h, m->name, strlen(m->name) + 1);
        blake2b_update(&h, &m->size, sizeof m->size);
        blake2b_update(&h, &m->crc32, sizeof m->crc32);
    }
    blake2b_final(&h, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return json_pack("{s:s}", "background", hex);
}

static void
put_header(struct job *j)
{
    struct meta m;

    meta_init(&m);
    meta_copy(&m, score_meta(j->in));
    prov_append(&m, background_identity(j->l->bg->zip));
    put_meta(j, &m);
    meta_free(&m);
    if (score_columns(j->in))
        put(j, score_columns(j->in));
    else
        score_put_columns(&j->text);
    put(j, "\tpercentile\texceedance\n");
}

static void
meet(struct job *j, struct target *t, const struct track *track)
{
    t->met = true;
    t->track = lookup_track(j->l, track->id);
    if (t->track >= 0)
        agreement_check_track(j->agreement, track, (size_t)t->track);
    else if (!j->o->skip_unknown)
        die("%s: track '%s' is not in %s, which has %zu tracks; see cdf-lookup --list, or leave "
            "such rows out with --skip-unknown-tracks", j->name, track->id, j->l->path,
            j->l->bg->n);
}

static struct target *
find_target(struct job *j, uint32_t track)
{
    const struct track_table *tracks = score_tracks(j->in);
    struct target *t;

    if (tracks->n > j->n_target) {
        j->target = mem_resize(j->target, tracks->n, sizeof *j->target);
        memset(j->target + j->n_target, 0, (tracks->n - j->n_target) * sizeof *j->target);
        j->n_target = tracks->n;
    }
    t = &j->target[track];
    if (!t->met)
        meet(j, t, &tracks->track[track]);
    return t;
}

static void
put_value(struct job *j, const struct score_record *rec, const struct score_block *b, size_t i,
          const struct target *t)
{
    struct answer a;

    lookup_rank(&a, j->l, t->row[b->kind], b->kind, (size_t)t->track, b->score[i]);
    if (score_line(j->in))
        put(j, score_line(j->in));
    else
        score_put_row(&j->text, score_tracks(j->in), rec, b, i);
    put(j, "\t");
    put(j, a.percentile);
    put(j, "\t");
    put(j, a.exceedance);
    put(j, "\n");
    j->n_rows++;
}

static void
put_block(struct job *j, const struct score_record *rec, const struct score_block *b)
{
    struct target *t = find_target(j, b->track);

    j->n_values += b->n;
    if (t->track == UNKNOWN) {
        tally_add(j->unknown, b->n, "track is not in the background", "%s",
                  score_tracks(j->in)->track[b->track].id);
        return;
    }
    if (!t->loaded[b->kind]) {
        lookup_need_kind(j->l, b->kind);
        t->row[b->kind] = lookup_row(j->l, b->kind, (size_t)t->track);
        t->loaded[b->kind] = true;
    }
    for (size_t i = 0; i < b->n; i++)
        put_value(j, rec, b, i, t);
    if (j->text.n >= FLUSH_BYTES)
        flush(j);
}

static void
put_all(struct job *j)
{
    const struct score_record *rec;
    struct err e;
    int got;

    put_header(j);
    while ((got = score_read(j->in, &rec, &e)) > 0)
        for (size_t i = 0; i < rec->n_block; i++)
            put_block(j, rec, &rec->block[i]);
    if (got < 0)
        die_err(&e);
    tally_report(j->unknown, j->n_values, "values");
    if (!j->n_values)
        die("%s: holds no scores; did the program before it leave all sites out?", j->name);
    if (!j->n_rows)
        die("%s: none of its tracks is in %s; is it the background of this oracle?", j->name,
            j->l->path);
    put_meta(j, score_trailer(j->in));
    flush(j);
    fprintf(j->out, META_TEXT_PREFIX "end=%llu\n", (unsigned long long)j->n_rows);
}

void
lookup_annotate(const struct lookup *l, const struct options *o)
{
    const char *path = o->n_arg ? o->arg[0] : NULL;
    FILE *fp = fio_open_in(path);
    struct job j = { .l = l, .o = o, .name = fio_name_in(path), .unknown = tally_new(false) };
    struct err e;

    j.in = score_open(fp, j.name, &e);
    if (!j.in)
        die_err(&e);
    j.agreement = agreement_new(l, score_meta(j.in), j.name);
    j.out = fio_open_out(o->out, false);
    put_all(&j);
    fio_close_out(j.out, o->out);
    fio_close_in(fp, path);
    for (size_t i = 0; i < j.n_target; i++)
        for (int k = 0; k < SCORE_KINDS; k++)
            free(j.target[i].row[k]);
    free(j.target);
    buf_free(&j.text);
    agreement_free(j.agreement);
    tally_free(j.unknown);
    score_close(j.in);
}
