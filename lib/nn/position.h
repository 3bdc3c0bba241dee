/* SPDX-License-Identifier: MIT */
/*
 * Functions of a position: features of the distance between two tokens, for attention, and Sei's
 * spline basis.  All in double; specification of the large oracles, 2.c, 3.c and 4.c.
 */
#ifndef PT_NN_POSITION_H
#define PT_NN_POSITION_H

#include "base/base.h"

/*
 * Features of every distance -(n - 1) ... n - 1 between n tokens.  Rows may be shared by runs of
 * neighbouring distances.
 */
struct position_table {
    size_t n, n_features;
    size_t n_rows;          /* 2n - 1, row of distance d at d + n - 1; or fewer, with run */
    double *row;            /* n_rows x n_features */
    ptrdiff_t *run;         /* n_rows + 1: distances [run[r], run[r + 1]) have row r; or NULL */
};

/*
 * Enformer's: F = n_features / 6 each of exponentials, central masks and gamma densities of |d|,
 * then sign(d) times the same.  n_features is a multiple of 6; n of at least 2.
 */
struct position_table *position_enformer(size_t n, size_t n_features);

/* Borzoi's: F = n_features / 2 central masks of |d|, then sign(d) times the same. */
struct position_table *position_borzoi(size_t n, size_t n_features);

void position_free(struct position_table *p);

/*
 * Feature f of 1..F at |d| = x among n tokens.
 *
 *   exponential   exp(-ln 2 x / h), half-lives h from 8 to n in F steps of equal ratio
 *   gamma         density of mean f n / F and deviation n / (2F), plus 1e-8; not yet divided by its
 *                 largest value over all distances, which is what "per feature" means
 */
double position_exponential(double x, size_t f, size_t n_functions, size_t n);
double position_gamma(double x, size_t f, size_t n_functions, size_t n);

/*
 * Cubic B-splines on the grid 0 ... m - 1: out[x][k], k < n_basis.  n_basis - 4 interior knots at
 * equal quantiles, four-fold knots at both ends; every row sums to 1.  m of at least 2, n_basis of
 * at least 4.
 */
void position_bspline(double *out, size_t m, size_t n_basis);

#endif
