/* SPDX-License-Identifier: MIT */
#include "peakcall/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* A convolution of the trainer: where its parameters lie, and its activations of one track. */
struct layer {
    size_t taps, in, out;
    size_t kernel, bias;        /* first of each in the array of parameters */
};

struct peak_trainer {
    size_t filters, n_scales, n;
    struct layer *scale, combine, output;
    size_t threshold, temperature;
    double *value, *gradient, *first, *second;  /* n each; moments of Adam */
    uint64_t steps;
    size_t room;                /* positions there is room for */
    double *features, *hidden, *score;          /* of one track, activated */
    double *d_features, *d_hidden, *d_score;
};

static void
place(struct layer *l, size_t *n, size_t taps, size_t in, size_t out)
{
    *l = (struct layer){ taps, in, out, *n, *n + taps * in * out };
    *n = l->bias + out;
}

static void
put(struct peak_trainer *t, const struct layer *l, const float *kernel, const float *bias)
{
    for (size_t i = 0; i < l->taps * l->in * l->out; i++)
        t->value[l->kernel + i] = (double)kernel[i];
    for (size_t i = 0; i < l->out; i++)
        t->value[l->bias + i] = (double)bias[i];
}

struct peak_trainer *
peak_trainer_new(const struct peak_params *p)
{
    struct peak_trainer *t = mem_zalloc(sizeof *t);

    t->filters = p->filters;
    t->n_scales = p->n_scales;
    t->scale = mem_array(p->n_scales, sizeof *t->scale);
    for (size_t i = 0; i < p->n_scales; i++)
        place(&t->scale[i], &t->n, p->taps[i], 1, p->filters);
    place(&t->combine, &t->n, 3, p->filters * p->n_scales, p->filters);
    place(&t->output, &t->n, 1, p->filters, 1);
    t->threshold = t->n++;
    t->temperature = t->n++;
    t->value = mem_array(4 * t->n, sizeof *t->value);
    t->gradient = t->value + t->n;
    t->first = t->gradient + t->n;
    t->second = t->first + t->n;
    for (size_t i = 0; i < p->n_scales; i++)
        put(t, &t->scale[i], p->scale_kernel[i], p->scale_bias[i]);
    put(t, &t->combine, p->combine_kernel, p->combine_bias);
    put(t, &t->output, p->output_kernel, &p->output_bias);
    t->value[t->threshold] = (double)p->threshold;
    t->value[t->temperature] = (double)p->temperature;
    return t;
}

static void
free_room(struct peak_trainer *t)
{
    free(t->features);
    free(t->hidden);
    free(t->score);
    free(t->d_features);
    free(t->d_hidden);
    free(t->d_score);
}

void
peak_trainer_free(struct peak_trainer *t)
{
    if (!t)
        return;
    free_room(t);
    free(t->scale);
    free(t->value);
    free(t);
}

static void
make_room(struct peak_trainer *t, size_t n)
{
    const size_t wide = t->filters * t->n_scales;

    if (n <= t->room)
        return;
    free_room(t);
    t->room = n;
    t->features = mem_array(n * wide, sizeof (double));
    t->d_features = mem_array(n * wide, sizeof (double));
    t->hidden = mem_array(n * t->filters, sizeof (double));
    t->d_hidden = mem_array(n * t->filters, sizeof (double));
    t->score = mem_array(n, sizeof (double));
    t->d_score = mem_array(n, sizeof (double));
}

/* Taps of position j that lie on the track: tap q reads position j + q - before. */
static void
taps_at(const struct layer *l, size_t j, size_t n, size_t *lo, size_t *hi)
{
    const size_t before = (l->taps - 1) / 2;

    *lo = j < before ? before - j : 0;
    *hi = n - j + before < l->taps ? n - j + before : l->taps;
}

/* y[j][..], stride apart, from x[..][in]; relu of it unless plain. */
static void
forward(const struct peak_trainer *t, const struct layer *l, double *y, size_t stride,
        const double *x, size_t n, bool plain)
{
    const double *kernel = t->value + l->kernel, *bias = t->value + l->bias;

    for (size_t j = 0; j < n; j++) {
        double *out = y + j * stride;
        size_t lo, hi;

        taps_at(l, j, n, &lo, &hi);
        memcpy(out, bias, l->out * sizeof *out);
        for (size_t q = lo; q < hi; q++) {
            const double *in = x + (j + q - (l->taps - 1) / 2) * l->in;
            const double *k = kernel + q * l->in * l->out;

            for (size_t i = 0; i < l->in; i++)
                for (size_t o = 0; o < l->out; o++)
                    out[o] += in[i] * k[i * l->out + o];
        }
        for (size_t o = 0; o < l->out && !plain; o++)
            out[o] = fmax(out[o], 0);
    }
}

/* Adds to the gradient of kernel and bias, and to dx (may be NULL), what dy means for them. */
static void
backward(struct peak_trainer *t, const struct layer *l, double *dx, const double *dy, size_t stride,
         const double *x, size_t n)
{
    const double *kernel = t->value + l->kernel;
    double *dk = t->gradient + l->kernel, *db = t->gradient + l->bias;

    for (size_t j = 0; j < n; j++) {
        const double *d = dy + j * stride;
        size_t lo, hi;

        taps_at(l, j, n, &lo, &hi);
        for (size_t o = 0; o < l->out; o++)
            db[o] += d[o];
        for (size_t q = lo; q < hi; q++) {
            const size_t at = (j + q - (l->taps - 1) / 2) * l->in;

            for (size_t i = 0; i < l->in; i++) {
                const double *k = kernel + (q * l->in + i) * l->out;
                double *g = dk + (q * l->in + i) * l->out, sum = 0;

                for (size_t o = 0; o < l->out; o++) {
                    g[o] += x[at + i] * d[o];
                    sum += k[o] * d[o];
                }
                if (dx)
                    dx[at + i] += sum;
            }
        }
    }
}

/* Where an activation was cut off, nothing goes back. */
static void
cut(double *d, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (y[i] <= 0)
            d[i] = 0;
}

/* Loss of one track, to be divided by all; d_score gets its derivative, over n_all. */
static double
cross_entropy(struct peak_trainer *t, const struct peak_example *ex, double n_all)
{
    const double raw = t->value[t->temperature], width = fabs(raw) + 1e-6;
    const double sign = (raw > 0) - (raw < 0);
    double loss = 0;

    for (size_t j = 0; j < ex->n; j++) {
        const double z = (t->score[j] - t->value[t->threshold] - 1e-10) / width;
        const double p = 1 / (1 + exp(-z)), y = (double)ex->label[j];
        const double dp = -(y / (p + 1e-8) - (1 - y) / (1 - p + 1e-8)) / n_all;
        const double dz = dp * p * (1 - p);

        loss -= y * log(p + 1e-8) + (1 - y) * log(1 - p + 1e-8);
        t->d_score[j] = dz / width;
        t->gradient[t->threshold] -= dz / width;
        t->gradient[t->temperature] -= dz * z / width * sign;
    }
    return loss;
}

static double
pass(struct peak_trainer *t, const struct peak_example *ex, double n_all)
{
    const size_t n = ex->n, f = t->filters, wide = f * t->n_scales;
    double *x = mem_array(n, sizeof *x), loss;

    make_room(t, n);
    for (size_t j = 0; j < n; j++)
        x[j] = (double)ex->x[j];
    for (size_t i = 0; i < t->n_scales; i++)
        forward(t, &t->scale[i], t->features + i * f, wide, x, n, false);
    forward(t, &t->combine, t->hidden, f, t->features, n, false);
    forward(t, &t->output, t->score, 1, t->hidden, n, true);
    loss = cross_entropy(t, ex, n_all);
    memset(t->d_hidden, 0, n * f * sizeof *t->d_hidden);
    memset(t->d_features, 0, n * wide * sizeof *t->d_features);
    backward(t, &t->output, t->d_hidden, t->d_score, 1, t->hidden, n);
    cut(t->d_hidden, t->hidden, n * f);
    backward(t, &t->combine, t->d_features, t->d_hidden, f, t->features, n);
    cut(t->d_features, t->features, n * wide);
    for (size_t i = 0; i < t->n_scales; i++)
        backward(t, &t->scale[i], NULL, t->d_features + i * f, wide, x, n);
    free(x);
    return loss;
}

double
peak_trainer_loss(struct peak_trainer *t, const struct peak_example *ex, size_t n_ex)
{
    double n_all = 0, loss = 0;

    for (size_t i = 0; i < n_ex; i++)
        n_all += (double)ex[i].n;
    memset(t->gradient, 0, t->n * sizeof *t->gradient);
    for (size_t i = 0; i < n_ex; i++)
        loss += pass(t, &ex[i], n_all);
    return loss / n_all;
}

size_t
peak_trainer_size(const struct peak_trainer *t)
{
    return t->n;
}

const double *
peak_trainer_gradient(const struct peak_trainer *t)
{
    return t->gradient;
}

const double *
peak_trainer_values(const struct peak_trainer *t)
{
    return t->value;
}

void
peak_trainer_step(struct peak_trainer *t, double rate)
{
    const double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
    const double steps = (double)++t->steps;
    const double fix1 = 1 - pow(beta1, steps), fix2 = 1 - pow(beta2, steps);

    for (size_t i = 0; i < t->n; i++) {
        const double g = t->gradient[i];

        t->first[i] = beta1 * t->first[i] + (1 - beta1) * g;
        t->second[i] = beta2 * t->second[i] + (1 - beta2) * g * g;
        t->value[i] -= rate * (t->first[i] / fix1) / (sqrt(t->second[i] / fix2) + eps);
    }
}

static void
get(const struct peak_trainer *t, const struct layer *l, float *kernel, float *bias)
{
    for (size_t i = 0; i < l->taps * l->in * l->out; i++)
        kernel[i] = (float)t->value[l->kernel + i];
    for (size_t i = 0; i < l->out; i++)
        bias[i] = (float)t->value[l->bias + i];
}

void
peak_trainer_get(const struct peak_trainer *t, struct peak_params *p)
{
    for (size_t i = 0; i < t->n_scales; i++)
        get(t, &t->scale[i], p->scale_kernel[i], p->scale_bias[i]);
    get(t, &t->combine, p->combine_kernel, p->combine_bias);
    get(t, &t->output, p->output_kernel, &p->output_bias);
    p->threshold = (float)t->value[t->threshold];
    p->temperature = (float)t->value[t->temperature];
}
