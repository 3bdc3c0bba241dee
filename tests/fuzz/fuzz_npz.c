/* SPDX-License-Identifier: MIT */
/* Archives of NumPy arrays. */
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 2 && memcmp(data, "PK", 2) == 0)
        fuzz_weights(data, size);
    return 0;
}
