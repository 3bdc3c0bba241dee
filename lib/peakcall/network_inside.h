/* SPDX-License-Identifier: MIT */
/* The inside of a peak network, for the files that read, run and train it. */
#ifndef PT_PEAKCALL_NETWORK_INSIDE_H
#define PT_PEAKCALL_NETWORK_INSIDE_H

#include "nn/ops.h"
#include "peakcall/network.h"

struct peak_net {
    struct peak_params params;
    struct denoiser denoiser;       /* window 0: none */
    char sha256[65];

    struct nn_ops ops;
    struct nn_conv wide, combine;
    size_t before, halo;            /* taps of wide before the middle; see peak_net_halo */
    size_t n_scratch;
    float *input, *features, *hidden, *scratch;     /* of one piece */
};

/* Once params and ops are set: pack the kernels, make room for a piece. */
void peak_net_prepare(struct peak_net *net);

#endif
