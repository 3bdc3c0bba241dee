/* SPDX-License-Identifier: MIT */
#include "record/prediction.h"

#include <stdlib.h>
#include <string.h>

#include "base/finite.h"
#include "prog/mem.h"
#include "record/site_codec.h"

/* Smallest encoded track: two counts, no segment, one log count. */
enum { MIN_TRACK_BYTES = 4 + 4 + 4 };

void
prediction_init(struct prediction *p)
{
    memset(p, 0, sizeof *p);
    site_init(&p->site);
}

void
prediction_free(struct prediction *p)
{
    size_t n = p->n_tracks > p->cap_track ? p->n_tracks : p->cap_track;

    site_free(&p->site);
    for (size_t i = 0; i < n; i++) {
        free(p->track[i].seg);
        free(p->track[i].log_count);
        free(p->track[i].values);
    }
    free(p->track);
    prediction_init(p);
}

void
prediction_take(struct prediction *p, size_t track, size_t allele, size_t strand, const float *all)
{
    const struct prediction_track *t = &p->track[track];
    float *dst = prediction_values(p, track, allele, strand);

    for (size_t i = 0; i < t->n_seg; i++) {
        memcpy(dst, all + t->seg[i].start, t->seg[i].len * sizeof *dst);
        dst += t->seg[i].len;
    }
}

void
prediction_encode(struct buf *b, const struct prediction *p)
{
    site_encode(b, &p->site);
    buf_put_u32(b, (uint32_t)p->n_alleles);
    buf_put_u32(b, (uint32_t)p->n_tracks);
    for (size_t i = 0; i < p->n_tracks; i++) {
        const struct prediction_track *t = &p->track[i];

        buf_put_u32(b, t->n_strands);
        buf_put_u32(b, (uint32_t)t->n_seg);
        for (size_t j = 0; j < t->n_seg; j++) {
            buf_put_u32(b, t->seg[j].start);
            buf_put_u32(b, t->seg[j].len);
        }
        buf_put(b, t->log_count, p->n_alleles * sizeof *t->log_count);
        buf_put(b, t->values, p->n_alleles * t->n_strands * t->n_values * sizeof *t->values);
    }
}

/* Chromosome and 1-based position, as the user's file has them, in front of the message. */
static int
name_site(const struct prediction *p, struct err *e)
{
    return err_prefix(e, "site %s:%lld", p->site.chrom, (long long)p->site.start + 1);
}

static int
damaged(const struct prediction *p, size_t track, const char *what, struct err *e)
{
    err_set(e, "track number %zu: %s; the stream is damaged", track + 1, what);
    return name_site(p, e);
}

static int
decode_segments(struct prediction *p, size_t track, struct cur *c, struct err *e)
{
    struct prediction_track *t = &p->track[track];
    uint64_t end = 0, n_values = 0;
    const uint8_t *bytes;

    t->n_seg = cur_u32(c);
    bytes = cur_bytes(c, t->n_seg * sizeof *t->seg);
    if (c->bad)
        return damaged(p, track, "record ends inside the list of bins", e);
    mem_grow(&t->seg, &t->cap_seg, t->n_seg, sizeof *t->seg);
    for (size_t i = 0; i < t->n_seg; i++, bytes += sizeof *t->seg) {
        memcpy(&t->seg[i].start, bytes, 4);
        memcpy(&t->seg[i].len, bytes + 4, 4);
        if (t->seg[i].start < end || t->seg[i].len == 0)
            return damaged(p, track, "bins are not in ascending, disjoint segments", e);
        end = (uint64_t)t->seg[i].start + t->seg[i].len;
        n_values += t->seg[i].len;
    }
    if (end > UINT32_MAX)
        return damaged(p, track, "bin numbers exceed 32 bits", e);
    t->n_values = (size_t)n_values;
    return 0;
}

/* Copy n floats from the record, refusing NaN and infinity. */
static int
decode_floats(float **dst, size_t *cap, size_t n, struct prediction *p, size_t track,
              struct cur *c, struct err *e)
{
    const uint8_t *bytes = cur_bytes(c, n * sizeof **dst);

    if (c->bad)
        return damaged(p, track, "record ends inside the values", e);
    if (!finite_f32(bytes, n)) {
        err_set(e, "track number %zu: the prediction is NaN or infinite; check the model's "
                "weights", track + 1);
        return name_site(p, e);
    }
    mem_grow(dst, cap, n, sizeof **dst);
    if (n)
        memcpy(*dst, bytes, n * sizeof **dst);
    return 0;
}

static int
decode_track(struct prediction *p, size_t track, struct cur *c, struct err *e)
{
    struct prediction_track *t = &p->track[track];
    size_t n;

    t->n_strands = cur_u32(c);
    if (t->n_strands < 1 || t->n_strands > 2)
        return damaged(p, track, "number of strands is neither 1 nor 2", e);
    if (decode_segments(p, track, c, e))
        return -1;
    if (__builtin_mul_overflow(p->n_alleles * t->n_strands, t->n_values, &n) || n > SIZE_MAX / 8)
        return damaged(p, track, "more values than a record can hold", e);
    if (decode_floats(&t->log_count, &t->cap_log_count, p->n_alleles, p, track, c, e))
        return -1;
    return decode_floats(&t->values, &t->cap_values, n, p, track, c, e);
}

static int
check_counts(const struct prediction *p, size_t n_found, size_t n_tracks, const struct cur *c,
             struct err *e)
{
    if (c->bad || p->n_alleles != 1 + p->site.n_alt) {
        err_set(e, "predictions of %zu alleles, expected %zu; the stream is damaged",
                p->n_alleles, 1 + p->site.n_alt);
        return name_site(p, e);
    }
    if (n_found != n_tracks) {
        err_set(e, "predictions of %zu tracks, but the header lists %zu; the stream is damaged",
                n_found, n_tracks);
        return name_site(p, e);
    }
    if (n_found > (size_t)(c->end - c->p) / MIN_TRACK_BYTES) {
        err_set(e, "record ends before its %zu tracks; the stream is damaged", n_found);
        return name_site(p, e);
    }
    return 0;
}

/* Room for n tracks; those that are new have no arrays yet. */
static void
grow_tracks(struct prediction *p, size_t n)
{
    size_t old = p->cap_track;

    mem_grow(&p->track, &p->cap_track, n, sizeof *p->track);
    if (p->cap_track > old)
        memset(p->track + old, 0, (p->cap_track - old) * sizeof *p->track);
    p->n_tracks = n;
}

int
prediction_decode(struct prediction *p, const void *payload, size_t bytes, size_t n_tracks,
                  struct err *e)
{
    struct cur c = { payload, (const uint8_t *)payload + bytes, false };
    size_t n_found;

    if (site_decode(&p->site, &c, e))
        return -1;
    p->n_alleles = cur_u32(&c);
    n_found = cur_u32(&c);
    if (check_counts(p, n_found, n_tracks, &c, e))
        return -1;
    grow_tracks(p, n_found);
    for (size_t i = 0; i < n_found; i++)
        if (decode_track(p, i, &c, e))
            return -1;
    if (c.p != c.end) {
        err_set(e, "record is longer than its contents; the stream is damaged");
        return name_site(p, e);
    }
    return 0;
}
