/* SPDX-License-Identifier: MIT */
/* Datasets: dataspace (IV.A.2.b), datatype (IV.A.2.d) and layout (IV.A.2.i). */
#include <string.h>

#include "weights/hdf5.h"

static int
damaged(struct err *e, const char *what)
{
    return err_set(e, "damaged HDF5 dataset: %s; copy or download the file again", what);
}

static int
read_space(struct hdf5_dataset *d, const struct hdf5_message *m, struct err *e)
{
    enum { NULL_SPACE = 2 };
    size_t head;

    if (!m || m->shared || m->n < 4 || (m->p[0] != 1 && m->p[0] != 2))
        return damaged(e, "no dataspace that can be read");
    head = m->p[0] == 1 ? 8 : 4;
    d->ndim = m->p[1];
    if (m->p[0] == 2 && m->p[3] == NULL_SPACE)
        return 0;
    if (m->n < head + 8 * (size_t)d->ndim)
        return damaged(e, "a broken dataspace");
    for (int i = 0; i < d->ndim && i < TENSOR_MAX_DIM; i++)
        d->dim[i] = hdf5_number(m->p + head + 8 * (size_t)i, 8);
    return tensor_count(&d->count, d->ndim, d->dim, e);
}

/* The float formats that are read: bytes, exponent place and bits, mantissa bits, bias. */
static const struct float_form {
    enum element dtype;
    unsigned bytes, exponent_at, exponent_bits, mantissa_bits, bias;
} float_forms[] = {
    { ELEMENT_F2, 2, 10, 5, 10, 15 }, { ELEMENT_BF2, 2, 7, 8, 7, 127 },
    { ELEMENT_F4, 4, 23, 8, 23, 127 }, { ELEMENT_F8, 8, 52, 11, 52, 1023 },
};

static int
read_float(struct hdf5_dataset *d, const struct hdf5_message *m, unsigned bytes, struct err *e)
{
    const uint8_t *p = m->p + 8;

    if (m->n < 20)
        return damaged(e, "a broken float type");
    for (size_t i = 0; i < ARRAY_LEN(float_forms); i++) {
        const struct float_form *f = &float_forms[i];

        if (bytes == f->bytes && hdf5_number(p, 2) == 0 && hdf5_number(p + 2, 2) == 8 * bytes &&
            p[4] == f->exponent_at && p[5] == f->exponent_bits && p[6] == 0 &&
            p[7] == f->mantissa_bits && hdf5_number(p + 8, 4) == f->bias &&
            (m->p[1] >> 4 & 3) == 2 && m->p[2] == 8 * bytes - 1) {
            d->dtype = f->dtype;
            d->known = true;
            return 0;
        }
    }
    return err_set(e, "HDF5 floats of %u bytes in an unusual format, expected those of IEEE 754 or "
                   "bfloat16; save the model as float32", bytes);
}

static void
read_integer(struct hdf5_dataset *d, const struct hdf5_message *m, unsigned bytes)
{
    static const struct { unsigned bytes; enum element as_signed, as_unsigned; } known[] = {
        { 1, ELEMENT_I1, ELEMENT_U1 }, { 2, ELEMENT_I2, ELEMENT_U2 },
        { 4, ELEMENT_I4, ELEMENT_U4 }, { 8, ELEMENT_I8, ELEMENT_U8 },
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].bytes == bytes && m->n >= 12 && hdf5_number(m->p + 8, 2) == 0 &&
            hdf5_number(m->p + 10, 2) == 8 * bytes) {
            d->dtype = m->p[1] & 8 ? known[i].as_signed : known[i].as_unsigned;
            d->known = true;
        }
}

static int
read_type(struct hdf5_dataset *d, const struct hdf5_message *m, struct err *e)
{
    enum { INTEGER = 0, FLOAT = 1 };
    unsigned bytes;

    if (!m || m->n < 8)
        return damaged(e, "no datatype");
    if (m->shared)
        return err_set(e, "a dataset of a named HDF5 type, which is not supported; save the model "
                       "again");
    bytes = (unsigned)hdf5_number(m->p + 4, 4);
    d->swapped = m->p[1] & 1;
    if ((m->p[0] & 15) == FLOAT)
        return read_float(d, m, bytes, e);
    if ((m->p[0] & 15) == INTEGER)
        read_integer(d, m, bytes);
    return 0;
}

int
hdf5_describe_dataset(struct hdf5_dataset *d, const struct hdf5_object *o, struct err *e)
{
    memset(d, 0, sizeof *d);
    if (read_type(d, hdf5_find_message(o, HDF5_DATATYPE), e) < 0)
        return -1;
    return d->known ? read_space(d, hdf5_find_message(o, HDF5_DATASPACE), e) : 0;
}

/* stored bytes are what the file has for a shape that needs more. */
static int
too_few(const struct hdf5 *f, const struct hdf5_dataset *d, uint64_t stored, struct err *e)
{
    return err_set(e, "declared shape needs %llu bytes, but only %llu of the file's %llu are its "
                   "own; copy or download the file again",
                   (unsigned long long)(d->count * element_bytes(d->dtype)),
                   (unsigned long long)stored, (unsigned long long)f->file.n);
}

/* Values may not be claimed twice, so that tensors never outnumber the file's bytes. */
static int
claim(struct hdf5 *f, uint64_t bytes, struct err *e)
{
    if (bytes > f->data_left)
        return damaged(e, "datasets that share their bytes");
    f->data_left -= bytes;
    return 0;
}

static int
add_tensor(struct weights *w, struct stored *s, const struct hdf5_dataset *d, const char *name,
           uint64_t offset, struct err *e)
{
    struct tensor_spec spec = {
        .name = name, .n_name = strlen(name), .dtype = d->dtype, .ndim = d->ndim, .shape = d->dim,
        .offset = offset
    };
    struct tensor *t = weights_add_tensor(w, s, &spec, e);

    if (!t)
        return -1;
    t->values->swapped = d->swapped && element_bytes(d->dtype) > 1;
    return 0;
}

static int
add_run(struct weights *w, struct hdf5 *f, const struct hdf5_dataset *d, const char *name,
        uint64_t at, uint64_t n, struct err *e)
{
    uint64_t bytes = d->count * element_bytes(d->dtype);

    if (at == HDF5_NONE || at > f->file.n || n > f->file.n - at)
        return too_few(f, d, 0, e);
    if (bytes > n)
        return too_few(f, d, n, e);
    if (claim(f, bytes, e) < 0)
        return -1;
    return add_tensor(w, weights_store_bytes(w, f->file.p + at, bytes), d, name,
                      f->file.file == TENSOR_NO_OFFSET ? TENSOR_NO_OFFSET : f->file.file + at, e);
}

/* Layout messages of versions 3 and 4; 1 and 2 are from before HDF5 1.6 (2004). */
static int
add_values(struct weights *w, struct hdf5 *f, const struct hdf5_dataset *d,
           const struct hdf5_message *m, const struct hdf5_message *filters, const char *name,
           struct err *e)
{
    enum { COMPACT = 0, CONTIGUOUS = 1, CHUNKED = 2, VIRTUAL = 3 };
    struct stored *s;

    if (!m || m->shared || m->n < 4)
        return damaged(e, "no layout");
    if (m->p[0] != 3 && m->p[0] != 4)
        return err_set(e, "HDF5 data layout of version %d, expected 3 or 4; write the file again "
                       "with h5py", m->p[0]);
    switch (m->p[1]) {
    case COMPACT:
        if (hdf5_number(m->p + 2, 2) > m->n - 4)
            return damaged(e, "a broken layout");
        return add_run(w, f, d, name, (uint64_t)(m->p + 4 - f->file.p),
                       hdf5_number(m->p + 2, 2), e);
    case CONTIGUOUS:
        if (m->n < 18)
            return damaged(e, "a broken layout");
        return add_run(w, f, d, name, hdf5_number(m->p + 2, 8), hdf5_number(m->p + 10, 8), e);
    case CHUNKED:
        s = hdf5_store_chunks(w, f, d, m->p[0], m->p + 2, m->n - 2, filters, e);
        return s ? add_tensor(w, s, d, name, TENSOR_NO_OFFSET, e) : -1;
    case VIRTUAL:
        return err_set(e, "its values are in another file, which is not followed; write the model "
                       "to one file");
    default:
        return damaged(e, "a broken layout");
    }
}

int
hdf5_add_dataset(struct weights *w, struct hdf5 *f, const struct hdf5_object *o,
                 const char *name, struct err *e)
{
    struct hdf5_dataset d;

    if (!hdf5_find_message(o, HDF5_DATATYPE) || !hdf5_find_message(o, HDF5_LAYOUT))
        return 0;               /* a named type */
    if (hdf5_describe_dataset(&d, o, e) < 0)
        return err_prefix(e, "dataset '%s'", name);
    if (!d.known || d.count == 0)
        return 0;
    if (hdf5_find_message(o, HDF5_EXTERNAL)) {
        err_set(e, "its values are in another file, which is not followed; write the model to one "
                "file");
        return err_prefix(e, "dataset '%s'", name);
    }
    if (add_values(w, f, &d, hdf5_find_message(o, HDF5_LAYOUT),
                   hdf5_find_message(o, HDF5_FILTERS), name, e) < 0)
        return err_prefix(e, "dataset '%s'", name);
    return 0;
}
