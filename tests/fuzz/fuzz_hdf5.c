/* SPDX-License-Identifier: MIT */
/* Keras HDF5 files; the signature alone would be lost most of the time. */
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 8 && memcmp(data, "\x89HDF\r\n\x1a\n", 8) == 0)
        fuzz_weights(data, size);
    return 0;
}
