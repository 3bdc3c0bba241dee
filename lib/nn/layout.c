/* SPDX-License-Identifier: MIT */
#include "nn/layout.h"

#include <string.h>

/* Two runs of whole groups, one behind the other; n of 0 groups is no run. */
struct plan {
    size_t lo[NN_RUNS], n[NN_RUNS], outputs[NN_RUNS];
    size_t cost;
};

static size_t
column_cost(size_t outputs)
{
    return outputs == 6 ? COST_F6 : COST_F4;
}

/* Columns that [a, b) and [lo, hi) share. */
static size_t
overlap(size_t a, size_t b, size_t lo, size_t hi)
{
    size_t from = a > lo ? a : lo, to = b < hi ? b : hi;

    return from < to ? to - from : 0;
}

/* Cost of the columns [lo, hi), groups of which any column is among them whole. */
static size_t
plan_cost(const struct plan *p, size_t dilation, size_t lo, size_t hi)
{
    size_t direct = hi - lo, cost = 0, widened = 0;

    for (size_t r = 0; r < NN_RUNS; r++) {
        size_t group = p->outputs[r] * dilation, from = p->lo[r], to = from + p->n[r] * group;

        if (!p->n[r] || !overlap(from, to, lo, hi))
            continue;
        direct -= overlap(from, to, lo, hi);
        widened -= overlap(from, to, lo, hi);
        if (lo > from)
            from += (lo - from) / group * group;
        if (hi < to)
            to -= (to - hi) / group * group;
        widened += to - from;
        cost += (to - from) * column_cost(p->outputs[r]);
    }
    return cost + direct * COST_DIRECT + widened * COST_WIDENED;
}

/*
 * A second set of transformed weights should earn the memory it takes: a hundred direct columns'
 * worth.
 */
static void
consider(struct plan *best, struct plan *p, const struct nn_conv *c)
{
    p->cost = plan_cost(p, c->dilation, 0, c->len);
    if (c->usual_lo < c->usual_hi)
        p->cost += plan_cost(p, c->dilation, c->usual_lo, c->usual_hi);
    if (p->n[0] && p->n[1] && p->outputs[0] != p->outputs[1])
        p->cost += 100 * COST_DIRECT;
    if (p->cost < best->cost)
        *best = *p;
}

/* How far a run of groups should be moved on from column at so that one begins at edge. */
static size_t
shift_to(size_t at, size_t edge, size_t group)
{
    return edge >= at ? (edge - at) % group : (group - (at - edge) % group) % group;
}

/*
 * All places of two runs of n groups that begin as early or late as they can or have a group begin
 * at an edge of the usual change.
 */
static void
place(struct plan *best, struct plan *p, const struct nn_conv *c)
{
    size_t first = p->outputs[0] * c->dilation, second = p->outputs[1] * c->dilation;
    size_t length = p->n[0] * first, spare = c->len - length - p->n[1] * second;
    size_t edge[] = { c->usual_lo, c->usual_hi };
    size_t ahead[4], gap[4];

    ahead[0] = 0;
    ahead[1] = spare;
    for (size_t i = 0; i < ARRAY_LEN(edge); i++)
        ahead[2 + i] = shift_to(0, edge[i], first);
    for (size_t i = 0; i < ARRAY_LEN(ahead); i++) {
        size_t behind = ahead[i] + length;

        if (ahead[i] > spare)
            continue;
        gap[0] = 0;
        gap[1] = spare - ahead[i];
        for (size_t e = 0; e < ARRAY_LEN(edge); e++)
            gap[2 + e] = shift_to(behind, edge[e], second);
        for (size_t g = 0; g < ARRAY_LEN(gap); g++) {
            if (gap[g] > spare - ahead[i])
                continue;
            p->lo[0] = ahead[i];
            p->lo[1] = behind + gap[g];
            consider(best, p, c);
        }
    }
}

void
nn_layout_winograd(struct nn_conv *c)
{
    static const size_t forms[] = { 6, 4 };
    struct plan best = { .cost = c->len * COST_DIRECT * 3 }, p = { .cost = 0 };

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        for (size_t j = 0; j < ARRAY_LEN(forms); j++) {
            size_t most = c->len / (forms[i] * c->dilation);

            p.outputs[0] = forms[i];
            p.outputs[1] = forms[j];
            for (p.n[0] = 0; p.n[0] <= most; p.n[0]++) {
                size_t rest = c->len - p.n[0] * forms[i] * c->dilation;

                /* As many groups behind as fit, or one less to have a choice where they begin. */
                p.n[1] = rest / (forms[j] * c->dilation);
                place(&best, &p, c);
                if (p.n[1]-- > 0)
                    place(&best, &p, c);
            }
        }
    }
    memset(c->run, 0, sizeof c->run);
    for (size_t r = 0; r < NN_RUNS; r++) {
        c->run[r].outputs = best.outputs[r] ? best.outputs[r] : forms[0];
        c->run[r].lo = (ptrdiff_t)best.lo[r];
        c->run[r].hi = c->run[r].lo +
                       (ptrdiff_t)(best.n[r] * c->run[r].outputs * c->dilation);
    }
}

void
nn_layout_round(const struct nn_conv *c, size_t *lo, size_t *hi)
{
    ptrdiff_t from = (ptrdiff_t)*lo, to = (ptrdiff_t)*hi;

    for (size_t r = 0; r < NN_RUNS; r++) {
        const struct nn_run *run = &c->run[r];
        ptrdiff_t group = (ptrdiff_t)(run->outputs * c->dilation);

        if (from > run->lo && from < run->hi)
            from -= (from - run->lo) % group;
        if (to > run->lo && to < run->hi)
            to += (group - (to - run->lo) % group) % group;
    }
    *lo = (size_t)from;
    *hi = to < (ptrdiff_t)c->len ? (size_t)to : c->len;
}
