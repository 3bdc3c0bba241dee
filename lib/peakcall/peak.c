/* SPDX-License-Identifier: MIT */
#include "peakcall/peak.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

struct peak_caller {
    struct peak_rule rule;
    struct peak_list *out;
    struct peak open;           /* chrom NULL: none */
    double total;               /* of signal over the open peak, and behind it so far */
    double inside;              /* over the open peak alone */
    int64_t *middle;            /* of the segments that share the largest value */
    size_t n_middle, cap_middle;
};

void
peak_list_free(struct peak_list *l)
{
    free(l->peak);
    memset(l, 0, sizeof *l);
}

static int
by_chrom(const void *a, const void *b)
{
    const struct peak *x = a, *y = b;
    const int order = strcmp(x->chrom, y->chrom);

    return order ? order : (x->start > y->start) - (x->start < y->start);
}

void
peak_list_sort(struct peak_list *l)
{
    if (l->n)
        qsort(l->peak, l->n, sizeof *l->peak, by_chrom);
}

struct peak_caller *
peak_caller_new(const struct peak_rule *rule, struct peak_list *out)
{
    struct peak_caller *c = mem_zalloc(sizeof *c);

    c->rule = *rule;
    c->out = out;
    return c;
}

void
peak_caller_free(struct peak_caller *c)
{
    if (!c)
        return;
    free(c->middle);
    free(c);
}

/* MACS takes a largest value of 0 for none yet: behind it every segment is the new largest. */
static void
take_summit(struct peak_caller *c, const struct segment *s)
{
    if (c->n_middle && c->open.value != 0 && s->value < c->open.value)
        return;
    if (!c->n_middle || c->open.value == 0 || s->value > c->open.value) {
        c->open.value = s->value;
        c->n_middle = 0;
    }
    mem_grow(&c->middle, &c->cap_middle, c->n_middle + 1, sizeof *c->middle);
    c->middle[c->n_middle++] = (s->start + s->end) / 2;
}

static void
close_peak(struct peak_caller *c)
{
    struct peak_list *l = c->out;

    if (c->open.chrom && c->open.end - c->open.start >= c->rule.min_length) {
        mem_grow(&l->peak, &l->cap, l->n + 1, sizeof *l->peak);
        l->peak[l->n] = c->open;
        l->peak[l->n].summit = c->middle[(c->n_middle + 1) / 2 - 1];
        l->peak[l->n].signal = c->inside / (double)(c->open.end - c->open.start);
        l->n++;
    }
    c->open.chrom = NULL;
}

static void
begin_peak(struct peak_caller *c, const struct segment *s)
{
    c->open = (struct peak){ .chrom = s->chrom, .start = s->start };
    c->n_middle = 0;
    c->total = 0;
}

void
peak_caller_add(struct peak_caller *c, const struct segment *s, double signal)
{
    if (c->open.chrom && (c->open.chrom != s->chrom ||
                          s->start - c->open.end > c->rule.max_gap))
        close_peak(c);
    if (s->value >= c->rule.cutoff) {
        if (!c->open.chrom)
            begin_peak(c, s);
        take_summit(c, s);
        c->open.end = s->end;
        c->total += signal;
        c->inside = c->total;
    } else if (c->open.chrom) {
        c->total += signal;
    }
}

void
peak_caller_end(struct peak_caller *c)
{
    close_peak(c);
}
