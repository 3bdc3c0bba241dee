/* SPDX-License-Identifier: MIT */
#include "cdf/grid.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* Not i * (n - 1) / (width - 1): the rounded product may lie just below an integer. */
size_t
grid_index(size_t i, size_t n, size_t width)
{
    double step = (double)(n - 1) / (double)(width - 1);

    assert(n >= width && width >= GRID_WIDTH_MIN && i < width);
    return i == width - 1 ? n - 1 : (size_t)floor((double)i * step);
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
    /* A reciprocal and a product: i / (width - 1) differs in the last bit for many slots. */
    return interpolate(v, n, i == width - 1 ? 1.0 : (double)i * (1.0 / (double)(width - 1)));
}

void
grid_row(float *row, size_t width, const double *v, size_t n)
{
    for (size_t i = 0; i < width; i++)
        row[i] = (float)grid_slot(v, n, width, i);
}

void
grid_row_float(float *row, size_t width, const float *v, size_t n)
{
    double *wide;

    if (n >= width) {
        for (size_t i = 0; i < width; i++)
            row[i] = v[grid_index(i, n, width)];
        return;
    }
    wide = mem_array(n, sizeof *wide);
    for (size_t i = 0; i < n; i++)
        wide[i] = v[i];
    grid_row(row, width, wide, n);
    free(wide);
}

ptrdiff_t
grid_first_descent(const float *row, size_t width)
{
    for (size_t i = 1; i < width; i++)
        if ((double)row[i] - (double)row[i - 1] < -1e-6)
            return (ptrdiff_t)i;
    return -1;
}
