/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "npz/npz_write.h"
#include "peakcall/network.h"
#include "prog/mem.h"

static int
add(struct npz_writer *w, const char *name, const float *v, int ndim, const size_t *shape,
    struct err *e)
{
    struct npy a = { .kind = 'f', .item = sizeof *v, .ndim = ndim, .count = 1 };

    for (int i = 0; i < ndim; i++) {
        a.shape[i] = shape[i];
        a.count *= shape[i];
    }
    return npz_add(w, name, &a, v, e);
}

static int
add_conv(struct npz_writer *w, const char *layer, const float *kernel, const float *bias,
         const size_t *shape, struct err *e)
{
    char *k = mem_printf("peak_cnn/%s/kernel", layer), *b = mem_printf("peak_cnn/%s/bias", layer);
    const int rc = add(w, k, kernel, 3, shape, e) || add(w, b, bias, 1, shape + 2, e) ? -1 : 0;

    free(k);
    free(b);
    return rc;
}

static int
add_all(struct npz_writer *w, const struct peak_params *p, struct err *e)
{
    const size_t combine[3] = { 3, p->filters * p->n_scales, p->filters };
    const size_t output[3] = { 1, p->filters, 1 };

    for (size_t i = 0; i < p->n_scales; i++) {
        const size_t shape[3] = { p->taps[i], 1, p->filters };
        char *layer = mem_printf("conv_layers/%zu", i);
        const int rc = add_conv(w, layer, p->scale_kernel[i], p->scale_bias[i], shape, e);

        free(layer);
        if (rc)
            return -1;
    }
    return add_conv(w, "combine_conv", p->combine_kernel, p->combine_bias, combine, e) ||
           add_conv(w, "output_conv", p->output_kernel, &p->output_bias, output, e) ||
           add(w, "threshold", &p->threshold, 0, NULL, e) ||
           add(w, "temperature", &p->temperature, 0, NULL, e) ? -1 : 0;
}

int
peak_params_write(const struct peak_params *p, FILE *out, const char *name, struct err *e)
{
    struct npz_writer *w = npz_create(out, name, 1);

    if (!add_all(w, p, e))
        return npz_finish(w, e);
    npz_abandon(w);
    return -1;
}
