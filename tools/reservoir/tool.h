/* SPDX-License-Identifier: MIT */
/* What the parts of reservoir share. */
#ifndef PT_RESERVOIR_TOOL_H
#define PT_RESERVOIR_TOOL_H

#include "base/base.h"
#include "reservoir/retention.h"
#include "reservoir/run.h"

struct options {
    const char *out, *algorithm;
    int64_t capacity, tail, expected, seed, width;      /* -1: not given */
    struct retention how;
    bool text, allow_empty;
    char **input;
    size_t n_input;
};

/* Write all that a run holds, or nothing. */
void write_output(struct run *run, const struct options *o);

#endif
