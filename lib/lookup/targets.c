/* SPDX-License-Identifier: MIT */
#include "lookup/targets.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

enum { UNKNOWN = -1 };

/* A track of the score file: where its rows are, once it has been met. */
struct target {
    bool met;
    ptrdiff_t track;            /* in the background, or UNKNOWN */
    struct query_row *row[SCORE_KINDS];
};

struct targets {
    struct background *bg;
    struct query *query;
    const struct match *match;
    const struct score_reader *in;
    const char *name;
    bool skip_unknown;
    struct agreement *agreement;
    struct target *target;      /* by track of the score file */
    size_t n_target;
    uint64_t n_values, n_found;
    char *first_unknown;
};

struct targets *
targets_new(struct background *b, struct query *q, const struct match *match,
            const struct score_reader *in, const char *name, bool skip_unknown, struct err *e)
{
    char *config = background_config(b, e);
    struct targets *t;

    if (!config)
        return NULL;
    t = mem_zalloc(sizeof *t);
    *t = (struct targets){ .bg = b, .query = q, .match = match, .in = in, .name = name,
                           .skip_unknown = skip_unknown };
    t->agreement = agreement_new(b, config, score_meta(in), name, e);
    free(config);
    if (t->agreement)
        return t;
    targets_free(t);
    return NULL;
}

void
targets_free(struct targets *t)
{
    if (!t)
        return;
    agreement_free(t->agreement);
    free(t->target);
    free(t->first_unknown);
    free(t);
}

static int
meet(struct targets *t, struct target *target, const struct track *track, struct err *e)
{
    target->track = match_track(t->match, t->bg, track->id);
    if (target->track >= 0) {
        if (agreement_check_track(t->agreement, track, (size_t)target->track, e))
            return -1;
    } else if (!t->skip_unknown) {
        return err_set(e, "%s: track '%s' is not in %s, which has %zu tracks; see cdf-lookup "
                       "--list, or leave such rows out with --skip-unknown-tracks", t->name,
                       track->id, t->bg->zip->path, t->bg->n);
    }
    target->met = true;
    return 0;
}

static struct target *
find_target(struct targets *t, uint32_t track, struct err *e)
{
    const struct track_table *tracks = score_tracks(t->in);
    struct target *target;

    if (tracks->n > t->n_target) {
        t->target = mem_resize(t->target, tracks->n, sizeof *t->target);
        memset(t->target + t->n_target, 0, (tracks->n - t->n_target) * sizeof *t->target);
        t->n_target = tracks->n;
    }
    target = &t->target[track];
    if (!target->met && meet(t, target, &tracks->track[track], e))
        return NULL;
    return target;
}

int
targets_row(struct query_row **row, struct targets *t, uint32_t track, enum score_kind kind,
            bool *is_new, struct err *e)
{
    struct target *target = find_target(t, track, e);

    *row = NULL;
    *is_new = false;
    if (!target)
        return -1;
    if (target->track == UNKNOWN)
        return 0;
    if (!target->row[kind]) {
        if (background_need_kind(t->bg, kind, e))
            return -1;
        target->row[kind] = query_row(t->query, kind, (size_t)target->track, is_new, e);
    }
    *row = target->row[kind];
    return *row ? 0 : -1;
}

int
targets_block(struct query_row **row, struct targets *t, const struct score_block *b,
              bool *is_new, struct err *e)
{
    if (targets_row(row, t, b->track, b->kind, is_new, e))
        return -1;
    t->n_values += b->n;
    if (*row)
        t->n_found += b->n;
    else if (!t->first_unknown)
        t->first_unknown = mem_strdup(score_tracks(t->in)->track[b->track].id);
    return 0;
}

uint64_t
targets_values(const struct targets *t)
{
    return t->n_values;
}

uint64_t
targets_found(const struct targets *t)
{
    return t->n_found;
}

const char *
targets_first_unknown(const struct targets *t)
{
    return t->first_unknown;
}

int
targets_check_any(const struct targets *t, struct err *e)
{
    if (!t->n_values)
        return err_set(e, "%s: holds no scores; did the program before it leave all sites out? "
                       "(--allow-empty passes such a file on)", t->name);
    if (!t->n_found)
        return err_set(e, "%s: none of its tracks is in %s; is it the background of this oracle?",
                       t->name, t->bg->zip->path);
    return 0;
}
