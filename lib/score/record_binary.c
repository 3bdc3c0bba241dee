/* SPDX-License-Identifier: MIT */
/*
 * A score record, little-endian:
 *
 *   site (stream/site_codec.h), u32 number of blocks, then per block
 *   u8 kind, u8 bytes per value (8; 4 for perbin), u16 zero, u32 track, u32 n
 *   n scores; then for
 *     effect   ref f8[n], alt f8[n], allele u16[n], strand u8[n]
 *     summary  strand u8[n]
 *     perbin   bin u32[n], strand u8[n]
 *
 * Reading is the hot path of a background's last stages: whole arrays are copied and checked at a
 * time, and no memory is taken once the largest record has been seen.
 */
#include <string.h>

#include "score/finite.h"
#include "score/record_form.h"
#include "stream/site_codec.h"

enum { BLOCK_HEAD = 12 };

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
    buf_put_u16(out, 0);
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
}

int
score_binary_write(struct score_writer *w, const struct score_record *r, struct err *e)
{
    buf_clear(&w->out);
    site_encode(&w->out, &r->site);
    buf_put_u32(&w->out, (uint32_t)r->n_block);
    for (size_t i = 0; i < r->n_block; i++)
        put_block(&w->out, &r->block[i]);
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
        return finite_f64(p, b->n) ? 0 : err_set(e, "score is NaN or infinite");
    }
    for (size_t i = 0; i < b->n; i++) {
        float v;

        memcpy(&v, p + i * sizeof v, sizeof v);
        b->score[i] = v;
    }
    return finite_f32(p, b->n) ? 0 : err_set(e, "score is NaN or infinite");
}

static int
get_alleles(struct score_block *b, const uint8_t *p, size_t n_alt, struct err *e)
{
    uint32_t largest = 0;

    for (size_t i = 0; i < b->n; i++) {
        uint16_t v;

        memcpy(&v, p + i * sizeof v, sizeof v);
        b->allele[i] = v;
        largest = v > largest ? v : largest;
    }
    return b->n && largest >= n_alt ? damaged("an effect of an allele the site lacks", e) : 0;
}

/* p is behind the scores. */
static int
get_details(struct score_block *b, const uint8_t *p, size_t n_alt, struct err *e)
{
    uint8_t largest = 0;

    if (b->kind == SCORE_EFFECT) {
        memcpy(b->ref, p, b->n * 8);
        memcpy(b->alt, p + b->n * 8, b->n * 8);
        p += b->n * 16;
        if (get_alleles(b, p, n_alt, e))
            return -1;
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

/* Decode one block at p and move p behind it. */
static int
get_block(struct score_reader *r, const uint8_t **p, const uint8_t *end, struct err *e)
{
    struct score_block *b;
    uint32_t head[3];
    uint8_t kind;

    if (end - *p < BLOCK_HEAD)
        return damaged("record ends inside a block", e);
    memcpy(head, *p, sizeof head);
    *p += BLOCK_HEAD;
    kind = (uint8_t)head[0];
    if (kind >= SCORE_KINDS || head[0] >> 8 != width[kind].value)
        return damaged("block of unknown kind", e);
    if (head[1] >= r->tracks.n)
        return damaged("block of a track the header lacks", e);
    if (head[2] > (size_t)(end - *p) / (width[kind].value + width[kind].detail))
        return damaged("record ends inside a block", e);
    b = score_record_shape(&r->rec, (enum score_kind)kind, head[1], head[2], !r->skip_details);
    if (get_scores(b, *p, e))
        return -1;
    *p += b->n * width[kind].value;
    if (!r->skip_details && get_details(b, *p, r->rec.site.n_alt, e))
        return -1;
    *p += b->n * width[kind].detail;
    return 0;
}

static int
get_record(struct score_reader *r, const uint8_t *payload, size_t bytes, struct err *e)
{
    struct cur c = { payload, payload + bytes, false };
    uint32_t n_block;

    score_record_clear(&r->rec);
    if (r->skip_details ? site_decode_place(&r->rec.site, &c, e)
                        : site_decode(&r->rec.site, &c, e))
        return -1;
    n_block = cur_u32(&c);
    if (c.bad)
        return damaged("record ends before its blocks", e);
    for (uint32_t i = 0; i < n_block; i++)
        if (get_block(r, &c.p, c.end, e))
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
