/* SPDX-License-Identifier: MIT */
/* Parameters of a peak network from a weight file. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "peakcall/network_inside.h"
#include "prog/mem.h"
#include "weights/weights.h"

enum { MAX_SCALES = 64, MAX_SIZE = 1 << 16 };

/* A weight file and which of its tensors were taken. */
struct params_file {
    struct weights *w;
    bool *taken;
};

/* Whether a tensor's name is want, which has "/" between its parts: see peak_net_open. */
static bool
is_called(const char *name, const char *want)
{
    for (; *want; name++, want++)
        if (*name != *want && !(*want == '/' && *name == '.'))
            return false;
    return !*name || strcmp(name, "/value") == 0 || strcmp(name, ".value") == 0;
}

static const struct tensor *
find(struct params_file *f, const char *name)
{
    for (size_t i = 0; i < f->w->n_tensor; i++)
        if (is_called(f->w->tensor[i].name, name)) {
            f->taken[i] = true;
            return &f->w->tensor[i];
        }
    return NULL;
}

/* shape entries of 0 are filled in; ndim 0 is a scalar. */
static float *
take(struct params_file *f, const char *name, size_t *shape, int ndim, struct err *e)
{
    const struct tensor *t = find(f, name);
    float *out;

    if (!t) {
        err_set(e, "%s: has no tensor '%s'; is it a peak caller's parameters?", f->w->path, name);
        return NULL;
    }
    if (t->ndim != ndim) {
        err_set(e, "%s: tensor '%s' has %d dimensions, expected %d", f->w->path, t->name, t->ndim,
                ndim);
        return NULL;
    }
    for (int i = 0; i < ndim; i++) {
        if (t->shape[i] == 0 || t->shape[i] > MAX_SIZE || (shape[i] && shape[i] != t->shape[i])) {
            err_set(e, "%s: tensor '%s' has %zu entries along axis %d, expected %zu", f->w->path,
                    t->name, t->shape[i], i, shape[i]);
            return NULL;
        }
        shape[i] = t->shape[i];
    }
    out = mem_alloc(t->count * sizeof *out);
    if (!weights_copy(f->w, out, t, e))
        return out;
    free(out);
    return NULL;
}

static int
take_scalar(struct params_file *f, float *out, const char *name, struct err *e)
{
    float *v = take(f, name, NULL, 0, e);

    if (!v)
        return -1;
    *out = *v;
    free(v);
    return 0;
}

/* kernel and bias under prefix; shape of the kernel, K x C x O. */
static int
take_conv(struct params_file *f, float **kernel, float **bias, const char *prefix, size_t shape[3],
          struct err *e)
{
    char name[80];

    snprintf(name, sizeof name, "%s/kernel", prefix);
    *kernel = take(f, name, shape, 3, e);
    if (!*kernel)
        return -1;
    snprintf(name, sizeof name, "%s/bias", prefix);
    *bias = take(f, name, shape + 2, 1, e);
    return *bias ? 0 : -1;
}

static int
take_scales(struct params_file *f, struct peak_params *p, struct err *e)
{
    char name[80];

    p->taps = mem_array(MAX_SCALES, sizeof *p->taps);
    p->scale_kernel = mem_array(MAX_SCALES, sizeof *p->scale_kernel);
    p->scale_bias = mem_array(MAX_SCALES, sizeof *p->scale_bias);
    for (size_t i = 0; i < MAX_SCALES; i++) {
        size_t shape[3] = { 0, 1, p->filters };

        snprintf(name, sizeof name, "peak_cnn/conv_layers/%zu/kernel", i);
        if (i && !find(f, name))
            break;
        p->n_scales = i + 1;
        snprintf(name, sizeof name, "peak_cnn/conv_layers/%zu", i);
        if (take_conv(f, &p->scale_kernel[i], &p->scale_bias[i], name, shape, e))
            return -1;
        p->taps[i] = shape[0];
        p->filters = shape[2];
    }
    return 0;
}

static int
take_network(struct params_file *f, struct peak_params *p, struct err *e)
{
    size_t combine[3] = { 3, 0, 0 }, output[3] = { 1, 0, 1 };
    float *bias;

    if (take_scales(f, p, e))
        return -1;
    combine[1] = p->filters * p->n_scales;
    combine[2] = output[1] = p->filters;
    if (take_conv(f, &p->combine_kernel, &p->combine_bias, "peak_cnn/combine_conv", combine, e) ||
        take_conv(f, &p->output_kernel, &bias, "peak_cnn/output_conv", output, e))
        return -1;
    p->output_bias = *bias;
    free(bias);
    return take_scalar(f, &p->threshold, "threshold", e) ||
           take_scalar(f, &p->temperature, "temperature", e) ? -1 : 0;
}

static int
take_dense(struct params_file *f, struct peak_dense *d, const char *layer, size_t in, size_t out,
           struct err *e)
{
    size_t shape[2] = { in, out };
    char name[80];

    snprintf(name, sizeof name, "vae_encoder/%s/kernel", layer);
    d->weight = take(f, name, shape, 2, e);
    if (!d->weight)
        return -1;
    d->in = shape[0];
    d->out = shape[1];
    snprintf(name, sizeof name, "vae_encoder/%s/bias", layer);
    d->bias = take(f, name, shape + 1, 1, e);
    return d->bias ? 0 : -1;
}

static int
take_denoiser(struct params_file *f, struct denoiser *d, struct err *e)
{
    if (!find(f, "vae_encoder/enc_hidden/kernel"))
        return 0;
    if (take_dense(f, &d->enc_hidden, "enc_hidden", 0, 0, e))
        return -1;
    d->window = d->enc_hidden.in;
    d->hidden = d->enc_hidden.out;
    if (take_dense(f, &d->enc_mean, "enc_mean", d->hidden, 0, e))
        return -1;
    d->latent = d->enc_mean.out;
    return take_dense(f, &d->enc_logvar, "enc_logvar", d->hidden, d->latent, e) ||
           take_dense(f, &d->dec_hidden, "dec_hidden", d->latent, d->hidden, e) ||
           take_dense(f, &d->dec_output, "dec_output", d->hidden, d->window, e) ? -1 : 0;
}

static int
check_all_taken(const struct params_file *f, struct err *e)
{
    for (size_t i = 0; i < f->w->n_tensor; i++)
        if (!f->taken[i])
            return err_set(e, "%s: tensor '%s' is none of a peak caller's; expected peak_cnn/..., "
                           "vae_encoder/..., threshold and temperature", f->w->path,
                           f->w->tensor[i].name);
    return 0;
}

struct peak_net *
peak_net_open(const char *path, struct err *e)
{
    struct params_file f = { .w = weights_open(path, e) };
    struct peak_net *net;
    int rc;

    if (!f.w)
        return NULL;
    f.taken = mem_array(f.w->n_tensor + 1, sizeof *f.taken);
    net = mem_zalloc(sizeof *net);
    memcpy(net->sha256, f.w->sha256, sizeof net->sha256);
    rc = take_network(&f, &net->params, e) || take_denoiser(&f, &net->denoiser, e) ||
         check_all_taken(&f, e) || nn_ops_select(&net->ops, e);
    weights_close(f.w);
    free(f.taken);
    if (!rc) {
        peak_net_prepare(net);
        return net;
    }
    peak_net_free(net);
    return NULL;
}
