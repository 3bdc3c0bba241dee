/* SPDX-License-Identifier: MIT */
/*
 * Named tensors of a published weight file, whatever its container.
 *
 * Weights are data: every reader parses tensors and plain attributes only.  No code path can
 * execute anything from a file, load a plugin, or follow a link out of it; every count, shape
 * and offset is checked against the file's size before memory is taken; NaN or Inf is refused.
 *
 *   container            recognised by        tensor names
 *   Keras HDF5 (.h5)     HDF5 signature       path below /model_weights (or below / when that group
 *                                             is absent), "bpnet_1conv/bpnet_1conv/kernel:0"
 *   PyTorch zip (.torch) zip with data.pkl    state-dict key, "rconvs.0.weight"; for a pickled
 *                                             module the keys its state_dict() would have
 *   NumPy npz            zip of .npy members  member name without ".npy", "main_conv_0/kernel"
 */
#ifndef PT_WEIGHTS_H
#define PT_WEIGHTS_H

#include "base.h"
#include "err.h"

enum { TENSOR_MAX_DIM = 8 };

struct tensor {
    char *name;
    int ndim;
    size_t shape[TENSOR_MAX_DIM];   /* row-major, outermost first */
    size_t count;                   /* product of shape; 1 for a scalar */
    float *data;                    /* private: use weights_data or weights_copy */
};

struct weights {
    char *path;
    const char *format;             /* "keras-hdf5", "torch-zip" or "npz" */
    char sha256[65];                /* of the whole file, lower-case hex */
    struct tensor *tensor;          /* in file order; names are unique */
    size_t n_tensor;
    char *model_config;             /* Keras architecture JSON, or NULL */
    char *class_name;               /* pickled module: "bpnetlite.bpnet.BPNet", else NULL */
    struct weights_attr *attr;      /* plain integer attributes of a pickled module and of those
                                       inside it, "trimming", "bias.trimming", or
                                       of the dict "config" beside a nested state dict */
    size_t n_attr;
};

struct weights_attr {
    char *name;
    int64_t value;                  /* of a whole number */
    double real;
    bool is_whole;
};

/* Read the whole file; NULL with the reason in e.  Caller frees with weights_close. */
struct weights *weights_open(const char *path, struct err *e);
void weights_close(struct weights *w);

/* The tensor of that exact name, or NULL. */
const struct tensor *weights_find(const struct weights *w, const char *name);

/*
 * The count values of a tensor of w as float, row-major: where the file has them as such, in
 * place, else converted when they are first asked for.  They belong to w and live until
 * weights_close.  NULL with the reason in e, "PATH: tensor 'NAME': ...", when they are damaged,
 * or not finite.  Of one w, one thread at a time may ask.
 */
const float *weights_data(const struct weights *w, const struct tensor *t, struct err *e);

/* The same into out[count], which the caller has, with nothing kept. */
int weights_copy(const struct weights *w, float *out, const struct tensor *t, struct err *e);

/* The attribute of that name into *value and true, or false when there is none. */
bool weights_attr_get(const struct weights *w, const char *name, int64_t *value);

/* The same of any number; element i of a list of numbers is called "name.i". */
bool weights_attr_real(const struct weights *w, const char *name, double *value);

#endif
