/* SPDX-License-Identifier: MIT */
/* Names of INFO fields. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "annotate.h"
#include "prog/die.h"
#include "prog/mem.h"

/* Without --track so many tracks get fields of their own; of more only the best is told. */
enum { TRACKS_MAX = 8 };

static const struct {
    const char *word;           /* of --fields */
    const char *tag, *what;
} quantities[QUANTITIES] = {
    [Q_SCORE] = { "score", "SCORE", "effect of the allele" },
    [Q_PERCENTILE] = { "percentile", NULL, NULL },
    [Q_EXCEEDANCE] = { "exceedance", "EXC",
                       "effect / end of the background, where it lies beyond" },
    [Q_ACTIVITY] = { "activity", "ACT", "percentile of the reference allele's value" },
    [Q_CI_LOW] = { NULL, "CI_LOW", "lower end of the confidence interval" },
    [Q_CI_HIGH] = { NULL, "CI_HIGH", "upper end of the confidence interval" },
};

static const struct {
    const char *tag, *what;
} scales[] = {
    [QUERY_PERCENTILE] = { "PCT", "percentile of the effect" },
    [QUERY_PHRED] = { "PHRED", "-10 log10 of the p-value of the effect" },
    [QUERY_PVALUE] = { "PVAL", "p-value of the effect" },
};

static const char *
quantity_tag(const struct options *o, enum quantity q)
{
    return q == Q_PERCENTILE ? scales[query_scale_find(o->scale)].tag : quantities[q].tag;
}

static const char *
quantity_what(const struct options *o, enum quantity q)
{
    return q == Q_PERCENTILE ? scales[query_scale_find(o->scale)].what : quantities[q].what;
}

/* --fields score,percentile,... */
static void
parse_fields(struct layout *y, const struct options *o)
{
    const char *p = o->fields;

    while (*p) {
        size_t n = strcspn(p, ","), q = 0;

        while (q < QUANTITIES && (!quantities[q].word || strlen(quantities[q].word) != n ||
                                  strncmp(p, quantities[q].word, n) != 0))
            q++;
        if (q == QUANTITIES)
            die_usage("--fields takes score, percentile, exceedance and activity, got '%.*s'",
                      (int)n, p);
        y->quantity[q] = true;
        p += n + (p[n] == ',');
    }
    y->quantity[Q_CI_LOW] = y->quantity[Q_CI_HIGH] = o->ci > 0;
    for (int q = 0; q < QUANTITIES; q++)
        y->n_quantity += y->quantity[q];
}

/* Letters, digits and underscores, as VCF wants names of INFO fields. */
static char *
sanitize(const char *prefix, const char *tag, const char *track)
{
    char *name = mem_printf("%s%s%s%s", prefix, tag, *track ? "_" : "", track);

    for (char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_')
            *p = '_';
    return name;
}

static void
add_tag(struct layout *y, char *name, char *description, bool is_text)
{
    for (size_t i = 0; i < y->n_tag; i++)
        if (strcmp(y->tag[i].name, name) == 0)
            die("two tracks would both be written as INFO/%s; name one of them with --track, or "
                "give one another name with --alias", name);
    y->tag = mem_resize(y->tag, y->n_tag + 1, sizeof *y->tag);
    y->tag[y->n_tag++] = (struct tag){ name, description, is_text };
    y->n_number += !is_text;
}

static void
select_tracks(struct layout *y, const struct options *o, const struct track_table *tracks,
              const char *scores)
{
    size_t n = o->tracks.n;

    if (!n && tracks->n <= TRACKS_MAX)
        n = tracks->n;
    y->track = mem_array(n, sizeof *y->track);
    for (size_t i = 0; i < n; i++) {
        const char *id = o->tracks.n ? o->tracks.item[i] : tracks->track[i].id;

        if (tracks->n && track_table_find(tracks, id) < 0)
            die("%s: has no scores of track '%s'; it has those of %zu tracks, the first '%s'",
                scores, id, tracks->n, tracks->track[0].id);
        y->track[y->n_track++] = id;
    }
    y->top = o->top || y->n_track == 0;
}

static void
add_track_tags(struct layout *y, const struct options *o, const char *track)
{
    for (int q = 0; q < QUANTITIES; q++)
        if (y->quantity[q])
            add_tag(y, sanitize(o->prefix, quantity_tag(o, (enum quantity)q), track),
                    mem_printf("%s, track %s", quantity_what(o, (enum quantity)q), track), false);
}

static void
add_top_tags(struct layout *y, const struct options *o)
{
    static const enum quantity shown[TOPS] = { Q_SCORE, Q_PERCENTILE, Q_EXCEEDANCE };

    add_tag(y, sanitize(o->prefix, "TOP_TRACK", ""),
            mem_strdup("Track of the most extreme percentile"), true);
    for (int i = 0; i < TOPS; i++) {
        char *tag = mem_printf("TOP_%s", quantity_tag(o, shown[i]));

        add_tag(y, sanitize(o->prefix, tag, ""),
                mem_printf("%s, track of the most extreme percentile",
                           quantity_what(o, shown[i])), false);
        free(tag);
    }
}

void
layout_init(struct layout *y, const struct options *o, const struct track_table *tracks,
            const char *scores)
{
    memset(y, 0, sizeof *y);
    parse_fields(y, o);
    select_tracks(y, o, tracks, scores);
    for (size_t i = 0; i < y->n_track; i++)
        add_track_tags(y, o, y->track[i]);
    if (y->top)
        add_top_tags(y, o);
}

void
layout_free(struct layout *y)
{
    for (size_t i = 0; i < y->n_tag; i++) {
        free(y->tag[i].name);
        free(y->tag[i].description);
    }
    free(y->tag);
    free(y->track);
}
