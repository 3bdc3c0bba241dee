/* SPDX-License-Identifier: MIT */
/*
 * Enformer's TensorFlow variables under one spelling.
 *
 * Its authors' files differ in how variables are called: the released code gives
 * "enformer/trunk/stem/conv1_d/w", with other versions of its libraries every scope twice
 * ("trunk/stem/stem/conv1_d/w"); the published SavedModel was written by code with other scopes
 * ("downres_block_0", "normalization", "pooling", "multihead_attention").  In all of them some
 * names stand for two variables: the two dense layers of a block, told apart by their shapes, and,
 * since normalisations are given their moving averages from outside, "exponential_moving_average"
 * for mean and variance, told apart by the attribute that the normalisation holds them by.  The
 * scopes of the published file are as programs report that convert it or rewrite its graph.
 *
 * Here all are called as in section 3.b of the specification, from "trunk" or "heads" on:
 * "trunk/stem/pointwise_conv_block/cross_replica_batch_norm/moving_mean/average".
 */
#ifndef PT_ORACLE_ENFORMER_VARIABLES_H
#define PT_ORACLE_ENFORMER_VARIABLES_H

#include "base/base.h"
#include "weights/weights.h"

struct enformer_variables;

/* Whether w has Enformer's variables. */
bool enformer_variables_are_in(const struct weights *w);

/* Borrows w, whose tensors must stay. */
struct enformer_variables *enformer_variables_new(const struct weights *w);
void enformer_variables_free(struct enformer_variables *v);

/* The i-th of that name, in the order of the file; NULL when there are not so many. */
const struct tensor *enformer_variables_find(const struct enformer_variables *v, const char *name,
                                             size_t i);

#endif
