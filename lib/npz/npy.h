/* SPDX-License-Identifier: MIT */
/*
 * The header of NumPy's .npy format: parsed from any writer, formatted as numpy >= 1.23 does.
 *
 * Element types: f2 f4 f8, i1 i4 i8, u1, b1 and U# (text of # 4-byte code points), all
 * little-endian.  Anything else, pickled objects above all, is refused with a sentence.
 */
#ifndef PT_NPY_H
#define PT_NPY_H

#include "base/base.h"
#include "base/err.h"

enum {
    NPY_MAX_DIM = 32,           /* numpy's own limit before 2.0 */
    NPY_HEADER_MAX = 1024       /* more than any header npy_format can write */
};

struct npy {
    char kind;                  /* 'f', 'i', 'u', 'b' or 'U' */
    size_t item;                /* bytes per element; for 'U' 4 per code point */
    bool fortran;               /* column-major; only matters when ndim > 1 */
    int ndim;                   /* 0 is a scalar */
    size_t shape[NPY_MAX_DIM];
    size_t count;               /* product of shape, 1 for a scalar */
    size_t header;              /* bytes before the first element */
};

/*
 * Parse the header at the start of data.  total is the size of the whole .npy member or file, of
 * which at least the header must be among the first bytes present at data.  0, or -1 with the
 * reason in e; header + count * item == total is part of the check, and so is that no dimension
 * is 0.
 */
int npy_parse(struct npy *a, const void *data, size_t bytes, uint64_t total, struct err *e);

/*
 * Write the header of kind, item, fortran, ndim and shape to out[NPY_HEADER_MAX]; the other
 * fields are not read.  Returns its length, a multiple of 64.
 */
size_t npy_format(char *out, const struct npy *a);

/* "<f4", "|b1", "<U17": the descr of an element type, into out[24]. */
void npy_descr(char *out, char kind, size_t item);

#endif
