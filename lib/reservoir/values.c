/* SPDX-License-Identifier: MIT */
/*
 * A set that fills up is let grow somewhat beyond what may stay; then the value that would be the
 * last to stay is selected, everything behind it dropped, and remembered as a limit that turns
 * most later values away with one comparison.
 */
#include "reservoir/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "reservoir/radix.h"

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

void
value_set_reserve_keys(struct value_set *s, size_t n)
{
    mem_grow(&s->key, &s->cap_key, n, sizeof *s->key);
}

double
value_set_get(const struct value_set *s, size_t i)
{
    return s->kind == SCORE_PERBIN ? s->f[i] : s->d[i];
}

void
value_set_clear(struct value_set *s)
{
    for (int t = 0; s->tail && t < TAILS; t++)
        value_set_free(&s->tail[t]);
    free(s->tail);
    s->tail = NULL;
    s->n = 0;
    s->offered = 0;
    s->limit = UINT32_MAX;
}

void
value_set_free(struct value_set *s)
{
    value_set_clear(s);
    free(s->f);
    free(s->d);
    free(s->key);
    s->f = NULL;
    s->d = NULL;
    s->key = NULL;
    s->cap = s->cap_key = 0;
}

/* Value and key side by side, for sorting both. */
struct pair {
    double v;
    uint32_t key;
};

static int
compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    if (x->v != y->v)
        return x->v < y->v ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

static void
sort_double_pairs(struct value_set *s)
{
    struct pair *pair = mem_array(s->n, sizeof *pair);

    for (size_t i = 0; i < s->n; i++)
        pair[i] = (struct pair){ s->d[i], s->key[i] };
    qsort(pair, s->n, sizeof *pair, compare_pairs);
    for (size_t i = 0; i < s->n; i++) {
        s->d[i] = pair[i].v;
        s->key[i] = pair[i].key;
    }
    free(pair);
}

static void
sort_float_pairs(struct value_set *s)
{
    uint64_t *pair = mem_array(2 * s->n, sizeof *pair);

    for (size_t i = 0; i < s->n; i++)
        pair[i] = (uint64_t)radix_key_of_float(s->f[i]) << 32 | s->key[i];
    radix_sort_u64(pair, pair + s->n, s->n);
    for (size_t i = 0; i < s->n; i++) {
        s->f[i] = radix_float_of_key((uint32_t)(pair[i] >> 32));
        s->key[i] = (uint32_t)pair[i];
    }
    free(pair);
}

static void
sort_values(struct value_set *s)
{
    void *scratch = mem_array(s->n, value_bytes(s->kind));

    if (s->kind == SCORE_PERBIN)
        radix_sort_float(s->f, scratch, s->n);
    else
        radix_sort_double(s->d, scratch, s->n);
    free(scratch);
}

void
value_set_sort(struct value_set *s)
{
    if (!s->key)
        sort_values(s);
    else if (s->kind == SCORE_PERBIN)
        sort_float_pairs(s);
    else
        sort_double_pairs(s);
    for (int t = 0; s->tail && t < TAILS; t++)
        sort_values(&s->tail[t]);
}

/* How far a set may grow beyond what stays: to no more than about 12 bytes per value that does. */
static size_t
with_slack(const struct value_set *s, uint64_t n)
{
    return n + n / (s->kind == SCORE_PERBIN ? 2 : 8) + 64;
}

static void
put_value(struct value_set *s, double v)
{
    value_set_reserve(s, s->n + 1);
    if (s->kind == SCORE_PERBIN)
        s->f[s->n++] = (float)v;
    else
        s->d[s->n++] = v;
}

static void
move_value(struct value_set *s, size_t to, size_t from)
{
    if (s->kind == SCORE_PERBIN)
        s->f[to] = s->f[from];
    else
        s->d[to] = s->d[from];
}

/* The number of values, and of them in *n_equal, whose key is (below) limit. */
static size_t
count_below(const struct value_set *s, uint32_t limit, size_t *n_equal)
{
    size_t below = 0, equal = 0;

    for (size_t i = 0; i < s->n; i++) {
        below += s->key[i] < limit;
        equal += s->key[i] == limit;
    }
    *n_equal = equal;
    return below;
}

/* The value at place rank among those of one key. */
static double
select_among(const struct value_set *s, uint32_t key, size_t n, size_t rank)
{
    double *v = mem_array(n, sizeof *v), found;
    size_t k = 0;

    for (size_t i = 0; i < s->n; i++)
        if (s->key[i] == key)
            v[k++] = value_set_get(s, i);
    found = radix_select_double(v, n, rank);
    free(v);
    return found;
}

/* Keep the `capacity` values of the smallest keys; of the last key, the smallest values. */
static void
cut_body(struct value_set *s, size_t capacity)
{
    size_t n = 0, n_equal, room;
    double last;

    if (s->n <= capacity)
        return;
    s->limit = radix_select_u32(s->key, s->n, capacity - 1);
    room = capacity - count_below(s, s->limit, &n_equal);
    last = select_among(s, s->limit, n_equal, room - 1);
    for (size_t i = 0; i < s->n; i++)
        if (s->key[i] == s->limit && value_set_get(s, i) < last)
            room--;
    for (size_t i = 0; i < s->n; i++) {
        const double v = value_set_get(s, i);
        bool stays = s->key[i] < s->limit;

        if (s->key[i] == s->limit)
            stays = v < last || (v == last && room > 0 && room--);
        if (!stays)
            continue;
        move_value(s, n, i);
        s->key[n++] = s->key[i];
    }
    s->n = n;
}

static bool
is_beyond(int which, double v, double bound)
{
    return which == LOWER ? v < bound : v > bound;
}

/* Keep the k most extreme values of a tail. */
static void
cut_tail(struct value_set *t, int which, size_t k)
{
    size_t rank, n = 0, room = k;

    if (t->n <= k)
        return;
    rank = which == LOWER ? k - 1 : t->n - k;
    t->bound = t->kind == SCORE_PERBIN ? radix_select_float(t->f, t->n, rank)
                                       : radix_select_double(t->d, t->n, rank);
    for (size_t i = 0; i < t->n; i++)
        room -= is_beyond(which, value_set_get(t, i), t->bound);
    for (size_t i = 0; i < t->n; i++) {
        const double v = value_set_get(t, i);

        if (is_beyond(which, v, t->bound) || (v == t->bound && room > 0 && room--))
            move_value(t, n++, i);
    }
    t->n = n;
}

static void
offer_tail(struct value_set *t, int which, double v, size_t k)
{
    if (!is_beyond(which, v, t->bound))
        return;
    put_value(t, v);
    if (t->n >= with_slack(t, k))
        cut_tail(t, which, k);
}

static void
offer_tails(struct value_set *s, double v, size_t k)
{
    offer_tail(&s->tail[LOWER], LOWER, v, k);
    offer_tail(&s->tail[UPPER], UPPER, v, k);
}

void
value_set_start_tails(struct value_set *s)
{
    s->tail = mem_array(TAILS, sizeof *s->tail);
    for (int t = 0; t < TAILS; t++) {
        s->tail[t].kind = s->kind;
        s->tail[t].track = s->track;
        s->tail[t].bound = t == LOWER ? HUGE_VAL : -HUGE_VAL;
    }
}

/* From a set that is whole: every value it was offered is in it. */
static void
start_tails(struct value_set *s, const struct retention *r)
{
    if (s->tail || !r->tail)
        return;
    value_set_start_tails(s);
    for (size_t i = 0; i < s->n; i++)
        offer_tails(s, value_set_get(s, i), r->tail);
}

/* As it is kept; adding 0.0 turns -0.0 into 0.0 and changes nothing else. */
static double
as_kept(const struct value_set *s, double v)
{
    return s->kind == SCORE_PERBIN ? (double)((float)v + 0.0f) : v + 0.0;
}

void
value_set_offer_all(struct value_set *s, const double *v, size_t n)
{
    value_set_reserve(s, s->n + n);
    if (s->kind == SCORE_PERBIN)
        for (size_t i = 0; i < n; i++)
            s->f[s->n + i] = (float)v[i] + 0.0f;
    else
        for (size_t i = 0; i < n; i++)
            s->d[s->n + i] = v[i] + 0.0;
    s->n += n;
    s->offered += n;
}

static void
offer_body(struct value_set *s, const struct retention *r, double v, uint32_t key)
{
    if (key > s->limit)
        return;
    value_set_reserve_keys(s, s->n + 1);
    s->key[s->n] = key;
    put_value(s, v);
    if (s->n >= with_slack(s, r->capacity))
        cut_body(s, r->capacity);
}

void
value_set_offer_keyed(struct value_set *s, const struct retention *r, const double *v,
                      const uint32_t *key, size_t n)
{
    if (s->offered + n > r->capacity)
        start_tails(s, r);
    for (size_t i = 0; i < n; i++) {
        const double kept = as_kept(s, v[i]);

        /* Of a large population most values are turned away here. */
        if (key[i] > s->limit &&
            (!s->tail || (kept >= s->tail[LOWER].bound && kept <= s->tail[UPPER].bound)))
            continue;
        offer_body(s, r, kept, key[i]);
        if (s->tail)
            offer_tails(s, kept, r->tail);
    }
    s->offered += n;
}

/* One value, v, may take the place of another, i. */
static void
replace_value(struct value_set *s, size_t i, double v)
{
    if (s->kind == SCORE_PERBIN)
        s->f[i] = (float)v;
    else
        s->d[i] = v;
}

void
value_set_offer_r(struct value_set *s, const struct retention *r, const double *v, size_t n,
                  struct pyrandom *random)
{
    if (s->offered + n > r->capacity)
        start_tails(s, r);
    for (size_t i = 0; i < n; i++, s->offered++) {
        const double kept = as_kept(s, v[i]);

        if (s->tail)
            offer_tails(s, kept, r->tail);
        if (s->offered < r->capacity) {
            put_value(s, kept);
        } else {
            const uint64_t at = pyrandom_below(random, s->offered + 1);

            if (at < r->capacity)
                replace_value(s, at, kept);
        }
    }
}

static void
join_tails(struct value_set *s, const struct retention *r, const struct value_set *from)
{
    for (int t = 0; t < TAILS; t++) {
        const struct value_set *source = from->tail ? &from->tail[t] : from;

        for (size_t i = 0; i < source->n; i++)
            offer_tail(&s->tail[t], t, value_set_get(source, i), r->tail);
    }
}

void
value_set_join(struct value_set *s, const struct retention *r, const struct value_set *from)
{
    const size_t size = value_bytes(s->kind);

    if (r->rule == RETAIN_KEYED) {
        if (s->offered + from->offered > r->capacity)
            start_tails(s, r);
        if (s->tail)
            join_tails(s, r, from);
        for (size_t i = 0; i < from->n; i++)
            offer_body(s, r, value_set_get(from, i), from->key[i]);
    } else {
        value_set_reserve(s, s->n + from->n);
        memcpy(s->kind == SCORE_PERBIN ? (void *)(s->f + s->n) : (void *)(s->d + s->n),
               s->kind == SCORE_PERBIN ? (void *)from->f : (void *)from->d, from->n * size);
        s->n += from->n;
    }
    s->offered += from->offered;
}

void
value_set_trim(struct value_set *s, const struct retention *r)
{
    if (r->rule == RETAIN_KEYED)
        cut_body(s, r->capacity);
    for (int t = 0; s->tail && t < TAILS; t++)
        cut_tail(&s->tail[t], t, r->tail);
}
