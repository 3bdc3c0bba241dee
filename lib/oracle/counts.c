/* SPDX-License-Identifier: MIT */
#include "oracle/counts.h"

#include <math.h>

double
count_total(enum count_head head, double log_count)
{
    switch (head) {
    case COUNT_EXPM1:
        return expm1(log_count);
    case COUNT_EXP_MINUS_2:
        return exp(log_count) - 2;
    case COUNT_EXP:
        break;
    }
    return exp(log_count);
}

const char *
count_head_text(enum count_head head)
{
    static const char *const text[] = { "exp(C) - 1", "exp(C) - 2", "exp(C)" };

    return text[head];
}

void
count_profile(double *counts, const float *logits, size_t n, double total,
              const struct nn_ops *ops)
{
    double sum = 0, scale;
    float max = logits[0];

    for (size_t i = 1; i < n; i++)
        max = logits[i] > max ? logits[i] : max;
    ops->exp_below(counts, logits, max, n);
    for (size_t i = 0; i < n; i++)
        sum += counts[i];
    scale = total / sum;
    for (size_t i = 0; i < n; i++)
        counts[i] *= scale;
}

double
count_log_add(double a, double b)
{
    double hi = a > b ? a : b, lo = a > b ? b : a;

    return hi + log1p(exp(lo - hi));
}
