/* SPDX-License-Identifier: MIT */
/*
 * What the large families (sei, enformer, borzoi) share in reading their files.
 *
 * A model is given as files separated by commas, in any order: weight files, "*.json" with the
 * sizes that weight files do not hold, and "*.txt" or "*.tsv", tables of tracks.
 */
#ifndef PT_ORACLE_LARGE_H
#define PT_ORACLE_LARGE_H

#include "base/base.h"
#include "base/err.h"
#include "weights/weights.h"

/* Order of a kernel's axes: PyTorch's (O, C, K) and (O, C), or Keras' (K, C, O) and (C, O). */
enum axes { AXES_TORCH, AXES_KERAS };

/* A kernel as K x C x O; sizes are what is expected, or 0 for any, and are filled in. */
struct kernel {
    float *w;
    size_t k, c_in, c_out;
};

/*
 * Take the kernel of that name, whose axes of 1 behind the others do not count; NULL in k->w when
 * it is missing or of another shape, -1 with the reason in e.
 */
int large_kernel(struct kernel *k, const struct weights *w, const char *name, enum axes axes,
                 struct err *e);

/*
 * A layer's kernel and bias; bias NULL where it has none.  Both are NULL when this fails, with -1
 * and the reason in e.
 */
int large_layer(struct kernel *k, float **bias, const struct weights *w, const char *kernel_name,
                const char *bias_name, enum axes axes, struct err *e);

/* Output channels [lo, hi) of such a kernel with K of 1, C x (hi - lo). */
float *large_kernel_part(const struct weights *w, const struct tensor *t, enum axes axes,
                         size_t lo, size_t hi, struct err *e);

/* n values, however they are shaped; NULL with the reason in e. */
float *large_vector(const struct weights *w, const char *name, size_t n, struct err *e);

/*
 * A stored normalisation (x - mean) / sqrt(variance + eps) * weight + bias as x * scale + shift,
 * from the names of weight, bias, mean and variance.  Arrays of n are the caller's to free.
 */
int large_norm(float **scale, float **shift, const struct weights *w, char *const name[4],
               size_t n, double eps, struct err *e);

/* Names the caller frees; of the four kinds of paths. */
struct large_files {
    char **weights, **sizes, **tables;      /* pointers into the paths given */
    size_t n_weights, n_sizes, n_tables;
};

void large_sort_files(struct large_files *f, char **path, size_t n);
void large_files_free(struct large_files *f);

/*
 * A whole number of the JSON files: the first key that any of them has, at the top or inside
 * "model".  0 and *value; 1 when none has it; -1 when it is not a number of at least 1.
 */
struct large_sizes;

struct large_sizes *large_sizes_read(const struct large_files *f, struct err *e);
void large_sizes_free(struct large_sizes *s);
int large_size(const struct large_sizes *s, const char *key, size_t *value, struct err *e);

#endif
