/* SPDX-License-Identifier: MIT */
#include "cdf/reservoir.h"

#include <stdlib.h>
#include <string.h>

#include "cdf/radix.h"
#include "prog/mem.h"
#include "score/finite.h"

struct reservoir {
    struct value_set *set[SCORE_KINDS];         /* by track */
    size_t n[SCORE_KINDS], cap[SCORE_KINDS];
    uint64_t total;
};

size_t
value_bytes(enum score_kind kind)
{
    return kind == SCORE_PERBIN ? sizeof(float) : sizeof(double);
}

void
value_set_reserve(struct value_set *s, size_t n)
{
    if (s->kind == SCORE_PERBIN)
        mem_grow(&s->f, &s->cap, n, sizeof *s->f);
    else
        mem_grow(&s->d, &s->cap, n, sizeof *s->d);
}

double
value_set_get(const struct value_set *s, size_t i)
{
    return s->kind == SCORE_PERBIN ? s->f[i] : s->d[i];
}

void
value_set_sort(struct value_set *s)
{
    void *scratch = mem_array(s->n, value_bytes(s->kind));

    if (s->kind == SCORE_PERBIN)
        radix_sort_float(s->f, scratch, s->n);
    else
        radix_sort_double(s->d, scratch, s->n);
    free(scratch);
}

void
value_set_free(struct value_set *s)
{
    free(s->f);
    free(s->d);
    s->f = NULL;
    s->d = NULL;
    s->n = s->cap = 0;
}

struct reservoir *
reservoir_new(void)
{
    return mem_zalloc(sizeof(struct reservoir));
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
                                                       .track = (uint32_t)r->n[kind] };
    return &r->set[kind][track];
}

int
reservoir_add(struct reservoir *r, const struct score_block *b, uint32_t as, struct err *e)
{
    struct value_set *s;

    if (!finite_f64(b->score, b->n))
        return err_set(e, "a value is not finite (NaN or infinity); find out which program made "
                       "it");
    s = find_or_add(r, b->kind, as);
    value_set_reserve(s, s->n + b->n);
    /* Adding 0.0 turns -0.0 into 0.0 and changes nothing else. */
    if (b->kind == SCORE_PERBIN)
        for (size_t i = 0; i < b->n; i++)
            s->f[s->n + i] = (float)b->score[i] + 0.0f;
    else
        for (size_t i = 0; i < b->n; i++)
            s->d[s->n + i] = b->score[i] + 0.0;
    s->n += b->n;
    s->offered += b->n;
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

    return s && s->n ? s : NULL;
}
