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

#include "base/base.h"
#include "base/err.h"

/*
 * Element-wise functions.  The fast sets compute exp with a polynomial whose error is below 2 ulp
 * (ops_act.h); tests/unit/test_ops_layers.c holds every function to that against double precision.
 */
enum nn_act {
    NN_LINEAR,
    NN_ACT_RELU,            /* max(x, 0) */
    NN_ACT_ELU,             /* x above 0, exp(x) - 1 below */
    NN_ACT_SIGMOID,         /* 1 / (1 + exp(-x)) */
    NN_ACT_SILU,            /* x * sigmoid(x) */
    NN_ACT_GELU_TANH,       /* x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), which is
                               x * sigmoid(1.5957691216057308 (x + 0.044715 x^3)) */
    NN_ACT_GELU_SIGMOID,    /* x * sigmoid(1.702 x) */
    NN_ACT_SOFTPLUS         /* log(1 + exp(x)), as max(x, 0) + log1p(exp(-|x|)) */
};

/* Columns [lo, hi) of one form; lo is below 0 where columns are counted from within a run. */
struct nn_run {
    ptrdiff_t lo, hi;
    size_t outputs;
};

enum { NN_RUNS = 3 };

struct nn_conv {
    size_t k, dilation, c_in, c_out;
    float *kernel;      /* K x C x O; NULL once a kernel set has packed it */
    float *bias;        /* O */
    float *packed;      /* the kernel set's own layout, or NULL */
    float *transformed; /* weights of the Winograd form, or NULL for none */
    bool relu;
    bool relu_in;       /* x is activated as it is read: relu(x) in place of x below */
    enum nn_act act;    /* taken last, while the columns are at hand; see takes_act */

    size_t len;         /* output columns */
    size_t usual_lo, usual_hi;  /* those that change with the middle of the network's input */

    /*
     * Output columns whose bits depend on each other: within a run they are computed in whole
     * groups of outputs * dilation columns, counted from the run's begin; a last one may reach
     * beyond len.  Outside of runs each column stands alone.  pack sets them.
     */
    struct nn_run run[NN_RUNS];
    size_t scratch;     /* floats of working memory conv needs; set by pack */
};

/* Columns of slack behind every activation, so that a set may compute whole panels: what it
 * reads there is zero or stale, never missing, and never reaches a wanted column. */
enum { NN_SLACK_COLUMNS = 64 };

/* Of a large operation, the share of one thread: part i of n.  Parts touch different columns. */
struct nn_part {
    size_t i, n;
};

struct nn_attention;     /* attention.h */

struct nn_ops {
    const char *name;
    bool reads_relu;    /* conv knows relu_in; otherwise a relu goes in front */
    bool takes_act;     /* conv knows act; otherwise the caller takes it afterwards */
    size_t thread_bytes;    /* that a library takes for each thread, besides what it is given */
    bool narrow;        /* conv has a form for many taps, a multiple of five, to few channels */

    /*
     * Prepare c (k, dilation, channels, len, usual, kernel and bias are set): runs and scratch, and
     * if the set wants its own layout, packed or transformed instead of kernel.
     */
    void (*pack)(struct nn_conv *c);

    /* The same without a form that transforms weights: they take no more room than in the file, and
     * sums are those of the direct form.  NULL when pack has no other. */
    void (*pack_direct)(struct nn_conv *c);

    /*
     * y[j][o] = act(bias[o] + sum over t, i of x[j + t * dilation][i] * kernel[t][i][o])
     *           + residual[j][o]                                           for j in [lo, hi)
     * act is ReLU or nothing, and c->act is taken of the sum; residual may be NULL.  y, x and
     * residual do not overlap.  lo and hi are ends of groups (nn_layout_round).  scratch holds
     * c->scratch floats, 64-byte aligned, for this part alone.
     */
    void (*conv)(float *y, const float *x, const float *residual, const struct nn_conv *c,
                 size_t lo, size_t hi, float *scratch, struct nn_part part);

    /* As pack, for a stem; NULL when the set uses its kernel as it is. */
    void (*pack_stem)(struct nn_conv *c);

    /* The same on one-hot input given as base codes: those below C select a kernel row, others add
     * nothing.  C is 4, or 5 where N (code 4) has a row of its own; dilation 1. */
    void (*stem)(float *y, const uint8_t *codes, const struct nn_conv *c, size_t lo, size_t hi);

    /* y[i] = max(x[i], 0), i < n. */
    void (*relu)(float *y, const float *x, size_t n);

    /* y[j][o] = bias[o] + sum over t of p[j + t][t * O + o], j in [lo, hi); p has K * O channels. */
    void (*diagonal)(float *y, const float *p, const float *bias, size_t k, size_t c_out,
                     size_t lo, size_t hi);

    /* y[i] = mean over len columns of x[.][i], i < C; summed in double, column order. */
    void (*mean)(float *y, const float *x, size_t len, size_t c_in);

    /* y[i] = act(x[i]), i < n; y may be x. */
    void (*act)(float *y, const float *x, size_t n, enum nn_act act);

    /* y[i] = exp(x[i] - most), i < n, in double, within 2 ulp; most is the largest x, and below -708
     * the result is exp(-708). */
    void (*exp_below)(double *y, const float *x, float most, size_t n);

    /* y[j][i] = x[j][i] * scale[i] + shift[i], j in [lo, hi), i < C: stored normalisations. */
    void (*affine)(float *y, const float *x, const float *scale, const float *shift, size_t c,
                   size_t lo, size_t hi);

    /* y[j][i] = x[j][i] * gate[i]: one factor per channel. */
    void (*gate)(float *y, const float *x, const float *gate, size_t c, size_t lo, size_t hi);

    /* y[j][i] = bias[i] + sum over t of x[j + t * dilation][i] * kernel[t][i]; kernel is K x C. */
    void (*depthwise)(float *y, const float *x, const struct nn_conv *c, size_t lo, size_t hi);

    /* y[j][i] = max of x[j * width + q][i] over q < width. */
    void (*max_pool)(float *y, const float *x, size_t width, size_t c, size_t lo, size_t hi);

    /* y[j][i] = mean of x[2j][i] and x[2j + 1][i], weighted by the softmax of z at both. */
    void (*soft_pool)(float *y, const float *x, const float *z, size_t c, size_t lo, size_t hi);

    /* stats[0] = mean of n values, stats[1] = 1 / sqrt(population variance + eps); in double. */
    void (*stats)(float stats[2], const float *x, size_t n, double eps);

    /* y[i] = (x[i] - stats[0]) * stats[1], i < n. */
    void (*normalize)(float *y, const float *x, const float stats[2], size_t n);

    /* The same of every column's C values with its own statistics, then * scale[i] + shift[i]. */
    void (*layer_norm)(float *y, const float *x, const float *scale, const float *shift, double eps,
                       size_t c, size_t lo, size_t hi);

    /* Prepare an attention (attention.h), whose shapes and arrays are set: scratch, and packed in
     * place of rel if the set wants its own layout. */
    void (*pack_attention)(struct nn_attention *a);

    /* Rows [lo, hi) of y (heads * value channels) from x (nn_attention_channels(a)), read whole. */
    void (*attend)(float *y, const float *x, const struct nn_attention *a, size_t lo, size_t hi,
                   float *scratch, struct nn_part part);
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
