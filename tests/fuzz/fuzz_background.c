/* SPDX-License-Identifier: MIT */
/* Background files (NPZ), from a file in memory, as their reader maps them by name. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "background/background.h"
#include "fuzz.h"

static void
look_at(struct background *b)
{
    struct err e = { "" };

    for (int k = 0; k < SCORE_KINDS; k++) {
        float *row;

        if (!b->kind[k].present || b->kind[k].width > 1 << 20)
            continue;
        row = malloc(b->kind[k].width * sizeof *row);
        for (size_t t = 0; row && t < b->n && t < 50; t++)
            background_row(b, row, (enum score_kind)k, t, &e);
        free(row);
    }
    free(background_config(b, &e));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    char path[64];
    struct background *b;
    struct err e = { "" };

    if (fd < 0)
        fd = memfd_create("input", 0);
    if (fd < 0 || ftruncate(fd, (off_t)size) < 0 ||
        pwrite(fd, data, size, 0) != (ssize_t)size)
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    b = background_open(path, &e);
    if (b)
        look_at(b);
    background_close(b);
    return 0;
}
