/* SPDX-License-Identifier: MIT */
/* Products of rows with a panel of weights, in chains: what the forms with transforms are made of. */
#ifndef PT_NN_OPS_PRODUCT_H
#define PT_NN_OPS_PRODUCT_H

#include "kernels/ops_tile.h"

/* Put the sums at m or add them to what is there. */
static inline __attribute__((always_inline)) void
store_product(float *m, size_t m_stride, const VEC lo[MR], const VEC hi[MR], const size_t rows,
              bool more)
{
    UNROLL(16)
    for (size_t r = 0; r < rows; r++) {
        float *at = m + r * m_stride;

        vec_storeu(at, more ? vec_add(vec_loadu(at), lo[r]) : lo[r]);
        at += LANES;
        vec_storeu(at, more ? vec_add(vec_loadu(at), hi[r]) : hi[r]);
    }
}

/* A chain of a product for rows x NR elements, put at m or added to what is there. */
static inline __attribute__((always_inline)) void
product(float *m, size_t m_stride, const float *v, size_t stride, size_t n_in, const float *w,
        const size_t rows, bool more)
{
    VEC lo[MR], hi[MR];

    accumulate(lo, hi, rows, v, stride, n_in, 1, 0, w, false);
    store_product(m, m_stride, lo, hi, rows, more);
}

typedef void product_fn(float *, size_t, const float *, size_t, size_t, const float *, bool);

#define PRODUCT(n)                                                                                \
    static void product_##n(float *m, size_t m_stride, const float *v, size_t stride,             \
                            size_t n_in, const float *w, bool more)                               \
    {                                                                                             \
        product(m, m_stride, v, stride, n_in, w, n, more);                                        \
    }

PRODUCT(1) PRODUCT(2) PRODUCT(3) PRODUCT(4) PRODUCT(5) PRODUCT(6)
#if MR_MAX > 6
PRODUCT(7) PRODUCT(8) PRODUCT(9) PRODUCT(10) PRODUCT(11) PRODUCT(12)
#endif

static product_fn *const product_of[] = {
    NULL, product_1, product_2, product_3, product_4, product_5, product_6,
#if MR_MAX > 6
    product_7, product_8, product_9, product_10, product_11, product_12,
#endif
};

/*
 * m[r][0 .. NR) = the sum over n_in channels of v[r][i] * w[i][0 .. NR), chain by chain.  The rows
 * are shared evenly among tiles: two of 8 are faster than one of 12 and one of 4.
 */
static void
product_rows(float *m, size_t m_stride, const float *v, size_t stride, size_t n_in, const float *w,
             size_t rows, size_t chain)
{
    size_t tiles = (rows + MR - 1) / MR, height = (rows + tiles - 1) / tiles;

    for (size_t i = 0; i < n_in; i += chain) {
        size_t n = n_in - i < chain ? n_in - i : chain;

        for (size_t r = 0; r < rows; r += height)
            product_of[rows - r < height ? rows - r : height](
                m + r * m_stride, m_stride, v + r * stride + i, stride, n, w + i * NR, i > 0);
    }
}

#endif
