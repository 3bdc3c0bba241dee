/* SPDX-License-Identifier: MIT */
/*
 * Which columns of a convolution are computed in which form.
 *
 * A fast form computes whole groups of columns whose bits belong together (ops.h); columns outside
 * of a run of groups take the direct form.  Where the runs begin decides how far a changed input
 * spreads: a change that ends in the middle of a group costs the whole group.  The plan depends on
 * the layer's shape and on the columns that usually change, never on a record, so that a column
 * has the same bits in every pass.
 */
#ifndef PT_NN_LAYOUT_H
#define PT_NN_LAYOUT_H

#include "nn/ops.h"

/* Cost of one output column in products, times 6: direct, and Winograd's F(4, 3) and F(6, 3). */
enum { COST_DIRECT = 18, COST_F4 = 9, COST_F6 = 8 };

/* A column that changes only because its group does: the layers behind will have it changed too. */
enum { COST_WIDENED = 40 };

/* Pairs of channels whose weights in a second form should save one product of one of them, times 6:
 * that form takes 6 MB at 512 x 512, for which a hundred columns should go without the direct form. */
enum { COST_WEIGHTS = 512 * 512 / (100 * COST_DIRECT) };

/*
 * Set the runs of a three-tap convolution (dilation, len and usual are set): those that make a full
 * pass together with one pass over the usual change cheapest.
 */
void nn_layout_winograd(struct nn_conv *c);

/* Widen columns [*lo, *hi), not empty, to whole groups. */
void nn_layout_round(const struct nn_conv *c, size_t *lo, size_t *hi);

#endif
