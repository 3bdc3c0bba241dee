/* SPDX-License-Identifier: MIT */
/*
 * A score record, little-endian:
 *
 *   site (record/site_codec.h), u32 number of blocks, then per block
 *   u8 kind, u8 bytes per value (8; 4 for perbin), u16 flags (1: genes, or 0), u32 track, u32 n
 *   n scores; then for
 *     effect   ref f8[n], alt f8[n], allele u16[n], strand u8[n]
 *     summary  strand u8[n]
 *     perbin   bin u32[n], strand u8[n]
 *   with genes (effect and summary) gene u16[n]
 *
 * and behind the blocks, when any has genes: u32 number of names, then that many str.
 *
 * Reading is the hot path of a background's last stages: whole arrays are copied and checked at a
 * time, and no memory is taken once the largest record has been seen.
 */
#include <string.h>

#include "base/finite.h"
#include "record/site_codec.h"
#include "score/record_form.h"

enum { BLOCK_HEAD = 12, FLAG_GENES = 1 };

static const struct {
    uint8_t value, detail;      /* bytes of a score, and of what identifies it */
} width[SCORE_KINDS] = {
    [SCORE_EFFECT] = { 8, 8 + 8 + 2 + 1 },
    [SCORE_SUMMARY] = { 8, 1 },
    [SCORE_PERBIN] = { 4, 4 + 1 },
};

static void
put_block(struct buf *out, const struct score_block *b)
{
    buf_put_u8(out, (uint8_t)b->kind);
    buf_put_u8(out, width[b->kind].value);
    buf_put_u16(out, b->gene ? FLAG_GENES : 0);
    buf_put_u32(out, b->track);
    buf_put_u32(out, (uint32_t)b->n);
    if (b->kind == SCORE_PERBIN) {
        for (size_t i = 0; i < b->n; i++) {
            float v = (float)b->score[i];

            buf_put(out, &v, sizeof v);
        }
        buf_put(out, b->bin, b->n * sizeof *b->bin);
    } else {
        buf_put(out, b->score, b->n * sizeof *b->score);
    }
    if (b->kind == SCORE_EFFECT) {
        buf_put(out, b->ref, b->n * sizeof *b->ref);
        buf_put(out, b->alt, b->n * sizeof *b->alt);
        for (size_t i = 0; i < b->n; i++)
            buf_put_u16(out, (uint16_t)b->allele[i]);
    }
    buf_put(out, b->strand, b->n);
    for (size_t i = 0; b->gene && i < b->n; i++)
        buf_put_u16(out, (uint16_t)b->gene[i]);
}

static bool
has_genes(const struct score_record *r)
{
    for (size_t i = 0; i < r->n_block; i++)
        if (r->block[i].gene)
            return true;
    return false;
}

int
score_binary_write(struct score_writer *w, const struct score_record *r, struct err *e)
{
    buf_clear(&w->out);
    site_encode(&w->out, &r->site);
    buf_put_u32(&w->out, (uint32_t)r->n_block);
    for (size_t i = 0; i < r->n_block; i++)
        put_block(&w->out, &r->block[i]);
    if (has_genes(r)) {
        buf_put_u32(&w->out, (uint32_t)r->n_gene);
        for (size_t i = 0; i < r->n_gene; i++)
            buf_put_str(&w->out, r->gene[i]);
    }
    return stream_write(w->stream, w->out.p, w->out.n, e);
}

static int
damaged(const char *what, struct err *e)
{
    return err_set(e, "%s; the stream is damaged", what);
}

static int
get_scores(struct score_block *b, const uint8_t *p, struct err *e)
{
    if (b->kind != SCORE_PERBIN) {
        memcpy(b->score, p, b->n * sizeof *b->score);
        return finite_as_f32(p, b->n) ? 0 : err_set(e, "score is NaN or infinite, or beyond single "
                                                    "precision (3.4e38)");
    }
    for (size_t i = 0; i < b->n; i++) {
        float v;

        memcpy(&v, p + i * sizeof v, sizeof v);
        b->score[i] = v;
    }
    return finite_f32(p, b->n) ? 0 : err_set(e, "score is NaN or infinite");
}

/* Numbers of alleles or genes; *largest is 0 when there are none. */
static void
get_numbers(uint32_t *number, const uint8_t *p, size_t n, uint32_t *largest)
{
    *largest = 0;
    for (size_t i = 0; i < n; i++) {
        uint16_t v;

        memcpy(&v, p + i * sizeof v, sizeof v);
        number[i] = v;
        *largest = v > *largest ? v : *largest;
    }
}

/* p is behind the scores. */
static int
get_details(struct score_block *b, const uint8_t *p, size_t n_alt, struct err *e)
{
    uint8_t largest = 0;
    uint32_t allele;

    if (b->kind == SCORE_EFFECT) {
        memcpy(b->ref, p, b->n * 8);
        memcpy(b->alt, p + b->n * 8, b->n * 8);
        p += b->n * 16;
        get_numbers(b->allele, p, b->n, &allele);
        if (b->n && allele >= n_alt)
            return damaged("an effect of an allele the site lacks", e);
        p += b->n * 2;
    } else if (b->kind == SCORE_PERBIN) {
        memcpy(b->bin, p, b->n * 4);
        p += b->n * 4;
    }
    memcpy(b->strand, p, b->n);
    for (size_t i = 0; i < b->n; i++)
        largest = b->strand[i] > largest ? b->strand[i] : largest;
    return largest >= STRANDS ? damaged("unknown strand", e) : 0;
}

/* What is decoded of a record, and how far. */
struct decoder {
    struct score_reader *r;
    const uint8_t *p, *end;
    bool has_genes;
    uint32_t n_genes;           /* names that blocks refer to: one more than the largest number */
};

static void
get_genes(struct decoder *d, struct score_block *b)
{
    uint32_t largest;

    d->has_genes = true;
    if (!b->gene)
        return;
    get_numbers(b->gene, d->p, b->n, &largest);
    if (b->n && largest >= d->n_genes)
        d->n_genes = largest + 1;
}

/* Decode one block. */
static int
get_block(struct decoder *d, struct err *e)
{
    const unsigned details = d->r->skip_details ? 0 : BLOCK_DETAILS;
    struct score_block *b;
    uint32_t head[3];
    uint8_t kind;
    bool genes;
    size_t size;

    if (d->end - d->p < BLOCK_HEAD)
        return damaged("record ends inside a block", e);
    memcpy(head, d->p, sizeof head);
    d->p += BLOCK_HEAD;
    kind = (uint8_t)head[0];
    genes = head[0] >> 16 == FLAG_GENES;
    if (kind >= SCORE_KINDS || (uint8_t)(head[0] >> 8) != width[kind].value ||
        (head[0] >> 16 && (!genes || kind == SCORE_PERBIN)))
        return damaged("block of unknown kind", e);
    if (head[1] >= d->r->tracks.n)
        return damaged("block of a track the header lacks", e);
    size = width[kind].value + width[kind].detail + (genes ? 2 : 0);
    if (head[2] > (size_t)(d->end - d->p) / size)
        return damaged("record ends inside a block", e);
    b = score_record_shape(&d->r->rec, (enum score_kind)kind, head[1], head[2],
                           details | (genes && details ? BLOCK_GENES : 0));
    if (get_scores(b, d->p, e))
        return -1;
    d->p += b->n * width[kind].value;
    if (details && get_details(b, d->p, d->r->rec.site.n_alt, e))
        return -1;
    d->p += b->n * width[kind].detail;
    if (genes)
        get_genes(d, b);
    d->p += genes ? b->n * 2 : 0;
    return 0;
}

/* The names behind the blocks.  Each takes at least the four bytes of its length. */
static int
get_names(struct decoder *d, struct cur *c, struct err *e)
{
    uint32_t n = cur_u32(c);

    if (c->bad || n > (size_t)(c->end - c->p) / 4 || n < d->n_genes)
        return damaged("record without the names of its genes", e);
    for (uint32_t i = 0; i < n; i++) {
        size_t bytes = cur_u32(c);
        const uint8_t *text = cur_bytes(c, bytes);

        if (!text || memchr(text, '\0', bytes))
            return damaged("record ends inside the names of its genes", e);
        if (!d->r->skip_details)
            score_record_name(&d->r->rec, (const char *)text, bytes);
    }
    return 0;
}

static int
get_record(struct score_reader *r, const uint8_t *payload, size_t bytes, struct err *e)
{
    struct cur c = { payload, payload + bytes, false };
    struct decoder d = { .r = r, .end = payload + bytes };
    uint32_t n_block;

    score_record_clear(&r->rec);
    if (r->skip_details ? site_decode_place(&r->rec.site, &c, e)
                        : site_decode(&r->rec.site, &c, e))
        return -1;
    n_block = cur_u32(&c);
    if (c.bad)
        return damaged("record ends before its blocks", e);
    d.p = c.p;
    for (uint32_t i = 0; i < n_block; i++)
        if (get_block(&d, e))
            return -1;
    c.p = d.p;
    if (d.has_genes && get_names(&d, &c, e))
        return -1;
    return c.p == c.end ? 0 : damaged("record is longer than its contents", e);
}

int
score_binary_read(struct score_reader *r, struct err *e)
{
    const uint8_t *payload;
    size_t bytes;
    int got = stream_next(r->stream, &payload, &bytes, e);

    if (got <= 0)
        return got;
    if (get_record(r, payload, bytes, e))
        return err_prefix(e, "%s: record %llu", r->name,
                          (unsigned long long)stream_count(r->stream));
    return 1;
}
