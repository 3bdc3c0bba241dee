/* SPDX-License-Identifier: MIT */
#include "oracle/large.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

static const struct tensor *
find(const struct weights *w, const char *name, struct err *e)
{
    const struct tensor *t = weights_find(w, name);

    if (!t)
        err_set(e, "%s: tensor '%s' is missing; is the file complete, and of this oracle?",
                w->path, name);
    return t;
}

static void
print_shape(char text[160], const struct tensor *t)
{
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < t->ndim && n < 160; i++)
        n += (size_t)snprintf(text + n, 160 - n, "%s%zu", i ? ", " : "", t->shape[i]);
}

/* Sizes of a kernel's axes as K, C, O; false when it has none. */
static bool
kernel_shape(size_t size[3], const struct tensor *t, enum axes axes)
{
    int n = t->ndim;

    while (n > 3 && axes == AXES_TORCH && t->shape[n - 1] == 1)
        n--;
    if (n != 2 && n != 3)
        return false;
    if (axes == AXES_TORCH) {
        size[0] = n == 3 ? t->shape[2] : 1;
        size[1] = t->shape[1];
        size[2] = t->shape[0];
    } else {
        size[0] = n == 3 ? t->shape[0] : 1;
        size[1] = t->shape[n - 2];
        size[2] = t->shape[n - 1];
    }
    return size[0] && size[1] && size[2];
}

static int
refuse(const struct weights *w, const struct tensor *t, const struct kernel *want, struct err *e)
{
    char found[160];

    print_shape(found, t);
    return err_set(e, "%s: tensor '%s' has shape (%s), expected a kernel of %zu taps, %zu input "
                   "and %zu output channels (0: any); the file does not hold the network its "
                   "names say", w->path, t->name, found, want->k, want->c_in, want->c_out);
}

/* Blocks, so that both sides are read and written by cache lines. */
enum { BLOCK = 32 };

/* n rows of (O, C, K), to columns [at, at + n) of (K, C, n_out). */
static void
turn(float *dst, size_t n_out, size_t at, const float *src, size_t n, size_t c_in, size_t k)
{
    for (size_t i = 0; i < c_in * k; i++)
        for (size_t q = 0; q < n; q++)
            dst[(i % k * c_in + i / k) * n_out + at + q] = src[q * c_in * k + i];
}

/* Rows [lo, hi) of the file's (O, C, K), a few at a time, as (K, C, hi - lo); NULL: reason in e. */
static float *
take_turned(const struct weights *w, const struct tensor *t, size_t lo, size_t hi,
            const size_t size[3], struct err *e)
{
    size_t k = size[0], c_in = size[1], n_out = hi - lo, n;
    float *part = mem_array(BLOCK * c_in * k, sizeof *part);
    float *out = mem_aligned(n_out * c_in * k * sizeof *out);

    for (size_t at = lo; at < hi; at += n) {
        n = hi - at < BLOCK ? hi - at : BLOCK;
        if (weights_copy_rows(w, part, t, at, at + n, e)) {
            free(out);
            out = NULL;
            break;
        }
        turn(out, n_out, at - lo, part, n, c_in, k);
    }
    free(part);
    return out;
}

int
large_kernel(struct kernel *k, const struct weights *w, const char *name, enum axes axes,
             struct err *e)
{
    const struct tensor *t = find(w, name, e);
    size_t size[3];

    k->w = NULL;
    if (!t)
        return -1;
    if (!kernel_shape(size, t, axes) || (k->k && k->k != size[0]) ||
        (k->c_in && k->c_in != size[1]) || (k->c_out && k->c_out != size[2]))
        return refuse(w, t, k, e);
    k->k = size[0];
    k->c_in = size[1];
    k->c_out = size[2];
    if (axes == AXES_TORCH) {
        k->w = take_turned(w, t, 0, k->c_out, size, e);
        return k->w ? 0 : -1;
    }
    k->w = mem_array(t->count, sizeof *k->w);
    if (weights_copy_rows(w, k->w, t, 0, t->shape[0], e) == 0)
        return 0;
    free(k->w);
    k->w = NULL;
    return -1;
}

float *
large_kernel_part(const struct weights *w, const struct tensor *t, enum axes axes, size_t lo,
                  size_t hi, struct err *e)
{
    const float *data;
    size_t size[3], n = hi - lo;
    float *part;

    if (!kernel_shape(size, t, axes) || size[0] != 1) {
        refuse(w, t, &(struct kernel){ .k = 1 }, e);
        return NULL;
    }
    if (axes == AXES_TORCH)
        return take_turned(w, t, lo, hi, size, e);
    data = weights_data(w, t, e);
    if (!data)
        return NULL;
    part = mem_array(size[1] * n, sizeof *part);
    for (size_t i = 0; i < size[1]; i++)
        memcpy(part + i * n, data + i * size[2] + lo, n * sizeof *part);
    return part;
}

float *
large_vector(const struct weights *w, const char *name, size_t n, struct err *e)
{
    const struct tensor *t = find(w, name, e);
    char found[160];
    float *x;

    if (!t)
        return NULL;
    if (t->count != n) {
        print_shape(found, t);
        err_set(e, "%s: tensor '%s' has shape (%s), expected %zu values; the file does not hold "
                "the network its names say", w->path, name, found, n);
        return NULL;
    }
    x = mem_array(n, sizeof *x);
    if (weights_copy(w, x, t, e) == 0)
        return x;
    free(x);
    return NULL;
}

int
large_layer(struct kernel *k, float **bias, const struct weights *w, const char *kernel_name,
            const char *bias_name, enum axes axes, struct err *e)
{
    if (bias)
        *bias = NULL;
    if (large_kernel(k, w, kernel_name, axes, e))
        return -1;
    if (!bias)
        return 0;
    *bias = large_vector(w, bias_name, k->c_out, e);
    if (*bias)
        return 0;
    free(k->w);
    k->w = NULL;
    return -1;
}

int
large_norm(float **scale, float **shift, const struct weights *w, char *const name[4], size_t n,
           double eps, struct err *e)
{
    float *part[4];
    int status = 0;

    *scale = *shift = NULL;
    for (int i = 0; i < 4; i++) {
        part[i] = status ? NULL : large_vector(w, name[i], n, e);
        status = part[i] ? status : -1;
    }
    for (size_t i = 0; i < n && status == 0; i++) {
        double factor = part[0][i] / sqrt(part[3][i] + eps);

        if (!(part[3][i] + eps > 0))
            status = err_set(e, "%s: tensor '%s' holds the variance %g; variances are not negative",
                             w->path, name[3], part[3][i]);
        part[1][i] = (float)(part[1][i] - part[2][i] * factor);
        part[0][i] = (float)factor;
    }
    free(part[2]);
    free(part[3]);
    if (status) {
        free(part[0]);
        free(part[1]);
        return -1;
    }
    *scale = part[0];
    *shift = part[1];
    return 0;
}

static bool
ends_in(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);

    return n >= m && strcasecmp(path + n - m, end) == 0;
}

void
large_sort_files(struct large_files *f, char **path, size_t n)
{
    memset(f, 0, sizeof *f);
    f->weights = mem_array(n + 1, sizeof *f->weights);
    f->sizes = mem_array(n + 1, sizeof *f->sizes);
    f->tables = mem_array(n + 1, sizeof *f->tables);
    for (size_t i = 0; i < n; i++) {
        if (ends_in(path[i], ".json"))
            f->sizes[f->n_sizes++] = path[i];
        else if (ends_in(path[i], ".txt") || ends_in(path[i], ".tsv") || ends_in(path[i], ".names"))
            f->tables[f->n_tables++] = path[i];
        else
            f->weights[f->n_weights++] = path[i];
    }
}

void
large_files_free(struct large_files *f)
{
    free(f->weights);
    free(f->sizes);
    free(f->tables);
}

struct large_sizes {
    json_t **root;
    const char **path;
    size_t n;
};

struct large_sizes *
large_sizes_read(const struct large_files *f, struct err *e)
{
    struct large_sizes *s = mem_zalloc(sizeof *s);
    json_error_t why;

    s->root = mem_array(f->n_sizes + 1, sizeof(json_t *));
    s->path = mem_array(f->n_sizes + 1, sizeof(char *));
    for (; s->n < f->n_sizes; s->n++) {
        s->path[s->n] = f->sizes[s->n];
        s->root[s->n] = json_load_file(f->sizes[s->n], 0, &why);
        if (s->root[s->n])
            continue;
        err_set(e, "%s: is not the JSON of a model's sizes (line %d: %s)", f->sizes[s->n], why.line,
                why.text);
        large_sizes_free(s);
        return NULL;
    }
    return s;
}

void
large_sizes_free(struct large_sizes *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        json_decref(s->root[i]);
    free(s->root);
    free(s->path);
    free(s);
}

int
large_size(const struct large_sizes *s, const char *key, size_t *value, struct err *e)
{
    for (size_t i = 0; i < s->n; i++) {
        const json_t *v = json_object_get(s->root[i], key);

        if (!v)
            v = json_object_get(json_object_get(s->root[i], "model"), key);
        if (!v)
            continue;
        if (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > 1 << 28)
            return err_set(e, "%s: \"%s\" must be a whole number of at least 1", s->path[i], key);
        *value = (size_t)json_integer_value(v);
        return 0;
    }
    return 1;
}
