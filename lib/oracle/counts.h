/* SPDX-License-Identifier: MIT */
/*
 * Count heads: from the log-count C to the expected number of reads T, and the profile of reads.
 * What C was trained on decides (count heads of chorus and of the training codes):
 *
 *   one track            C = log(1 + reads)                             T = exp(C) - 1
 *   BPNet, two strands   C = logsumexp over strands of log(1 + reads)   T = exp(C) - 2
 *   MultiMolecule's      postprocessing multiplies by exp(C)            T = exp(C)
 *
 * T may be slightly negative; it is never clamped.
 */
#ifndef PT_ORACLE_COUNTS_H
#define PT_ORACLE_COUNTS_H

#include "base/base.h"
#include "nn/ops.h"

enum count_head { COUNT_EXPM1, COUNT_EXP_MINUS_2, COUNT_EXP };

double count_total(enum count_head head, double log_count);
const char *count_head_text(enum count_head head);      /* "exp(C) - 1" */

/*
 * counts = softmax(logits) * total, n of them: all positions and strands together.  The exponential
 * (ops->exp_below, within 2 ulp) and the sum, in order, are in double: both far below the rounding
 * of a count to float.
 */
void count_profile(double *counts, const float *logits, size_t n, double total,
                   const struct nn_ops *ops);

/* log(exp(a) + exp(b)) */
double count_log_add(double a, double b);

#endif
