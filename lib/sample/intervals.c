/* SPDX-License-Identifier: MIT */
#include "sample/intervals.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

void
intervals_init(struct intervals *iv)
{
    memset(iv, 0, sizeof *iv);
}

void
intervals_free(struct intervals *iv)
{
    free(iv->item);
}

void
intervals_add(struct intervals *iv, size_t contig, int64_t start, int64_t end)
{
    if (start >= end)
        return;
    mem_grow(&iv->item, &iv->cap, iv->n + 1, sizeof *iv->item);
    iv->item[iv->n++] = (struct interval){ contig, start, end, 0 };
}

static int
by_place(const void *pa, const void *pb)
{
    const struct interval *a = pa, *b = pb;

    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    return (a->start > b->start) - (a->start < b->start);
}

void
intervals_seal(struct intervals *iv)
{
    size_t n = 0;

    if (iv->n)
        qsort(iv->item, iv->n, sizeof *iv->item, by_place);
    for (size_t i = 0; i < iv->n; i++) {
        const struct interval *next = &iv->item[i];
        struct interval *last = n ? &iv->item[n - 1] : NULL;

        if (last && last->contig == next->contig && next->start <= last->end) {
            if (next->end > last->end)
                last->end = next->end;
        } else {
            iv->item[n++] = *next;
        }
    }
    iv->n = n;
    iv->total = 0;
    for (size_t i = 0; i < n; i++) {
        iv->item[i].before = iv->total;
        iv->total += (uint64_t)(iv->item[i].end - iv->item[i].start);
    }
}

int64_t
intervals_at(const struct intervals *iv, uint64_t index, size_t *contig)
{
    size_t lo = 0, hi = iv->n;      /* the answer is the last interval with before <= index */

    while (hi - lo > 1) {
        const size_t mid = lo + (hi - lo) / 2;

        if (iv->item[mid].before <= index)
            lo = mid;
        else
            hi = mid;
    }
    *contig = iv->item[lo].contig;
    return iv->item[lo].start + (int64_t)(index - iv->item[lo].before);
}
