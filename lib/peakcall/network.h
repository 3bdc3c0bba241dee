/* SPDX-License-Identifier: MIT */
/*
 * DiffBio's peak caller (diffbio/operators/epigenomics/peak_calling.py, DifferentiablePeakCaller):
 * one value per position in, a score and a probability per position out.
 *
 *   f = relu(conv_i(x)) of every scale i, side by side; h = relu(combine(f)), 3 taps;
 *   score = output(h), 1 tap; p = sigmoid((score - threshold - 1e-10) / T)
 *   T = |temperature| + 1e-6
 *
 * Convolutions are padded with zeros at both ends of the track, (K - 1) / 2 in front.  From p and
 * score follow summits, starts and ends (peak_net_summits, peak_net_edges).
 *
 * With an autoencoder in the file (its VAE denoising) the track is first replaced, window by window,
 * by what the decoder makes of it (denoise.h).
 */
#ifndef PT_PEAKCALL_NETWORK_H
#define PT_PEAKCALL_NETWORK_H

#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "nn/ops.h"
#include "peakcall/denoise.h"

/* Positions computed at once.  A piece begins at a multiple of this, so its bits depend on nothing
 * but the track. */
enum { PEAK_PIECE = 4096 };

/* Parameters as in a file; kernels K x C x O. */
struct peak_params {
    size_t filters, n_scales;
    size_t *taps;                       /* of each scale */
    float **scale_kernel, **scale_bias; /* taps x 1 x filters, filters */
    float *combine_kernel, *combine_bias;   /* 3 x (filters * n_scales) x filters, filters */
    float *output_kernel, output_bias;  /* filters */
    float threshold, temperature;
};

void peak_params_free(struct peak_params *p);

struct peak_net;

/*
 * Read a file of parameters by the names they have in the module, "peak_cnn/combine_conv/kernel",
 * with or without "/value" behind and with "." for "/"; any container of weights.h.  NULL with the
 * reason in e, also when the file holds a tensor that is none of the network's.
 */
struct peak_net *peak_net_open(const char *path, struct err *e);
void peak_net_free(struct peak_net *net);

/*
 * Write parameters as peak_net_open reads them: an NPZ of arrays by the module's names.  name is
 * for messages.
 */
int peak_params_write(const struct peak_params *p, FILE *out, const char *name, struct err *e);

const struct peak_params *peak_net_params(const struct peak_net *net);
const struct denoiser *peak_net_denoiser(const struct peak_net *net);   /* NULL when there is none */
const char *peak_net_sha256(const struct peak_net *net);                /* of the file */

/* In place of the file's; NaN leaves one as it is. */
void peak_net_set(struct peak_net *net, double threshold, double temperature);

/* Positions on each side that a score depends on. */
size_t peak_net_halo(const struct peak_net *net);

/*
 * Scores of the piece that begins at position lo of a track of n positions (n INT64_MAX: it does not
 * end within reach).  x[0] is position lo - halo, and there are PEAK_PIECE + 2 * halo of them, zeros
 * outside of the track.  What score has behind the track's end means nothing.
 */
void peak_net_score(struct peak_net *net, float score[PEAK_PIECE], const float *x, int64_t lo,
                    int64_t n);

double peak_net_probability(const struct peak_net *net, float score);

/*
 * summit[i], i < n: of v = score * p, the weight of the middle one in the softmax of v / T over the
 * width positions from i - width / 2 on; those outside of [lo, hi) count nothing.  score and p begin
 * at position first of the track, [lo, hi) is the part of it that they hold, and i counts from
 * position at.
 */
void peak_net_summits(const struct peak_net *net, double *summit, const float *score, int64_t first,
                      int64_t lo, int64_t hi, int64_t at, size_t n, int64_t width);

/*
 * Start and end of one position from its left neighbour (the first has itself): by the module's code,
 * sigmoid of the difference of probabilities / 0.1; by its guide, that of the scores / T.
 */
void peak_net_edges(const struct peak_net *net, double *start, double *end, float left, float score,
                    bool guide);

#endif
