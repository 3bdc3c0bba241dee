/* SPDX-License-Identifier: MIT */
/* reservoir - keep the scores of each track, all or a bounded number, ready to be packed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "background/grid.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "prog/progress.h"
#include "prog/prov.h"
#include "reservoir/identity.h"
#include "stream/stream.h"
#include "tool.h"

/* All score inputs together. */
struct scores {
    struct reservoir *values;
    struct retention how;
    struct identity identity;   /* keyed retention */
    struct track_table tracks;  /* in the order met */
    uint32_t *order;            /* reservoir's track of each track of the header */
    struct run_info info;
    struct progress *progress;
    uint64_t n_records;
};

static const char details[] =
    "Input:   scores of score-effect (binary or TSV), states of earlier runs, in any mix;\n"
    "         standard input when none is named.  Shards of one run are joined; parts of\n"
    "         different runs are refused.\n"
    "Output:  reservoir state, for cdf-pack and for reservoir itself; with --text the columns\n"
    "         kind, track, value.  The bytes do not depend on the order of the input or on how\n"
    "         it was sharded (but for --algorithm R).\n"
    "Memory:  scores: 8 bytes per value kept, 4 per perbin value, with --capacity 4 more; states:\n"
    "         one track at a time.\n"
    "Example: predict ... | score-effect | reservoir -o part1.res\n"
    "         reservoir part*.res | cdf-pack -o background.npz\n";

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { OPT_FLAG, 0, "text", NULL, &o->text, "print the values as TSV", 0, 0, true },
        { OPT_FLAG, 0, "allow-empty", NULL, &o->allow_empty,
          "input without values is no error", 0, 0, true },
        { OPT_SECTION, 0, "Bounded memory", NULL, NULL, NULL, 0, 0, false },
        { OPT_INT, 0, "capacity", "N", &o->capacity,
          "keep N values of each track and kind, a sample [all]", 1, 1e12, false },
        { OPT_INT, 0, "tail", "K", &o->tail,
          "and exactly its K least and greatest [by --expected]", 1, 1e12, false },
        { OPT_INT, 0, "expected", "N", &o->expected, "values that a track will have", 1, 1e15,
          false },
        { OPT_INT, 0, "width", "N", &o->width, "points per row that cdf-pack will make [10000]",
          GRID_WIDTH_MIN, GRID_WIDTH_MAX, false },
        { OPT_TEXT, 0, "algorithm", "NAME", &o->algorithm,
          "sample by key, or R as chorus did [keyed]", 0, 0, false },
        { OPT_INT, 's', "seed", "N", &o->seed, "of the sample [12345]", 0, 4294967295, false },
        { 0 }
    };
    const struct opt_program p = { "reservoir", "[-o FILE] [--text] [--capacity N] [INPUT...]",
        "Keep the scores of each track, ready to be joined and packed.", opts, details };
    int first = opt_parse(&p, argc, argv);

    o->input = argv + first;
    o->n_input = (size_t)(argc - first);
}

static void
check_bounds(const struct options *o)
{
    const struct retention *r = &o->how;

    if (r->rule == RETAIN_KEYED && !r->tail)
        die_usage("--capacity needs --tail K, or --expected N to derive it: the ends of a "
                  "background must be exact");
    if (r->rule == RETAIN_KEYED && o->expected > o->capacity &&
        !retention_is_exact_enough(r->tail, (uint64_t)o->expected, (uint64_t)o->width))
        die_usage("--tail %llu makes %llu of %lld points exact at each end when %lld values are "
                  "expected, at least %lld are wanted; give --tail %llu",
                  (unsigned long long)r->tail,
                  (unsigned long long)retention_exact_slots(r->tail, (uint64_t)o->expected,
                                                            (uint64_t)o->width),
                  (long long)o->width, (long long)o->expected, (long long)o->width / 50,
                  (unsigned long long)retention_derive_tail((uint64_t)o->expected,
                                                            (uint64_t)o->width));
}

/* Contradictions, and what follows from the options. */
static void
check_options(struct options *o)
{
    struct retention *r = &o->how;

    if (strcmp(o->algorithm, "keyed") != 0 && strcmp(o->algorithm, "R") != 0)
        die_usage("--algorithm is '%s', expected keyed or R", o->algorithm);
    if (o->capacity < 0) {
        if (o->tail > 0 || o->expected > 0 || *o->algorithm == 'R')
            die_usage("--%s is of use with --capacity only",
                      o->tail > 0 ? "tail" : o->expected > 0 ? "expected" : "algorithm R");
        return;
    }
    r->rule = *o->algorithm == 'R' ? RETAIN_R : RETAIN_KEYED;
    r->capacity = (uint64_t)o->capacity;
    r->seed = (uint64_t)o->seed;
    if (o->tail > 0)
        r->tail = (uint64_t)o->tail;
    else if (o->expected > 0)
        r->tail = retention_derive_tail((uint64_t)o->expected, (uint64_t)o->width);
    check_bounds(o);
    if (r->rule == RETAIN_R && o->n_input > 1)
        die_usage("one input at a time with --algorithm R: what it keeps depends on their order");
}

/* Tracks of a reader that are new since the last call get a place here; map gives it. */
static void
map_tracks(struct scores *s, uint32_t **map, size_t *n_map, const struct track_table *theirs)
{
    struct err e;

    if (*n_map == theirs->n)
        return;
    *map = mem_resize(*map, theirs->n, sizeof **map);
    for (; *n_map < theirs->n; ++*n_map) {
        ptrdiff_t at = track_table_find(&s->tracks, theirs->track[*n_map].id);

        if (at < 0) {
            if (track_table_add(&s->tracks, &theirs->track[*n_map], &e))
                die_err(&e);
            at = (ptrdiff_t)s->tracks.n - 1;
        }
        (*map)[*n_map] = (uint32_t)at;
    }
}

static void
take_record(struct scores *s, const struct score_record *rec, const uint32_t *map,
            const char *name)
{
    struct err e;

    if (s->how.rule == RETAIN_KEYED)
        identity_set_site(&s->identity, rec);
    for (size_t i = 0; i < rec->n_block; i++) {
        const struct score_block *b = &rec->block[i];
        const uint32_t as = map[b->track], *key = NULL;

        if (s->how.rule == RETAIN_KEYED)
            key = identity_keys(&s->identity, rec, b, as, s->tracks.track[as].id);
        if (reservoir_add(s->values, b, as, key, &e))
            die("%s: track '%s' at %s:%lld: %s", name, s->tracks.track[as].id,
                rec->site.chrom, (long long)rec->site.start + 1, e.msg);
    }
    progress_set(s->progress, ++s->n_records);
}

/* Read one score input to its end. */
static void
take_scores(struct scores *s, struct score_reader *r, const char *name)
{
    const struct score_record *rec;
    uint32_t *map = NULL;
    size_t n_map = 0;
    struct err e;
    int got;

    if (run_info_add(&s->info, score_meta(r), name, &e))
        die_err(&e);
    if (s->how.rule == RETAIN_R && s->info.shards.n)
        die("%s: is a shard, and what algorithm R keeps depends on the order of all values; join "
            "the scores first, or keep values by key", name);
    if (s->how.rule != RETAIN_KEYED)
        score_skip_details(r);
    map_tracks(s, &map, &n_map, score_tracks(r));
    while ((got = score_read(r, &rec, &e)) > 0) {
        map_tracks(s, &map, &n_map, score_tracks(r));
        take_record(s, rec, map, name);
    }
    if (got < 0 || run_info_add_trailer(&s->info, score_trailer(r), name, &e))
        die_err(&e);
    free(map);
    score_close(r);
}

static const struct track_table *sorted_tracks;

static int
by_id(const void *a, const void *b)
{
    return strcmp(sorted_tracks->track[*(const uint32_t *)a].id,
                  sorted_tracks->track[*(const uint32_t *)b].id);
}

/*
 * Scores of a user's own making name their tracks as they come; sorted by id they no longer tell
 * in which order.
 */
static void
order_tracks(struct scores *s)
{
    struct track_table table;
    struct err e;

    s->order = mem_array(s->tracks.n, sizeof *s->order);
    for (uint32_t i = 0; i < s->tracks.n; i++)
        s->order[i] = i;
    if (meta_get(&s->info.meta, "track"))
        return;
    sorted_tracks = &s->tracks;
    qsort(s->order, s->tracks.n, sizeof *s->order, by_id);
    track_table_init(&table);
    for (size_t i = 0; i < s->tracks.n; i++)
        if (track_table_add(&table, &s->tracks.track[s->order[i]], &e))
            die_err(&e);
    track_table_to_meta(&table, &s->info.meta);
    track_table_free(&table);
}

/*
 * The sites come last in scores, but first in a state: the states of two populations, scored alike
 * and without provenance, are told apart before any value is read.
 */
static void
name_sites(struct run_info *info)
{
    const char *sites = meta_get(&info->trailer, "sites");

    if (sites && !meta_get(&info->meta, "sites"))
        meta_add(&info->meta, "sites", sites);
}

/* All score inputs become one part of the run. */
static void
join_scores(struct run *run, struct scores *s)
{
    struct err e;

    if (!s->info.name)
        return;
    order_tracks(s);
    retention_to_meta(&s->how, &s->info.meta);
    prov_append(&s->info.meta, NULL);
    name_sites(&s->info);
    if (run_add_memory(run, s->values, s->order, s->tracks.n, &s->info, &e))
        die_err(&e);
}

/* Take in one input; true when its file is still being read (a state). */
static bool
take_input(struct run *run, struct scores *s, FILE *fp, const char *name)
{
    struct stream_reader *in;
    struct score_reader *scores = NULL;
    struct state_reader *state;
    const char *content;
    struct err e;

    if (!stream_is_binary(fp)) {
        scores = score_open(fp, name, &e);
        if (!scores)
            die_err(&e);
        take_scores(s, scores, name);
        return false;
    }
    in = stream_open_file(fp, name, NULL, &e);
    if (!in)
        die_err(&e);
    content = meta_get(stream_meta(in), "content");
    if (content && strcmp(content, STREAM_SCORES) == 0) {
        scores = score_open_stream(in, name, &e);
        if (!scores)
            die_err(&e);
        take_scores(s, scores, name);
        return false;
    }
    if (!content || strcmp(content, STREAM_RESERVOIR) != 0)
        die("%s: holds %s, but scores or a reservoir state are expected here; pipe it through "
            "score-effect first", name, content ? content : "nothing known");
    state = state_open(in, name, &e);
    if (!state || run_add_state(run, state, &e))
        die_err(&e);
    return true;
}

static void
reservoir(const struct options *o)
{
    size_t n = o->n_input ? o->n_input : 1;
    FILE **open = mem_array(n, sizeof *open);
    struct scores s = { .values = reservoir_new(&o->how), .how = o->how,
                        .progress = progress_new("sites", 0) };
    struct run *run = run_new();

    run_info_init(&s.info);
    identity_init(&s.identity, o->how.seed);
    track_table_init(&s.tracks);
    run_allow_files(n);
    for (size_t i = 0; i < n; i++) {
        const char *path = o->n_input ? o->input[i] : NULL;
        FILE *fp = fio_open_in(path);

        if (take_input(run, &s, fp, fio_name_in(path)))
            open[i] = fp;
        else
            fio_close_in(fp, path);
    }
    progress_end(s.progress);
    if (o->how.rule != RETAIN_ALL && !s.info.name)
        die("%s: is a reservoir state, and --capacity is for scores; give states without it",
            run_info(run)->name);
    join_scores(run, &s);
    write_output(run, o);
    for (size_t i = 0; i < n; i++)
        if (open[i])
            fio_close_in(open[i], o->n_input ? o->input[i] : NULL);
    free(open);
    run_free(run);
    run_info_free(&s.info);
    track_table_free(&s.tracks);
    identity_free(&s.identity);
    reservoir_free(s.values);
    free(s.order);
}

int
main(int argc, char **argv)
{
    struct options o = { .algorithm = "keyed", .capacity = -1, .tail = -1, .expected = -1,
                         .seed = RETENTION_SEED, .width = GRID_WIDTH };

    prog_name = "reservoir";
    parse_options(&o, argc, argv);
    check_options(&o);
    reservoir(&o);
    return EXIT_OK;
}
