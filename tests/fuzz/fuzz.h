/* SPDX-License-Identifier: MIT */
/*
 * What fuzz targets share.  Each is one function, called with any bytes, that must return 0
 * without a crash, a leak, a read out of bounds, or memory and time out of proportion.  Linked with
 * libFuzzer, or with driver.c (see there), whichever "make fuzz" finds.
 */
#ifndef PT_FUZZ_H
#define PT_FUZZ_H

#include <string.h>

#include "weights/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Open as weights, ask for every tensor, and describe. */
static inline void
fuzz_weights(const void *data, size_t size)
{
    struct err e = { "" };
    struct weights *w = weights_open_bytes(data, size, "input", &e);
    FILE *none;

    if (!w)
        return;
    weights_check(w, &e);
    for (size_t i = 0; i < w->n_tensor && i < 100; i++)
        weights_data(w, &w->tensor[i], &e);
    none = fopen("/dev/null", "w");
    if (none) {
        weights_describe(none, w);
        fclose(none);
    }
    weights_close(w);
}

#endif
