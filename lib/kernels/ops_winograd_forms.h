/* SPDX-License-Identifier: MIT */
/* The matrices of Winograd's F(4, 3) and F(6, 3): weights (G), inputs (B) and outputs (A). */
#ifndef PT_NN_OPS_WINOGRAD_FORMS_H
#define PT_NN_OPS_WINOGRAD_FORMS_H

#include "kernels/ops_tile.h"

enum { TAPS = 3, MAX_OUTPUTS = 6, MAX_POINTS = MAX_OUTPUTS + 2 };

/* G of the two forms. */
static const double winograd_g4[][TAPS] = {
    { 1.0 / 4, 0, 0 },
    { -1.0 / 6, -1.0 / 6, -1.0 / 6 },
    { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
    { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
    { 1.0 / 24, -1.0 / 12, 1.0 / 6 },
    { 0, 0, 1 },
};
static const double winograd_g6[][TAPS] = {
    { 1, 0, 0 },
    { -2.0 / 9, -2.0 / 9, -2.0 / 9 },
    { -2.0 / 9, 2.0 / 9, -2.0 / 9 },
    { 1.0 / 90, 1.0 / 45, 2.0 / 45 },
    { 1.0 / 90, -1.0 / 45, 2.0 / 45 },
    { 32.0 / 45, 16.0 / 45, 8.0 / 45 },
    { 32.0 / 45, -16.0 / 45, 8.0 / 45 },
    { 0, 0, 1 },
};

static inline VEC
load_input(const float *x, size_t n, const bool relu)
{
    VEC v = n >= LANES ? vec_loadu(x) : vec_load_part(x, n);

    return relu ? vec_max0(v) : v;
}

/* B of F(4, 3): even and odd parts are shared by the points 1, -1 and by 2, -2. */
static inline __attribute__((always_inline)) void
transform4(float *v, size_t step, const VEC x[])
{
    const VEC two = vec_const(2), four = vec_const(4), five = vec_const(5);
    VEC even1 = vec_fnma(four, x[2], x[4]), odd1 = vec_fnma(four, x[1], x[3]);
    VEC even2 = vec_sub(x[4], x[2]), odd2 = vec_mul(two, vec_sub(x[3], x[1]));

    vec_storeu(v, vec_fma(four, x[0], vec_fnma(five, x[2], x[4])));
    vec_storeu(v + step, vec_add(even1, odd1));
    vec_storeu(v + 2 * step, vec_sub(even1, odd1));
    vec_storeu(v + 3 * step, vec_add(even2, odd2));
    vec_storeu(v + 4 * step, vec_sub(even2, odd2));
    vec_storeu(v + 5 * step, vec_fma(four, x[1], vec_fnma(five, x[3], x[5])));
}

/* B of F(6, 3). */
static inline __attribute__((always_inline)) void
transform6(float *v, size_t step, const VEC x[])
{
    const VEC half = vec_const(0.5f), quarter = vec_const(0.25f), two = vec_const(2);
    const VEC four = vec_const(4), five = vec_const(5), c54 = vec_const(1.25f);
    const VEC c52 = vec_const(2.5f), c174 = vec_const(4.25f), c214 = vec_const(5.25f);
    VEC even1 = vec_fnma(c174, x[4], vec_add(x[2], x[6]));
    VEC odd1 = vec_fnma(c174, x[3], vec_add(x[1], x[5]));
    VEC even2 = vec_fnma(c54, x[4], vec_fma(quarter, x[2], x[6]));
    VEC odd2 = vec_fma(two, x[5], vec_fnma(c52, x[3], vec_mul(half, x[1])));
    VEC even3 = vec_fnma(five, x[4], vec_fma(four, x[2], x[6]));
    VEC odd3 = vec_fma(half, x[5], vec_fnma(c52, x[3], vec_mul(two, x[1])));

    vec_storeu(v, vec_fma(c214, vec_sub(x[4], x[2]), vec_sub(x[0], x[6])));
    vec_storeu(v + step, vec_add(even1, odd1));
    vec_storeu(v + 2 * step, vec_sub(even1, odd1));
    vec_storeu(v + 3 * step, vec_add(even2, odd2));
    vec_storeu(v + 4 * step, vec_sub(even2, odd2));
    vec_storeu(v + 5 * step, vec_add(even3, odd3));
    vec_storeu(v + 6 * step, vec_sub(even3, odd3));
    vec_storeu(v + 7 * step, vec_fma(c214, vec_sub(x[3], x[5]), vec_sub(x[7], x[1])));
}

/* V = B x of one row: src points at the first input, step floats apart. */
static inline __attribute__((always_inline)) void
transform_row(float *v, size_t v_step, const float *src, size_t step, size_t n_in, const bool relu,
              const size_t outputs)
{
    for (size_t i = 0; i < n_in; i += LANES) {
        VEC x[MAX_POINTS];

        UNROLL(8)
        for (size_t q = 0; q < outputs + 2; q++)
            x[q] = load_input(src + q * step + i, n_in - i, relu);
        if (outputs == 6)
            transform6(v + i, v_step, x);
        else
            transform4(v + i, v_step, x);
    }
}

/*
 * A for LANES channels of one row.  Outputs 0, 2 and 4 are made of the sums of the products of each
 * pair of points, 1, 3 and 5 of their differences, times powers of 1, 2 and 1/2.  m holds the
 * products step floats apart.  All powers of the point 1 are 1: the bias, added to its product, is
 * added to every output.
 */
static inline __attribute__((always_inline)) void
combine_even(VEC y[], const float *m, size_t step, VEC bias, const size_t outputs)
{
    VEC sum1 = vec_add(vec_add(vec_loadu(m + step), bias), vec_loadu(m + 2 * step));
    VEC sum2 = vec_add(vec_loadu(m + 3 * step), vec_loadu(m + 4 * step)), sum3;

    y[2] = vec_fma(vec_const(4), sum2, sum1);
    if (outputs == 4) {
        y[0] = vec_add(vec_loadu(m), vec_add(sum1, sum2));
        return;
    }
    sum3 = vec_add(vec_loadu(m + 5 * step), vec_loadu(m + 6 * step));
    y[0] = vec_add(vec_add(vec_loadu(m), sum1), vec_add(sum2, sum3));
    y[2] = vec_fma(vec_const(0.25f), sum3, y[2]);
    y[4] = vec_fma(vec_const(0.0625f), sum3, vec_fma(vec_const(16), sum2, sum1));
}

static inline __attribute__((always_inline)) void
combine_odd(VEC y[], const float *m, size_t step, VEC bias, const size_t outputs)
{
    VEC difference1 = vec_sub(vec_add(vec_loadu(m + step), bias), vec_loadu(m + 2 * step));
    VEC difference2 = vec_sub(vec_loadu(m + 3 * step), vec_loadu(m + 4 * step)), difference3;

    y[1] = vec_fma(vec_const(2), difference2, difference1);
    y[3] = vec_fma(vec_const(8), difference2, difference1);
    if (outputs == 4) {
        y[3] = vec_add(y[3], vec_loadu(m + 5 * step));
        return;
    }
    difference3 = vec_sub(vec_loadu(m + 5 * step), vec_loadu(m + 6 * step));
    y[1] = vec_fma(vec_const(0.5f), difference3, y[1]);
    y[3] = vec_fma(vec_const(0.125f), difference3, y[3]);
    y[5] = vec_fma(vec_const(32), difference2, difference1);
    y[5] = vec_add(vec_fma(vec_const(0.03125f), difference3, y[5]), vec_loadu(m + 7 * step));
}

#endif
