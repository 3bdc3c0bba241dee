/* SPDX-License-Identifier: MIT */
/*
 * What a new background must show before it takes the place of another.  The rules are those of
 * the reference implementation; tracks may be added, but none lost.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "background/guard.h"
#include "pack.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

/* Points whose values are compared, and how far their median ratio may be from 1. */
static const double quantile[] = { 0.5, 0.9, 0.99 };
#define RATIO_LEAST 0.5
#define RATIO_MOST 2.0
/* Of the largest values; the second when the model is another one and --changed-model says so. */
#define MAXIMUM_LEAST 0.9
#define MAXIMUM_LEAST_CHANGED 0.5
/* With fewer tracks a median of maxima says little: a warning then. */
enum { MAXIMUM_TRACKS = 25, N_QUANTILES = 3 };

struct comparison {
    const struct pack *p;
    struct background *old, *new;
    size_t *at;                 /* row of the new one of each row of the old */
};

/* Every array of the old file is in the new one. */
static void
check_arrays(const struct comparison *c)
{
    const struct zip *old = c->old->zip;

    for (size_t i = 0; i < old->n_member; i++)
        if (!zip_find(c->new->zip, old->member[i].name))
            die("%s has %s, which the new background lacks; nothing was replaced", old->path,
                old->member[i].name);
}

static void
check_tracks(struct comparison *c)
{
    const char *first = NULL;
    size_t n = 0;

    c->at = mem_array(c->old->n, sizeof *c->at);
    for (size_t i = 0; i < c->old->n; i++) {
        const ptrdiff_t at = background_find(c->new, c->old->track_id[i]);

        if (at >= 0) {
            c->at[i] = (size_t)at;
            continue;
        }
        first = first ? first : c->old->track_id[i];
        n++;
    }
    if (n)
        die("%s has %zu tracks that the new background lacks (first: '%s'; %zu of %zu are there); "
            "nothing was replaced: give the states of all tracks, or --append to it",
            c->old->zip->path, n, first, c->old->n - n, c->old->n);
    if (c->new->n > c->old->n)
        note("%zu tracks are new", c->new->n - c->old->n);
}

static bool
is_zero(const float *row, size_t width)
{
    return row[0] == 0 && row[width - 1] == 0;
}

/* The rows in themselves: not all zeros, ascending, values behind them, exact at the ends. */
static void
check_rows(const struct comparison *c, int kind)
{
    const struct background_kind *k = &c->new->kind[kind];
    float *row = mem_array(k->width, sizeof *row);
    size_t n_zero = 0;
    struct err e;

    for (size_t i = 0; i < c->new->n; i++) {
        if (background_row(c->new, row, (enum score_kind)kind, i, &e))
            die_err(&e);
        for (size_t j = 1; j < k->width; j++)
            if (row[j] < row[j - 1])
                die("%s row of track '%s' descends at point %zu; nothing was replaced",
                    score_kind_name[kind], c->new->track_id[i], j);
        n_zero += is_zero(row, k->width);
    }
    free(row);
    if (2 * n_zero > c->new->n)
        die("%zu of %zu %s rows are all zeros; nothing was replaced", n_zero, c->new->n,
            score_kind_name[kind]);
    if (k->offered && guard_yields_too_little(k->offered, c->new->n))
        die("%s: most tracks have no values; nothing was replaced", score_kind_name[kind]);
    if (!k->retained)
        warn("%s: how many values were kept is not recorded", score_kind_name[kind]);
}

static void
check_thinning(const struct comparison *c, int kind)
{
    for (size_t j = 0; j < c->p->n_part; j++) {
        const struct part *part = &c->p->part[j];
        const struct part_kind *k = &part->kind[kind];

        for (size_t i = 0; k->offered && k->kept && i < part->n; i++)
            if (!c->p->o->allow_thinned &&
                guard_is_thinned((uint64_t)k->offered[i], (uint64_t)k->kept[i],
                                 (uint64_t)k->tail_k, c->p->width, guard_exact_slots(c->p->width)))
                die("%s of track '%s' holds %lld of %lld values without exact ends; nothing was "
                    "replaced", score_kind_name[kind], part->id[i], (long long)k->kept[i],
                    (long long)k->offered[i]);
    }
}

static int
ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, ascending);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* new / old of each track whose old value is positive; returns how many. */
static size_t
ratios(double *out, const float *old, const float *new, size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (old[i] > 0)
            out[k++] = (double)new[i] / (double)old[i];
    return k;
}

static void
check_maxima(const struct comparison *c, int kind, double ratio, size_t n)
{
    const char *changed = c->p->o->changed_model;
    const double least = changed ? MAXIMUM_LEAST_CHANGED : MAXIMUM_LEAST;

    if (ratio >= least)
        return;
    if (n < MAXIMUM_TRACKS)
        warn("%s: largest values are %.3g times those of %s (median of %zu tracks)",
             score_kind_name[kind], ratio, c->old->zip->path, n);
    else
        die("%s: largest values are %.3g times those of %s (median of %zu tracks), at least %g is "
            "wanted; nothing was replaced%s", score_kind_name[kind], ratio, c->old->zip->path, n,
            least, changed ? "" : ": was it sampled from as many sites? (--changed-model REASON "
            "allows 0.5)");
}

/* Values at a few points of all rows, old and new, by track of the old file. */
struct points {
    float *old[N_QUANTILES + 1], *new[N_QUANTILES + 1];     /* the last: the maximum */
};

static void
take_points(float *const *to, const float *row, size_t width, size_t track)
{
    for (size_t q = 0; q < N_QUANTILES; q++)
        to[q][track] = row[(size_t)(quantile[q] * (double)(width - 1))];
    to[N_QUANTILES][track] = row[width - 1];
}

static void
read_points(const struct comparison *c, int kind, struct points *x)
{
    const size_t n_old = c->old->kind[kind].width, n_new = c->new->kind[kind].width;
    float *row = mem_array(n_old > n_new ? n_old : n_new, sizeof *row);
    struct err e;

    for (size_t q = 0; q <= N_QUANTILES; q++) {
        x->old[q] = mem_array(c->old->n, sizeof(float));
        x->new[q] = mem_array(c->old->n, sizeof(float));
    }
    for (size_t i = 0; i < c->old->n; i++) {
        if (background_row(c->old, row, (enum score_kind)kind, i, &e))
            die_err(&e);
        take_points(x->old, row, n_old, i);
        if (background_row(c->new, row, (enum score_kind)kind, c->at[i], &e))
            die_err(&e);
        take_points(x->new, row, n_new, i);
    }
    free(row);
}

/* The distributions are of one size: medians over tracks of new / old. */
static void
check_ratios(const struct comparison *c, int kind)
{
    double *ratio = mem_array(c->old->n, sizeof *ratio);
    struct points x;

    read_points(c, kind, &x);
    for (size_t q = 0; q <= N_QUANTILES; q++) {
        const size_t n = ratios(ratio, x.old[q], x.new[q], c->old->n);
        const double m = n ? median(ratio, n) : 1;

        if (q == N_QUANTILES)
            check_maxima(c, kind, m, n);
        else if (m < RATIO_LEAST || m > RATIO_MOST)
            die("%s: values at the %g %% point are %.3g times those of %s (median of %zu tracks), "
                "%g to %g are accepted; nothing was replaced", score_kind_name[kind],
                100 * quantile[q], m, c->old->zip->path, n, RATIO_LEAST, RATIO_MOST);
        free(x.old[q]);
        free(x.new[q]);
    }
    free(ratio);
}

/* The ends of the effect rows of a file, by track, and the effects met beyond them. */
struct ends {
    const struct background *b;
    float *least, *most;
    uint64_t n_beyond;
};

static void
read_ends(struct ends *x, struct background *b)
{
    const size_t width = b->kind[SCORE_EFFECT].width;
    float *row = mem_array(width, sizeof *row);
    struct err e;

    x->b = b;
    x->n_beyond = 0;
    x->least = mem_array(b->n, sizeof *x->least);
    x->most = mem_array(b->n, sizeof *x->most);
    for (size_t i = 0; i < b->n; i++) {
        if (background_row(b, row, SCORE_EFFECT, i, &e))
            die_err(&e);
        x->least[i] = row[0];
        x->most[i] = row[width - 1];
    }
    free(row);
}

static void
count_beyond(struct ends *x, size_t track, const double *v, size_t n)
{
    const bool is_signed = x->b->is_signed[track];

    for (size_t i = 0; i < n; i++)
        x->n_beyond += (is_signed ? v[i] : fabs(v[i])) > x->most[track] ||
            (is_signed && v[i] < x->least[track]);
}

/* Count the effects of a score file, of tracks that both files have; returns how many. */
static uint64_t
count_effects(struct ends *old, struct ends *new, const char *path)
{
    FILE *fp = fio_open_in(path);
    const struct score_record *rec;
    struct score_reader *r;
    uint64_t total = 0;
    struct err e;
    int got;

    r = score_open(fp, fio_name_in(path), &e);
    if (!r)
        die_err(&e);
    score_skip_details(r);
    while ((got = score_read(r, &rec, &e)) > 0) {
        for (size_t i = 0; i < rec->n_block; i++) {
            const struct score_block *b = &rec->block[i];
            const char *id = score_tracks(r)->track[b->track].id;
            const ptrdiff_t in_old = background_find(old->b, id);
            const ptrdiff_t in_new = background_find(new->b, id);

            if (b->kind != SCORE_EFFECT || in_old < 0 || in_new < 0)
                continue;
            count_beyond(old, (size_t)in_old, b->score, b->n);
            count_beyond(new, (size_t)in_new, b->score, b->n);
            total += b->n;
        }
    }
    if (got < 0)
        die_err(&e);
    score_close(r);
    fio_close_in(fp, path);
    return total;
}

/* Effects of variants that nobody sampled must not lie beyond the rows more often than before. */
static void
check_held_out(const struct comparison *c)
{
    const char *path = c->p->o->held_out;
    struct ends old, new;
    uint64_t total;

    if (!path)
        return;
    if (!c->old->kind[SCORE_EFFECT].present || !c->new->kind[SCORE_EFFECT].present)
        die("--held-out needs rows of effects in both backgrounds");
    read_ends(&old, c->old);
    read_ends(&new, c->new);
    total = count_effects(&old, &new, path);
    if (!total)
        die("%s: holds no effects of tracks of both backgrounds", path);
    note("of %llu effects in %s, %llu lie beyond the new rows, %llu beyond the old",
         (unsigned long long)total, path, (unsigned long long)new.n_beyond,
         (unsigned long long)old.n_beyond);
    if (new.n_beyond > old.n_beyond && !c->p->o->changed_model)
        die("of %llu effects in %s, %llu lie beyond the new rows, but %llu beyond those of %s; "
            "nothing was replaced", (unsigned long long)total, path,
            (unsigned long long)new.n_beyond, (unsigned long long)old.n_beyond, c->old->zip->path);
    free(old.least);
    free(old.most);
    free(new.least);
    free(new.most);
}

void
replace_check(const struct pack *p, const char *staged, const char *old)
{
    struct comparison c = { .p = p };
    struct err e;

    c.old = background_open(old, &e);
    if (!c.old)
        die_err(&e);
    c.new = background_open(staged, &e);
    if (!c.new)
        die_err(&e);
    check_arrays(&c);
    check_tracks(&c);
    for (int k = 0; k < SCORE_KINDS; k++) {
        if (!c.new->kind[k].present)
            continue;
        check_rows(&c, k);
        check_thinning(&c, k);
        if (c.old->kind[k].present)
            check_ratios(&c, k);
    }
    check_held_out(&c);
    background_close(c.old);
    background_close(c.new);
    free(c.at);
}
