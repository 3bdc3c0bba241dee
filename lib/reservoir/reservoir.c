/* SPDX-License-Identifier: MIT */
#include "reservoir/reservoir.h"

#include <stdlib.h>

#include "base/finite.h"
#include "prog/mem.h"
#include "rng/pyrandom.h"

struct reservoir {
    struct retention how;
    struct pyrandom random[SCORE_KINDS];        /* algorithm R: one for all tracks of a kind */
    struct value_set *set[SCORE_KINDS];         /* by track */
    size_t n[SCORE_KINDS], cap[SCORE_KINDS];
    uint64_t total;
};

struct reservoir *
reservoir_new(const struct retention *how)
{
    struct reservoir *r = mem_zalloc(sizeof *r);

    if (how)
        r->how = *how;
    for (int k = 0; k < SCORE_KINDS; k++)
        pyrandom_seed(&r->random[k], r->how.seed);
    return r;
}

void
reservoir_free(struct reservoir *r)
{
    if (!r)
        return;
    for (int k = 0; k < SCORE_KINDS; k++) {
        for (size_t t = 0; t < r->n[k]; t++)
            value_set_free(&r->set[k][t]);
        free(r->set[k]);
    }
    free(r);
}

static struct value_set *
find_or_add(struct reservoir *r, enum score_kind kind, uint32_t track)
{
    mem_grow(&r->set[kind], &r->cap[kind], track + (size_t)1, sizeof *r->set[kind]);
    for (; r->n[kind] <= track; r->n[kind]++)
        r->set[kind][r->n[kind]] = (struct value_set){ .kind = kind,
                                                       .track = (uint32_t)r->n[kind],
                                                       .limit = UINT32_MAX };
    return &r->set[kind][track];
}

int
reservoir_add(struct reservoir *r, const struct score_block *b, uint32_t as, const uint32_t *key,
              struct err *e)
{
    struct value_set *s;

    if (!finite_as_f32(b->score, b->n))
        return err_set(e, "a value is not finite (NaN or infinity), or beyond single precision "
                       "(3.4e38); find out which program made it");
    s = find_or_add(r, b->kind, as);
    switch (r->how.rule) {
    case RETAIN_ALL:
        value_set_offer_all(s, b->score, b->n);
        break;
    case RETAIN_KEYED:
        value_set_offer_keyed(s, &r->how, b->score, key, b->n);
        break;
    case RETAIN_R:
        value_set_offer_r(s, &r->how, b->score, b->n, &r->random[b->kind]);
        break;
    }
    r->total += b->n;
    return 0;
}

uint64_t
reservoir_total(const struct reservoir *r)
{
    return r->total;
}

size_t
reservoir_n_tracks(const struct reservoir *r)
{
    size_t n = 0;

    for (int k = 0; k < SCORE_KINDS; k++)
        if (r->n[k] > n)
            n = r->n[k];
    return n;
}

struct value_set *
reservoir_get(struct reservoir *r, enum score_kind kind, uint32_t track)
{
    struct value_set *s = track < r->n[kind] ? &r->set[kind][track] : NULL;

    if (!s || !s->n)
        return NULL;
    value_set_trim(s, &r->how);
    return s;
}
