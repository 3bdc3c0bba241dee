/* SPDX-License-Identifier: MIT */
#include "sample/seen.h"

#include <stdlib.h>

#include "prog/mem.h"
#include "rng/keyed.h"

void
seen_init(struct seen *s, uint64_t n)
{
    size_t slots = 16;

    while (slots < 2 * n)
        slots *= 2;
    s->slot = mem_array(slots, sizeof *s->slot);
    s->mask = slots - 1;
}

void
seen_free(struct seen *s)
{
    free(s->slot);
}

/* The slot that holds the number, or the free one where it belongs. */
static uint64_t *
find(const struct seen *s, uint64_t number)
{
    size_t i = keyed_hash(0, number, 0) & s->mask;

    while (s->slot[i] && s->slot[i] != number + 1)
        i = (i + 1) & s->mask;
    return &s->slot[i];
}

bool
seen_has(const struct seen *s, uint64_t number)
{
    return *find(s, number) != 0;
}

bool
seen_add(struct seen *s, uint64_t number)
{
    uint64_t *slot = find(s, number);

    if (*slot)
        return false;
    *slot = number + 1;
    return true;
}
