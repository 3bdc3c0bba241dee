/* SPDX-License-Identifier: MIT */
/* Element types of stored tensors and their conversion to float. */
#ifndef PT_WEIGHTS_ELEMENT_H
#define PT_WEIGHTS_ELEMENT_H

#include "base/base.h"

enum element {
    ELEMENT_F2, ELEMENT_BF2, ELEMENT_F4, ELEMENT_F8,    /* BF2: the upper half of an F4 */
    ELEMENT_I1, ELEMENT_I2, ELEMENT_I4, ELEMENT_I8,
    ELEMENT_U1, ELEMENT_U2, ELEMENT_U4, ELEMENT_U8, ELEMENT_BOOL
};

/* "float32", "bfloat16", "int64", "bool", ...: the name numpy or PyTorch has for it. */
const char *element_name(enum element type);

/* Bytes of one element. */
size_t element_bytes(enum element type);

/* Turn n elements of width bytes each from big-endian to little-endian. */
void element_swap(void *data, size_t width, size_t n);

/*
 * out[0..n) from n little-endian elements, step elements apart, at in (any alignment).  Values
 * beyond float's range become infinite.
 */
void element_to_float(float *out, const void *in, enum element type, size_t n, size_t step);

#endif
