/* SPDX-License-Identifier: MIT */
/*
 * What the readers of the containers share: each adds tensors and the fields its container has,
 * and checks every declared size against the bytes it was given before it takes memory.  Names
 * and the file's name in messages are weights_open's.
 */
#ifndef PT_WEIGHTS_READER_H
#define PT_WEIGHTS_READER_H

#include "npz/zip.h"
#include "weights/weights.h"

/*
 * A run of bytes that is mapped: a file, or a member of one.  file says where in its file, or is
 * TENSOR_NO_OFFSET for what has been unpacked.
 */
struct span {
    const uint8_t *p;
    uint64_t n;
    uint64_t file;
};

/*
 * Bytes that tensors are views of: in the map, or packed in it.  make, when there is one, is
 * called before they are first used: it checks bytes, or sets bytes and owned.
 */
struct stored {
    const uint8_t *bytes;
    uint64_t n;
    void *owned;                /* freed with the weights */
    int (*make)(struct stored *s, struct err *e);
    void *context;              /* of make; freed with the weights */
};

/* What a struct weights holds behind its back. */
struct weights_inside {
    struct weights_map {
        void *p;
        size_t n;
        bool borrowed;          /* the caller's */
    } *map;                     /* what the file's checksum covers */
    size_t n_map;
    struct zip **zip;
    size_t n_zip;
    struct stored **stored;
    size_t n_stored;
};

/* Where the values of a tensor are. */
struct tensor_values {
    struct stored *stored;
    uint64_t first;             /* byte of the first element */
    bool strided;               /* else the elements follow each other */
    bool swapped;               /* big-endian */
    bool checked;               /* found to be finite */
    bool taken;                 /* asked for */
    uint64_t stride[TENSOR_MAX_DIM];    /* in elements */
    float *made;                /* converted, or NULL */
};

int keras_hdf5_read(struct weights *w, struct span file, struct err *e);
int keras_archive_read(struct weights *w, const struct zip *z, struct err *e);
int torch_zip_read(struct weights *w, const struct zip *z, const char *root, struct err *e);
int weights_npz_read(struct weights *w, const struct zip *z, struct err *e);
int safetensors_read(struct weights *w, struct span file, struct err *e);

/* Do these bytes begin as a safetensors file, whose header fits? */
bool safetensors_is_magic(const void *data, size_t bytes);

/*
 * The folder with its '/' (or "") of the archive's data.pkl into root, which the caller frees;
 * NULL when there is no data.pkl, so that the archive is not PyTorch's.
 */
char *torch_zip_root(const struct zip *z);

/* Product of shape into *count; -1 with the reason in e when it overflows or ndim is too large. */
int tensor_count(size_t *count, int ndim, const uint64_t *shape, struct err *e);

/* Map a file until the weights are closed; span->n is 0 for an empty one. */
int weights_map_file(struct weights *w, struct span *span, const char *path, struct err *e);

/* Keep an archive until the weights are closed. */
void weights_keep_zip(struct weights *w, struct zip *z);

/* n bytes that are in the map already. */
struct stored *weights_store_bytes(struct weights *w, const void *bytes, uint64_t n);

/* A member of an archive that is kept: unpacked, and its CRC-32 checked, when it is first used. */
struct stored *weights_store_member(struct weights *w, const struct zip *z,
                                    const struct zip_member *m);

/* What the caller has filled in. */
struct stored *weights_store(struct weights *w, const struct stored *s);

/* Make bytes ready; -1 with the reason in e. */
int stored_ready(struct stored *s, struct err *e);

/* What a tensor is; strides (in elements) NULL for elements that follow each other. */
struct tensor_spec {
    const char *name;
    size_t n_name;
    enum element dtype;
    int ndim;
    const uint64_t *shape;
    const uint64_t *stride;
    uint64_t first;             /* byte of the first element in stored */
    uint64_t offset;            /* of it in the file, or TENSOR_NO_OFFSET */
};

/*
 * Append a tensor.  NULL with the reason in e for a bad name or shape, and for values that reach
 * beyond what is stored.
 */
struct tensor *weights_add_tensor(struct weights *w, struct stored *stored,
                                  const struct tensor_spec *spec, struct err *e);

/* What a tensor owns. */
void tensor_free(struct tensor *t);

/* -1 with the reason in e when two tensors have one name, or there are none. */
int weights_check_names(const struct weights *w, struct err *e);

/* Append a module of a pickle: its place, "" for the outermost, and its class. */
void weights_add_module(struct weights *w, const char *path, char *class_name);

/* Append an integer attribute. */
void weights_add_attr(struct weights *w, const char *name, size_t n_name, int64_t value);
void weights_add_real(struct weights *w, const char *name, size_t n_name, double value);

/* Array of n elements with room for one more; it doubles at powers of two. */
void *weights_grow(void *array, size_t n, size_t size);

#endif
