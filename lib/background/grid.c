/* SPDX-License-Identifier: MIT */
#include "background/grid.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/*
 * Not i * (n - 1) / (width - 1): the rounded product may lie just below an integer.  With n below
 * width, which only a sample may have, values repeat.
 */
static size_t
spaced_index(size_t i, size_t n, size_t width)
{
    double step = (double)(n - 1) / (double)(width - 1);

    return i == width - 1 ? n - 1 : (size_t)floor((double)i * step);
}

size_t
grid_index(size_t i, size_t n, size_t width)
{
    assert(n >= width && width >= GRID_WIDTH_MIN && i < width);
    return spaced_index(i, n, width);
}

/* A reciprocal and a product: i / (width - 1) differs in the last bit for many slots. */
static double
place_of(size_t i, size_t width)
{
    return i == width - 1 ? 1.0 : (double)i * (1.0 / (double)(width - 1));
}

/* The last j with j / n <= t, both rounded as doubles; t >= 0. */
static size_t
source_before(double t, size_t n)
{
    size_t j = (size_t)(t * (double)n);

    if (j > n - 1)
        j = n - 1;
    while (j > 0 && (double)j / (double)n > t)
        j--;
    while (j + 1 < n && (double)(j + 1) / (double)n <= t)
        j++;
    return j;
}

static double
interpolate(const double *v, size_t n, double t)
{
    size_t j = source_before(t, n);
    double x0 = (double)j / (double)n, x1, slope;

    if (j == n - 1 || x0 == t)
        return v[j];
    x1 = (double)(j + 1) / (double)n;
    slope = (v[j + 1] - v[j]) / (x1 - x0);
    return slope * (t - x0) + v[j];
}

double
grid_slot(const double *v, size_t n, size_t width, size_t i)
{
    if (n == 0)
        return 0;
    if (n >= width)
        return v[grid_index(i, n, width)];
    return interpolate(v, n, place_of(i, width));
}

/*
 * Where each point of a row lies among n values: at from[i], or dt[i] / dx[i] of the way from it to
 * to[i].  Interpolating 10,000 points without the plan took longer than compressing them.
 */
struct grid {
    size_t width, n;            /* n: of the plan; 0: none yet */
    size_t *from, *to;          /* width */
    double *dt, *dx;
};

struct grid *
grid_new(size_t width)
{
    struct grid *g = mem_zalloc(sizeof *g);

    g->width = width;
    g->from = mem_array(width, sizeof *g->from);
    g->to = mem_array(width, sizeof *g->to);
    g->dt = mem_array(width, sizeof *g->dt);
    g->dx = mem_array(width, sizeof *g->dx);
    return g;
}

void
grid_free(struct grid *g)
{
    if (!g)
        return;
    free(g->from);
    free(g->to);
    free(g->dt);
    free(g->dx);
    free(g);
}

/* A point at a value, j: nothing is added to it, whatever follows it. */
static void
plan_at(struct grid *g, size_t i, size_t j)
{
    g->from[i] = g->to[i] = j;
    g->dt[i] = 0;
    g->dx[i] = 1;
}

static void
plan_between(struct grid *g, size_t i, size_t n)
{
    const double t = place_of(i, g->width);
    const size_t j = source_before(t, n);
    const double x0 = (double)j / (double)n;

    if (j == n - 1 || x0 == t) {
        plan_at(g, i, j);
        return;
    }
    g->from[i] = j;
    g->to[i] = j + 1;
    g->dt[i] = t - x0;
    g->dx[i] = (double)(j + 1) / (double)n - x0;
}

static void
make_plan(struct grid *g, size_t n)
{
    if (g->n == n)
        return;
    g->n = n;
    for (size_t i = 0; i < g->width; i++)
        if (n >= g->width)
            plan_at(g, i, grid_index(i, n, g->width));
        else
            plan_between(g, i, n);
}

/* The same operations on the same doubles as grid_slot. */
static inline float
point(const struct grid *g, size_t i, double v0, double v1)
{
    return (float)((v1 - v0) / g->dx[i] * g->dt[i] + v0);
}

static void
follow_plan(const struct grid *g, float *row, const struct value_set *s)
{
    if (s->kind == SCORE_PERBIN)
        for (size_t i = 0; i < g->width; i++)
            row[i] = point(g, i, s->f[g->from[i]], s->f[g->to[i]]);
    else
        for (size_t i = 0; i < g->width; i++)
            row[i] = point(g, i, s->d[g->from[i]], s->d[g->to[i]]);
}

/* The parts of a thinned set that a row is made of. */
struct splice {
    const struct value_set *body, *lower, *upper;
    uint64_t offered, k;        /* k: values known at each end */
    size_t first, m;            /* the body's values strictly between the tails */
};

/* The number of values of a sorted set that are below v, or not above it. */
static size_t
count_up_to(const struct value_set *s, double v, bool with_equal)
{
    size_t lo = 0, hi = s->n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const double x = value_set_get(s, mid);

        if (x < v || (with_equal && x == v))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static struct splice
splice_of(const struct value_set *s)
{
    struct splice p = { .body = s, .lower = &s->tail[LOWER], .upper = &s->tail[UPPER],
                        .offered = s->offered };
    size_t end;

    p.k = p.lower->n < p.upper->n ? p.lower->n : p.upper->n;
    if (!p.k)
        return p;
    p.first = count_up_to(s, value_set_get(p.lower, p.k - 1), true);
    end = count_up_to(s, value_set_get(p.upper, 0), false);
    p.m = end > p.first ? end - p.first : 0;
    return p;
}

static double
splice_slot(const struct splice *p, size_t width, size_t i)
{
    const double product = (double)((uint64_t)i * (p->offered - 1));
    const uint64_t rank = (uint64_t)nearbyint(product / (double)(width - 1));
    uint64_t between = p->offered - 2 * p->k - 1;
    double share;
    size_t at;

    if (rank < p->k)
        return value_set_get(p->lower, rank);
    if (rank >= p->offered - p->k)
        return value_set_get(p->upper, rank - (p->offered - p->k));
    if (!p->m)
        return value_set_get(p->lower, p->k - 1);
    if (between < 1)
        between = 1;
    share = (double)(rank - p->k) / (double)between;
    at = (size_t)nearbyint(share * (double)(p->m - 1));
    return value_set_get(p->body, p->first + (at < p->m ? at : p->m - 1));
}

static void
grid_spliced(float *row, size_t width, const struct value_set *s)
{
    const struct splice p = splice_of(s);
    double most = -HUGE_VAL;

    for (size_t i = 0; i < width; i++) {
        /* Fewer than 2 k values between the tails say nothing that the sample does not. */
        const double v = p.k == 0 || p.offered < 4 * p.k
            ? value_set_get(s, spaced_index(i, s->n, width)) : splice_slot(&p, width, i);

        if (v > most)
            most = v;
        row[i] = (float)most;
    }
}

void
grid_set(struct grid *g, float *row, const struct value_set *s)
{
    if (s->tail) {
        grid_spliced(row, g->width, s);
    } else if (s->n == 0) {
        memset(row, 0, g->width * sizeof *row);
    } else {
        make_plan(g, s->n);
        follow_plan(g, row, s);
    }
}

ptrdiff_t
grid_first_descent(const float *row, size_t width)
{
    for (size_t i = 1; i < width; i++)
        if ((double)row[i] - (double)row[i - 1] < -1e-6)
            return (ptrdiff_t)i;
    return -1;
}
