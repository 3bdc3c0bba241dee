/* SPDX-License-Identifier: MIT */
/*
 * Tensors of a PyTorch archive: in data.pkl each is a view (offset, shape, strides) of a storage,
 * whose bytes are the member data/<key> (torch/_utils.py, torch/serialization.py).
 */
#ifndef PT_WEIGHTS_TORCH_TENSOR_H
#define PT_WEIGHTS_TORCH_TENSOR_H

#include "npz/zip.h"
#include "weights/pickle.h"
#include "weights/weights.h"

struct torch_archive {
    struct weights *w;          /* where tensors go */
    const struct zip *z;
    const char *root;           /* folder of data.pkl with its '/' */
    struct stored **storage;    /* of each member of z that was needed, or NULL */
    uint64_t budget;            /* values that tensors may still have */
    uint64_t steps;             /* taken by the walk through data.pkl */
};

/* The member root/folder/leaf, or NULL. */
const struct zip_member *torch_find_member(const struct torch_archive *a, const char *folder,
                                           const char *leaf, size_t n_leaf);

/* The tensor that a parameter wraps; any other value itself. */
const struct pickle_value *torch_unwrap_parameter(const struct pickle_value *v);

/* True for an object that torch._utils would rebuild: some kind of tensor. */
bool torch_is_tensor(const struct pickle_value *v);

/* Add the tensor to a->w under that name; -1 with the reason in e. */
int torch_add_tensor(struct torch_archive *a, const char *name, const struct pickle_value *tensor,
                     struct err *e);

#endif
