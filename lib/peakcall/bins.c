/* SPDX-License-Identifier: MIT */
#include "peakcall/bins.h"

/* The part of a segment that lies in a bin begun; returns where it ends. */
static int64_t
fill_up(struct bins *b, const struct segment *g, bins_put *put, void *context)
{
    const int64_t full = g->start - g->start % b->size + b->size;
    const int64_t stop = full < g->end ? full : g->end;

    b->sum += (double)g->value * (double)(stop - g->start);
    if (stop == full) {
        put(context, (float)(b->sum / (double)b->size), 1);
        b->sum = 0;
    }
    return stop;
}

void
bins_add(struct bins *b, const struct segment *g, bins_put *put, void *context)
{
    int64_t at = g->start;

    b->length = g->end;
    if (at % b->size)
        at = fill_up(b, g, put, context);
    if (at == g->end)
        return;
    if (g->end - at >= b->size)
        put(context, g->value, (g->end - at) / b->size);
    b->sum = (double)g->value * (double)(g->end % b->size);
}

void
bins_end(struct bins *b, bins_put *put, void *context)
{
    const int64_t rest = b->length % b->size;

    if (rest)
        put(context, (float)(b->sum / (double)rest), 1);
}
