/* SPDX-License-Identifier: MIT */
/*
 * Multi-head attention with relative positions, as Enformer and Borzoi have it (the relative
 * attention of Transformer-XL; specification of the large oracles, 3.c and 4.c):
 *
 *   logit[i][j] = (q_i + u) . k_j + (q_i + v) . r_{j - i}        per head
 *   y_i         = sum over j of softmax_j(logit[i][j]) value_j
 *
 * q comes scaled by 1/sqrt(key size).  The relative keys r of a distance depend on no sequence, so
 * they are made once per model.  Where many distances share one relative key (Borzoi's masks give
 * 33 at most), its product with a query is made once and added to a run of keys.
 *
 * The softmax streams over blocks of keys, so nothing of n x n is ever held.  What a query's row
 * sums, and in what order, depends on no other row: any range of rows, any threads, the same bits.
 */
#ifndef PT_NN_ATTENTION_H
#define PT_NN_ATTENTION_H

#include "nn/net.h"
#include "nn/position.h"

struct nn_attention {
    size_t n;                   /* tokens */
    size_t heads, key, value;   /* sizes of one head's keys and values */
    float *content_bias;        /* u: heads x key */
    float *position_bias;       /* v: heads x key */
    float *rel;                 /* relative keys, n_rel x heads x key; NULL once packed */
    float *packed;              /* the kernel set's own layout, or NULL */
    size_t n_rel;               /* 2n - 1, row of distance d at d + n - 1; or fewer: */
    ptrdiff_t *run;             /* n_rel + 1: distances [run[r], run[r + 1]) share row r; or NULL */
    size_t scratch;             /* floats of working memory attend needs; set by pack_attention */
    void (*attend)(float *y, const float *x, const struct nn_attention *a, size_t lo, size_t hi,
                   float *scratch, struct nn_part part);
};

/* Channels of a token's input: queries, keys, values, each head after head. */
static inline size_t
nn_attention_channels(const struct nn_attention *a)
{
    return a->heads * (2 * a->key + a->value);
}

/*
 * An attention over the positions of p.  content_bias and position_bias (heads x key) are taken
 * over; w_rk (features of p x heads * key) is read.  Never NULL.
 */
struct nn_attention *nn_attention_new(const struct nn_ops *ops, const struct position_table *p,
                                      size_t heads, size_t key, size_t value, float *content_bias,
                                      float *position_bias, const float *w_rk);
void nn_attention_free(struct nn_attention *a);

/*
 * Add it behind a node of nn_attention_channels channels and n columns; the new node has
 * heads * value channels.  a outlives the network.
 */
int net_add_attention(struct net *net, int input, const struct nn_attention *a);

#endif
