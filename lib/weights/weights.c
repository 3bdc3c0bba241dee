/* SPDX-License-Identifier: MIT */
#include "weights/weights.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash256.h"
#include "prog/mem.h"
#include "weights/reader.h"

/* Any published network has a few thousand tensors; names are paths of module or layer names. */
enum { MAX_TENSORS = 1 << 20, MAX_NAME = 1024 };

enum { MAGIC_BYTES = 9 };
static const char hdf5_magic[8] = "\x89HDF\r\n\x1a\n";

int
tensor_count(size_t *count, int ndim, const uint64_t *shape, struct err *e)
{
    size_t bytes;

    if (ndim < 0 || ndim > TENSOR_MAX_DIM)
        return err_set(e, "%d dimensions, expected at most %d; name a file of network weights",
                       ndim, TENSOR_MAX_DIM);
    *count = 1;
    for (int i = 0; i < ndim; i++)
        if (__builtin_mul_overflow(*count, shape[i], count))
            return err_set(e, "declared shape is larger than any file can be; copy or download "
                           "the file again");
    if (__builtin_mul_overflow(*count, sizeof (double), &bytes))
        return err_set(e, "declared shape is larger than any file can be; copy or download the "
                       "file again");
    return 0;
}

/* The array doubles whenever its length is a power of two, so that no capacity is kept. */
static void *
grow(void *array, size_t n, size_t size)
{
    return (n & (n - 1)) == 0 ? mem_resize(array, n ? 2 * n : 1, size) : array;
}

/* Names end up in messages and tables, so they must not drive a terminal. */
static bool
is_name(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)name[i] < ' ' || name[i] == 127)
            return false;
    return n > 0 && n <= MAX_NAME;
}

struct tensor *
weights_add_tensor(struct weights *w, const char *name, size_t n_name, int ndim,
                   const uint64_t *shape, struct err *e)
{
    struct tensor *t;
    size_t count;

    if (!is_name(name, n_name)) {
        err_set(e, "a tensor name of %zu bytes (or with a control character), expected 1 to %d; "
                "copy or download the file again", n_name, MAX_NAME);
        return NULL;
    }
    if (tensor_count(&count, ndim, shape, e) < 0)
        return NULL;
    if (w->n_tensor == MAX_TENSORS) {
        err_set(e, "more than %d tensors; name a file of network weights", MAX_TENSORS);
        return NULL;
    }
    w->tensor = grow(w->tensor, w->n_tensor, sizeof *w->tensor);
    t = &w->tensor[w->n_tensor++];
    memset(t, 0, sizeof *t);
    t->name = mem_strndup(name, n_name);
    t->ndim = ndim;
    for (int i = 0; i < ndim; i++)
        t->shape[i] = shape[i];
    t->count = count;
    t->data = mem_aligned(count * sizeof *t->data);
    return t;
}

static struct weights_attr *
add_attr(struct weights *w, const char *name, size_t n_name, double real)
{
    struct weights_attr *a;

    w->attr = grow(w->attr, w->n_attr, sizeof *w->attr);
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

static int
read_magic(const char *path, char magic[MAGIC_BYTES], struct err *e)
{
    FILE *f = fopen(path, "rb");

    memset(magic, 0, MAGIC_BYTES);
    if (!f)
        return err_sys(e, "%s: cannot open", path);
    if (fread(magic, 1, MAGIC_BYTES, f) < MAGIC_BYTES && ferror(f)) {
        err_sys(e, "%s: cannot read", path);
        fclose(f);
        return -1;
    }
    fclose(f);
    return 0;
}

static int
read_zip(struct weights *w, const char *path, struct err *e)
{
    struct zip *z = zip_open(path, e);
    char *root;
    int r;

    if (!z)
        return -1;
    root = torch_zip_root(z);
    w->format = root ? "torch-zip" : "npz";
    r = root ? torch_zip_read(w, z, root, e) : weights_npz_read(w, z, e);
    if (r < 0)
        err_prefix(e, "%s", path);
    free(root);
    zip_close(z);
    return r;
}

/* Formats that are often tried by mistake get the sentence that helps. */
static int
refuse_format(const char *path, const char magic[MAGIC_BYTES], struct err *e)
{
    if ((uint8_t)magic[0] == 0x80 && (magic[1] == 2 || magic[1] == 3))
        return err_set(e, "%s: a PyTorch file from before version 1.6; load it and torch.save it "
                       "again with a newer PyTorch", path);
    if (magic[8] == '{')
        return err_set(e, "%s: a safetensors file, expected Keras HDF5, a PyTorch zip or NumPy "
                       "npz; load it and write it with numpy.savez", path);
    return err_set(e, "%s: not a weight file (expected Keras HDF5, a PyTorch zip or NumPy npz); "
                   "name the file the model was saved to", path);
}

static int
read_container(struct weights *w, const char *path, struct err *e)
{
    char magic[MAGIC_BYTES];

    if (read_magic(path, magic, e) < 0)
        return -1;
    if (zip_is_magic(magic, MAGIC_BYTES))
        return read_zip(w, path, e);
    if (memcmp(magic, hdf5_magic, sizeof hdf5_magic) != 0)
        return refuse_format(path, magic, e);
    w->format = "keras-hdf5";
    if (keras_hdf5_read(w, e) < 0)
        return err_prefix(e, "%s", path);
    return 0;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(struct tensor *const *)a)->name, (*(struct tensor *const *)b)->name);
}

static int
check_names(const struct weights *w, struct err *e)
{
    struct tensor **sorted = mem_array(w->n_tensor, sizeof *sorted);
    int r = 0;

    for (size_t i = 0; i < w->n_tensor; i++)
        sorted[i] = &w->tensor[i];
    qsort(sorted, w->n_tensor, sizeof *sorted, by_name);
    for (size_t i = 1; i < w->n_tensor && r == 0; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            r = err_set(e, "%s: two tensors are called '%s'; save the model again", w->path,
                        sorted[i]->name);
    free(sorted);
    return r;
}

static int
check_values(const struct weights *w, struct err *e)
{
    if (w->n_tensor == 0)
        return err_set(e, "%s: no weights in it (%s without tensors); name the file the model was "
                       "saved to", w->path, w->format);
    for (size_t k = 0; k < w->n_tensor; k++)
        for (size_t i = 0; i < w->tensor[k].count; i++)
            if (!isfinite(w->tensor[k].data[i]))
                return err_set(e, "%s: tensor '%s': value %zu is %f, expected a finite number; "
                               "the training diverged or the file is damaged, use another", w->path,
                               w->tensor[k].name, i, (double)w->tensor[k].data[i]);
    return 0;
}

struct weights *
weights_open(const char *path, struct err *e)
{
    struct weights *w = mem_zalloc(sizeof *w);

    w->path = mem_strdup(path);
    if (read_container(w, path, e) < 0 || check_values(w, e) < 0 || check_names(w, e) < 0 ||
        hash256_file(w->sha256, path, -1, e) < 0) {
        weights_close(w);
        return NULL;
    }
    return w;
}

void
weights_close(struct weights *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n_tensor; i++) {
        free(w->tensor[i].name);
        free(w->tensor[i].data);
    }
    for (size_t i = 0; i < w->n_attr; i++)
        free(w->attr[i].name);
    free(w->tensor);
    free(w->attr);
    free(w->model_config);
    free(w->class_name);
    free(w->path);
    free(w);
}

const struct tensor *
weights_find(const struct weights *w, const char *name)
{
    for (size_t i = 0; i < w->n_tensor; i++)
        if (strcmp(w->tensor[i].name, name) == 0)
            return &w->tensor[i];
    return NULL;
}

static const struct weights_attr *
find_attr(const struct weights *w, const char *name)
{
    for (size_t i = 0; i < w->n_attr; i++)
        if (strcmp(w->attr[i].name, name) == 0)
            return &w->attr[i];
    return NULL;
}

const float *
weights_data(const struct weights *w, const struct tensor *t, struct err *e)
{
    (void)w, (void)e;
    return t->data;
}

int
weights_copy(const struct weights *w, float *out, const struct tensor *t, struct err *e)
{
    const float *data = weights_data(w, t, e);

    if (!data)
        return -1;
    memcpy(out, data, t->count * sizeof *out);
    return 0;
}

bool
weights_attr_get(const struct weights *w, const char *name, int64_t *value)
{
    const struct weights_attr *a = find_attr(w, name);

    if (!a || !a->is_whole)
        return false;
    *value = a->value;
    return true;
}

bool
weights_attr_real(const struct weights *w, const char *name, double *value)
{
    const struct weights_attr *a = find_attr(w, name);

    if (!a)
        return false;
    *value = a->real;
    return true;
}
