/* SPDX-License-Identifier: MIT */
/* Sei's two dense layers, 816 million weights in the published size, and its side files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npz/npy.h"
#include "oracle/sei.h"
#include "prog/fio.h"
#include "prog/mem.h"

enum { NAME = 120, SLICE = 512 };

static int
open_layer(struct sei_classifier *c, int layer, size_t n_in, const struct weights *w,
           struct err *e)
{
    size_t n = (c->n_targets + SLICE - 1) / SLICE;
    char name[NAME];
    const struct tensor *t;
    float *bias;

    snprintf(name, sizeof name, "classifier.%d.bias", 2 * layer);
    bias = large_vector(w, name, c->n_targets, e);
    if (!bias)
        return -1;
    snprintf(name, sizeof name, "classifier.%d.weight", 2 * layer);
    t = weights_find(w, name);
    if (!t || t->ndim != 2 || t->shape[0] != c->n_targets || t->shape[1] != n_in) {
        free(bias);
        return err_set(e, "%s: tensor '%s' is missing or not of %zu x %zu", w->path, name,
                       c->n_targets, n_in);
    }
    c->slice[layer] = mem_array(n, sizeof *c->slice[layer]);
    for (size_t lo = 0; lo < c->n_targets; lo += SLICE) {
        size_t hi = lo + SLICE < c->n_targets ? lo + SLICE : c->n_targets;
        struct sei_slice *s = &c->slice[layer][c->n_slices[layer]];

        s->lo = lo;
        s->conv = (struct nn_conv){ .k = 1, .dilation = 1, .c_in = n_in, .c_out = hi - lo,
                                    .len = SEI_ROWS, .relu = layer == 0 };
        s->conv.kernel = large_kernel_part(w, t, AXES_TORCH, lo, hi, e);
        if (!s->conv.kernel) {
            free(bias);
            return -1;
        }
        c->n_slices[layer]++;
        s->conv.bias = mem_array(hi - lo, sizeof *bias);
        memcpy(s->conv.bias, bias + lo, (hi - lo) * sizeof *bias);
        c->ops.pack(&s->conv);
    }
    free(bias);
    return 0;
}

int
sei_classifier_open(struct sei_classifier *c, size_t n_features, const struct weights *w,
                    const struct nn_ops *ops, struct err *e)
{
    const struct tensor *t = weights_find(w, "classifier.0.weight");

    if (!t || t->ndim != 2)
        return err_set(e, "%s: tensor 'classifier.0.weight' is missing; is the file complete, and "
                       "of Sei?", w->path);
    c->ops = *ops;
    c->n_features = n_features;
    c->n_targets = t->shape[0];
    if (open_layer(c, 0, n_features, w, e))
        return -1;
    return open_layer(c, 1, c->n_targets, w, e);
}

void
sei_classifier_free(struct sei_classifier *c)
{
    for (int layer = 0; layer < 2; layer++) {
        for (size_t i = 0; i < c->n_slices[layer]; i++) {
            free(c->slice[layer][i].conv.kernel);
            free(c->slice[layer][i].conv.bias);
            free(c->slice[layer][i].conv.packed);
            free(c->slice[layer][i].conv.transformed);
        }
        free(c->slice[layer]);
    }
}

uint64_t
sei_classifier_macs(const struct sei_classifier *c)
{
    return (uint64_t)c->n_targets * (c->n_features + c->n_targets);
}

/* One slice's outputs, and what the kernel set wants to work with. */
size_t
sei_part_floats(const struct sei_classifier *c)
{
    size_t scratch = 0;

    for (int layer = 0; layer < 2; layer++)
        for (size_t i = 0; i < c->n_slices[layer]; i++)
            if (scratch < c->slice[layer][i].conv.scratch)
                scratch = c->slice[layer][i].conv.scratch;
    return SEI_ROWS * SLICE + scratch;
}

struct layer_job {
    const struct sei_classifier *c;
    int layer;
    struct net_workspace *ws;
    float *y;
    const float *x;
    size_t rows;
};

/* Every n-th slice. */
static void
layer_part(void *context, size_t part, size_t n_parts)
{
    const struct layer_job *j = context;
    const struct sei_classifier *c = j->c;
    float *own = net_scratch(j->ws, part);

    for (size_t i = part; i < c->n_slices[j->layer]; i += n_parts) {
        const struct sei_slice *s = &c->slice[j->layer][i];
        size_t n = s->conv.c_out;

        c->ops.conv(own, j->x, NULL, &s->conv, 0, j->rows, own + SEI_ROWS * SLICE,
                    (struct nn_part){ 0, 1 });
        for (size_t r = 0; r < j->rows; r++)
            memcpy(j->y + r * c->n_targets + s->lo, own + r * n, n * sizeof *own);
    }
}

void
sei_classify(const struct sei_classifier *c, struct net_workspace *ws, float *y, const float *x,
             float *hidden, size_t rows)
{
    struct layer_job first = { c, 0, ws, hidden, x, rows };
    struct layer_job second = { c, 1, ws, y, hidden, rows };

    net_share(ws, layer_part, &first);
    net_share(ws, layer_part, &second);
    c->ops.act(y, y, rows * c->n_targets, NN_ACT_SIGMOID);
}

static double
npy_value(const struct npy *a, const uint8_t *at)
{
    float f;
    double d;
    int32_t i4;
    int64_t i8;

    if (a->kind == 'f' && a->item == 4)
        return memcpy(&f, at, 4), f;
    if (a->kind == 'f')
        return memcpy(&d, at, 8), d;
    if (a->item == 4)
        return memcpy(&i4, at, 4), i4;
    return memcpy(&i8, at, 8), (double)i8;
}

static double *
npy_values(const uint8_t *data, size_t bytes, size_t shape[2], const char *path, struct err *e)
{
    struct npy a;
    double *x;

    if (npy_parse(&a, data, bytes, bytes, e)) {
        err_prefix(e, "%s", path);
        return NULL;
    }
    if (a.ndim < 1 || a.ndim > 2 || (a.ndim == 2 && a.fortran) ||
        (a.kind != 'f' && a.kind != 'i') || (a.item != 4 && a.item != 8)) {
        err_set(e, "%s: expected an array of one or two dimensions of float32, float64, int32 or "
                "int64 in C order; save it so with numpy.save", path);
        return NULL;
    }
    shape[0] = a.shape[0];
    shape[1] = a.ndim == 2 ? a.shape[1] : 1;
    x = mem_array(a.count, sizeof *x);
    for (size_t i = 0; i < a.count; i++)
        x[i] = npy_value(&a, data + a.header + i * a.item);
    return x;
}

double *
sei_read_npy(const char *path, size_t shape[2], struct err *e)
{
    FILE *fp = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t n = 0, cap = 0, got;
    double *x;

    if (!fp) {
        err_set(e, "%s: cannot open: %s", path, strerror(errno));
        return NULL;
    }
    fio_reads(path);
    do {
        mem_grow(&data, &cap, n + (1 << 16), 1);
        got = fread(data + n, 1, cap - n, fp);
        n += got;
    } while (got);
    fclose(fp);
    x = npy_values(data, n, shape, path, e);
    free(data);
    return x;
}
