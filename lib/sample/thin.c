/* SPDX-License-Identifier: MIT */
/* Items are collected until there are 2 n, then sorted and the upper half dropped: on average a
 * constant number of comparisons per item, and fewer and fewer items get so far. */
#include "sample/thin.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

void
thin_init(struct thin *t, size_t n, void (*free_data)(void *data))
{
    memset(t, 0, sizeof *t);
    t->wanted = n;
    t->limit = UINT64_MAX;
    t->free_data = free_data;
}

void
thin_free(struct thin *t)
{
    for (size_t i = 0; i < t->n; i++)
        t->free_data(t->item[i].data);
    free(t->item);
}

bool
thin_wants(const struct thin *t, uint64_t hash)
{
    return hash <= t->limit;
}

static int
by_hash(const void *pa, const void *pb)
{
    const struct thin_item *a = pa, *b = pb;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

void
thin_finish(struct thin *t)
{
    size_t n = 0;

    if (t->n)
        qsort(t->item, t->n, sizeof *t->item, by_hash);
    for (size_t i = 0; i < t->n; i++) {
        const bool again = n && t->item[n - 1].hash == t->item[i].hash;

        t->duplicates += again;
        if (again || n == t->wanted)
            t->free_data(t->item[i].data);
        else
            t->item[n++] = t->item[i];
    }
    t->n = n;
    if (n == t->wanted)
        t->limit = t->item[n - 1].hash;
}

void
thin_add(struct thin *t, uint64_t hash, uint64_t ordinal, void *data)
{
    if (t->n == 2 * t->wanted + 16)
        thin_finish(t);
    mem_grow(&t->item, &t->cap, t->n + 1, sizeof *t->item);
    t->item[t->n++] = (struct thin_item){ hash, ordinal, data };
}
