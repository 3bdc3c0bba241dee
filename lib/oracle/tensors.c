/* SPDX-License-Identifier: MIT */
#include "oracle/tensors.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

enum { NAME = 160 };

static const double norm_eps = 1e-5;

static void
print_shape(char *text, size_t room, const size_t *shape, int ndim)
{
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < ndim && n < room; i++)
        n += (size_t)(shape[i] ? snprintf(text + n, room - n, "%s%zu", i ? ", " : "", shape[i])
                               : snprintf(text + n, room - n, "%sany", i ? ", " : ""));
}

float *
tensor_take(const struct weights *w, const char *name, size_t *shape, int ndim, struct err *e)
{
    const struct tensor *t = weights_find(w, name);
    char found[160], expected[160];
    bool fits = t && t->ndim == ndim;
    float *copy;

    if (!t) {
        err_set(e, "%s: tensor '%s' is missing; is the file complete, and of this oracle?",
                w->path, name);
        return NULL;
    }
    for (int i = 0; fits && i < ndim; i++)
        fits = t->shape[i] > 0 && (!shape[i] || shape[i] == t->shape[i]);
    if (!fits) {
        print_shape(found, sizeof found, t->shape, t->ndim);
        print_shape(expected, sizeof expected, shape, ndim);
        err_set(e, "%s: tensor '%s' has shape (%s), expected (%s); the file does not hold the "
                "network its names say", w->path, name, found, expected);
        return NULL;
    }
    memcpy(shape, t->shape, (size_t)ndim * sizeof *shape);
    copy = mem_array(t->count, sizeof *copy);
    if (weights_copy(w, copy, t, e) == 0)
        return copy;
    free(copy);
    return NULL;
}

bool
tensor_exists(const struct weights *w, const char *format, ...)
{
    char name[NAME];
    va_list args;

    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return weights_find(w, name) != NULL;
}

float *
tensor_turn(const float *torch, size_t c_out, size_t c_in, size_t k, size_t c_keep)
{
    float *keras = mem_array(k * c_keep * c_out, sizeof *keras);

    for (size_t o = 0; o < c_out; o++)
        for (size_t i = 0; i < c_keep; i++)
            for (size_t t = 0; t < k; t++)
                keras[(t * c_keep + i) * c_out + o] = torch[(o * c_in + i) * k + t];
    return keras;
}

void
oracle_conv_free(struct oracle_conv *c)
{
    free(c->kernel);
    free(c->bias);
    memset(c, 0, sizeof *c);
}

int
oracle_conv_take(struct oracle_conv *c, const struct weights *w, const char *prefix, struct err *e)
{
    size_t shape[3] = { c->c_out, c->c_in, c->k }, bias_shape[1];
    const struct tensor *t;
    char name[NAME];
    float *torch;

    snprintf(name, sizeof name, "%s.weight", prefix);
    t = weights_find(w, name);
    if (t && t->ndim == 2 && c->k <= 1)
        shape[2] = 1;
    torch = tensor_take(w, name, shape, t && t->ndim == 2 && c->k <= 1 ? 2 : 3, e);
    if (!torch)
        return -1;
    c->c_out = bias_shape[0] = shape[0];
    c->c_in = shape[1];
    c->k = shape[2];
    c->dilation = 1;
    if (c->c_keep > c->c_in) {
        free(torch);
        return err_set(e, "%s: tensor '%s' reads %zu channels, expected %zu or more", w->path, name,
                       c->c_in, c->c_keep);
    }
    if (!c->c_keep)
        c->c_keep = c->c_in;
    c->kernel = tensor_turn(torch, c->c_out, c->c_in, c->k, c->c_keep);
    c->c_in = c->c_keep;
    free(torch);
    snprintf(name, sizeof name, "%s.bias", prefix);
    if (weights_find(w, name))
        c->bias = tensor_take(w, name, bias_shape, 1, e);
    else
        c->bias = mem_array(c->c_out, sizeof *c->bias);
    return c->bias ? 0 : -1;
}

int
oracle_norm_take(double **scale, double **shift, size_t c, const struct weights *w,
                 const char *prefix, struct err *e)
{
    static const char *const leaf[4] = { "weight", "bias", "running_mean", "running_var" };
    size_t shape[1] = { c };
    float *part[4] = { NULL };
    char name[NAME];
    int status = 0;

    *scale = mem_array(c, sizeof **scale);
    *shift = mem_array(c, sizeof **shift);
    for (int i = 0; i < 4 && status == 0; i++) {
        snprintf(name, sizeof name, "%s.%s", prefix, leaf[i]);
        part[i] = tensor_take(w, name, shape, 1, e);
        status = part[i] ? 0 : -1;
    }
    for (size_t i = 0; i < c && status == 0; i++) {
        if (!(part[3][i] + norm_eps > 0)) {
            status = err_set(e, "%s: tensor '%s' holds the variance %g; variances are not negative",
                             w->path, name, part[3][i]);
            break;
        }
        (*scale)[i] = part[0][i] / sqrt(part[3][i] + norm_eps);
        (*shift)[i] = part[1][i] - part[2][i] * (*scale)[i];
    }
    for (int i = 0; i < 4; i++)
        free(part[i]);
    if (status) {
        free(*scale);
        free(*shift);
        *scale = *shift = NULL;
    }
    return status;
}

int
oracle_conv_fold_norm(struct oracle_conv *c, const struct weights *w, const char *prefix,
                      struct err *e)
{
    double *scale, *shift;

    if (oracle_norm_take(&scale, &shift, c->c_out, w, prefix, e))
        return -1;
    for (size_t r = 0; r < c->k * c->c_in; r++)
        for (size_t o = 0; o < c->c_out; o++)
            c->kernel[r * c->c_out + o] = (float)(c->kernel[r * c->c_out + o] * scale[o]);
    for (size_t o = 0; o < c->c_out; o++)
        c->bias[o] = (float)(c->bias[o] * scale[o] + shift[o]);
    free(scale);
    free(shift);
    return 0;
}
