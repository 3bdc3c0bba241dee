/* SPDX-License-Identifier: MIT */
/*
 * From the sorted sample of one track to the row of its background: `width` values at evenly
 * spaced ranks.  Rules and rounding are those of the reference implementation (numpy's linspace
 * and interp on doubles), because published percentiles depend on the last bit:
 *
 *   n = 0          a row of zeros
 *   n >= width     row[i] = v[floor(i * step)], step = (n - 1) / (width - 1), last slot v[n - 1]
 *   n < width      linear interpolation at t = i * (1 / (width - 1)) between points (j / n, v[j]);
 *                  beyond the last point, (n - 1) / n, the row repeats v[n - 1]
 *
 * Of a sample n of a larger population, of N values, whose k least and k greatest values are known
 * besides, slot i has the population rank r = round(i * (N - 1) / (width - 1)), half to even: exact
 * in the first and last k ranks; between them from the sample's values strictly between the tails,
 * by their share of the way.  With N < 4 k the sample alone is used as above, by selection.
 *
 * Rows are stored as float, rounded to nearest even.
 */
#ifndef PT_GRID_H
#define PT_GRID_H

#include "base/base.h"
#include "reservoir/values.h"

enum { GRID_WIDTH = 10000, GRID_WIDTH_MIN = 2, GRID_WIDTH_MAX = 1000000 };

/* Index into a sample of n >= width values of slot i; width at least 2. */
size_t grid_index(size_t i, size_t n, size_t width);

/* Slot i before rounding to float; v ascending, n of them. */
double grid_slot(const double *v, size_t n, size_t width, size_t i);

/* Rows of one width.  Where points lie is worked out once for tracks of equally many values. */
struct grid;
struct grid *grid_new(size_t width);
void grid_free(struct grid *g);

/*
 * The row, width floats, of a set of any kind and retention: by its values alone when it is whole
 * or has no tails, else spliced from values and tails.  Everything is sorted.
 */
void grid_set(struct grid *g, float *row, const struct value_set *s);

/*
 * First slot whose value is below its left neighbour's by more than 1e-6 (the reference's guard
 * against unsorted input), or -1.
 */
ptrdiff_t grid_first_descent(const float *row, size_t width);

#endif
