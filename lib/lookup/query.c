/* SPDX-License-Identifier: MIT */
#include "lookup/query.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/finite.h"
#include "background/schema.h"
#include "lookup/confidence.h"
#include "prog/mem.h"

const char *const query_scale_name[3] = { "percentile", "phred", "pvalue" };

/*
 * Intervals for k = n i / width, i from 0 to width: rows of as many values share them, and a
 * stream asks for the same ranks again and again.
 */
struct query_interval {
    size_t width;
    double n;
    double *low, *high;         /* width + 1; NaN until asked for */
    struct query_interval *next;
};

struct query {
    struct background *bg;
    struct query_rules rules;
    struct query_row **row[SCORE_KINDS];        /* by track; NULL until read */
    struct query_interval *interval;
    char *oracle;               /* of bg, or NULL until asked for */
};

int
query_scale_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(query_scale_name); i++)
        if (strcmp(name, query_scale_name[i]) == 0)
            return (int)i;
    return -1;
}

struct query *
query_new(struct background *b, const struct query_rules *rules)
{
    struct query *q = mem_zalloc(sizeof *q);

    q->bg = b;
    q->rules = *rules;
    for (int k = 0; k < SCORE_KINDS; k++)
        q->row[k] = mem_array(b->n, sizeof *q->row[k]);
    return q;
}

static void
row_free(struct query_row *row)
{
    if (!row)
        return;
    rank_index_free(row->index);
    free(row->slot);
    free(row);
}

void
query_free(struct query *q)
{
    if (!q)
        return;
    for (int k = 0; k < SCORE_KINDS; k++) {
        for (size_t i = 0; i < q->bg->n; i++)
            row_free(q->row[k][i]);
        free(q->row[k]);
    }
    while (q->interval) {
        struct query_interval *next = q->interval->next;

        free(q->interval->low);
        free(q->interval->high);
        free(q->interval);
        q->interval = next;
    }
    free(q->oracle);
    free(q);
}

static struct query_interval *
find_interval(struct query *q, size_t width, double n)
{
    struct query_interval *x = q->interval;

    while (x && (x->width != width || x->n != n))
        x = x->next;
    if (x)
        return x;
    x = mem_zalloc(sizeof *x);
    *x = (struct query_interval){ .width = width, .n = n, .next = q->interval };
    x->low = mem_array(width + 1, sizeof *x->low);
    x->high = mem_array(width + 1, sizeof *x->high);
    for (size_t i = 0; i <= width; i++)
        x->low[i] = NAN;
    return q->interval = x;
}

/* Display is drawn by the per-bin row, else the summary row, else the effect row. */
static int
make_display(struct query_row *row, struct query *q, struct err *e)
{
    static const enum score_kind order[] = { SCORE_PERBIN, SCORE_SUMMARY, SCORE_EFFECT };
    const struct query_rules *r = &q->rules;
    const char *layer = q->bg->layer ? q->bg->layer[row->track] : "";
    size_t i = 0, width;
    double floor_share = DISPLAY_LOG_FLOOR;
    double peak_share = r->rescale_log ? DISPLAY_LOG_PEAK : DISPLAY_PEAK;
    float *slot;

    while (i < ARRAY_LEN(order) && !background_is_alive(q->bg, order[i], row->track))
        i++;
    if (i == ARRAY_LEN(order))
        return 0;
    if (!q->oracle && !(q->oracle = schema_oracle(q->bg, e)))
        return -1;
    if (!r->rescale_log)
        floor_share = display_floor(q->oracle, layer);
    width = q->bg->kind[order[i]].width;
    slot = mem_array(width, sizeof *slot);
    if (background_row(q->bg, slot, order[i], row->track, e)) {
        free(slot);
        return -1;
    }
    floor_share = r->display_floor > 0 ? r->display_floor : floor_share;
    peak_share = r->display_peak > 0 ? r->display_peak : peak_share;
    if (q->bg->is_signed[row->track])
        display_signed(&row->display, slot, width, peak_share, r->display_max);
    else
        display_unsigned(&row->display, slot, width, floor_share, peak_share, r->rescale_log,
                         r->display_max);
    row->has_display = true;
    free(slot);
    return 0;
}

static int
fill_row(struct query_row *row, struct query *q, struct err *e)
{
    const struct background_kind *k = &q->bg->kind[row->kind];

    if (row->alive) {
        row->slot = mem_array(k->width, sizeof *row->slot);
        if (background_row(q->bg, row->slot, row->kind, row->track, e))
            return -1;
        row->index = rank_index_new(row->slot, k->width, row->id, q->rules.ties);
    }
    if (q->rules.ci_level > 0 && row->n > 0)
        row->interval = find_interval(q, row->width, row->n);
    return q->rules.rescale ? make_display(row, q, e) : 0;
}

struct query_row *
query_row(struct query *q, enum score_kind kind, size_t track, bool *is_new, struct err *e)
{
    const struct background_kind *k = &q->bg->kind[kind];
    struct query_row *row = q->row[kind][track];

    *is_new = !row;
    if (row)
        return row;
    row = mem_zalloc(sizeof *row);
    row->kind = kind;
    row->track = track;
    row->id = q->bg->track_id[track];
    row->is_signed = kind == SCORE_EFFECT && q->bg->is_signed[track];
    row->width = k->width;
    row->n = k->offered ? (double)k->offered[track] : 0;
    row->alive = background_is_alive(q->bg, kind, track);
    if (fill_row(row, q, e)) {
        row_free(row);
        return NULL;
    }
    return q->row[kind][track] = row;
}

void
query_no_answer(struct query_answer *a)
{
    *a = (struct query_answer){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0 };
}

/* The smaller tail of v: the number of values in it, and of the two when both matter. */
static double
tail_count(const struct query_row *row, const struct rank_place *p)
{
    double w = (double)row->width;
    double above = row->n * ((w - (double)p->below) / w), below = row->n * ((double)p->upto / w);

    return row->is_signed && below < above ? below : above;
}

static double
to_scale(double p, enum query_scale scale)
{
    return scale == QUERY_PHRED ? -10 * log10(p) + 0.0 : p;
}

static void
scale_pvalue(struct query_answer *a, const struct query *q, const struct query_row *row,
             const struct rank_place *p)
{
    double sides = row->is_signed ? 2 : 1, k = tail_count(row, p), low, high;

    a->scaled = to_scale(fmin(1, sides * (k + 1) / (row->n + 1)), q->rules.scale);
    if (q->rules.ci_level <= 0)
        return;
    confidence_interval(&low, &high, k, row->n, q->rules.ci_level);
    low = to_scale(fmin(1, sides * low), q->rules.scale);
    high = to_scale(fmin(1, sides * high), q->rules.scale);
    a->ci_low = fmin(low, high);
    a->ci_high = fmax(low, high);
}

static void
scale_percentile(struct query_answer *a, const struct query *q, const struct query_row *row)
{
    struct query_interval *x = row->interval;
    double k;

    a->scaled = a->percentile;
    if (!x)
        return;
    k = row->n * ((double)a->rank / (double)row->width);
    if (isnan(x->low[a->rank]))
        confidence_interval(&x->low[a->rank], &x->high[a->rank], k, row->n, q->rules.ci_level);
    a->ci_low = row->is_signed ? 2 * x->low[a->rank] - 1 : x->low[a->rank];
    a->ci_high = row->is_signed ? 2 * x->high[a->rank] - 1 : x->high[a->rank];
}

static int
find_place(struct rank_place *p, const struct query *q, const struct query_row *row,
           const char *name, double v, struct err *e)
{
    if (q->rules.chorus) {
        rank_find(p, row->slot, row->width, name, v, q->rules.ties);
        return 0;
    }
    if (!finite_as_f32(&v, 1))
        return err_set(e, "track '%s': value is %g, expected a finite number of single precision "
                       "(3.4e38); find out where it came from", row->id, v);
    rank_index_find(p, row->index, v);
    return 0;
}

static int
find_activity(struct query_answer *a, struct query *q, size_t track, const char *name, double ref,
              struct err *e)
{
    struct query_row *row;
    struct rank_place p = { 0, 0, 0 };
    bool is_new;

    if (isnan(ref))
        return 0;
    row = query_row(q, SCORE_SUMMARY, track, &is_new, e);
    if (!row)
        return -1;
    if (!row->alive)
        return 0;
    if (find_place(&p, q, row, name, ref, e))
        return -1;
    a->activity = rank_as_percentile(p.rank, row->width, false);
    return 0;
}

static int
answer_alive(struct query_answer *a, struct query *q, const struct query_row *row,
             const char *name, double v, struct err *e)
{
    struct rank_place p = { 0, 0, 0 };

    if ((q->rules.scale != QUERY_PERCENTILE || q->rules.ci_level > 0) && row->n <= 0)
        return err_set(e, "%s: does not say how many values are behind its %s rows (no %s_counts), "
                       "which p-values and confidence intervals need; look up percentiles",
                       q->bg->zip->path, score_kind_name[row->kind], score_kind_name[row->kind]);
    if (row->kind == SCORE_EFFECT && !row->is_signed)
        v = fabs(v);
    if (find_place(&p, q, row, name, v, e))
        return -1;
    if (q->rules.support) {
        a->support_low = row->slot[0];
        a->support_high = row->slot[row->width - 1];
    }
    if (row->kind == SCORE_EFFECT && fabs(v) < q->rules.near_zero)
        return 0;
    a->rank = p.rank;
    a->percentile = rank_as_percentile(p.rank, row->width, row->is_signed);
    if (!rank_exceedance(&a->exceedance, row->slot, row->width, v, row->is_signed))
        a->exceedance = NAN;
    if (q->rules.scale == QUERY_PERCENTILE)
        scale_percentile(a, q, row);
    else
        scale_pvalue(a, q, row, &p);
    return 0;
}

void
query_touch(const struct query_row *row, const double *v, size_t n)
{
    bool size = row->kind == SCORE_EFFECT && !row->is_signed;

    for (size_t i = 0; row->alive && i < n; i++)
        rank_index_touch(row->index, size ? fabs(v[i]) : v[i]);
}

int
query_answer(struct query_answer *a, struct query *q, const struct query_row *row,
             const char *name, double v, double ref, struct err *e)
{
    query_no_answer(a);
    if (row->alive && answer_alive(a, q, row, name, v, e))
        return -1;
    if (row->has_display)
        a->display = display_value(&row->display, v);
    if (q->rules.activity && row->kind == SCORE_EFFECT)
        return find_activity(a, q, row->track, name, ref, e);
    return 0;
}
