/* SPDX-License-Identifier: MIT */
/* Weights as numpy.savez writes them: one .npy member per tensor. */
#include <stdlib.h>
#include <string.h>

#include "npy.h"
#include "weights/element.h"
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

static int
add_array(struct weights *w, const char *name, size_t n_name, const uint8_t *data, uint64_t bytes,
          struct err *e)
{
    uint64_t shape[TENSOR_MAX_DIM];
    enum element type;
    struct tensor *t;
    struct npy a;

    if (npy_parse(&a, data, bytes, bytes, e) < 0)
        return -1;
    if (!find_element(&type, &a))
        return 0;               /* text, such as provenance */
    if (a.fortran && a.ndim > 1)
        return err_set(e, "array in Fortran order, expected C order; save numpy.ascontiguousarray "
                       "of it");
    for (int i = 0; i < a.ndim && i < TENSOR_MAX_DIM; i++)
        shape[i] = a.shape[i];
    t = weights_add_tensor(w, name, n_name, a.ndim, shape, e);
    if (!t)
        return -1;
    element_to_float(t->data, data + a.header, type, t->count, 1);
    return 0;
}

int
weights_npz_read(struct weights *w, const struct zip *z, struct err *e)
{
    for (size_t i = 0; i < z->n_member; i++) {
        const struct zip_member *m = &z->member[i];
        size_t n = strlen(m->name);
        void *data;
        int r;

        if (n < 4 || strcmp(m->name + n - 4, ".npy") != 0)
            continue;
        data = zip_read(z, m, e);
        if (!data)
            return -1;
        r = add_array(w, m->name, n - 4, data, m->size, e);
        free(data);
        if (r < 0)
            return err_prefix(e, "member '%s'", m->name);
    }
    return 0;
}
