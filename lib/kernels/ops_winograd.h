/* SPDX-License-Identifier: MIT */
/*
 * Three-tap convolutions with fewer multiplications: Winograd's F(4, 3) and F(6, 3) along each
 * dilation phase.
 *
 * Columns j, j + d, ..., j + (m - 1) d of a convolution with dilation d read the m + 2 inputs
 * x[j], x[j + d], ..., x[j + (m + 1) d].  With
 *
 *   V = B x   (m + 2 combinations of the inputs, per channel)
 *   M = V U   (m + 2 products over the channels; U = G w, three taps to m + 2, at load time)
 *   y = A M   (m + 2 products to m outputs)
 *
 * they cost m + 2 multiplications instead of 3 m (Winograd 1980; Lavin and Gray, "Fast algorithms
 * for convolutional neural networks", 2016, whose interpolation points 0, 1, -1, 2, -2 and, for six
 * outputs, 1/2, -1/2 are used).
 *
 * A group is m d columns: d phases of m outputs.  Its inputs are m + 2 blocks of d consecutive
 * columns, so every transform is a sum of rows.  Rows (group, phase) are numbered through and taken
 * a block at a time: transform the inputs to scratch, then for each panel of channels and each of
 * the products run the register tile, then transform back with bias, activation and residual (with
 * AVX-512, between the products of the next panel).
 *
 * The sum over channels is cut into chains of CHAIN, which are then added: the rounding error of
 * one long chain, which the transforms enlarge, is what would otherwise be most of the error
 * (relative rms at 512 channels: one chain 1.1e-6 F(4, 3) and 1.5e-6 F(6, 3), chains of 64 4.4e-7
 * and 6.2e-7, direct form 5.1e-7; nonnegative normal inputs, normal weights).  Shorter chains than
 * these cost more time than they are worth.
 *
 * All outputs of a row share their rounding, so whole groups are computed or nothing; columns
 * outside of the runs of groups (layout.h) take the direct form.
 */
#ifndef PT_NN_OPS_WINOGRAD_H
#define PT_NN_OPS_WINOGRAD_H

#include "kernels/ops_product.h"
#include "kernels/ops_winograd_forms.h"
#include "nn/layout.h"

/* With fewer channels the transforms cost more than the products save. */
enum { WINOGRAD_MIN_CHANNELS = 32 };

/* Rows of transformed inputs are this far apart, so that they do not fall into one cache set. */
static inline size_t
v_stride(const struct nn_conv *c)
{
    return (c->c_in + LANES - 1) / LANES * LANES + LANES;
}

/* Room for the rows of a block, whose transformed inputs should stay in the second-level cache;
 * channels of a chain. */
enum { BLOCK = 24, CHAIN = 256 };

/* Up to FEW channels, smaller blocks leave their products, and the weights and inputs these are made
 * of, in the first-level cache. */
enum { FEW = 256, FEW_BLOCK = MR > 8 ? 16 : 18 };

static inline size_t
block_rows(const struct nn_conv *c)
{
    return c->c_in > FEW ? BLOCK : FEW_BLOCK;
}

/*
 * Whether the last transform of a panel is done between the products of the next: of 32 registers a
 * tile of eight rows leaves enough, with sixteen sums would go through memory.
 */
enum { BETWEEN = LANES == 16, POINT_ROWS = BETWEEN ? 8 : MR };

static inline size_t
n_panels(size_t c_out)
{
    return (c_out + NR - 1) / NR;
}

/* Panels of U = G w, [panel][point][input channel][NR], in double and rounded once. */
static void
transform_kernel(float *u, const struct nn_conv *c, const double (*g)[TAPS], size_t points)
{
    size_t n = c->c_in * c->c_out;

    for (size_t p = 0; p < n_panels(c->c_out); p++) {
        size_t o = p * NR, width = c->c_out - o < NR ? c->c_out - o : NR;

        for (size_t q = 0; q < points; q++) {
            for (size_t i = 0; i < c->c_in; i++, u += NR) {
                const float *w = c->kernel + i * c->c_out + o;

                for (size_t x = 0; x < width; x++)
                    u[x] = (float)(g[q][0] * w[x] + g[q][1] * w[n + x] + g[q][2] * w[2 * n + x]);
                for (size_t x = width; x < NR; x++)
                    u[x] = 0;
            }
        }
    }
}

static size_t
form_floats(const struct nn_conv *c, size_t outputs)
{
    return (outputs + 2) * n_panels(c->c_out) * c->c_in * NR;
}

static bool
has_form(const struct nn_conv *c, size_t outputs)
{
    for (size_t r = 0; r < NN_RUNS; r++)
        if (c->run[r].outputs == outputs && c->run[r].lo < c->run[r].hi)
            return true;
    return false;
}

/* The weights of F(6, 3), if a run wants them, then those of F(4, 3). */
static void
pack_winograd(struct nn_conv *c)
{
    size_t six, four;

    if (c->k != TAPS || c->c_in < WINOGRAD_MIN_CHANNELS || c->c_out < WINOGRAD_MIN_CHANNELS) {
        pack_tile(c);
        return;
    }
    nn_layout_winograd(c);
    six = has_form(c, 6) ? form_floats(c, 6) : 0;
    four = has_form(c, 4) ? form_floats(c, 4) : 0;
    if (six + four) {
        c->transformed = mem_aligned((six + four) * sizeof *c->transformed);
        if (six)
            transform_kernel(c->transformed, c, winograd_g6, 8);
        if (four)
            transform_kernel(c->transformed + six, c, winograd_g4, 6);
        c->scratch = MAX_POINTS * BLOCK * (v_stride(c) + (BETWEEN ? 2 : 1) * NR);
    }
    pack_tile(c);
}

/* First output column of row q, counted from the group that column base starts. */
static inline size_t
row_column(size_t base, size_t q, size_t dilation, size_t outputs)
{
    return base + q / dilation * outputs * dilation + q % dilation;
}

/* Where the activation stands: in front of the residual, behind it, or nowhere (or elsewhere). */
enum relu { RELU_NONE, RELU_FIRST, RELU_LAST };

/* Whether the last transform takes the activation that comes last: a ReLU with full panels. */
static inline bool
finishes_relu(const struct nn_conv *c)
{
    return c->act == NN_ACT_RELU && !c->relu && c->c_out % NR == 0;
}

/*
 * Offsets of n rows from one on, of all, of the groups that begin at column base, in floats of an
 * array of so many channels; behind the last row stands the last again.  Counted up because the
 * divisions take as long as a transform.
 */
static inline void
number_rows(size_t *at, size_t n, size_t base, size_t from, size_t all, size_t dilation,
            size_t outputs, size_t channels)
{
    size_t first = from < all ? from : all - 1, phase = first % dilation;
    size_t group = base + first / dilation * outputs * dilation;

    for (size_t r = 0; r < n; r++) {
        at[r] = (group + phase) * channels;
        if (first + r + 1 < all && ++phase == dilation) {
            phase = 0;
            group += outputs * dilation;
        }
    }
}

/* A block: how many rows, where their first outputs are, and where the first inputs of its rows and
 * of those of the block behind. */
struct winograd_block {
    size_t rows, out[BLOCK], in[2 * BLOCK];
};

/*
 * What is done between the products of a panel, a piece at a time.  Of the panel before, the last
 * transform: a quarter of a row, every second output of a vector of channels.  Of the panel itself,
 * what it will touch next is asked for.
 *
 * Done at once, a transform's stores wait for each other and leave the multipliers idle; in between
 * they cost little, and a layer of 64 channels takes 5 % less time.  The first transform gains
 * nothing there: it has as many multiplications as additions, and the transformed inputs of two
 * blocks crowd the cache.
 */
struct chores {
    const struct nn_conv *c;
    float *y;
    const float *x, *residual;
    size_t out_step, in_step;           /* from one column of a group to the next */
    enum relu relu;

    const struct winograd_block *before;
    const float *m;                     /* products */
    size_t o, quarter, quarters;        /* the panel's first channel; quarters done, of all */

    const struct winograd_block *here;
    size_t here_o, asked, rows;         /* the panel's first channel; rows asked for, of all */
};

/*
 * The outputs first, first + stride, ... of a row for a vector of channels that all exist.
 * Everything is read before anything is written: with wide dilations, columns lie multiples of 4096
 * bytes apart, and a load waits for an earlier store to the same place in its page.
 */
static inline __attribute__((always_inline)) void
finish_outputs(const struct chores *w, size_t r, size_t half, const size_t first,
               const size_t stride, const size_t outputs)
{
    size_t o = w->o + half, at = w->before->out[r] + o;
    const float *m = w->m + r * NR + half;
    VEC v[MAX_OUTPUTS], bias = vec_loadu(w->c->bias + o);

    if (stride == 1 || first == 0)
        combine_even(v, m, BLOCK * NR, bias, outputs);
    if (stride == 1 || first == 1)
        combine_odd(v, m, BLOCK * NR, bias, outputs);
    if (w->relu == RELU_FIRST)
        UNROLL(6)
        for (size_t p = first; p < outputs; p += stride)
            v[p] = vec_max0(v[p]);
    if (w->residual)
        UNROLL(6)
        for (size_t p = first; p < outputs; p += stride)
            v[p] = vec_add(v[p], vec_loadu(w->residual + at + p * w->out_step));
    if (w->relu == RELU_LAST)
        UNROLL(6)
        for (size_t p = first; p < outputs; p += stride)
            v[p] = vec_max0(v[p]);
    UNROLL(6)
    for (size_t p = first; p < outputs; p += stride)
        vec_storeu(w->y + at + p * w->out_step, v[p]);
}

static inline __attribute__((always_inline)) void
finish_quarter(struct chores *w, const size_t outputs)
{
    size_t r = w->quarter / 4, half = w->quarter / 2 % 2 * LANES;

    if (w->quarter++ % 2 == 0)
        finish_outputs(w, r, half, 0, 2, outputs);
    else
        finish_outputs(w, r, half, 1, 2, outputs);
}

/* The outputs of a row where only n < NR channels exist. */
static inline __attribute__((always_inline)) void
finish_part(const struct chores *w, size_t r, size_t n, const size_t outputs)
{
    const struct nn_conv *c = w->c;
    size_t at = w->before->out[r] + w->o, second = n > LANES ? n - LANES : 0;
    const float *m = w->m + r * NR, *bias = c->bias + w->o;
    VEC lo[MAX_OUTPUTS], hi[MAX_OUTPUTS];

    combine_even(lo, m, BLOCK * NR, vec_load_part(bias, n), outputs);
    combine_odd(lo, m, BLOCK * NR, vec_load_part(bias, n), outputs);
    combine_even(hi, m + LANES, BLOCK * NR, vec_load_part(bias + LANES, second), outputs);
    combine_odd(hi, m + LANES, BLOCK * NR, vec_load_part(bias + LANES, second), outputs);
    for (size_t p = 0; p < outputs; p++, at += w->out_step)
        finish_row(w->y + at, lo[p], hi[p], NULL, w->residual ? w->residual + at : NULL, c->relu,
                   n);
}

/* Ask for what a row will touch in the channels of a panel. */
static inline __attribute__((always_inline)) void
ask_for_row(const struct chores *w, size_t r, const size_t outputs)
{
    const float *out = w->y + w->here->out[r] + w->here_o;
    const float *in = w->x + w->here->in[block_rows(w->c) + r] + w->here_o + 2 * w->in_step;

    UNROLL(6)
    for (size_t p = 0; p < outputs; p++, out += w->out_step) {
        __builtin_prefetch(out, 1, 2);
        __builtin_prefetch(out + 16, 1, 2);
    }
    UNROLL(6)
    for (size_t p = 0; p < outputs; p++, in += w->in_step) {
        __builtin_prefetch(in, 0, 2);
        __builtin_prefetch(in + 16, 0, 2);
    }
}

static inline __attribute__((always_inline)) void
do_chore(struct chores *w, const size_t outputs)
{
    if (w->quarter < w->quarters)
        finish_quarter(w, outputs);
    else if (w->asked < w->rows)
        ask_for_row(w, w->asked++, outputs);
}

/*
 * A chain of a product, of up to nine rows, with a chore behind every STEP channels.  Rows are
 * addressed from every third.  The compiler is kept from making an address of every row and channel
 * (GCC), and from putting off the sums (Clang): it has no registers for either.
 */
enum { STEP = 4 };

static inline __attribute__((always_inline)) void
product_between(float *m, const float *v, size_t stride, size_t n_in, const float *w,
                const size_t rows, bool more, struct chores *chores, const size_t outputs)
{
    VEC lo[MR], hi[MR];
    const float *row0 = v, *row3 = row0 + 3 * stride, *row6 = row3 + 3 * stride;

    clear_sums(lo, hi, rows);
    for (size_t i = 0; i < n_in; i += STEP) {
        __asm__("" : "+r"(row0), "+r"(row3), "+r"(row6), "+r"(stride));
        UNROLL(4)
        for (size_t j = 0; j < STEP; j++, w += NR) {
            VEC w_lo = vec_load(w), w_hi = vec_load(w + LANES);

            for (size_t f = 0; f < NR; f += 16)
                __builtin_prefetch(w + AHEAD + f, 0, 2);
            UNROLL(16)
            for (size_t r = 0; r < rows; r++) {
                const float *row = r < 3 ? row0 : r < 6 ? row3 : row6;
                VEC a = vec_set1(row + r % 3 * stride + j);

                lo[r] = vec_fma(a, w_lo, lo[r]);
                hi[r] = vec_fma(a, w_hi, hi[r]);
            }
        }
        row0 += STEP;
        row3 += STEP;
        row6 += STEP;
        UNROLL(16)
        for (size_t r = 0; r < rows; r++)
            __asm__("" : "+v"(lo[r]), "+v"(hi[r]));
        do_chore(chores, outputs);
    }
    store_product(m, NR, lo, hi, rows, more);
}

static void
product_between_4(float *m, const float *v, size_t stride, size_t n_in, const float *w, bool more,
                  struct chores *chores)
{
    product_between(m, v, stride, n_in, w, POINT_ROWS, more, chores, 4);
}

static void
product_between_6(float *m, const float *v, size_t stride, size_t n_in, const float *w, bool more,
                  struct chores *chores)
{
    product_between(m, v, stride, n_in, w, POINT_ROWS, more, chores, 6);
}

/* The products of one point, with chores in between where a tile is whole. */
static inline __attribute__((always_inline)) void
product_point(float *m, const float *v, const struct nn_conv *c, const float *w, size_t rows,
              struct chores *chores, const size_t outputs)
{
    size_t tiles = (rows + POINT_ROWS - 1) / POINT_ROWS, height = (rows + tiles - 1) / tiles;
    size_t stride = v_stride(c);

    for (size_t i = 0; i < c->c_in; i += CHAIN, w += CHAIN * NR) {
        size_t n = c->c_in - i < CHAIN ? c->c_in - i : CHAIN;

        for (size_t r = 0; r < rows; r += height) {
            size_t tile = rows - r < height ? rows - r : height;
            const float *a = v + r * stride + i;

            if (!BETWEEN || tile < POINT_ROWS || n % STEP)
                product_of[tile](m + r * NR, NR, a, stride, n, w, i > 0);
            else if (outputs == 6)
                product_between_6(m + r * NR, a, stride, n, w, i > 0, chores);
            else
                product_between_4(m + r * NR, a, stride, n, w, i > 0, chores);
        }
    }
}

/* What is left of the last transform of a panel. */
static inline __attribute__((always_inline)) void
finish_rest(struct chores *w, const size_t outputs)
{
    const struct nn_conv *c = w->c;
    size_t n = c->c_out - w->o;

    for (size_t r = 0; n < NR && r < w->before->rows; r++)
        finish_part(w, r, n, outputs);
    while (w->quarter < w->quarters && w->quarter % 4)
        finish_quarter(w, outputs);
    for (; w->quarter < w->quarters; w->quarter += 4) {
        finish_outputs(w, w->quarter / 4, 0, 0, 1, outputs);
        finish_outputs(w, w->quarter / 4, LANES, 0, 1, outputs);
    }
    for (size_t r = 0; n <= NR && c->act != NN_LINEAR && !finishes_relu(c) && r < w->before->rows;
         r++)
        for (size_t p = 0; p < outputs; p++)
            activate_columns(w->y + w->before->out[r] + p * w->out_step, c, 1);
    w->before = NULL;
}

/* One panel of a block: v holds its transformed inputs, m takes the products. */
static inline __attribute__((always_inline)) void
winograd_panel(struct chores *w, const struct winograd_block *b, const float *v, float *m,
               const float *weights, size_t o, const size_t outputs)
{
    const struct nn_conv *c = w->c;
    size_t points = outputs + 2;

    w->here = b;
    w->here_o = o;
    w->asked = 0;
    w->rows = BETWEEN ? b->rows : 0;
    for (size_t q = 0; q < points; q++) {
        for (size_t r = b->rows * q / points; !BETWEEN && r < b->rows * (q + 1) / points; r++)
            ask_for_row(w, r, outputs);
        product_point(m + q * BLOCK * NR, v + q * BLOCK * v_stride(c), c,
                      weights + (o / NR * points + q) * c->c_in * NR, b->rows, w, outputs);
    }
    if (w->before)
        finish_rest(w, outputs);
    w->before = b;
    w->m = m;
    w->o = o;
    w->quarter = 0;
    w->quarters = c->c_out - o < NR ? 0 : 4 * b->rows;
    if (!BETWEEN)
        finish_rest(w, outputs);
}

/* V of the rows of a block. */
static inline __attribute__((always_inline)) void
transform_block(float *v, const struct chores *w, const struct winograd_block *b,
                const size_t outputs)
{
    const struct nn_conv *c = w->c;
    size_t stride = v_stride(c);

    for (size_t r = 0; r < b->rows; r++, v += stride) {
        if (c->relu_in)
            transform_row(v, BLOCK * stride, w->x + b->in[r], w->in_step, c->c_in, true, outputs);
        else
            transform_row(v, BLOCK * stride, w->x + b->in[r], w->in_step, c->c_in, false, outputs);
    }
}

/* The blocks of a part, of n rows in all; groups begin at column lo. */
static inline __attribute__((always_inline)) void
winograd_blocks(struct chores *w, const float *weights, size_t lo, size_t n, float *scratch,
                struct nn_part part, const size_t outputs)
{
    const struct nn_conv *c = w->c;
    size_t size = block_rows(c), panel = 0, k = 0;
    float *m = scratch, *v = m + (BETWEEN ? 2 : 1) * MAX_POINTS * BLOCK * NR;
    struct winograd_block block[2];

    for (size_t from = part.i * size; from < n; from += part.n * size, k++) {
        struct winograd_block *b = &block[k % 2];

        b->rows = n - from < size ? n - from : size;
        number_rows(b->out, size, lo, from, n, c->dilation, outputs, c->c_out);
        number_rows(b->in, size, lo, from, n, c->dilation, outputs, c->c_in);
        number_rows(b->in + size, size, lo, from + part.n * size, n, c->dilation, outputs, c->c_in);
        transform_block(v, w, b, outputs);
        for (size_t o = 0; o < c->c_out; o += NR, panel++)
            winograd_panel(w, b, v, m + (BETWEEN ? panel % 2 : 0) * MAX_POINTS * BLOCK * NR, weights,
                           o, outputs);
    }
    if (w->before)
        finish_rest(w, outputs);
}

/* Whole groups [lo, hi) of a run; blocks are dealt out to the parts. */
static void
winograd_run(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
             size_t hi, size_t outputs, float *scratch, struct nn_part part)
{
    size_t n = (hi - lo) / outputs;
    const float *four = c->transformed + (has_form(c, 6) ? form_floats(c, 6) : 0);
    struct chores w = {
        .c = c, .y = y, .x = x, .residual = residual,
        .out_step = c->dilation * c->c_out, .in_step = c->dilation * c->c_in,
        .relu = c->relu ? RELU_FIRST : finishes_relu(c) ? RELU_LAST : RELU_NONE,
    };

    if (outputs == 6)
        winograd_blocks(&w, c->transformed, lo, n, scratch, part, 6);
    else
        winograd_blocks(&w, four, lo, n, scratch, part, 4);
}

static void
conv_winograd(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
              size_t hi, float *scratch, struct nn_part part)
{
    if (!c->transformed) {
        conv_tile(y, x, residual, c, lo, hi, scratch, part);
        return;
    }
    for (size_t r = 0; r <= NN_RUNS && lo < hi; r++) {
        size_t from = hi, to = hi;

        if (r < NN_RUNS && c->run[r].hi > (ptrdiff_t)lo && c->run[r].lo < (ptrdiff_t)hi) {
            from = c->run[r].lo > (ptrdiff_t)lo ? (size_t)c->run[r].lo : lo;
            to = c->run[r].hi < (ptrdiff_t)hi ? (size_t)c->run[r].hi : hi;
        } else if (r < NN_RUNS) {
            continue;
        }
        conv_tile(y, x, residual, c, lo, from, scratch, part);
        if (from < to)
            winograd_run(y, x, residual, c, from, to, c->run[r].outputs, scratch, part);
        lo = to;
        /* The next piece begins with the part after: those before may have had a block more. */
        part.i = (part.i + part.n - 1) % part.n;
    }
}

#endif
