/* SPDX-License-Identifier: MIT */
/* TensorFlow checkpoints in a tar archive, and the index and what it is made of on their own. */
#include <stdlib.h>

#include "fuzz.h"
#include "weights/protobuf.h"
#include "weights/snappy.h"
#include "weights/sstable.h"

static int
meet(void *context, const char *key, size_t n_key, const uint8_t *value, size_t n_value,
     struct err *e)
{
    struct protobuf m;

    (void)context, (void)key, (void)n_key, (void)e;
    for (protobuf_init(&m, value, n_value); protobuf_next(&m);)
        ;
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = { "" };
    size_t n;

    if (size > 512 && memcmp(data + 257, "ustar", 5) == 0) {
        fuzz_weights(data, size);
    } else if (sstable_is(data, size)) {
        sstable_each(data, size, meet, NULL, &e);
    } else {
        free(snappy_unpack(&n, data, size, &e));
    }
    return 0;
}
