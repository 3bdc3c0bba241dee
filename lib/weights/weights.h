/* SPDX-License-Identifier: MIT */
/*
 * Named tensors of a published weight file, whatever its container.
 *
 * Weights are data: every reader parses tensors and plain attributes only.  No code path can
 * execute anything from a file, load a plugin, or follow a link out of it; every count, shape
 * and offset is checked against the file's size before memory is taken; NaN or Inf is refused.
 *
 * The file is mapped and stays so until weights_close.  Opening reads descriptions only (and the
 * whole file once, for its checksum); a tensor's values are checked, and unpacked or converted
 * where they must be, when they are asked for.
 *
 *   container            recognised by        tensor names
 *   Keras HDF5 (.h5)     HDF5 signature       path below /model_weights (or below / when that group
 *                                             is absent), "bpnet_1conv/bpnet_1conv/kernel:0";
 *                                             Keras 3's .weights.h5 as the next
 *   Keras 3 (.keras)     zip with             layer and variable as config.json and the groups name
 *                        model.weights.h5     them, "bpnet_1conv/kernel:0"; path: as in the HDF5
 *                                             file, "layers/conv1d_1/vars/0"
 *   PyTorch zip (.torch) zip with data.pkl    state-dict key, "rconvs.0.weight", behind those of
 *                                             the dicts it is in, "model.rconvs.0.weight"; for a
 *                                             pickled module the keys its state_dict() would have
 *   NumPy npz            zip of .npy members  member name without ".npy", "main_conv_0/kernel"
 *   safetensors          JSON header          its name there
 *   TensorFlow           folder with a        variable, "main_conv_0/kernel", when the object graph
 *   checkpoint or        *.index, that file,  says which it is; path: the key in the bundle,
 *   SavedModel           or a tar of either   "layer_with_weights-0/kernel/.ATTRIBUTES/..."
 */
#ifndef PT_WEIGHTS_H
#define PT_WEIGHTS_H

#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "weights/element.h"

enum { TENSOR_MAX_DIM = 8 };

/* Of a tensor whose values are not in the file as they are: compressed, or in pieces. */
#define TENSOR_NO_OFFSET UINT64_MAX

struct tensor {
    char *name;
    char *path;                     /* where the container has it, if it is called otherwise there;
                                       else NULL */
    char *variable;                 /* TensorFlow's name of the variable, which others may have too;
                                       NULL where there is none */
    char *held_as;                  /* the attributes that lead to the variable, from the object
                                       two up, "moving_mean/average", a line each; else NULL */
    enum element dtype;             /* as stored */
    int ndim;
    size_t shape[TENSOR_MAX_DIM];   /* row-major, outermost first */
    size_t count;                   /* product of shape; 1 for a scalar */
    uint64_t offset;                /* of the first value in its file, or TENSOR_NO_OFFSET */
    struct tensor_values *values;   /* private: weights_data and weights_copy give them */
};

struct weights {
    char *path;
    const char *format;             /* "keras-hdf5", "keras-archive", "torch-zip", "npz",
                                       "safetensors" or "tensor-bundle" */
    char sha256[65];                /* of the whole file, lower-case hex; of a bundle in a folder:
                                       of its index and data files, one after the other */
    uint64_t bytes;                 /* of that file or those files */
    struct tensor *tensor;          /* in file order; names are unique */
    size_t n_tensor;
    char *model_config;             /* Keras architecture JSON, or NULL */
    char *class_name;               /* pickled module: "bpnetlite.bpnet.BPNet", else NULL */
    struct weights_attr *attr;      /* plain integer attributes of a pickled module and of those
                                       inside it, "trimming", "bias.trimming", or
                                       of the dict "config" beside a state dict, or whole
                                       numbers in safetensors' __metadata__ */
    size_t n_attr;
    struct weights_module *module;  /* a pickled module and those inside it, outermost first */
    size_t n_module;
    char *unwrapped;                /* wrappers that names have lost, "model.module" (unwrap.h), or
                                       NULL */
    struct weights_inside *inside;  /* private */
};

struct weights_module {
    char *path;                     /* "rconvs.0"; "" for the outermost */
    char *class_name;               /* "torch.nn.modules.conv.Conv1d" */
};

struct weights_attr {
    char *name;
    int64_t value;                  /* of a whole number */
    double real;
    bool is_whole;
};

/* Open a file or, for TensorFlow, a folder; NULL with the reason in e.  Free by weights_close. */
struct weights *weights_open(const char *path, struct err *e);

/* The same of a file's bytes in memory, which stay the caller's and must outlive the weights. */
struct weights *weights_open_bytes(const void *data, size_t bytes, const char *name,
                                   struct err *e);
void weights_close(struct weights *w);

/* The tensor of that exact name, else of that path, or NULL. */
const struct tensor *weights_find(const struct weights *w, const char *name);

/*
 * The count values of a tensor of w as float, row-major: where the file has them as such (float32,
 * plain, aligned to 4 bytes), in place, else converted when they are first asked for.  They belong
 * to w and live until weights_close.  NULL with the reason in e, "PATH: tensor 'NAME': ...", when
 * they are damaged, or not finite as float.  Of one w, one thread at a time may ask.
 */
const float *weights_data(const struct weights *w, const struct tensor *t, struct err *e);

/* The same into out[count], which the caller has, with nothing kept. */
int weights_copy(const struct weights *w, float *out, const struct tensor *t, struct err *e);

/*
 * Rows [lo, hi) along the first axis into out, which has room for them; t has an axis.  Pages of
 * the mapped file that were read are given back, so that what is read bit by bit need not fit into
 * memory beside what is made of it.
 */
int weights_copy_rows(const struct weights *w, float *out, const struct tensor *t, size_t lo,
                      size_t hi, struct err *e);

/* True when weights_data gives values in place: they cost no memory of their own. */
bool weights_is_in_place(const struct weights *w, const struct tensor *t);

/* Whether any of a tensor's values were asked for since w was opened. */
bool weights_is_taken(const struct tensor *t);

/* Whether both are one array of values in the file, under two names. */
bool weights_is_same(const struct tensor *a, const struct tensor *b);

/* Ask for every tensor once, keeping nothing: -1 with the reason in e for the first bad one. */
int weights_check(const struct weights *w, struct err *e);

/*
 * Print the container, its checksum, every tensor (name, type, shape, offset, parameters) and the
 * totals, as lines of fields separated by tabs.
 */
void weights_describe(FILE *f, const struct weights *w);

/* The attribute of that name into *value and true, or false when there is none. */
bool weights_attr_get(const struct weights *w, const char *name, int64_t *value);

/* The same of any number; element i of a list of numbers is called "name.i". */
bool weights_attr_real(const struct weights *w, const char *name, double *value);

#endif
