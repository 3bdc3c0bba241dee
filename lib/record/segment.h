/* SPDX-License-Identifier: MIT */
/* A run of bins of a track, as predictions carry them and scoring asks for them. */
#ifndef PT_SEGMENT_H
#define PT_SEGMENT_H

#include "base/base.h"

struct bin_segment {
    uint32_t start, len;    /* bins [start, start + len) */
};

#endif
