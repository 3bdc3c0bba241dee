/* SPDX-License-Identifier: MIT */
/*
 * Tensors of a weight file as the engine wants them: copied, checked, in its layout.
 *
 * PyTorch keeps a convolution as (O, C, K) and a dense layer as (O, C); Keras and the engine as
 * (K, C, O).  A stored normalisation behind a convolution is folded into it.
 */
#ifndef PT_ORACLE_TENSORS_H
#define PT_ORACLE_TENSORS_H

#include "base/base.h"
#include "base/err.h"
#include "weights/weights.h"

/*
 * Copy a tensor after checking its shape, which has ndim entries: 0 accepts any size and is filled
 * in.  NULL with "PATH: tensor 'NAME' has shape (21, 4, 63), expected ..." in e.
 */
float *tensor_take(const struct weights *w, const char *name, size_t *shape, int ndim,
                   struct err *e);

/* Whether there is a tensor of that name, given as for printf. */
bool tensor_exists(const struct weights *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* (O, C, K) to (K, C, O), keeping the first c_keep input channels. */
float *tensor_turn(const float *torch, size_t c_out, size_t c_in, size_t k, size_t c_keep);

/* Kernel K x C x O and bias O, owned. */
struct oracle_conv {
    float *kernel, *bias;
    size_t k, c_in, c_out, dilation;
    size_t c_keep;              /* only the first so many of the file's input channels; 0: all */
};

void oracle_conv_free(struct oracle_conv *c);

/*
 * A PyTorch convolution or dense layer, PREFIX.weight and, where there is one, PREFIX.bias (zeros
 * otherwise).  c->c_in, c->c_out and c->k are what is expected, or 0 for any; c->c_keep becomes
 * c_in when it is set, and there must be as many.  c->kernel and c->bias are left for the caller to
 * free when this fails.  Of a depthwise
 * convolution, (C, 1, K), expect c_in 1: the kernel then is K x C.
 */
int oracle_conv_take(struct oracle_conv *c, const struct weights *w, const char *prefix,
                     struct err *e);

/*
 * Fold the PyTorch batch normalisation PREFIX.{weight,bias,running_mean,running_var} that follows
 * c, or for oracle_norm_take the one that stands alone: y = x * scale + shift, C each.
 *   y = (x - mean) / sqrt(variance + eps) * weight + bias
 * eps is 1e-5, PyTorch's default (torch.nn.BatchNorm1d), in every model read here.
 */
int oracle_conv_fold_norm(struct oracle_conv *c, const struct weights *w, const char *prefix,
                          struct err *e);
int oracle_norm_take(double **scale, double **shift, size_t c, const struct weights *w,
                     const char *prefix, struct err *e);

#endif
