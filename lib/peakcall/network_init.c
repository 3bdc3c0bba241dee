/* SPDX-License-Identifier: MIT */
/* Parameters to start training from. */
#include <math.h>
#include <string.h>

#include "peakcall/train.h"
#include "prog/mem.h"
#include "rng/normal.h"

/* Standard deviation of a standard normal that is cut off at two. */
static const double cut_deviation = 0.87962566103423978;

/* stream numbers the arrays, so that none depends on the size of another. */
static float *
draw(size_t n, size_t fan_in, uint64_t seed, uint64_t stream)
{
    const double scale = sqrt(1 / (double)fan_in) / cut_deviation;
    float *v = mem_array(n, sizeof *v);
    struct keyed_stream s;

    keyed_stream_init(&s, seed, stream);
    for (size_t i = 0; i < n; i++) {
        double z;

        do
            z = keyed_normal(&s);
        while (fabs(z) > 2);
        v[i] = (float)(scale * z);
    }
    return v;
}

void
peak_params_init(struct peak_params *p, size_t filters, const size_t *taps, size_t n_scales,
                 double threshold, double temperature, uint64_t seed)
{
    const size_t wide = filters * n_scales;

    memset(p, 0, sizeof *p);
    p->filters = filters;
    p->n_scales = n_scales;
    p->taps = mem_array(n_scales, sizeof *p->taps);
    p->scale_kernel = mem_array(n_scales, sizeof *p->scale_kernel);
    p->scale_bias = mem_array(n_scales, sizeof *p->scale_bias);
    for (size_t i = 0; i < n_scales; i++) {
        p->taps[i] = taps[i];
        p->scale_kernel[i] = draw(taps[i] * filters, taps[i], seed, i + 2);
        p->scale_bias[i] = mem_array(filters, sizeof **p->scale_bias);
    }
    p->combine_kernel = draw(3 * wide * filters, 3 * wide, seed, 0);
    p->combine_bias = mem_array(filters, sizeof *p->combine_bias);
    p->output_kernel = draw(filters, filters, seed, 1);
    p->threshold = (float)threshold;
    p->temperature = (float)temperature;
}
