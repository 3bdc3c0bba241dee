/* SPDX-License-Identifier: MIT */
/* The reference form of attention, for ops_ref.c. */
#ifndef PT_NN_ATTEND_REF_H
#define PT_NN_ATTEND_REF_H

#include "nn/attention.h"

void nn_pack_attention_ref(struct nn_attention *a);
void nn_attend_ref(float *y, const float *x, const struct nn_attention *a, size_t lo, size_t hi,
                   float *scratch, struct nn_part part);

#endif
