/* SPDX-License-Identifier: MIT */
/* A set of numbers below 2^64 - 1. */
#ifndef PT_SAMPLE_SEEN_H
#define PT_SAMPLE_SEEN_H

#include "base/base.h"

/* Numbers plus 1: 0 is a free slot.  Open addressing, at most half full. */
struct seen {
    uint64_t *slot;
    size_t mask;
};

void seen_init(struct seen *s, uint64_t n);     /* room for n numbers */
void seen_free(struct seen *s);

bool seen_has(const struct seen *s, uint64_t number);

/* False when it is there already. */
bool seen_add(struct seen *s, uint64_t number);

#endif
