/* SPDX-License-Identifier: MIT */
#include "oracle/binned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

static void
block_free(struct binned_block *t)
{
    float *array[] = { t->norm1_scale, t->norm1_shift, t->norm2_scale, t->norm2_shift, t->q.w,
                       t->k.w, t->v.w, t->out.w, t->up.w, t->down.w, t->out_bias, t->up_bias,
                       t->down_bias, t->content_bias, t->position_bias, t->relative.w };

    for (size_t i = 0; i < ARRAY_LEN(array); i++)
        free(array[i]);
    memset(t, 0, sizeof *t);
}

static int
check_block(const struct binned_block *t, size_t channels, const char *where, struct err *e)
{
    if (t->q.c_out % t->heads != 0 || t->v.c_out % t->heads != 0)
        return err_set(e, "%s: %zu key and %zu value channels are not whole numbers for %zu heads",
                       where, t->q.c_out, t->v.c_out, t->heads);
    if (t->q.c_in != channels || t->k.c_in != channels || t->v.c_in != channels ||
        t->out.c_out != channels || t->up.c_in != channels || t->down.c_out != channels ||
        t->k.c_out != t->q.c_out || t->relative.c_out != t->q.c_out ||
        t->out.c_in != t->v.c_out || t->down.c_in != t->up.c_out)
        return err_set(e, "%s: the tensors of a transformer block do not fit together (%zu "
                       "channels in, %zu and %zu key, %zu value channels)", where, channels,
                       t->q.c_out, t->k.c_out, t->v.c_out);
    return 0;
}

/* Queries scaled by 1/sqrt(key size), keys and values side by side: one product for all. */
static float *
join_qkv(const struct binned_block *t)
{
    size_t n_k = t->q.c_out, n_v = t->v.c_out, n = 2 * n_k + n_v;
    float *w = mem_array(t->q.c_in * n, sizeof *w);
    float scale = (float)(1 / sqrt((double)(n_k / t->heads)));

    for (size_t i = 0; i < t->q.c_in; i++) {
        for (size_t o = 0; o < n_k; o++)
            w[i * n + o] = t->q.w[i * n_k + o] * scale;
        memcpy(w + i * n + n_k, t->k.w + i * n_k, n_k * sizeof *w);
        memcpy(w + i * n + 2 * n_k, t->v.w + i * n_v, n_v * sizeof *w);
    }
    return w;
}

/* A pointer that the receiver owns from now on. */
static float *
give(float **array)
{
    float *x = *array;

    *array = NULL;
    return x;
}

/* All arrays of t are taken over.  The node of the block's output; *attention of its first half. */
static int
add_block(struct binned_net *b, int input, struct binned_block *t, const struct position_table *p,
          int *attention)
{
    struct net *net = &b->net;
    size_t channels = net->node[input].channels, n_k = t->q.c_out, n_v = t->v.c_out;
    struct nn_attention *a = nn_attention_new(&net->ops, p, t->heads, n_k / t->heads,
                                              n_v / t->heads, give(&t->content_bias),
                                              give(&t->position_bias), t->relative.w);
    int at, middle;

    b->attention = mem_resize(b->attention, b->n_attention + 1, sizeof(struct nn_attention *));
    b->attention[b->n_attention++] = a;
    at = net_add_layer_norm(net, input, give(&t->norm1_scale), give(&t->norm1_shift), t->eps);
    at = net_add_conv(net, at, join_qkv(t), NULL, 1, 1, 2 * n_k + n_v, false);
    *attention = net_add_attention(net, at, a);
    middle = net_add_conv(net, *attention, give(&t->out.w), give(&t->out_bias), 1, 1, channels,
                          false);
    net_set_residual(net, middle, input, 0);
    at = net_add_layer_norm(net, middle, give(&t->norm2_scale), give(&t->norm2_shift), t->eps);
    at = net_add_conv(net, at, give(&t->up.w), give(&t->up_bias), 1, 1, t->up.c_out, true);
    at = net_add_conv(net, at, give(&t->down.w), give(&t->down_bias), 1, 1, channels, false);
    net_set_residual(net, at, middle, 0);
    block_free(t);
    return at;
}

int
binned_take_content_bias(struct binned_block *t, const struct weights *w, const char *name,
                         struct err *e)
{
    const struct tensor *bias = weights_find(w, name);

    t->content_bias = large_vector(w, name, t->q.c_out, e);
    if (!t->content_bias)
        return -1;
    if (bias->ndim != 4)
        return err_set(e, "%s: tensor '%s' has %d dimensions, expected (1, heads, 1, key size)",
                       w->path, name, bias->ndim);
    t->heads = bias->shape[1];
    return 0;
}

static int
take_block(struct binned_block *block, const struct binned_transformer *t, size_t i, size_t n,
           struct err *e)
{
    size_t features;

    *block = (struct binned_block){ .eps = t->eps };
    if (t->take(block, t->source, i, n, e) || check_block(block, n, t->path, e))
        return -1;
    features = block->relative.c_in;
    return features % t->multiple == 0 ? 0 :
           err_set(e, "%s: %zu position features, expected a multiple of %zu", t->path, features,
                   t->multiple);
}

int
binned_add_transformer(struct binned_net *b, int input, const struct binned_transformer *t,
                       int *attention, struct err *e)
{
    struct position_table *p = NULL;
    int at = input;

    for (size_t i = 0; i < t->depth && at >= 0; i++) {
        const struct nn_node *node = &b->net.node[at];
        struct binned_block block;

        if (take_block(&block, t, i, node->channels, e)) {
            block_free(&block);
            at = -1;
            break;
        }
        if (p && p->n_features != block.relative.c_in) {
            position_free(p);
            p = NULL;
        }
        if (!p)
            p = t->table(node->len, block.relative.c_in);
        at = add_block(b, at, &block, p, attention);
    }
    position_free(p);
    return at;
}
