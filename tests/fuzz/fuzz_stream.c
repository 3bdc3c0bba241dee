/* SPDX-License-Identifier: MIT */
/* Score records, binary and TSV, as reservoir and cdf-lookup read them. */
#include <stdio.h>

#include "fuzz.h"
#include "score/record.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *fp = size ? fmemopen((void *)data, size, "rb") : NULL;
    const struct score_record *record;
    struct score_reader *r;
    struct err e = { "" };

    if (!fp)
        return 0;
    r = score_open(fp, "input", &e);
    while (r && score_read(r, &record, &e) > 0)
        ;
    score_close(r);
    fclose(fp);
    return 0;
}
