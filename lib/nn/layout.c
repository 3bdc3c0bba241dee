/* SPDX-License-Identifier: MIT */
#include "nn/layout.h"

#include <string.h>

/* Runs of whole groups, one behind the other; n of 0 groups is no run. */
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

/* Whether runs have both forms: each has transformed weights of its own. */
static bool
has_both_forms(const struct plan *p)
{
    bool has[2] = { false, false };

    for (size_t r = 0; r < NN_RUNS; r++)
        if (p->n[r])
            has[p->outputs[r] == 6] = true;
    return has[0] && has[1];
}

/* A second set of transformed weights should earn the memory it takes. */
static void
consider(struct plan *best, struct plan *p, const struct nn_conv *c)
{
    p->cost = plan_cost(p, c->dilation, 0, c->len);
    if (c->usual_lo < c->usual_hi)
        p->cost += plan_cost(p, c->dilation, c->usual_lo, c->usual_hi);
    if (has_both_forms(p))
        p->cost += c->c_in * c->c_out / COST_WEIGHTS;
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
 * Numbers of groups of a run that begins at column at, at most most: those that end at or next to an
 * edge of the usual change, and as many as fit or one less.  Duplicates do no harm.
 */
static size_t
candidate_counts(size_t n[6], const struct nn_conv *c, size_t at, size_t group, size_t most)
{
    size_t edge[] = { c->usual_lo, c->usual_hi }, found = 0;

    n[found++] = most;
    if (most > 1)
        n[found++] = most - 1;
    for (size_t e = 0; e < ARRAY_LEN(edge); e++) {
        size_t to = edge[e] > at ? (edge[e] - at) / group : 0;

        if (to > 0 && to < most)
            n[found++] = to;
        if (to + 1 < most)
            n[found++] = to + 1;
    }
    return found;
}

static void place(struct plan *best, struct plan *p, const struct nn_conv *c, size_t r, size_t at);

/* Run r of one form behind column at: it begins at once, or so that a group begins at an edge of the
 * usual change, or as late as its groups fit. */
static void
place_form(struct plan *best, struct plan *p, const struct nn_conv *c, size_t r, size_t at)
{
    size_t group = p->outputs[r] * c->dilation, left = c->len - at;
    size_t gap[] = { 0, left % group, shift_to(at, c->usual_lo, group),
                     shift_to(at, c->usual_hi, group) };

    for (size_t g = 0; g < ARRAY_LEN(gap); g++) {
        size_t n[6], found;

        if (gap[g] + group > left || (g > 0 && gap[g] == 0))
            continue;
        p->lo[r] = at + gap[g];
        found = candidate_counts(n, c, p->lo[r], group, (left - gap[g]) / group);
        for (size_t i = 0; i < found; i++) {
            p->n[r] = n[i];
            place(best, p, c, r + 1, p->lo[r] + n[i] * group);
        }
    }
    p->n[r] = 0;
}

/* All plans of runs r and on, behind column at. */
static void
place(struct plan *best, struct plan *p, const struct nn_conv *c, size_t r, size_t at)
{
    static const size_t forms[] = { 6, 4 };

    consider(best, p, c);
    for (size_t i = 0; r < NN_RUNS && i < ARRAY_LEN(forms); i++) {
        p->outputs[r] = forms[i];
        place_form(best, p, c, r, at);
    }
}

void
nn_layout_winograd(struct nn_conv *c)
{
    struct plan best = { .cost = c->len * COST_DIRECT * 3 }, p = { .cost = 0 };

    place(&best, &p, c, 0, 0);
    memset(c->run, 0, sizeof c->run);
    for (size_t r = 0; r < NN_RUNS; r++) {
        c->run[r].outputs = best.n[r] ? best.outputs[r] : 6;
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
