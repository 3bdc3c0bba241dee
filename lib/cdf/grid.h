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
 * Rows are stored as float, rounded to nearest even.
 */
#ifndef PT_GRID_H
#define PT_GRID_H

#include "base.h"

enum { GRID_WIDTH = 10000, GRID_WIDTH_MIN = 2, GRID_WIDTH_MAX = 1000000 };

/* Index into a sample of n >= width values of slot i; width at least 2. */
size_t grid_index(size_t i, size_t n, size_t width);

/* Slot i before rounding to float; v ascending, n of them. */
double grid_slot(const double *v, size_t n, size_t width, size_t i);

/* The whole row, width floats; v ascending. */
void grid_row(float *row, size_t width, const double *v, size_t n);
void grid_row_float(float *row, size_t width, const float *v, size_t n);

/*
 * First slot whose value is below its left neighbour's by more than 1e-6 (the reference's guard
 * against unsorted input), or -1.
 */
ptrdiff_t grid_first_descent(const float *row, size_t width);

#endif
