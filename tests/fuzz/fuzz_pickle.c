/* SPDX-License-Identifier: MIT */
/* The pickle of a PyTorch archive, around 256 bytes of values that it may describe. */
#include "../unit/zip_build.h"
#include "fuzz.h"
#include "weights/pickle.h"

enum { MAX_BYTES = 60000 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t values[256] = { 1, 2, 3 };
    static struct zip_build b;

    if (size > MAX_BYTES)
        return 0;
    b.n = b.n_central = b.n_member = 0;
    zip_build_add(&b, "m/data.pkl", data, size);
    zip_build_add(&b, "m/data/0", values, sizeof values);
    zip_build_end(&b);
    fuzz_weights(b.bytes, b.n);
    return 0;
}
