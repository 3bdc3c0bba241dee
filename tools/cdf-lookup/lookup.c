/* SPDX-License-Identifier: MIT */
/* The background: opened, checked, asked. */
#include "lookup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "background/schema.h"
#include "base/finite.h"
#include "prog/die.h"
#include "prog/tally.h"

static void
check_background(struct lookup *l, const struct options *o)
{
    struct schema_warnings w;
    struct err e;

    /* An old file may be looked at. */
    if (schema_check(&w, l->bg, o->allow_old || o->list || o->status, &e))
        die_err(&e);
    for (size_t i = 0; i < w.n; i++)
        warn("%s", w.text[i]);
    schema_warnings_free(&w);
    for (size_t i = 0; i < o->expect.n; i++)
        if (schema_expect(l->bg, o->expect.item[i], &e))
            die_err(&e);
}

static struct query_rules
rules_of(const struct options *o)
{
    struct query_rules r = {
        .scale = (enum query_scale)query_scale_find(o->scale),
        .chorus = o->compat != NULL, .near_zero = o->near_zero, .ci_level = o->ci,
        .support = o->support, .activity = o->activity, .rescale = o->rescale != NULL,
        .rescale_log = o->rescale && strcmp(o->rescale, "log") == 0,
        .display_floor = o->display_floor, .display_peak = o->display_peak,
        .display_max = o->display_max,
    };

    r.ties = strcmp(o->ties, "right") == 0 ? RANK_TIES_RIGHT
             : strcmp(o->ties, "left") == 0 ? RANK_TIES_LEFT : RANK_TIES_HASH;
    return r;
}

void
lookup_open(struct lookup *l, const struct options *o)
{
    const struct query_rules rules = rules_of(o);
    struct err e;

    *l = (struct lookup){ .o = o, .path = o->background, .render = o->render,
                          .nan_is_na = strcmp(o->on_nan, "na") == 0 };
    l->match.rule = o->compat || strcmp(o->match, "chorus") == 0 ? MATCH_CHORUS : MATCH_EXACT;
    l->match.strip_strand = o->strip_strand;
    if (o->alias && match_read_aliases(&l->match, o->alias, &e))
        die_err(&e);
    l->bg = background_open(o->background, &e);
    if (!l->bg)
        die_err(&e);
    check_background(l, o);
    l->query = query_new(l->bg, &rules);
    if (o->activity)
        lookup_need_kind(l, SCORE_SUMMARY);
}

char *
lookup_config(const struct lookup *l)
{
    struct err e;
    char *config = background_config(l->bg, &e);

    if (!config)
        die_err(&e);
    return config;
}

void
lookup_close(struct lookup *l)
{
    output_free(l);
    query_free(l->query);
    match_free(&l->match);
    background_close(l->bg);
}

ptrdiff_t
lookup_track(const struct lookup *l, const char *id)
{
    return match_track(&l->match, l->bg, id);
}

size_t
lookup_need_track(const struct lookup *l, const char *id)
{
    const struct match loose = { .rule = MATCH_CHORUS };
    ptrdiff_t track = lookup_track(l, id), near;

    if (track >= 0)
        return (size_t)track;
    near = match_track(&loose, l->bg, id);
    if (near >= 0)
        die("track '%s' is not in %s, which has %zu tracks; see cdf-lookup --list (--match chorus "
            "would take '%s')", id, l->path, l->bg->n, l->bg->track_id[near]);
    die("track '%s' is not in %s, which has %zu tracks; see cdf-lookup --list", id, l->path,
        l->bg->n);
}

enum score_kind
lookup_kind(const char *name)
{
    for (int k = 0; k < SCORE_KINDS; k++)
        if (strcmp(name, score_kind_name[k]) == 0)
            return (enum score_kind)k;
    die_usage("--kind must be effect, summary or perbin, got '%s'", name);
}

void
lookup_need_kind(const struct lookup *l, enum score_kind kind)
{
    struct err e;

    if (background_need_kind(l->bg, kind, &e))
        die_err(&e);
}

static void
warn_of_dead(const struct lookup *l, const struct query_row *row, bool is_new)
{
    if (is_new && !row->alive)
        warn("%s: the %s row of track '%s' has no values behind it; its percentiles are '.'",
             l->path, score_kind_name[row->kind], row->id);
}

struct query_row *
lookup_row(struct lookup *l, enum score_kind kind, size_t track)
{
    struct query_row *row;
    struct err e;
    bool is_new;

    row = query_row(l->query, kind, track, &is_new, &e);
    if (!row)
        die_err(&e);
    warn_of_dead(l, row, is_new);
    return row;
}

struct score_reader *
lookup_open_scores(struct lookup *l, FILE *fp, const char *name)
{
    struct score_reader *in;
    struct err e;

    in = score_open(fp, name, &e);
    if (!in)
        die_err(&e);
    if (l->nan_is_na)
        score_accept_nan(in);
    l->targets = targets_new(l->bg, l->query, &l->match, in, name, l->o->skip_unknown, &e);
    if (!l->targets)
        die_err(&e);
    return in;
}

bool
lookup_next_scores(const struct score_record **rec, struct score_reader *in)
{
    struct err e;
    int got = score_read(in, rec, &e);

    if (got < 0)
        die_err(&e);
    return got > 0;
}

struct query_row *
lookup_block(struct lookup *l, const struct score_block *b)
{
    struct query_row *row;
    struct err e;
    bool is_new;

    if (targets_block(&row, l->targets, b, &is_new, &e))
        die_err(&e);
    if (row)
        warn_of_dead(l, row, is_new);
    return row;
}

void
lookup_close_scores(struct lookup *l, struct score_reader *in)
{
    targets_free(l->targets);
    l->targets = NULL;
    score_close(in);
}

void
lookup_report_scores(const struct lookup *l)
{
    const struct targets *t = l->targets;
    struct tally *unknown = tally_new(false);
    struct err e;

    if (targets_first_unknown(t))
        tally_add(unknown, targets_values(t) - targets_found(t), "track is not in the background",
                  "%s", targets_first_unknown(t));
    tally_report(unknown, targets_values(t), "values");
    tally_free(unknown);
    if (!(l->o->allow_empty && !targets_values(t)) && targets_check_any(t, &e))
        die_err(&e);
}

void
lookup_answer(struct query_answer *a, struct lookup *l, const struct query_row *row,
              const char *name, double v, double ref)
{
    struct err e;

    if (isnan(v) && l->nan_is_na)
        query_no_answer(a);
    else if (query_answer(a, l->query, row, name, v, ref, &e))
        die_err(&e);
}

bool
lookup_parse_value(double *v, const struct lookup *l, const char *text)
{
    char *end;

    if (l->nan_is_na && (strcasecmp(text, "nan") == 0 || strcasecmp(text, "na") == 0 ||
                         strcmp(text, ".") == 0)) {
        *v = NAN;
        return true;
    }
    *v = strtod(text, &end);
    return end > text && !*end && strchr("+-.0123456789niNI", *text) &&
           (finite_as_f32(v, 1) || l->o->compat);
}
