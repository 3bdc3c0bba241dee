/* SPDX-License-Identifier: MIT */
/*
 * The part of HDF5 that Keras and h5py write, read from a file's bytes in memory (HDF5 File Format
 * Specification, version 3.0; section numbers below are its).
 *
 *   superblocks 0 to 3 with addresses of 8 bytes; object headers 1 and 2; groups as symbol tables,
 *   as link messages, and as fractal heaps indexed by version 2 B-trees; attributes of one text,
 *   fixed or of variable length; contiguous, compact and chunked datasets of integers and IEEE
 *   floats; chunks by B-tree, single, implicit or in a fixed array, plain, deflated or shuffled.
 *
 * What else there is (links out of the file, virtual and external data, other filters, shared
 * messages) is refused by name.  Every address and size is checked against the file.  Structures
 * are charged by their bytes to a budget of a few times the file, so that cycles and overlaps end.
 */
#ifndef PT_WEIGHTS_HDF5_H
#define PT_WEIGHTS_HDF5_H

#include "weights/reader.h"

struct hdf5 {
    struct span file;
    uint64_t root;              /* address of the root group's header */
    uint64_t left;              /* bytes of structure that may still be read */
    uint64_t data_left;         /* bytes of values that datasets may still claim */
};

/* The address that stands for "none". */
#define HDF5_NONE UINT64_MAX

int hdf5_open(struct hdf5 *f, struct span file, struct err *e);

/* n bytes at an address, or NULL with "damaged HDF5 file: WHAT at byte ..." in e. */
const uint8_t *hdf5_bytes(struct hdf5 *f, uint64_t at, uint64_t n, const char *what,
                          struct err *e);

/* Set that message; returns -1. */
int hdf5_damaged(struct err *e, const char *what, uint64_t at);

/* Little-endian number of width bytes, at most 8. */
uint64_t hdf5_number(const uint8_t *p, int width);

/* Message types of section IV.A.2 that are read. */
enum {
    HDF5_DATASPACE = 1, HDF5_LINK_INFO = 2, HDF5_DATATYPE = 3, HDF5_LINK = 6, HDF5_EXTERNAL = 7,
    HDF5_LAYOUT = 8, HDF5_FILTERS = 11, HDF5_ATTRIBUTE = 12, HDF5_CONTINUATION = 16,
    HDF5_SYMBOL_TABLE = 17, HDF5_ATTRIBUTE_INFO = 21
};

/* A message of an object's header; p[0..n) is in the file. */
struct hdf5_message {
    unsigned type;
    bool shared;                /* the bytes say where the message is instead */
    const uint8_t *p;
    size_t n;
};

struct hdf5_object {
    struct hdf5_message *message;
    size_t n, cap;
};

/* Free with hdf5_object_free, also after failure. */
int hdf5_object_read(struct hdf5_object *o, struct hdf5 *f, uint64_t address, struct err *e);
void hdf5_object_free(struct hdf5_object *o);

/* The first message of that type, or NULL. */
const struct hdf5_message *hdf5_find_message(const struct hdf5_object *o, unsigned type);

/* Is the object a group? */
bool hdf5_is_group(const struct hdf5_object *o);

/* Links of a group, sorted by name; only plain ones have an address. */
struct hdf5_link {
    char *name;
    uint64_t address;           /* HDF5_NONE: a soft or external link */
};

struct hdf5_links {
    struct hdf5_link *link;
    size_t n, cap;
};

/* Free with hdf5_links_free, also after failure. */
int hdf5_links_read(struct hdf5_links *links, struct hdf5 *f, const struct hdf5_object *group,
                    struct err *e);
void hdf5_links_free(struct hdf5_links *links);

/*
 * Objects that are kept in a fractal heap and indexed by a version 2 B-tree: found is called with
 * the bytes of each.  at: where the heap id stands in a record of the tree.
 */
int hdf5_dense_each(struct hdf5 *f, uint64_t heap, uint64_t tree, size_t at,
                    int (*found)(void *context, const uint8_t *p, size_t n, struct err *e),
                    void *context, struct err *e);

/*
 * The text of an attribute into *text, which the caller frees, or NULL there when the object has
 * no such attribute; fails when it is not one text.
 */
int hdf5_read_text(char **text, struct hdf5 *f, const struct hdf5_object *o, const char *name,
                   struct err *e);

/* What a dataset is, from its messages.  count is 0 for a dataset without values. */
struct hdf5_dataset {
    int ndim;
    uint64_t dim[TENSOR_MAX_DIM];
    size_t count;
    bool known;                 /* integers or floats: dtype and swapped are valid */
    enum element dtype;
    bool swapped;
};

int hdf5_describe_dataset(struct hdf5_dataset *d, const struct hdf5_object *o, struct err *e);

/*
 * The dataset as a tensor of that name when it is of numbers and not empty; otherwise nothing is
 * added.
 */
int hdf5_add_dataset(struct weights *w, struct hdf5 *f, const struct hdf5_object *o,
                     const char *name, struct err *e);

/*
 * Values in chunks, as something stored that is put together when it is used.  p[0..n) is the
 * layout message from behind its class on, version its version; filters may be NULL.
 */
struct stored *hdf5_store_chunks(struct weights *w, struct hdf5 *f, const struct hdf5_dataset *d,
                                 int version, const uint8_t *p, size_t n,
                                 const struct hdf5_message *filters, struct err *e);

#endif
