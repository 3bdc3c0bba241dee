/* SPDX-License-Identifier: MIT */
#include "peakcall/cutoffs.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "prog/mem.h"

struct step {
    int64_t end;
    float value;
};

struct cutoffs {
    struct peak_rule rule;
    struct step *step;
    size_t n, cap;
    size_t *first;              /* number of a chromosome's first step */
    size_t n_first, cap_first;
    const char *chrom;
    float least, most;
};

/* One cutoff and its open peak; start below 0: none. */
struct level {
    float cutoff;
    int64_t start, end;
    int64_t peaks, bp;
};

struct cutoffs *
cutoffs_new(const struct peak_rule *rule)
{
    struct cutoffs *c = mem_zalloc(sizeof *c);

    c->rule = *rule;
    c->least = INFINITY;
    c->most = -INFINITY;
    return c;
}

void
cutoffs_free(struct cutoffs *c)
{
    if (!c)
        return;
    free(c->step);
    free(c->first);
    free(c);
}

void
cutoffs_add(struct cutoffs *c, const struct segment *s)
{
    if (s->chrom != c->chrom) {
        mem_grow(&c->first, &c->cap_first, c->n_first + 1, sizeof *c->first);
        c->first[c->n_first++] = c->n;
        c->chrom = s->chrom;
    }
    mem_grow(&c->step, &c->cap, c->n + 1, sizeof *c->step);
    c->step[c->n++] = (struct step){ s->end, s->value };
    if (!s->hole) {
        c->least = fminf(c->least, s->value);
        c->most = fmaxf(c->most, s->value);
    }
}

/* numpy.arange(least, most, part), its values rounded as numpy.round(x, 3) does. */
static struct level *
make_levels(const struct cutoffs *c, int64_t steps, double top, size_t *n)
{
    const double least = c->least, most = fmin(c->most, top);
    const float part = (float)((most - least) / (double)steps);
    const double delta = (least + (double)part) - least;
    struct level *level;

    *n = most > least && part > 0 ? (size_t)ceil((most - least) / (double)part) : 0;
    level = mem_array(*n ? *n : 1, sizeof *level);
    for (size_t i = 0; i < *n; i++) {
        level[i].cutoff = (float)(rint((least + (double)i * delta) * 1000) / 1000);
        level[i].start = -1;
    }
    return level;
}

static void
close_level(struct level *l, int64_t min_length)
{
    if (l->start >= 0 && l->end - l->start >= min_length) {
        l->peaks++;
        l->bp += l->end - l->start;
    }
    l->start = -1;
}

/* MACS looks for a first segment's begin at the other end of the chromosome, which leaves its peak a
 * length below 0: INT64_MAX for such a begin does the same. */
static void
add_step(struct level *level, size_t n, const struct step *s, int64_t start,
         const struct peak_rule *rule)
{
    for (size_t i = 0; i < n && s->value > level[i].cutoff; i++) {
        struct level *l = &level[i];

        if (l->start >= 0 && start - l->end > rule->max_gap)
            close_level(l, rule->min_length);
        if (l->start < 0)
            l->start = start ? start : INT64_MAX;
        l->end = s->end;
    }
}

int
cutoffs_print(struct cutoffs *c, int64_t steps, double top, FILE *out, struct err *e)
{
    size_t n;
    struct level *level = make_levels(c, steps, top, &n);

    if (!n) {
        free(level);
        return err_set(e, "every value is %g or above %g: there is no range of cutoffs to analyse",
                       (double)c->least, top);
    }
    for (size_t k = 0; k < c->n_first; k++) {
        const size_t last = k + 1 < c->n_first ? c->first[k + 1] : c->n;
        int64_t start = 0;

        for (size_t i = c->first[k]; i < last; start = c->step[i++].end)
            add_step(level, n, &c->step[i], start, &c->rule);
        for (size_t i = 0; i < n; i++)
            close_level(&level[i], c->rule.min_length);
    }
    fputs("score\tnpeaks\tlpeaks\tavelpeak\n", out);
    for (size_t i = n; i-- > 0;)
        if (level[i].peaks)
            fprintf(out, "%.2f\t%" PRId64 "\t%" PRId64 "\t%.2f\n", (double)level[i].cutoff,
                    level[i].peaks, level[i].bp, (double)level[i].bp / (double)level[i].peaks);
    free(level);
    return 0;
}
