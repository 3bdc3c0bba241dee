/* SPDX-License-Identifier: MIT */
/*
 * The dilated convolution as direct row-panel kernels, written once for every vector width.
 *
 * Weights are packed into panels of NR output channels, [panel][tap][input channel][NR], zero
 * padded.  A tile is up to MR columns by NR channels, held in registers over all taps and input
 * channels: per input channel one load of NR weights and MR broadcasts feed MR * NR multiply-adds,
 * and no input is copied.  Each element is one chain of fused multiply-adds, taps outermost, or
 * where it would be longer than LONG_SUM a sum of sums of chains (PIECES of PIECE_SUM), since the
 * error of a chain grows with the root of its length: Sei's classifier sums up 21,907 products.
 * Neither the tile's height nor its place changes a bit.
 *
 * Columns are taken ROWS at a time through all panels: the inputs of a block (up to three
 * dilated stretches) stay in the second-level cache while the panels stream past.
 *
 * The including file defines VEC (vector type), LANES, MR and the functions vec_zero, vec_load,
 * vec_store, vec_fma(acc, scalar pointer, vector), vec_add, vec_max0 and vec_store_part.
 */
#ifndef PT_NN_OPS_TILE_H
#define PT_NN_OPS_TILE_H

#include <stdlib.h>
#include <string.h>

#include "kernels/ops_act.h"
#include "prog/mem.h"

enum { NR = 2 * LANES, ROWS = 4 * MR };

enum { LONG_SUM = 2048, PIECE_SUM = 32, PIECES = 16 };

/* Weights are asked for this many floats before their use: they come from memory, layer after layer,
 * and the processor's own prefetching stops at every page.  Beyond their end that does nothing. */
enum { AHEAD = 8192 };

/* rows x O weights to panels of NR, [panel][row][NR]. */
static float *
pack_panels(const float *kernel, size_t rows, size_t c_out)
{
    size_t panels = (c_out + NR - 1) / NR;
    float *packed = mem_aligned(panels * rows * NR * sizeof *packed);

    for (size_t p = 0; p < panels; p++) {
        size_t o = p * NR, n = c_out - o < NR ? c_out - o : NR;

        for (size_t r = 0; r < rows; r++) {
            float *dst = packed + (p * rows + r) * NR;

            memset(dst, 0, NR * sizeof *dst);
            memcpy(dst, kernel + r * c_out + o, n * sizeof *dst);
        }
    }
    return packed;
}

static void
pack_tile(struct nn_conv *c)
{
    c->packed = pack_panels(c->kernel, c->k * c->c_in, c->c_out);
    free(c->kernel);
    c->kernel = NULL;
}

/* Bias (NULL: it is in already), activation and residual of one finished row of a tile; n channels
 * of it exist. */
static inline void
finish_row(float *y, VEC lo, VEC hi, const float *bias, const float *residual, bool relu, size_t n)
{
    if (bias) {
        lo = vec_add(lo, vec_load_part(bias, n));
        hi = vec_add(hi, vec_load_part(bias + LANES, n > LANES ? n - LANES : 0));
    }
    if (relu) {
        lo = vec_max0(lo);
        hi = vec_max0(hi);
    }
    if (residual) {
        lo = vec_add(lo, vec_load_part(residual, n));
        hi = vec_add(hi, vec_load_part(residual + LANES, n > LANES ? n - LANES : 0));
    }
    vec_store_part(y, lo, n);
    vec_store_part(y + LANES, hi, n > LANES ? n - LANES : 0);
}

static inline __attribute__((always_inline)) void
clear_sums(VEC lo[MR], VEC hi[MR], const size_t rows)
{
    UNROLL(16)
    for (size_t r = 0; r < rows; r++)
        lo[r] = hi[r] = vec_zero();
}

/*
 * Sums of rows x NR elements over taps and input channels, kept in registers: rows and relu are
 * constants in every call, so the loops unroll.  Row r of the input starts at x + r * stride, tap t
 * of it tap_step floats further each.
 */
static inline __attribute__((always_inline)) void
accumulate(VEC lo[MR], VEC hi[MR], const size_t rows, const float *x, size_t stride, size_t n_in,
           size_t taps, size_t tap_step, const float *w, const bool relu)
{
    clear_sums(lo, hi, rows);
    for (size_t t = 0; t < taps; t++) {
        const float *a = x + t * tap_step, *end = a + n_in;

        for (; a < end; a++, w += NR) {
            VEC w_lo = vec_load(w), w_hi = vec_load(w + LANES);

            for (size_t f = 0; f < NR; f += 16)
                __builtin_prefetch(w + AHEAD + f, 0, 2);

            UNROLL(16)
            for (size_t r = 0; r < rows; r++) {
                VEC v = vec_set1(a + r * stride);

                if (relu)
                    v = vec_max0(v);
                lo[r] = vec_fma(v, w_lo, lo[r]);
                hi[r] = vec_fma(v, w_hi, hi[r]);
            }
        }
    }
}

/* Add what is in lo and hi to the sums. */
static inline __attribute__((always_inline)) void
add_sums(VEC sum_lo[MR], VEC sum_hi[MR], const VEC lo[MR], const VEC hi[MR], const size_t rows)
{
    UNROLL(16)
    for (size_t r = 0; r < rows; r++) {
        sum_lo[r] = vec_add(sum_lo[r], lo[r]);
        sum_hi[r] = vec_add(sum_hi[r], hi[r]);
    }
}

/* The same as a sum of sums of short sums: pieces, PIECES of them, and those. */
static inline __attribute__((always_inline)) void
accumulate_pieces(VEC lo[MR], VEC hi[MR], const size_t rows, const float *x,
                  const struct nn_conv *c, const float *w, const bool relu)
{
    VEC sum_lo[MR], sum_hi[MR], all_lo[MR], all_hi[MR];
    size_t pieces = 0;

    clear_sums(sum_lo, sum_hi, rows);
    clear_sums(all_lo, all_hi, rows);
    for (size_t t = 0; t < c->k; t++) {
        const float *tap = x + t * c->dilation * c->c_in;

        for (size_t i = 0, n; i < c->c_in; i += n, w += n * NR) {
            n = c->c_in - i < PIECE_SUM ? c->c_in - i : PIECE_SUM;
            accumulate(lo, hi, rows, tap + i, c->c_in, n, 1, 0, w, relu);
            add_sums(sum_lo, sum_hi, lo, hi, rows);
            if (++pieces % PIECES == 0) {
                add_sums(all_lo, all_hi, sum_lo, sum_hi, rows);
                clear_sums(sum_lo, sum_hi, rows);
            }
        }
    }
    UNROLL(16)
    for (size_t r = 0; r < rows; r++) {
        lo[r] = vec_add(all_lo[r], sum_lo[r]);
        hi[r] = vec_add(all_hi[r], sum_hi[r]);
    }
}

/* One tile of rows columns. */
static inline __attribute__((always_inline)) void
tile(float *y, const float *x, const float *residual, const struct nn_conv *c, const float *w,
     size_t o, const size_t rows, const bool relu)
{
    VEC lo[MR], hi[MR];

    if (c->k * c->c_in > LONG_SUM)
        accumulate_pieces(lo, hi, rows, x, c, w, relu);
    else
        accumulate(lo, hi, rows, x, c->c_in, c->c_in, c->k, c->dilation * c->c_in, w, relu);
    UNROLL(16)
    for (size_t r = 0; r < rows; r++)
        finish_row(y + r * c->c_out, lo[r], hi[r], c->bias + o,
                   residual ? residual + r * c->c_out : NULL, c->relu, c->c_out - o);
}

/* The activation behind the residual, of n finished columns. */
static inline void
activate_columns(float *y, const struct nn_conv *c, size_t n)
{
    if (c->act != NN_LINEAR)
        act_loop(y, y, n * c->c_out, c->act);
}

typedef void tile_fn(float *, const float *, const float *, const struct nn_conv *, const float *,
                     size_t);

#define TILE(n)                                                                                   \
    static void tile_##n(float *y, const float *x, const float *residual,                         \
                         const struct nn_conv *c, const float *w, size_t o)                       \
    {                                                                                             \
        if (c->relu_in)                                                                           \
            tile(y, x, residual, c, w, o, n, true);                                               \
        else                                                                                      \
            tile(y, x, residual, c, w, o, n, false);                                              \
    }

TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if MR_MAX > 6
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#endif

static tile_fn *const tile_of[] = {
    NULL, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6,
#if MR_MAX > 6
    tile_7, tile_8, tile_9, tile_10, tile_11, tile_12,
#endif
};

static void
conv_tile(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
          size_t hi, float *scratch, struct nn_part part)
{
    size_t panels = (c->c_out + NR - 1) / NR, panel_floats = c->k * c->c_in * NR;

    /* A last block of a few columns joins the one before it: it would read all weights for them. */
    size_t blocks = hi - lo > ROWS + MR ? (hi - lo - MR + ROWS - 1) / ROWS : 1;

    (void)scratch;
    for (size_t b = part.i; b < blocks && lo < hi; b += part.n) {
        size_t block = lo + b * ROWS, end = b + 1 < blocks ? block + ROWS : hi;
        size_t tiles = (end - block + MR - 1) / MR, rows = (end - block + tiles - 1) / tiles;

        for (size_t p = 0; p < panels; p++) {
            size_t o = p * NR;

            for (size_t j = block; j < end; j += rows) {
                size_t n = end - j < rows ? end - j : rows, at = j * c->c_out + o;

                tile_of[n](y + at, x + j * c->c_in, residual ? residual + at : NULL, c,
                           c->packed + p * panel_floats, o);
            }
        }
        activate_columns(y + block * c->c_out, c, end - block);
    }
}

#endif
