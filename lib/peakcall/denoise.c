/* SPDX-License-Identifier: MIT */
#include "peakcall/denoise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "rng/normal.h"

static void
dense_free(struct peak_dense *d)
{
    free(d->weight);
    free(d->bias);
}

void
denoiser_free(struct denoiser *d)
{
    dense_free(&d->enc_hidden);
    dense_free(&d->enc_mean);
    dense_free(&d->enc_logvar);
    dense_free(&d->dec_hidden);
    dense_free(&d->dec_output);
    memset(d, 0, sizeof *d);
}

static double
clip(double x)
{
    return fmax(-10, fmin(10, x));
}

static void
dense(const struct peak_dense *d, double *y, const double *x, bool relu)
{
    for (size_t o = 0; o < d->out; o++)
        y[o] = (double)d->bias[o];
    for (size_t i = 0; i < d->in; i++)
        for (size_t o = 0; o < d->out; o++)
            y[o] += x[i] * (double)d->weight[i * d->out + o];
    for (size_t o = 0; relu && o < d->out; o++)
        y[o] = fmax(y[o], 0);
}

void
denoiser_encode(const struct denoiser *d, double *mean, double *logvar, const float *x)
{
    double *in = mem_array(d->window + d->hidden, sizeof *in), *h = in + d->window;

    for (size_t i = 0; i < d->window; i++)
        in[i] = log1p(fabs((double)x[i]));
    dense(&d->enc_hidden, h, in, true);
    dense(&d->enc_mean, mean, h, false);
    dense(&d->enc_logvar, logvar, h, false);
    for (size_t i = 0; i < d->latent; i++)
        logvar[i] = clip(logvar[i]);
    free(in);
}

void
denoiser_decode(const struct denoiser *d, float *out, const double *z)
{
    double *g = mem_array(d->hidden + d->window, sizeof *g), *eta = g + d->hidden;

    dense(&d->dec_hidden, g, z, true);
    dense(&d->dec_output, eta, g, false);
    for (size_t i = 0; i < d->window; i++)
        out[i] = (float)exp(clip(eta[i]));
    free(g);
}

void
denoiser_run(const struct denoiser *d, float *x, const char *chrom, uint64_t w, int64_t seed)
{
    double *z = mem_array(2 * d->latent, sizeof *z), *logvar = z + d->latent;

    denoiser_encode(d, z, logvar, x);
    if (seed >= 0) {
        const uint64_t key = keyed_bytes(chrom, strlen(chrom), (uint64_t)seed) ^ w;
        struct keyed_stream s;

        keyed_stream_init(&s, (uint64_t)seed, key);
        for (size_t i = 0; i < d->latent; i++)
            z[i] += exp(logvar[i] / 2) * keyed_normal(&s);
    }
    denoiser_decode(d, x, z);
    free(z);
}
