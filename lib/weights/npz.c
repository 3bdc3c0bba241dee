/* SPDX-License-Identifier: MIT */
/* Weights as numpy.savez writes them: one .npy member per tensor. */
#include <stdlib.h>
#include <string.h>

#include "npz/npy.h"
#include "weights/reader.h"

static bool
find_element(enum element *type, const struct npy *a)
{
    static const struct { char kind; size_t item; enum element type; } known[] = {
        { 'f', 2, ELEMENT_F2 }, { 'f', 4, ELEMENT_F4 }, { 'f', 8, ELEMENT_F8 },
        { 'i', 1, ELEMENT_I1 }, { 'i', 4, ELEMENT_I4 }, { 'i', 8, ELEMENT_I8 },
        { 'u', 1, ELEMENT_U1 }, { 'b', 1, ELEMENT_BOOL },
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].kind == a->kind && known[i].item == a->item) {
            *type = known[i].type;
            return true;
        }
    return false;
}

/* data: the n bytes of the member, of which the header is read. */
static int
add_array(struct weights *w, struct stored *stored, const struct zip_member *m,
          const uint8_t *data, uint64_t n, struct err *e)
{
    struct tensor_spec spec = { .name = m->name, .n_name = strlen(m->name) - strlen(".npy") };
    uint64_t shape[TENSOR_MAX_DIM];
    struct npy a;

    if (npy_parse(&a, data, n, m->size, e) < 0)
        return -1;
    if (!find_element(&spec.dtype, &a))
        return 0;               /* text, such as provenance */
    if (a.fortran && a.ndim > 1)
        return err_set(e, "array in Fortran order, expected C order; save numpy.ascontiguousarray "
                       "of it");
    for (int i = 0; i < a.ndim && i < TENSOR_MAX_DIM; i++)
        shape[i] = a.shape[i];
    spec.ndim = a.ndim;
    spec.shape = shape;
    spec.first = a.header;
    spec.offset = m->method == ZIP_STORED ? m->data + a.header : TENSOR_NO_OFFSET;
    return weights_add_tensor(w, stored, &spec, e) ? 0 : -1;
}

/* A stored member is only looked at; a compressed one must be unpacked for its header. */
static int
add_member(struct weights *w, const struct zip *z, const struct zip_member *m, struct err *e)
{
    struct stored *stored = weights_store_member(w, z, m);
    const uint8_t *data;

    if (m->method == ZIP_STORED) {
        data = zip_raw(z, m, 0, m->size, e);
        return data ? add_array(w, stored, m, data, m->size, e) : -1;
    }
    if (stored_ready(stored, e) < 0)
        return -1;
    return add_array(w, stored, m, stored->bytes, m->size, e);
}

int
weights_npz_read(struct weights *w, const struct zip *z, struct err *e)
{
    for (size_t i = 0; i < z->n_member; i++) {
        const struct zip_member *m = &z->member[i];
        size_t n = strlen(m->name);

        if (n < 4 || strcmp(m->name + n - 4, ".npy") != 0)
            continue;
        if (add_member(w, z, m, e) < 0)
            return err_prefix(e, "member '%s'", m->name);
    }
    return 0;
}
