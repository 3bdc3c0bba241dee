/* SPDX-License-Identifier: MIT */
#include "nn/position.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

double
position_exponential(double x, size_t f, size_t n_functions, size_t n)
{
    double steps = n_functions > 1 ? (double)(n_functions - 1) : 1;
    double half_life = pow(2, 3 + (double)(f - 1) * (log2((double)n) - 3) / steps);

    return exp(-M_LN2 * x / half_life);
}

double
position_gamma(double x, size_t f, size_t n_functions, size_t n)
{
    double shape = 4.0 * (double)f * (double)f;
    double rate = 4.0 * (double)f * (double)n_functions / (double)n;

    if (x <= 0)
        return 1e-8;    /* the density is 0 there: shape > 1 */
    return exp((shape - 1) * log(x) - rate * x - lgamma(shape) + shape * log(rate)) + 1e-8;
}

/* Width of Enformer's mask f: 2^f - 1; of Borzoi's: (n + 1)^(f / F) - 1. */
static double
enformer_width(size_t f)
{
    return ldexp(1, (int)f) - 1;
}

static double
borzoi_width(size_t f, size_t n_functions, size_t n)
{
    return pow((double)n + 1, (double)f / (double)n_functions) - 1;
}

static int
sign(ptrdiff_t d)
{
    return (d > 0) - (d < 0);
}

static struct position_table *
table_new(size_t n, size_t n_features, size_t n_rows)
{
    struct position_table *p = mem_zalloc(sizeof *p);

    p->n = n;
    p->n_features = n_features;
    p->n_rows = n_rows;
    p->row = mem_array(n_rows * n_features, sizeof *p->row);
    return p;
}

void
position_free(struct position_table *p)
{
    if (!p)
        return;
    free(p->row);
    free(p->run);
    free(p);
}

/* The features of |d| are in the first half of the row; put sign(d) times them into the second. */
static void
add_signed(double *row, size_t half, ptrdiff_t d)
{
    for (size_t f = 0; f < half; f++)
        row[half + f] = sign(d) * row[f];
}

struct position_table *
position_enformer(size_t n, size_t n_features)
{
    size_t n_f = n_features / 6;
    struct position_table *p = table_new(n, n_features, 2 * n - 1);
    double *most = mem_array(n_f, sizeof *most);

    assert(n >= 2 && n_features % 6 == 0 && n_features > 0);
    for (size_t f = 0; f < n_f; f++)
        for (size_t x = 0; x < n; x++)
            most[f] = fmax(most[f], position_gamma((double)x, f + 1, n_f, n));
    for (size_t r = 0; r < p->n_rows; r++) {
        ptrdiff_t d = (ptrdiff_t)r - (ptrdiff_t)(n - 1);
        double x = fabs((double)d), *row = p->row + r * n_features;

        for (size_t f = 0; f < n_f; f++) {
            row[f] = position_exponential(x, f + 1, n_f, n);
            row[n_f + f] = x < enformer_width(f + 1);
            row[2 * n_f + f] = position_gamma(x, f + 1, n_f, n) / most[f];
        }
        add_signed(row, 3 * n_f, d);
    }
    free(most);
    return p;
}

static void
borzoi_row(double *row, ptrdiff_t d, size_t n_features, size_t n)
{
    size_t n_f = n_features / 2;

    for (size_t f = 0; f < n_f; f++)
        row[f] = fabs((double)d) < borzoi_width(f + 1, n_f, n);
    add_signed(row, n_f, d);
}

struct position_table *
position_borzoi(size_t n, size_t n_features)
{
    struct position_table *p = table_new(n, n_features, 2 * n_features + 1);
    ptrdiff_t end = (ptrdiff_t)n;
    double *row = mem_array(n_features, sizeof *row);
    size_t bytes = n_features * sizeof *row;

    assert(n >= 1 && n_features % 2 == 0 && n_features > 0);
    p->run = mem_array(p->n_rows + 1, sizeof *p->run);
    p->n_rows = 0;
    for (ptrdiff_t d = 1 - end; d < end; d++) {
        borzoi_row(row, d, n_features, n);
        if (p->n_rows && memcmp(row, p->row + (p->n_rows - 1) * n_features, bytes) == 0)
            continue;
        memcpy(p->row + p->n_rows * n_features, row, bytes);
        p->run[p->n_rows++] = d;
    }
    p->run[p->n_rows] = end;
    free(row);
    return p;
}

/* Knot t of the basis: 0 and m - 1 four times each, between them quantiles of the grid. */
static double
knot(size_t t, size_t m, size_t n_basis)
{
    double last = (double)(m - 1);

    if (t < 4)
        return 0;
    if (t >= n_basis)
        return last;
    return (double)(t - 3) * last / (double)(n_basis - 3);
}

/* Cox and de Boor's recursion upwards from the interval that x lies in. */
static void
bspline_row(double *row, double x, size_t m, size_t n_basis)
{
    double value[4] = { 1 };        /* of basis functions interval - degree ... interval */
    size_t interval = 3;

    while (interval + 1 < n_basis && x >= knot(interval + 1, m, n_basis))
        interval++;
    for (size_t degree = 1; degree <= 3; degree++) {
        double carry = 0;

        for (size_t k = 0; k < degree; k++) {
            double lo = knot(interval + 1 + k - degree, m, n_basis);
            double hi = knot(interval + 1 + k, m, n_basis);
            double share = value[k] / (hi - lo);

            value[k] = carry + (hi - x) * share;
            carry = (x - lo) * share;
        }
        value[degree] = carry;
    }
    memcpy(row + interval - 3, value, sizeof value);
}

void
position_bspline(double *out, size_t m, size_t n_basis)
{
    assert(m >= 2 && n_basis >= 4);
    memset(out, 0, m * n_basis * sizeof *out);
    for (size_t x = 0; x < m; x++)
        bspline_row(out + x * n_basis, (double)x, m, n_basis);
}
