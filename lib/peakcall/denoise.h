/* SPDX-License-Identifier: MIT */
/*
 * The variational autoencoder of DiffBio's peak caller, which denoises a track window by window:
 *
 *   h = relu(log(1 + |x|) Wh + bh); mean = h Wm + bm; logvar = clip(h Wv + bv, -10, 10)
 *   z = mean + exp(logvar / 2) eps;  g = relu(z Wd + bd); eta = g Wo + bo (log of a Poisson rate)
 *   denoised = exp(clip(eta, -10, 10))
 *
 * Windows lie one behind the other from position 0; the last is filled up with the track's last
 * value.  eps is 0 here, which gives the mean, or drawn from (seed, chromosome, window, dimension).
 * The original always draws, from a constant key of jax.
 */
#ifndef PT_PEAKCALL_DENOISE_H
#define PT_PEAKCALL_DENOISE_H

#include "base/base.h"

/* A dense layer: weight in x out, bias out. */
struct peak_dense {
    size_t in, out;
    float *weight, *bias;
};

struct denoiser {
    size_t window, latent, hidden;
    struct peak_dense enc_hidden, enc_mean, enc_logvar, dec_hidden, dec_output;
};

void denoiser_free(struct denoiser *d);

/* Of one window: latent values each, doubles; x and out window values; eta may be out. */
void denoiser_encode(const struct denoiser *d, double *mean, double *logvar, const float *x);
void denoiser_decode(const struct denoiser *d, float *out, const double *z);

/* Denoise window number w of a chromosome in place; seed below 0 takes the mean. */
void denoiser_run(const struct denoiser *d, float *x, const char *chrom, uint64_t w, int64_t seed);

#endif
