/* SPDX-License-Identifier: MIT */
#include "background/guard.h"

#include <stdlib.h>
#include <string.h>

#include "background/grid.h"
#include "prog/mem.h"
#include "reservoir/retention.h"

bool
guard_yields_too_little(const int64_t *count, size_t n)
{
    size_t alive = 0;

    for (size_t i = 0; i < n; i++)
        alive += count[i] > 0;
    return n == 0 || 2 * alive < n;
}

bool
guard_is_smaller(size_t planned, size_t present)
{
    return 10 * planned < 9 * present;
}

bool
guard_nothing_loads(size_t tried, size_t loaded)
{
    return tried >= 25 && loaded == 0;
}

uint64_t
guard_exact_slots(size_t width)
{
    return (uint64_t)width * 198 / 10000;
}

bool
guard_is_thinned(uint64_t offered, uint64_t kept, uint64_t tail, size_t width, uint64_t least)
{
    return kept < offered && (tail == 0 || retention_exact_slots(tail, offered, width) < least);
}

uint64_t
guard_preflight(bool *exact, uint64_t expected, uint64_t capacity, uint64_t tail, size_t width)
{
    *exact = capacity == 0 || expected <= capacity;
    return *exact ? width : retention_exact_slots(tail, expected, width);
}

bool
guard_descends(const float *row, size_t width)
{
    return grid_first_descent(row, width) >= 0;
}

bool
guard_looks_padded(const float *row, size_t width, int64_t count)
{
    size_t first = 0;

    if (count <= 0 || count >= (int64_t)width - 2)
        return false;
    for (size_t i = 1; i < width; i++)
        if (row[i] > row[first])
            first = i;
    return row[0] != row[first] && (int64_t)first == count - 1;
}

static int
ascending(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void
guard_uniformity(struct guard_counts *g, const int64_t *count, size_t n)
{
    int64_t *alive = mem_array(n, sizeof *alive);

    memset(g, 0, sizeof *g);
    for (size_t i = 0; i < n; i++)
        if (count[i] > 0)
            alive[g->n_tracks++] = count[i];
    qsort(alive, g->n_tracks, sizeof *alive, ascending);
    for (size_t i = 0; i < g->n_tracks; i++) {
        g->n_distinct += i == 0 || alive[i] != alive[i - 1];
        g->adjacent_pairs += i > 0 && alive[i] == alive[i - 1] + 1;
    }
    if (g->n_tracks) {
        g->least = alive[0];
        g->most = alive[g->n_tracks - 1];
    }
    g->suspect = g->adjacent_pairs > 0;
    free(alive);
}

bool
guard_exceeds_population(int64_t most, int64_t sites, int64_t fan_out)
{
    return most > sites * fan_out;
}
