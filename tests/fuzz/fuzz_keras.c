/* SPDX-License-Identifier: MIT */
/* Keras 3 archives. */
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 2 && memcmp(data, "PK", 2) == 0)
        fuzz_weights(data, size);
    return 0;
}
