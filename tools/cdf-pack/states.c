/* SPDX-License-Identifier: MIT */
/* Rows from reservoir states: the states of a run joined, its values gridded track by track. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "background/grid.h"
#include "background/guard.h"
#include "pack.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "reservoir/run_meta.h"

/* The states, grouped into runs: the shards of one run belong together. */
struct states {
    const struct options *o;
    FILE **fp;
    struct run **run;
    size_t n, n_run;
    struct track_table tracks;  /* union of the runs', in order of first appearance */
    char *genome;               /* metadata line of the first run, or NULL */
    char *genome_from;          /* name of that run */
    struct state_config *config;
    struct grid *grid;
    float *row;                 /* width */
};

/* The run that a shard belongs to, by a header that names its sites, too; or a new one. */
static struct run *
find_run(struct states *in, const struct state_reader *s)
{
    struct err ignored;

    for (size_t i = 0; i < in->n_run && state_shards(s)->n; i++) {
        const struct run_info *info = run_info(in->run[i]);

        if (info->shards.n &&
            run_meta_compare(&info->meta, info->name, state_meta(s), state_name(s),
                             &ignored) == 0)
            return in->run[i];
    }
    return in->run[in->n_run++] = run_new();
}

/* Open all states: headers are read, values not yet. */
static void
open_inputs(struct states *in)
{
    const struct options *o = in->o;
    struct err e;

    in->n = o->n_input ? o->n_input : 1;
    in->fp = mem_array(in->n, sizeof *in->fp);
    in->run = mem_array(in->n, sizeof *in->run);
    run_allow_files(in->n);
    for (size_t i = 0; i < in->n; i++) {
        const char *path = o->n_input ? o->input[i] : NULL;
        struct stream_reader *stream;
        struct state_reader *s = NULL;

        in->fp[i] = fio_open_in(path);
        stream = stream_open_file(in->fp[i], fio_name_in(path), STREAM_RESERVOIR, &e);
        if (stream)
            s = state_open(stream, fio_name_in(path), &e);
        if (!s || run_add_state(find_run(in, s), s, &e))
            die_err(&e);
    }
}

/* Refuse a run of which shards are missing. */
static void
check_complete(const struct states *in)
{
    const struct run_info *first = NULL;
    struct err e;

    for (size_t i = 0; i < in->n_run; i++) {
        const struct run_info *info = run_info(in->run[i]);

        if (shards_complete(&info->shards))
            continue;
        if (first && run_meta_compare(&first->meta, first->name, &info->meta, info->name, &e))
            die_err(&e);
        first = first ? first : info;
    }
    if (first)
        die("%s: shards %s of %u are given; %s missing; give the states of all shards",
            first->name, shards_list(&first->shards, true), first->shards.n,
            shards_list(&first->shards, false));
}

static bool
same_track(const struct track *a, const struct track *b)
{
    return strcmp(a->layer, b->layer) == 0 && strcmp(a->weights_sha256, b->weights_sha256) == 0 &&
        strcmp(a->oracle, b->oracle) == 0 && a->n_bins == b->n_bins && a->bin_bp == b->bin_bp &&
        a->n_strands == b->n_strands;
}

static char *
describe_track(const struct track *t)
{
    return mem_printf("layer %s, oracle %s, weights %.16s, %u bins of %u bp, %u strands",
                      *t->layer ? t->layer : "none", *t->oracle ? t->oracle : "none",
                      *t->weights_sha256 ? t->weights_sha256 : "none", t->n_bins, t->bin_bp,
                      t->n_strands);
}

/* Take a run's tracks into the union; those there already must be the same tracks. */
static void
add_tracks(struct states *s, const struct run_info *info)
{
    struct track_table t;
    struct err e;

    track_table_init(&t);
    if (track_table_from_meta(&t, &info->meta, &e))
        die("%s: %s", info->name, e.msg);
    for (size_t i = 0; i < t.n; i++) {
        ptrdiff_t at = track_table_find(&s->tracks, t.track[i].id);

        if (at < 0 && track_table_add(&s->tracks, &t.track[i], &e))
            die("%s: %s", info->name, e.msg);
        if (at >= 0 && !same_track(&s->tracks.track[at], &t.track[i]))
            die("%s: track '%s' is another one than in the states before (%s; before: %s); make "
                "all with the same weights and layer", info->name, t.track[i].id,
                describe_track(&t.track[i]), describe_track(&s->tracks.track[at]));
    }
    track_table_free(&t);
}

static void
add_genome(struct states *s, const struct run_info *info)
{
    const char *genome = meta_get(&info->meta, "genome");

    if (!s->genome_from) {
        s->genome_from = mem_strdup(info->name);
        s->genome = genome ? mem_strdup(genome) : NULL;
    } else if (!s->genome != !genome || (genome && strcmp(s->genome, genome) != 0)) {
        die("%s and %s are of different genomes (%s and %s); make both with one FASTA file",
            s->genome_from, info->name, s->genome ? s->genome : "none", genome ? genome : "none");
    }
}

static void
gather_headers(struct states *s)
{
    for (size_t i = 0; i < s->n_run; i++) {
        const struct run_info *info = run_info(s->run[i]);

        add_tracks(s, info);
        add_genome(s, info);
        config_add_run(s->config, info);
    }
    if (!s->tracks.n)
        die("%s: the header lists no tracks; the state is damaged", run_info(s->run[0])->name);
}

struct states *
states_open(const struct options *o, struct part *part)
{
    struct states *s = mem_zalloc(sizeof *s);

    s->o = o;
    s->config = config_new();
    track_table_init(&s->tracks);
    open_inputs(s);
    check_complete(s);
    gather_headers(s);
    part->name = "the states";
    part->n = s->tracks.n;
    part->id = mem_array(part->n, sizeof *part->id);
    part->layer = mem_array(part->n, sizeof *part->layer);
    for (size_t i = 0; i < part->n; i++) {
        part->id[i] = mem_strdup(s->tracks.track[i].id);
        part->layer[i] = mem_strdup(s->tracks.track[i].layer);
    }
    return s;
}

static void
start_kind(struct part_kind *k, size_t n)
{
    k->present = true;
    k->offered = mem_array(n, sizeof *k->offered);
    k->kept = mem_array(n, sizeof *k->kept);
    k->least = mem_array(n, sizeof *k->least);
    k->source = mem_array(n, sizeof *k->source);
    k->runs = json_array();
}

/* Refuse a sample whose tails would not make the ends of its row exact. */
static void
check_thinning(const struct pack *p, const struct value_set *set, const char *track,
               const char *name)
{
    const uint64_t tail = set->tail ? set->tail[LOWER].n : 0;
    const uint64_t least = guard_exact_slots(p->width);

    if (p->o->allow_thinned || !guard_is_thinned(set->offered, set->n, tail, p->width, least))
        return;
    die("%s: %s of track '%s' holds %zu of %llu values, and of the others the %llu at each end, "
        "which makes %llu of %zu points exact there; at least %llu are wanted; make the reservoir "
        "again with --tail %llu", name, score_kind_name[set->kind], track, set->n,
        (unsigned long long)set->offered, (unsigned long long)tail,
        (unsigned long long)retention_exact_slots(tail, set->offered, p->width), p->width,
        (unsigned long long)least,
        (unsigned long long)retention_derive_tail(set->offered, p->width));
}

/* The file has one tail_k for all rows of a kind. */
static void
note_tail(struct part_kind *k, const struct value_set *set, const struct run_info *info)
{
    const int64_t tail = set->tail ? (int64_t)info->how.tail : 0;

    if (tail && k->tail_k && tail != k->tail_k)
        die("%s: keeps %lld exact values at each end of %s, states before it %lld; make all with "
            "one --tail", info->name, (long long)tail, score_kind_name[set->kind],
            (long long)k->tail_k);
    if (tail)
        k->tail_k = tail;
}

/* Grid one set into its row. */
static void
add_row(struct states *s, struct pack *p, struct part *part, const struct value_set *set,
        size_t track, const struct run_info *info)
{
    struct part_kind *k = &part->kind[set->kind];
    const char *name = info->name, *id = part->id[track];
    ptrdiff_t descent;

    if (!k->present) {
        start_kind(k, part->n);
        pack_begin_kind(p, set->kind);
    }
    if (k->source[track])
        die("%s and %s both hold the %s values of track '%s' but are not shards of one run; give "
            "one of them", k->source[track], name, score_kind_name[set->kind], id);
    check_thinning(p, set, id, name);
    note_tail(k, set, info);
    grid_set(s->grid, s->row, set);
    descent = grid_first_descent(s->row, p->width);
    if (descent >= 0)
        die("%s: %s row of track '%s' descends at point %td (%g after %g); the state is damaged",
            name, score_kind_name[set->kind], id, descent, s->row[descent], s->row[descent - 1]);
    pack_put_row(p, set->kind, part->first + track, s->row);
    k->source[track] = mem_strdup(name);
    k->offered[track] = (int64_t)set->offered;
    k->kept[track] = (int64_t)set->n;
    k->least[track] = s->row[0];
}

/* A whole number in a metadata value that is a JSON object; 0 when it is not there. */
static int64_t
number_in(const char *text, const char *key)
{
    json_t *object = text ? json_loads(text, 0, NULL) : NULL;
    const int64_t v = json_integer_value(json_object_get(object, key));

    json_decref(object);
    return v;
}

/* A track cannot have more values of regions than sites, bins drawn and strands make. */
static void
check_population(const struct part *part, const struct run_info *info, const struct track *t,
                 size_t track, int kind)
{
    const int64_t sites = number_in(meta_get(&info->trailer, "sites"), "n");
    const int64_t bins = kind == SCORE_PERBIN ? number_in(meta_get(&info->meta, "perbin"), "n") : 1;
    const int64_t offered = part->kind[kind].offered[track];

    /* Of genes there may be any number at a site. */
    if (kind == SCORE_EFFECT || sites <= 0 || bins <= 0 ||
        strcmp(t->layer, "gene_expression") == 0)
        return;
    if (guard_exceeds_population(offered, sites, bins * t->n_strands))
        die("%s: track '%s' has %lld %s values, but %lld sites give no more than %lld; was "
            "something read twice?", info->name, t->id, (long long)offered, score_kind_name[kind],
            (long long)sites, (long long)(sites * bins * t->n_strands));
}

/* Grid all sets of a run, and note how it was made with every kind it has. */
static void
add_run(struct states *s, struct pack *p, struct part *part, struct run *run)
{
    const struct run_info *info = run_info(run);
    size_t n[SCORE_KINDS] = { 0 };
    const struct value_set *set;
    struct track_table t;
    struct err e;
    int got;

    track_table_init(&t);
    if (track_table_from_meta(&t, &info->meta, &e))
        die("%s: %s", info->name, e.msg);
    while ((got = run_next(run, &set, &e)) > 0) {
        add_row(s, p, part, set,
                (size_t)track_table_find(&s->tracks, t.track[set->track].id), info);
        n[set->kind]++;
    }
    if (got < 0)
        die_err(&e);
    for (int k = 0; k < SCORE_KINDS; k++) {
        for (size_t i = 0; n[k] && i < t.n; i++) {
            const size_t track = (size_t)track_table_find(&s->tracks, t.track[i].id);

            if (part->kind[k].source[track])
                check_population(part, info, &t.track[i], track, k);
        }
        if (n[k])
            json_array_append_new(part->kind[k].runs, config_run(info, n[k]));
    }
    track_table_free(&t);
}

/* Every kind must have a row for every track. */
static void
check_cover(const struct part *part)
{
    size_t n_kinds = 0;

    for (int k = 0; k < SCORE_KINDS; k++) {
        const char *first = NULL;
        size_t n = 0;

        if (!part->kind[k].present)
            continue;
        n_kinds++;
        for (size_t i = 0; i < part->n; i++) {
            if (part->kind[k].source[i])
                continue;
            first = first ? first : part->id[i];
            n++;
        }
        if (n)
            die("%zu of %zu tracks have no %s values (first: '%s'); give the states that hold "
                "them, or leave the other %s states out", n, part->n, score_kind_name[k],
                first, score_kind_name[k]);
    }
    if (!n_kinds)
        die("no values in any state; did the program before it leave all sites out?");
}

/* By layer, or for tracks of no known layer by whether an effect is negative. */
static void
set_signed(const struct states *s, struct part *part)
{
    const struct part_kind *effect = &part->kind[SCORE_EFFECT];

    part->is_signed = mem_array(part->n, sizeof *part->is_signed);
    for (size_t i = 0; i < part->n; i++) {
        const bool negative = effect->present && effect->least[i] < 0;
        const int sign = config_layer_sign(s->config, part->layer[i]);

        if (sign == 0 && negative)
            die("%s: effect of track '%s' goes down to %g, but its layer %s is unsigned (|effect|);"
                " make the scores again with score-effect", effect->source[i], part->id[i],
                effect->least[i], part->layer[i]);
        part->is_signed[i] = sign < 0 ? negative : sign;
    }
}

/* Counts that differ by one tell of sites that were counted for some tracks only. */
static void
warn_counts(const struct part *part)
{
    for (int k = 0; k < SCORE_KINDS; k++) {
        struct guard_counts g;

        if (!part->kind[k].present)
            continue;
        guard_uniformity(&g, part->kind[k].offered, part->n);
        if (g.suspect)
            warn("%s: numbers of values differ by one between tracks (%lld to %lld): were some "
                 "sites counted for some tracks only?", score_kind_name[k], (long long)g.least,
                 (long long)g.most);
    }
}

void
states_put_rows(struct states *s, struct pack *p, struct part *part)
{
    s->grid = grid_new(p->width);
    s->row = mem_array(p->width, sizeof *s->row);
    for (size_t i = 0; i < s->n_run; i++) {
        add_run(s, p, part, s->run[i]);
        run_free(s->run[i]);
    }
    for (size_t i = 0; i < s->n; i++)
        fio_close_in(s->fp[i], s->o->n_input ? s->o->input[i] : NULL);
    check_cover(part);
    set_signed(s, part);
    warn_counts(part);
    part->config = config_finish(s->config, s->o, part, &s->tracks);
}

void
states_close(struct states *s)
{
    if (!s)
        return;
    config_free(s->config);
    track_table_free(&s->tracks);
    free(s->genome);
    free(s->genome_from);
    grid_free(s->grid);
    free(s->row);
    free(s->fp);
    free(s->run);
    free(s);
}
