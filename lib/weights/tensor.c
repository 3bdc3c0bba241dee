/* SPDX-License-Identifier: MIT */
/* Tensors of whatever container: where their values are, and how they become float. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "prog/mem.h"
#include "weights/reader.h"

/* Any published network has a few thousand tensors; names are paths of module or layer names. */
enum { MAX_TENSORS = 1 << 20, MAX_NAME = 1024 };

int
tensor_count(size_t *count, int ndim, const uint64_t *shape, struct err *e)
{
    bool over = false;
    size_t bytes;

    if (ndim < 0 || ndim > TENSOR_MAX_DIM)
        return err_set(e, "%d dimensions, expected at most %d; name a file of network weights",
                       ndim, TENSOR_MAX_DIM);
    *count = 1;
    for (int i = 0; i < ndim; i++)
        over |= __builtin_mul_overflow(*count, shape[i], count);
    if (over || __builtin_mul_overflow(*count, sizeof (double), &bytes))
        return err_set(e, "declared shape is larger than any file can be; copy or download the "
                       "file again");
    return 0;
}

void *
weights_grow(void *array, size_t n, size_t size)
{
    return (n & (n - 1)) == 0 ? mem_resize(array, n ? 2 * n : 1, size) : array;
}

/* --- what is stored --- */

struct stored *
weights_store(struct weights *w, const struct stored *s)
{
    struct weights_inside *in = w->inside;
    struct stored *own = mem_alloc(sizeof *own);

    *own = *s;
    in->stored = weights_grow(in->stored, in->n_stored, sizeof(struct stored *));
    in->stored[in->n_stored++] = own;
    return own;
}

struct stored *
weights_store_bytes(struct weights *w, const void *bytes, uint64_t n)
{
    return weights_store(w, &(struct stored){ .bytes = bytes, .n = n });
}

struct in_member {
    const struct zip *z;
    const struct zip_member *m;
};

static int
make_member(struct stored *s, struct err *e)
{
    const struct in_member *in = s->context;

    if (in->m->method == ZIP_STORED)
        s->bytes = zip_view(in->z, in->m, e);
    else
        s->bytes = s->owned = zip_read(in->z, in->m, e);
    return s->bytes ? 0 : -1;
}

struct stored *
weights_store_member(struct weights *w, const struct zip *z, const struct zip_member *m)
{
    struct in_member *in = mem_alloc(sizeof *in);

    *in = (struct in_member){ z, m };
    return weights_store(w, &(struct stored){ .n = m->size, .make = make_member, .context = in });
}

int
stored_ready(struct stored *s, struct err *e)
{
    if (s->make && s->make(s, e) < 0)
        return -1;
    s->make = NULL;
    return 0;
}

/* --- tensors --- */

/* Names end up in messages and tables, so they must not drive a terminal. */
static bool
is_name(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)name[i] < ' ' || name[i] == 127)
            return false;
    return n > 0 && n <= MAX_NAME;
}

/* Indices are sums of numbers that are not negative, so checking the last one is enough. */
static int
check_extent(const struct tensor_spec *spec, size_t count, const struct stored *s, struct err *e)
{
    uint64_t width = element_bytes(spec->dtype), last = count ? count - 1 : 0, step, end;
    bool over = false;

    if (spec->stride) {
        last = 0;
        for (int i = 0; i < spec->ndim && count; i++) {
            over |= __builtin_mul_overflow(spec->shape[i] - 1, spec->stride[i], &step);
            over |= __builtin_add_overflow(last, step, &last);
        }
    }
    over |= __builtin_mul_overflow(last, width, &end);
    over |= __builtin_add_overflow(end, spec->first, &end);
    over |= __builtin_add_overflow(end, count ? width : 0, &end);
    if (over || end > s->n)
        return err_set(e, "its values reach beyond the %llu bytes that are stored for it; copy or "
                       "download the file again", (unsigned long long)s->n);
    return 0;
}

struct tensor *
weights_add_tensor(struct weights *w, struct stored *stored, const struct tensor_spec *spec,
                   struct err *e)
{
    struct tensor *t;
    size_t count;

    if (!is_name(spec->name, spec->n_name)) {
        err_set(e, "a tensor name of %zu bytes (or with a control character), expected 1 to %d; "
                "copy or download the file again", spec->n_name, MAX_NAME);
        return NULL;
    }
    if (tensor_count(&count, spec->ndim, spec->shape, e) < 0 ||
        check_extent(spec, count, stored, e) < 0)
        return NULL;
    if (w->n_tensor == MAX_TENSORS) {
        err_set(e, "more than %d tensors; name a file of network weights", MAX_TENSORS);
        return NULL;
    }
    w->tensor = weights_grow(w->tensor, w->n_tensor, sizeof *w->tensor);
    t = &w->tensor[w->n_tensor++];
    memset(t, 0, sizeof *t);
    t->name = mem_strndup(spec->name, spec->n_name);
    t->dtype = spec->dtype;
    t->ndim = spec->ndim;
    t->count = count;
    t->offset = spec->offset;
    t->values = mem_zalloc(sizeof *t->values);
    t->values->stored = stored;
    t->values->first = spec->first;
    t->values->strided = spec->stride != NULL;
    for (int i = 0; i < spec->ndim; i++) {
        t->shape[i] = spec->shape[i];
        t->values->stride[i] = spec->stride ? spec->stride[i] : 0;
    }
    return t;
}

void
tensor_free(struct tensor *t)
{
    free(t->name);
    free(t->path);
    free(t->variable);
    free(t->held_as);
    free(t->values->made);
    free(t->values);
}

void
weights_add_module(struct weights *w, const char *path, char *class_name)
{
    w->module = weights_grow(w->module, w->n_module, sizeof *w->module);
    w->module[w->n_module++] = (struct weights_module){ mem_strdup(path), class_name };
}

static struct weights_attr *
add_attr(struct weights *w, const char *name, size_t n_name, double real)
{
    struct weights_attr *a;

    w->attr = weights_grow(w->attr, w->n_attr, sizeof *w->attr);
    a = &w->attr[w->n_attr++];
    *a = (struct weights_attr){ .name = mem_strndup(name, n_name), .real = real };
    return a;
}

void
weights_add_attr(struct weights *w, const char *name, size_t n_name, int64_t value)
{
    struct weights_attr *a = add_attr(w, name, n_name, (double)value);

    a->value = value;
    a->is_whole = true;
}

void
weights_add_real(struct weights *w, const char *name, size_t n_name, double value)
{
    add_attr(w, name, n_name, value);
}

/* --- values --- */

/* Row by row along the last dimension; index counts through the others. */
static void
convert_strided(float *out, const uint8_t *data, const struct tensor *t)
{
    size_t width = element_bytes(t->dtype);
    const uint64_t *stride = t->values->stride;
    int last = t->ndim - 1;
    size_t row = t->ndim ? t->shape[last] : 1, step = t->ndim ? stride[last] : 1;
    uint64_t index[TENSOR_MAX_DIM] = { 0 };

    for (size_t done = 0; done < t->count; done += row) {
        uint64_t at = 0;

        for (int i = 0; i < last; i++)
            at += index[i] * stride[i];
        element_to_float(out + done, data + at * width, t->dtype, row, step);
        for (int i = last - 1; i >= 0 && ++index[i] == t->shape[i]; i--)
            index[i] = 0;
    }
}

static void
convert_swapped(float *out, const uint8_t *data, const struct tensor *t)
{
    size_t width = element_bytes(t->dtype);
    uint8_t element[8];

    for (size_t i = 0; i < t->count; i++) {
        memcpy(element, data + i * width, width);
        element_swap(element, width, 1);
        element_to_float(out + i, element, t->dtype, 1, 1);
    }
}

static void
convert(float *out, const struct tensor *t)
{
    const struct tensor_values *v = t->values;
    const uint8_t *data = v->stored->bytes + v->first;

    if (v->swapped)
        convert_swapped(out, data, t);
    else if (v->strided)
        convert_strided(out, data, t);
    else
        element_to_float(out, data, t->dtype, t->count, 1);
}

static int
check_finite(struct tensor_values *v, const float *data, size_t n, size_t first, struct err *e)
{
    for (size_t i = 0; i < n && !v->checked; i++)
        if (!isfinite(data[i]))
            return err_set(e, "value %zu is %f, expected a finite number; the training diverged "
                           "or the file is damaged, use another", first + i,
                           (double)data[i]);
    v->checked = true;
    return 0;
}

static int
explain(const struct weights *w, const struct tensor *t, struct err *e)
{
    return err_prefix(e, "%s: tensor '%s'", w->path, t->name);
}

/* With the bytes at hand. */
static bool
is_float_array(const struct tensor *t)
{
    const struct tensor_values *v = t->values;

    return t->dtype == ELEMENT_F4 && !v->strided && !v->swapped &&
           (uintptr_t)(v->stored->bytes + v->first) % _Alignof(float) == 0;
}

bool
weights_is_in_place(const struct weights *w, const struct tensor *t)
{
    (void)w;
    return t->offset != TENSOR_NO_OFFSET && t->values->stored->bytes && is_float_array(t);
}

const float *
weights_data(const struct weights *w, const struct tensor *t, struct err *e)
{
    struct tensor_values *v = t->values;
    const float *data;

    v->taken = true;
    if (v->made)
        return v->made;
    if (stored_ready(v->stored, e) < 0) {
        explain(w, t, e);
        return NULL;
    }
    if (is_float_array(t)) {
        data = (const float *)(const void *)(v->stored->bytes + v->first);
    } else {
        data = v->made = mem_aligned(t->count * sizeof *data);
        convert(v->made, t);
    }
    if (check_finite(v, data, t->count, 0, e) == 0)
        return data;
    free(v->made);
    v->made = NULL;
    explain(w, t, e);
    return NULL;
}

int
weights_copy(const struct weights *w, float *out, const struct tensor *t, struct err *e)
{
    struct tensor_values *v = t->values;

    v->taken = true;
    if (v->made) {
        memcpy(out, v->made, t->count * sizeof *out);
        return 0;
    }
    if (stored_ready(v->stored, e) < 0)
        return explain(w, t, e);
    convert(out, t);
    return check_finite(v, out, t->count, 0, e) < 0 ? explain(w, t, e) : 0;
}

/* Bytes that are in a map of ours, to their pages; the next who reads them gets them again. */
static void
give_back(const struct weights *w, const uint8_t *bytes, size_t n)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)bytes;
    uintptr_t from = (at + page - 1) / page * page, to = (at + n) / page * page;

    for (size_t i = 0; i < w->inside->n_map && from < to; i++) {
        const struct weights_map *map = &w->inside->map[i];
        uintptr_t start = (uintptr_t)map->p;

        if (!map->borrowed && at >= start && at + n <= start + map->n)
            madvise((uint8_t *)map->p + (from - start), to - from, MADV_DONTNEED);
    }
}

/* What is behind a tensor, which its check has perhaps read as a whole. */
static int
ready_to_copy(const struct weights *w, const struct tensor *t, struct err *e)
{
    struct stored *s = t->values->stored;
    bool check = s->make != NULL;

    if (stored_ready(s, e) < 0)
        return explain(w, t, e);
    if (check)
        give_back(w, s->bytes, s->n);
    return 0;
}

int
weights_copy_rows(const struct weights *w, float *out, const struct tensor *t, size_t lo,
                  size_t hi, struct err *e)
{
    struct tensor_values v = *t->values;
    struct tensor rows = *t;
    size_t row = t->shape[0] ? t->count / t->shape[0] : 0;
    uint64_t width = element_bytes(t->dtype);

    assert(t->ndim > 0 && lo <= hi && hi <= t->shape[0]);
    t->values->taken = true;
    if (v.made) {
        memcpy(out, v.made + lo * row, (hi - lo) * row * sizeof *out);
        return 0;
    }
    if (ready_to_copy(w, t, e))
        return -1;
    v.first += lo * (v.strided ? v.stride[0] : row) * width;
    rows.values = &v;
    rows.shape[0] = hi - lo;
    rows.count = (hi - lo) * row;
    convert(out, &rows);
    if (!v.strided)
        give_back(w, v.stored->bytes + v.first, rows.count * width);
    return check_finite(&v, out, rows.count, lo * row, e) < 0 ? explain(w, t, e) : 0;
}

bool
weights_is_taken(const struct tensor *t)
{
    return t->values->taken;
}

bool
weights_is_same(const struct tensor *a, const struct tensor *b)
{
    const struct tensor_values *x = a->values, *y = b->values;

    return x->stored == y->stored && x->first == y->first && x->strided == y->strided &&
           a->dtype == b->dtype && a->ndim == b->ndim &&
           memcmp(a->shape, b->shape, sizeof a->shape) == 0 &&
           memcmp(x->stride, y->stride, sizeof x->stride) == 0;
}

int
weights_check(const struct weights *w, struct err *e)
{
    for (size_t i = 0; i < w->n_tensor; i++) {
        const struct tensor *t = &w->tensor[i];
        float *out = mem_aligned(t->count * sizeof *out);
        int r = weights_copy(w, out, t, e);

        free(out);
        if (r < 0)
            return -1;
    }
    return 0;
}
