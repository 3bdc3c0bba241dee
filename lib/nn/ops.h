/* SPDX-License-Identifier: MIT */
/*
 * The operations networks are made of.  Every operation computes any range [lo, hi) of output
 * columns, and every output element is summed in one order that depends on nothing but its own
 * column, so a column has the same bits whether computed alone, in a tile, in a full pass or by
 * another thread.  Activations are channels-last, [column][channel].
 *
 * A table is filled with the portable reference first; faster sets then replace entries.  The
 * avx2 and avx512 sets use fused multiply-adds in the same order and give the same bits as each
 * other, and so do avx2-direct and avx512-direct, which do without the Winograd form; ref sums in
 * double; blas leaves the order within a column to the library, over panels of fixed size.
 *
 * Dimension letters: K taps, C input channels, O output channels.
 */
#ifndef PT_NN_OPS_H
#define PT_NN_OPS_H

#include "base.h"
#include "err.h"

struct nn_conv {
    size_t k, dilation, c_in, c_out;
    float *kernel;      /* K x C x O; NULL once a kernel set has packed it */
    float *bias;        /* O */
    float *packed;      /* the kernel set's own layout, or NULL */
    float *transformed; /* weights of the Winograd form, or NULL for none */
    bool relu;
    bool relu_in;       /* x is activated as it is read: relu(x) in place of x below */

    /*
     * Output columns whose bits depend on each other: whole groups of this many, counted from
     * column 0, are computed together up to column grouped; from there on, and everywhere when
     * group is 1, each column stands alone.  pack sets group, the network sets grouped.
     */
    size_t group, grouped;
    size_t scratch;     /* floats of working memory conv needs; set by pack */
};

/* Columns of slack behind every activation, so that a set may compute whole panels: what it
 * reads there is zero or stale, never missing, and never reaches a wanted column. */
enum { NN_SLACK_COLUMNS = 64 };

/* Of a large operation, the share of one thread: part i of n.  Parts touch different columns. */
struct nn_part {
    size_t i, n;
};

struct nn_ops {
    const char *name;
    bool reads_relu;    /* conv knows relu_in; otherwise a relu goes in front */

    /*
     * Prepare c (k, dilation, channels, kernel and bias are set): group and scratch, and if the set
     * wants its own layout, packed instead of kernel.
     */
    void (*pack)(struct nn_conv *c);

    /*
     * y[j][o] = act(bias[o] + sum over t, i of x[j + t * dilation][i] * kernel[t][i][o])
     *           + residual[j][o]                                           for j in [lo, hi)
     * act is ReLU or nothing; residual may be NULL.  y, x and residual do not overlap.  Below
     * c->grouped, lo and hi are multiples of c->group.  scratch holds c->scratch floats, 64-byte
     * aligned, for this part alone.
     */
    void (*conv)(float *y, const float *x, const float *residual, const struct nn_conv *c,
                 size_t lo, size_t hi, float *scratch, struct nn_part part);

    /* As pack, for a stem; NULL when the set uses its kernel as it is. */
    void (*pack_stem)(struct nn_conv *c);

    /* The same on one-hot input given as base codes: 0..3 select a kernel row, others add
     * nothing.  C is 4, dilation 1. */
    void (*stem)(float *y, const uint8_t *codes, const struct nn_conv *c, size_t lo, size_t hi);

    /* y[i] = max(x[i], 0), i < n. */
    void (*relu)(float *y, const float *x, size_t n);

    /* y[j][o] = bias[o] + sum over t of p[j + t][t * O + o], j in [lo, hi); p has K * O channels. */
    void (*diagonal)(float *y, const float *p, const float *bias, size_t k, size_t c_out,
                     size_t lo, size_t hi);

    /* y[i] = mean over len columns of x[.][i], i < C; summed in double, column order. */
    void (*mean)(float *y, const float *x, size_t len, size_t c_in);
};

/*
 * The kernel set to run: $PERTRACK_KERNELS (ref, blas, avx2, avx512, avx2-direct, avx512-direct) or
 * the best this machine has.  -1 when the one asked for cannot run here, saying why.
 */
int nn_ops_select(struct nn_ops *ops, struct err *e);

void nn_ops_init_ref(struct nn_ops *ops);               /* fills every entry */
int nn_ops_add_blas(struct nn_ops *ops, struct err *e); /* replaces conv; -1 when no BLAS is found */
#if defined(__x86_64__)
void nn_ops_add_avx2(struct nn_ops *ops, bool winograd);
void nn_ops_add_avx512(struct nn_ops *ops, bool winograd);
#endif

/* What blas runs on: "OpenBLAS SkylakeX", or NULL before nn_ops_add_blas. */
const char *nn_blas_name(void);

#endif
