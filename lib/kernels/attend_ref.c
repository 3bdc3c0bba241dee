/* SPDX-License-Identifier: MIT */
/* Attention as the formulas stand in attention.h, in double, a row of logits at a time. */
#include "kernels/attend_ref.h"

#include <math.h>
#include <stdlib.h>

#include "prog/mem.h"

void
nn_pack_attention_ref(struct nn_attention *a)
{
    a->scratch = 2 * a->n;      /* a row of logits in double */
}

static size_t
relative_row(const struct nn_attention *a, size_t i, size_t j)
{
    ptrdiff_t d = (ptrdiff_t)j - (ptrdiff_t)i;
    size_t r = 0;

    if (!a->run)
        return j + a->n - 1 - i;
    while (d >= a->run[r + 1])
        r++;
    return r;
}

static double
logit(const struct nn_attention *a, const float *x, size_t h, size_t i, size_t j)
{
    size_t width = nn_attention_channels(a), at = h * a->key;
    const float *q = x + i * width + at, *k = x + j * width + a->heads * a->key + at;
    const float *r = a->rel + relative_row(a, i, j) * a->heads * a->key + at;
    double sum = 0;

    for (size_t d = 0; d < a->key; d++)
        sum += ((double)q[d] + a->content_bias[at + d]) * k[d] +
               ((double)q[d] + a->position_bias[at + d]) * r[d];
    return sum;
}

static void
attend_row(float *y, const float *x, const struct nn_attention *a, size_t h, size_t i,
           double *weight)
{
    size_t width = nn_attention_channels(a);
    const float *v = x + 2 * a->heads * a->key + h * a->value;
    double most = -INFINITY, total = 0;

    for (size_t j = 0; j < a->n; j++) {
        weight[j] = logit(a, x, h, i, j);
        most = fmax(most, weight[j]);
    }
    for (size_t j = 0; j < a->n; j++) {
        weight[j] = exp(weight[j] - most);
        total += weight[j];
    }
    for (size_t o = 0; o < a->value; o++) {
        double sum = 0;

        for (size_t j = 0; j < a->n; j++)
            sum += weight[j] * (double)v[j * width + o];
        y[i * a->heads * a->value + h * a->value + o] = (float)(sum / total);
    }
}

void
nn_attend_ref(float *y, const float *x, const struct nn_attention *a, size_t lo, size_t hi,
              float *scratch, struct nn_part part)
{
    for (size_t i = lo + part.i; i < hi; i += part.n)
        for (size_t h = 0; h < a->heads; h++)
            attend_row(y, x, a, h, i, (double *)(void *)scratch);
}
