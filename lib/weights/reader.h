/* SPDX-License-Identifier: MIT */
/*
 * What the readers of the containers share: each fills w->tensor and the fields its container
 * has, and checks every declared size against the file before it takes memory.  Names, finite
 * values and the file's name in messages are weights_open's.
 */
#ifndef PT_WEIGHTS_READER_H
#define PT_WEIGHTS_READER_H

#include "weights/weights.h"
#include "zip.h"

int keras_hdf5_read(struct weights *w, struct err *e);
int torch_zip_read(struct weights *w, const struct zip *z, const char *root, struct err *e);
int weights_npz_read(struct weights *w, const struct zip *z, struct err *e);

/*
 * The folder with its '/' (or "") of the archive's data.pkl into root, which the caller frees;
 * NULL when there is no data.pkl, so that the archive is not PyTorch's.
 */
char *torch_zip_root(const struct zip *z);

/* Product of shape into *count; -1 with the reason in e when it overflows or ndim is too large. */
int tensor_count(size_t *count, int ndim, const uint64_t *shape, struct err *e);

/*
 * Append a tensor of that name and shape with room for its values, which the caller fills.  The
 * caller has checked that the file can hold them.  NULL with the reason in e for a bad name.
 */
struct tensor *weights_add_tensor(struct weights *w, const char *name, size_t n_name, int ndim,
                                  const uint64_t *shape, struct err *e);

/* Append an integer attribute. */
void weights_add_attr(struct weights *w, const char *name, size_t n_name, int64_t value);
void weights_add_real(struct weights *w, const char *name, size_t n_name, double value);

#endif
