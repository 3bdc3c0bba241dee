/* SPDX-License-Identifier: MIT */
#include "nn/attention.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* features x W_rk, in double, one rounding; rows of the position table. */
static float *
relative_keys(const struct position_table *p, const float *w_rk, size_t width)
{
    float *rel = mem_array(p->n_rows * width, sizeof *rel);
    double *sum = mem_array(width, sizeof *sum);

    for (size_t r = 0; r < p->n_rows; r++) {
        const double *feature = p->row + r * p->n_features;

        memset(sum, 0, width * sizeof *sum);
        for (size_t f = 0; f < p->n_features; f++) {
            const float *w = w_rk + f * width;

            if (feature[f] == 0)
                continue;
            for (size_t i = 0; i < width; i++)
                sum[i] += feature[f] * (double)w[i];
        }
        for (size_t i = 0; i < width; i++)
            rel[r * width + i] = (float)sum[i];
    }
    free(sum);
    return rel;
}

struct nn_attention *
nn_attention_new(const struct nn_ops *ops, const struct position_table *p, size_t heads,
                 size_t key, size_t value, float *content_bias, float *position_bias,
                 const float *w_rk)
{
    struct nn_attention *a = mem_zalloc(sizeof *a);

    a->n = p->n;
    a->heads = heads;
    a->key = key;
    a->value = value;
    a->content_bias = content_bias;
    a->position_bias = position_bias;
    a->n_rel = p->n_rows;
    if (p->run) {
        a->run = mem_array(p->n_rows + 1, sizeof *a->run);
        memcpy(a->run, p->run, (p->n_rows + 1) * sizeof *a->run);
    }
    a->rel = relative_keys(p, w_rk, heads * key);
    a->attend = ops->attend;
    ops->pack_attention(a);
    return a;
}

void
nn_attention_free(struct nn_attention *a)
{
    if (!a)
        return;
    free(a->content_bias);
    free(a->position_bias);
    free(a->rel);
    free(a->packed);
    free(a->run);
    free(a);
}

static void
run_attention(void *context, float *y, const float *x, const float *second, size_t lo, size_t hi,
              float *scratch, struct nn_part part)
{
    const struct nn_attention *a = context;

    (void)second;
    a->attend(y, x, a, lo, hi, scratch, part);
}

int
net_add_attention(struct net *net, int input, const struct nn_attention *a)
{
    struct nn_call call = {
        .run = run_attention, .context = (void *)a, .scratch = a->scratch, .global = true,
        .name = "attention",
    };
    /* Products of queries with keys and relative keys, and of weights with values. */
    uint64_t per_pair = 2 * a->key + a->value;

    assert(net->node[input].channels == nn_attention_channels(a) && net->node[input].len == a->n);
    return net_add_call(net, input, -1, a->n, a->heads * a->value, &call,
                        (uint64_t)a->n * a->n * a->heads * per_pair);
}
