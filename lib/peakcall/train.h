/* SPDX-License-Identifier: MIT */
/*
 * Training of a peak network: the cross entropy of probabilities with labels, by Adam.
 *
 *   loss = mean over positions of -(y log(p + 1e-8) + (1 - y) log(1 - p + 1e-8))
 *
 * as DiffBio's documentation trains its module (docs/examples/advanced/epigenomics-analysis.md), all
 * tracks in every step.  Adam: Kingma and Ba, "Adam: a method for stochastic optimization", 2015,
 * beta 0.9 and 0.999, epsilon 1e-8.  Everything in double, sums in one order: the same numbers
 * on every machine up to the exponential of its C library.
 */
#ifndef PT_PEAKCALL_TRAIN_H
#define PT_PEAKCALL_TRAIN_H

#include "base/base.h"
#include "base/err.h"
#include "peakcall/network.h"

/* Tracks of one value and one label (0 or 1) a position. */
struct peak_example {
    const float *x;
    const uint8_t *label;
    size_t n;
};

struct peak_trainer;

/* Starts from p, which is copied. */
struct peak_trainer *peak_trainer_new(const struct peak_params *p);
void peak_trainer_free(struct peak_trainer *t);

/* Loss of the present parameters, and its gradient (peak_trainer_gradient); not finite: it diverged. */
double peak_trainer_loss(struct peak_trainer *t, const struct peak_example *ex, size_t n_ex);

/*
 * Parameters, and the gradient of the last loss, as one array each: for every scale kernel and bias,
 * then those of combine and output, threshold, temperature.
 */
size_t peak_trainer_size(const struct peak_trainer *t);
const double *peak_trainer_gradient(const struct peak_trainer *t);
const double *peak_trainer_values(const struct peak_trainer *t);

/* One step of Adam along the last gradient. */
void peak_trainer_step(struct peak_trainer *t, double rate);

/* The present parameters into p, which is of the same shape. */
void peak_trainer_get(const struct peak_trainer *t, struct peak_params *p);

/*
 * Parameters to start from: kernels normal, cut off at two deviations, of variance 1 / fan-in (LeCun
 * et al., "Efficient BackProp", 1998; flax.linen.initializers.lecun_normal), biases 0.  What is drawn
 * depends on seed alone; jax draws other numbers.
 */
void peak_params_init(struct peak_params *p, size_t filters, const size_t *taps, size_t n_scales,
                      double threshold, double temperature, uint64_t seed);

#endif
