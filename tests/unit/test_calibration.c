/* SPDX-License-Identifier: MIT */
/*
 * Percentiles of a fresh sample of the same population are uniform, whatever the number of values
 * behind a row, its width, its sign and its retention: Kolmogorov-Smirnov.
 */
#include "background/grid.h"
#include "check.h"
#include "lookup/rank.h"
#include "prog/mem.h"
#include "rng/keyed.h"

enum { FRESH = 4000 };

/* A heavy-tailed population, of either sign or not. */
static double
draw(struct keyed_stream *s, bool is_signed)
{
    const uint64_t word = keyed_next(s);
    const double u = ((double)(word >> 12) + 0.5) * 0x1p-52;
    const double v = pow(u, -0.7) - 1;

    return is_signed && (word & 1) ? -v : v;
}

static int
by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Largest distance of sorted shares from uniform. */
static double
distance(double *share, size_t n)
{
    double most = 0;

    qsort(share, n, sizeof *share, by_value);
    for (size_t i = 0; i < n; i++) {
        const double above = (double)(i + 1) / (double)n - share[i];
        const double below = share[i] - (double)i / (double)n;

        most = above > most ? above : most;
        most = below > most ? below : most;
    }
    return most;
}

/* The row of n values, kept as `how` says. */
static void
make_row(float *row, size_t width, size_t n, bool is_signed, const struct retention *how,
         uint64_t seed)
{
    struct value_set s = { .kind = SCORE_EFFECT, .limit = UINT32_MAX };
    struct grid *g = grid_new(width);
    struct keyed_stream values;

    keyed_stream_init(&values, seed, n);
    for (size_t i = 0; i < n; i++) {
        const double v = draw(&values, is_signed);
        const uint32_t key = (uint32_t)keyed_hash(seed, i, 1);

        if (how->rule == RETAIN_KEYED)
            value_set_offer_keyed(&s, how, &v, &key, 1);
        else
            value_set_offer_all(&s, &v, 1);
    }
    value_set_trim(&s, how);
    value_set_sort(&s);
    grid_set(g, row, &s);
    grid_free(g);
    value_set_free(&s);
}

/* The mean distance over several rows, so that one bad draw of a small row does not decide. */
static double
mean_distance(size_t width, size_t n, bool is_signed, const struct retention *how, int repeats)
{
    float *row = mem_array(width, sizeof *row);
    double *share = mem_array(FRESH, sizeof *share), sum = 0;
    struct err e;

    for (int r = 0; r < repeats; r++) {
        struct keyed_stream fresh;

        make_row(row, width, n, is_signed, how, (uint64_t)r);
        keyed_stream_init(&fresh, 99, (uint64_t)r);
        for (size_t i = 0; i < FRESH; i++) {
            CHECK_INT(rank_percentile(&share[i], row, width, "t", draw(&fresh, is_signed),
                                      is_signed, RANK_TIES_HASH, &e), 0);
            if (is_signed)
                share[i] = (share[i] + 1) / 2;
        }
        sum += distance(share, FRESH);
    }
    free(row);
    free(share);
    return sum / repeats;
}

/*
 * The mean of the two-sample statistic is 0.87 sqrt(1 / n + 1 / m); a row adds the width of its
 * steps.  Half as much again is never reached by chance over so many draws; a row stretched by the
 * factor of chorus's padded rows (0.96), or divided by the sample count, is well beyond.
 */
static void
check(size_t width, size_t n, bool is_signed, const struct retention *how)
{
    const int repeats = n < 100 ? 40 : 6;
    const double d = mean_distance(width, n, is_signed, how, repeats);
    const double steps = 1.0 / (double)(width < n ? width : n) + 1.0 / (double)width;
    const double most = 1.5 * 0.87 * sqrt(1.0 / (double)n + 1.0 / FRESH) + steps;

    CHECK(d < most, "%zu values, %zu points, %s, capacity %llu: distance %.4f, at most %.4f", n,
          width, is_signed ? "signed" : "unsigned", (unsigned long long)how->capacity, d, most);
}

int
main(void)
{
    static const size_t numbers[] = { 7, 99, 9606, 18672 }, widths[] = { 100, 10000 };
    static const struct retention all = { RETAIN_ALL, 0, 0, 0 };
    /* Of 18,672 values: a sample of 4,000 and exact ends. */
    static const struct retention bounded = { RETAIN_KEYED, 4000, 400, RETENTION_SEED };

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        for (size_t w = 0; w < ARRAY_LEN(widths); w++)
            for (int is_signed = 0; is_signed < 2; is_signed++)
                check(widths[w], numbers[i], is_signed, &all);
    check(10000, 18672, false, &bounded);
    check(10000, 18672, true, &bounded);
    return check_done();
}
