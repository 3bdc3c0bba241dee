/* SPDX-License-Identifier: MIT */
#include "weights/torch_tensor.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/reader.h"

/* Where a tensor's values are. */
struct view {
    const struct pickle_value *id;      /* persistent id of the storage: a tuple */
    int64_t offset;
    int ndim;
    uint64_t shape[TENSOR_MAX_DIM];
    uint64_t stride[TENSOR_MAX_DIM];
    enum element type;
    uint64_t n_storage;                 /* elements of the storage */
};

static const struct { const char *name; enum element type; } storages[] = {
    { "FloatStorage", ELEMENT_F4 }, { "DoubleStorage", ELEMENT_F8 }, { "HalfStorage", ELEMENT_F2 },
    { "BFloat16Storage", ELEMENT_BF2 }, { "LongStorage", ELEMENT_I8 }, { "IntStorage", ELEMENT_I4 },
    { "ShortStorage", ELEMENT_I2 }, { "CharStorage", ELEMENT_I1 }, { "ByteStorage", ELEMENT_U1 },
    { "BoolStorage", ELEMENT_BOOL },
};

const struct zip_member *
torch_find_member(const struct torch_archive *a, const char *folder, const char *leaf,
                  size_t n_leaf)
{
    char *name = mem_printf("%s%s%.*s", a->root, folder, (int)n_leaf, leaf);
    const struct zip_member *m = zip_find(a->z, name);

    free(name);
    return m;
}

static bool
is_count(const struct pickle_value *v)
{
    return v->type == PICKLE_INT && v->integer >= 0;
}

/* A tuple of sizes into out; its length, or -1. */
static int
read_sizes(uint64_t *out, const struct pickle_value *v)
{
    if (v->type != PICKLE_TUPLE || v->n > TENSOR_MAX_DIM)
        return -1;
    for (uint32_t i = 0; i < v->n; i++) {
        if (!is_count(v->item[i]))
            return -1;
        out[i] = (uint64_t)v->item[i]->integer;
    }
    return (int)v->n;
}

/* Persistent id: ("storage", class, key, device, elements). */
static int
read_storage_id(struct view *v, const struct pickle_value *storage, struct err *e)
{
    const struct pickle_value *id;

    if (storage->type != PICKLE_STORAGE || storage->item[0]->type != PICKLE_TUPLE ||
        storage->item[0]->n < 5)
        return err_set(e, "its storage has no proper id; save the state_dict() again");
    id = v->id = storage->item[0];
    if (!pickle_is_text(id->item[0], "storage") || id->item[1]->type != PICKLE_GLOBAL ||
        id->item[2]->type != PICKLE_TEXT || !is_count(id->item[4]))
        return err_set(e, "its storage has no proper id; save the state_dict() again");
    v->n_storage = (uint64_t)id->item[4]->integer;
    for (size_t i = 0; i < ARRAY_LEN(storages); i++)
        if (pickle_is_global(id->item[1], "torch", storages[i].name)) {
            v->type = storages[i].type;
            return 0;
        }
    return err_set(e, "its storage is of an unknown class, expected FloatStorage and the like; "
                   "convert the tensor with .float() and save again");
}

/* Arguments of torch._utils._rebuild_tensor_v2: storage, offset, shape, strides, ... */
static int
read_view(struct view *v, const struct pickle_value *args, struct err *e)
{
    if (args->type != PICKLE_TUPLE || args->n < 4 || !is_count(args->item[1]))
        return err_set(e, "not described as a view of a storage; save the state_dict() again");
    v->offset = args->item[1]->integer;
    v->ndim = read_sizes(v->shape, args->item[2]);
    if (v->ndim < 0 || read_sizes(v->stride, args->item[3]) != v->ndim)
        return err_set(e, "shape and strides are not two tuples of at most %d sizes; save the "
                       "state_dict() again", TENSOR_MAX_DIM);
    return read_storage_id(v, args->item[0], e);
}

/* Indices are sums of numbers that are not negative, so checking the last one is enough. */
static int
check_view(const struct torch_archive *a, const struct view *v, size_t *count, struct err *e)
{
    uint64_t last = (uint64_t)v->offset, step;
    bool over = false;

    if (tensor_count(count, v->ndim, v->shape, e) < 0)
        return -1;
    if (*count == 0)
        return 0;
    for (int i = 0; i < v->ndim; i++) {
        over |= __builtin_mul_overflow(v->shape[i] - 1, v->stride[i], &step);
        over |= __builtin_add_overflow(last, step, &last);
    }
    if (over || last >= v->n_storage || *count > v->n_storage)
        return err_set(e, "shape and strides reach element %llu of a storage of %llu; copy or "
                       "download the file again", (unsigned long long)last,
                       (unsigned long long)v->n_storage);
    if (*count > a->budget)
        return err_set(e, "%zu values, expected at most %llu from a file of this size; copy or "
                       "download the file again", *count, (unsigned long long)a->budget);
    return 0;
}

/* Do the elements follow each other?  Strides of dimensions of one element mean nothing. */
static bool
is_plain(const struct view *v)
{
    uint64_t step = 1;

    for (int i = v->ndim - 1; i >= 0; i--) {
        if (v->shape[i] != 1 && v->stride[i] != step)
            return false;
        step *= v->shape[i];
    }
    return true;
}

/* The member with a view's storage, in *m, as what tensors refer to. */
static struct stored *
find_storage(struct torch_archive *a, const struct zip_member **m, const struct view *v,
             struct err *e)
{
    const struct pickle_value *key = v->id->item[2];
    uint64_t bytes;
    size_t i;

    *m = torch_find_member(a, "data/", key->text, key->n);
    if (!*m) {
        err_set(e, "its storage data/%.*s is not in the archive; copy or download the file again",
                (int)(key->n < 64 ? key->n : 64), key->text);
        return NULL;
    }
    if (__builtin_mul_overflow(v->n_storage, element_bytes(v->type), &bytes) ||
        bytes > (*m)->size) {
        err_set(e, "storage '%s' has %llu bytes, expected %llu elements of %zu; copy or download "
                "the file again", (*m)->name, (unsigned long long)(*m)->size,
                (unsigned long long)v->n_storage, element_bytes(v->type));
        return NULL;
    }
    i = (size_t)(*m - a->z->member);
    if (!a->storage[i])
        a->storage[i] = weights_store_member(a->w, a->z, *m);
    return a->storage[i];
}

const struct pickle_value *
torch_unwrap_parameter(const struct pickle_value *v)
{
    if ((pickle_is_object(v, "torch._utils", "_rebuild_parameter") ||
         pickle_is_object(v, "torch._utils", "_rebuild_parameter_with_state")) &&
        v->item[1]->type == PICKLE_TUPLE && v->item[1]->n > 0)
        return v->item[1]->item[0];
    return v;
}

bool
torch_is_tensor(const struct pickle_value *v)
{
    static const char prefix[] = "_rebuild_";
    const struct pickle_value *callee = v->type == PICKLE_OBJECT ? v->item[0] : NULL;

    return callee && callee->type == PICKLE_GLOBAL &&
           pickle_is_text(callee->item[0], "torch._utils") &&
           callee->item[1]->type == PICKLE_TEXT && callee->item[1]->n >= sizeof prefix - 1 &&
           memcmp(callee->item[1]->text, prefix, sizeof prefix - 1) == 0;
}

int
torch_add_tensor(struct torch_archive *a, const char *name, const struct pickle_value *tensor,
                 struct err *e)
{
    struct tensor_spec spec = { .name = name, .n_name = strlen(name) };
    const struct zip_member *m;
    struct stored *stored;
    struct view v;
    size_t count;

    if (!pickle_is_object(tensor, "torch._utils", "_rebuild_tensor_v2"))
        return err_set(e, "a sparse, quantised or otherwise special tensor, expected a plain one; "
                       "convert it with .to_dense().float() and save again");
    if (read_view(&v, tensor->item[1], e) < 0 || check_view(a, &v, &count, e) < 0)
        return -1;
    stored = find_storage(a, &m, &v, e);
    if (!stored)
        return -1;
    spec.dtype = v.type;
    spec.ndim = v.ndim;
    spec.shape = v.shape;
    spec.stride = is_plain(&v) ? NULL : v.stride;
    /* The offset of a tensor without values is not checked, nor is it used. */
    spec.first = count ? (uint64_t)v.offset * element_bytes(v.type) : 0;
    spec.offset = m->method == ZIP_STORED ? m->data + spec.first : TENSOR_NO_OFFSET;
    if (!weights_add_tensor(a->w, stored, &spec, e))
        return -1;
    a->budget -= count;
    return 0;
}
