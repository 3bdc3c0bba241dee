/* SPDX-License-Identifier: MIT */
/* Scores, site by site, reduced to the numbers that are written of each allele. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "annotate.h"
#include "background/schema.h"
#include "lookup/match.h"
#include "lookup/targets.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/prov.h"
#include "prog/tally.h"

enum { NOT_SELECTED = -1, NOT_MET = -2 };

struct groups {
    const struct options *o;
    const char *path, *name;    /* of the scores */
    FILE *fp;
    struct background *bg;
    struct genome *genome;      /* NULL: alleles are taken as they are spelled */
    struct match match;
    struct query *query;
    struct targets *targets;
    struct score_reader *in;
    struct layout layout;
    ptrdiff_t *slot;            /* by track of the score file: its place in the layout */
    size_t n_slot;
    const struct score_record *rec;     /* read and not yet in a group, or NULL */
    bool started;
    struct tally *tally;
    uint64_t n_values;          /* effects and others */
};

static void
open_background(struct groups *s)
{
    const struct options *o = s->o;
    struct query_rules rules = {
        .scale = (enum query_scale)query_scale_find(o->scale), .chorus = o->compat != NULL,
        .near_zero = o->near_zero, .ci_level = o->ci, .activity = s->layout.quantity[Q_ACTIVITY],
        .ties = strcmp(o->ties, "right") == 0 ? RANK_TIES_RIGHT
                : strcmp(o->ties, "left") == 0 ? RANK_TIES_LEFT : RANK_TIES_HASH
    };
    struct schema_warnings w;
    struct err e;

    s->query = query_new(s->bg, &rules);
    if (schema_check(&w, s->bg, o->allow_old, &e))
        die_err(&e);
    for (size_t i = 0; i < w.n; i++)
        warn("%s", w.text[i]);
    schema_warnings_free(&w);
    for (size_t i = 0; i < o->expect.n; i++)
        if (schema_expect(s->bg, o->expect.item[i], &e))
            die_err(&e);
    if (background_need_kind(s->bg, SCORE_EFFECT, &e) ||
        (rules.activity && background_need_kind(s->bg, SCORE_SUMMARY, &e)))
        die_err(&e);
}

struct groups *
groups_open(const struct options *o)
{
    struct groups *s = mem_zalloc(sizeof *s);
    struct err e;

    s->o = o;
    s->path = o->n_arg ? o->arg[0] : NULL;
    s->name = fio_name_in(s->path);
    s->tally = tally_new(o->strict);
    s->match.rule = o->compat || strcmp(o->match, "chorus") == 0 ? MATCH_CHORUS : MATCH_EXACT;
    s->match.strip_strand = o->strip_strand;
    if (o->alias && match_read_aliases(&s->match, o->alias, &e))
        die_err(&e);
    if (o->genome && !(s->genome = genome_open(o->genome, &e)))
        die_err(&e);
    s->bg = background_open(o->background, &e);
    if (!s->bg)
        die_err(&e);
    s->fp = fio_open_in(s->path);
    s->in = score_open(s->fp, s->name, &e);
    if (!s->in)
        die_err(&e);
    layout_init(&s->layout, o, score_tracks(s->in), s->name);
    open_background(s);
    s->targets = targets_new(s->bg, s->query, &s->match, s->in, s->name, o->skip_unknown, &e);
    if (!s->targets)
        die_err(&e);
    return s;
}

void
groups_close(struct groups *s)
{
    fio_close_in(s->fp, s->path);
    targets_free(s->targets);
    score_close(s->in);
    layout_free(&s->layout);
    query_free(s->query);
    match_free(&s->match);
    background_close(s->bg);
    genome_close(s->genome);
    tally_free(s->tally);
    free(s->slot);
    free(s);
}

const struct layout *
groups_layout(const struct groups *s)
{
    return &s->layout;
}

const char *
groups_name(const struct groups *s)
{
    return s->name;
}

struct genome *
groups_genome(const struct groups *s)
{
    return s->genome;
}

const char *
groups_advice(const struct groups *s)
{
    const char *alleles = meta_get(score_meta(s->in), "alleles");

    return !s->genome && alleles && strcmp(alleles, "normalised") == 0
               ? "; the scores are of normalised alleles: give the genome too (--genome)" : "";
}

/* Place of a track of the score file among the selected ones, or NOT_SELECTED. */
static ptrdiff_t
find_slot(struct groups *s, uint32_t track)
{
    const struct track_table *tracks = score_tracks(s->in);
    const struct layout *y = &s->layout;

    if (s->n_slot < tracks->n) {
        s->slot = mem_resize(s->slot, tracks->n, sizeof *s->slot);
        while (s->n_slot < tracks->n)
            s->slot[s->n_slot++] = NOT_MET;
    }
    if (s->slot[track] == NOT_MET) {
        s->slot[track] = NOT_SELECTED;
        for (size_t i = 0; i < y->n_track; i++)
            if (strcmp(y->track[i], tracks->track[track].id) == 0)
                s->slot[track] = (ptrdiff_t)i;
    }
    return s->slot[track];
}

static struct allele *
add_allele(struct group *g, const struct layout *y, struct genome *genome,
           const struct site *site, const char *alt)
{
    struct allele *a;

    mem_grow(&g->allele, &g->cap, g->n + 1, sizeof *g->allele);
    a = &g->allele[g->n++];
    *a = (struct allele){ .ref = mem_strdup(site->ref), .alt = mem_strdup(alt),
                          .key = variant_key(genome, site->chrom, site->start, site->ref,
                                             alt),
                          .top_size = -1, .top_track = mem_strdup(".") };
    a->number = mem_array(y->n_number, sizeof *a->number);
    for (size_t i = 0; i < y->n_number; i++)
        a->number[i] = NAN;
    a->size = mem_array(y->n_track, sizeof *a->size);
    for (size_t i = 0; i < y->n_track; i++)
        a->size[i] = -1;
    return a;
}

static struct allele *
find_allele(struct group *g, struct groups *s, const char *alt)
{
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->allele[i].alt, alt) == 0)
            return &g->allele[i];
    return add_allele(g, &s->layout, s->genome, &s->rec->site, alt);
}

/* Of several values of a track at an allele (strands, genes) the largest effect is told. */
static void
put_track(struct allele *a, const struct layout *y, size_t slot, double score,
          const struct query_answer *answer)
{
    const double value[QUANTITIES] = {
        [Q_SCORE] = score, [Q_PERCENTILE] = answer->scaled, [Q_EXCEEDANCE] = answer->exceedance,
        [Q_ACTIVITY] = answer->activity, [Q_CI_LOW] = answer->ci_low,
        [Q_CI_HIGH] = answer->ci_high
    };
    double *number = a->number + slot * y->n_quantity;

    if (fabs(score) <= a->size[slot])
        return;
    a->size[slot] = fabs(score);
    for (int q = 0; q < QUANTITIES; q++)
        if (y->quantity[q])
            *number++ = value[q];
}

/* Percent-encode what VCF gives a meaning in INFO (its specification, 1.2). */
static char *
encode(const char *text)
{
    char *out = mem_alloc(3 * strlen(text) + 1), *p = out;

    for (; *text; text++) {
        if (strchr("%;=,", *text) || (unsigned char)*text <= ' ')
            p += sprintf(p, "%%%02X", (unsigned)(unsigned char)*text);
        else
            *p++ = *text;
    }
    *p = '\0';
    return out;
}

/* The best track so far: the most extreme percentile, then how far beyond the background. */
static void
put_top(struct allele *a, const struct layout *y, const char *track, double score,
        const struct query_answer *answer)
{
    double exceedance = isnan(answer->exceedance) ? 0 : answer->exceedance;
    double size = fabs(answer->percentile);
    double *number = a->number + y->n_number - TOPS;

    if (isnan(size) || size < a->top_size ||
        (size == a->top_size && exceedance <= a->top_exceedance))
        return;
    a->top_size = size;
    a->top_exceedance = exceedance;
    free(a->top_track);
    a->top_track = encode(track);
    number[TOP_SCORE] = score;
    number[TOP_PERCENTILE] = answer->scaled;
    number[TOP_EXCEEDANCE] = answer->exceedance;
}

static void
add_block(struct group *g, struct groups *s, const struct score_block *b)
{
    const char *id = score_tracks(s->in)->track[b->track].id;
    ptrdiff_t slot = find_slot(s, b->track);
    struct query_row *row;
    struct err e;
    bool is_new;

    s->n_values += b->n;
    if (b->kind != SCORE_EFFECT) {
        tally_add(s->tally, b->n, "no effect of a variant", "%s of %s", score_kind_name[b->kind],
                  id);
        return;
    }
    if (slot == NOT_SELECTED && !s->layout.top)
        return;
    if (targets_block(&row, s->targets, b, &is_new, &e))
        die_err(&e);
    if (!row) {
        tally_add(s->tally, b->n, "track is not in the background", "%s", id);
        return;
    }
    if (is_new && !row->alive)
        warn("%s: the effect row of track '%s' has no values behind it; its percentiles are '.'",
             s->bg->zip->path, row->id);
    for (size_t i = 0; i < b->n; i++) {
        struct allele *a = find_allele(g, s, s->rec->site.alt[b->allele[i]]);
        struct query_answer answer;

        if (query_answer(&answer, s->query, row, id, b->score[i], b->ref[i], &e))
            die_err(&e);
        if (slot != NOT_SELECTED)
            put_track(a, &s->layout, (size_t)slot, b->score[i], &answer);
        if (s->layout.top)
            put_top(a, &s->layout, id, b->score[i], &answer);
    }
}

static void
read_record(struct groups *s)
{
    struct err e;
    int got = score_read(s->in, &s->rec, &e);

    if (got < 0)
        die_err(&e);
    if (got == 0)
        s->rec = NULL;
}

static bool
same_site(const struct group *g, const struct site *site)
{
    return g->start == site->start && strcmp(g->chrom, site->chrom) == 0 &&
           (g->n == 0 || strcmp(g->allele[0].ref, site->ref) == 0);
}

void
group_free(struct group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        free(g->allele[i].ref);
        free(g->allele[i].alt);
        free(g->allele[i].key);
        free(g->allele[i].number);
        free(g->allele[i].size);
        free(g->allele[i].top_track);
    }
    free(g->allele);
    free(g->chrom);
    memset(g, 0, sizeof *g);
}

/* Sites without a value that is asked for (regions, other tracks) are passed over. */
bool
groups_next(struct group *g, struct groups *s)
{
    if (!s->started)
        read_record(s);
    s->started = true;
    do {
        group_free(g);
        if (!s->rec)
            return false;
        g->chrom = mem_strdup(s->rec->site.chrom);
        g->start = s->rec->site.start;
        /* A binary record is a whole site; a TSV has a row per value. */
        do {
            for (size_t i = 0; i < s->rec->n_block; i++)
                add_block(g, s, &s->rec->block[i]);
            read_record(s);
        } while (s->rec && score_line(s->in) && same_site(g, &s->rec->site));
    } while (g->n == 0);
    return true;
}

struct allele *
group_find(const struct group *g, const char *key)
{
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->allele[i].key, key) == 0)
            return &g->allele[i];
    return NULL;
}

bool
groups_empty(const struct groups *s)
{
    return s->n_values == 0;
}

void
groups_report(const struct groups *s)
{
    const struct track_table *tracks = score_tracks(s->in);
    struct err e;

    tally_report(s->tally, s->n_values, "values");
    for (size_t i = 0; i < s->layout.n_track; i++)
        if (track_table_find(tracks, s->layout.track[i]) < 0)
            die("%s: has no scores of track '%s'; it has those of %zu tracks, the first '%s'",
                s->name, s->layout.track[i], tracks->n, tracks->n ? tracks->track[0].id : "");
    if (s->n_values && !targets_values(s->targets) && tally_total(s->tally) == s->n_values)
        die("%s: holds no effects of variants, only values of regions; score variants", s->name);
    if (!(s->o->allow_empty && groups_empty(s)) && targets_check_any(s->targets, &e))
        die_err(&e);
}

static void
copy_lines(struct meta *m, const struct meta *from, const char *key)
{
    const char *value;

    for (size_t i = 0; (value = meta_get_nth(from, key, i)) != NULL; i++)
        meta_add(m, key, value);
}

/* What the background calls itself, its file name without folders, and the hash over it all. */
static void
add_background(struct meta *m, const struct groups *s, const char *hash)
{
    const char *base = strrchr(s->o->background, '/');
    char *text, *config;
    json_t *says, *j;
    struct err e;

    config = background_config(s->bg, &e);
    if (!config)
        die_err(&e);
    says = json_loads(config, 0, NULL);
    free(config);
    j = json_pack("{s:s?, s:s}", "name", base ? base + 1 : s->o->background, "blake2b", hash);
    json_object_set(j, "oracle", json_object_get(says, "oracle"));
    json_object_set(j, "genome", json_object_get(says, "genome"));
    text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
    meta_add(m, "background", text);
    free(text);
    json_decref(j);
    json_decref(says);
}

void
groups_meta(struct meta *m, const struct groups *s)
{
    const struct meta *from = score_meta(s->in);
    char hash[BACKGROUND_HASH_MAX];
    const char *line;

    background_hash(hash, s->bg);
    copy_lines(m, from, "genome");
    copy_lines(m, from, "layer");
    for (size_t i = 0; (line = meta_get_nth(from, "track", i)) != NULL; i++)
        if (i < score_tracks(s->in)->n)
            for (size_t k = 0; k < s->layout.n_track; k++)
                if (strcmp(s->layout.track[k], score_tracks(s->in)->track[i].id) == 0)
                    meta_add(m, "track", line);
    add_background(m, s, hash);
    copy_lines(m, from, "prov");
    prov_append(m, json_pack("{s:s}", "background", hash));
}
