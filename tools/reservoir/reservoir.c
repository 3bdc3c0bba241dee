/* SPDX-License-Identifier: MIT */
/* reservoir - keep every score of each track, ready to be joined and packed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdf/run.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "prog/progress.h"
#include "prog/prov.h"
#include "stream/stream.h"

struct options {
    const char *out;
    bool text;
    char **input;
    size_t n_input;
};

/* All score inputs together. */
struct scores {
    struct reservoir *values;
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
    "         it was sharded.\n"
    "Memory:  scores: 8 bytes per value, 4 per perbin value; states: one track at a time.\n"
    "Example: predict ... | score-effect | reservoir -o part1.res\n"
    "         reservoir part*.res | cdf-pack -o background.npz\n";

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { OPT_FLAG, 0, "text", NULL, &o->text, "print the values as TSV", 0, 0, true },
        { 0 }
    };
    const struct opt_program p = { "reservoir", "[-o FILE] [--text] [INPUT...]",
        "Keep every score of each track, ready to be joined and packed.", opts, details };
    int first = opt_parse(&p, argc, argv);

    o->input = argv + first;
    o->n_input = (size_t)(argc - first);
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

    for (size_t i = 0; i < rec->n_block; i++) {
        const struct score_block *b = &rec->block[i];

        if (reservoir_add(s->values, b, map[b->track], &e))
            die("%s: track '%s' at %s:%lld: %s", name, s->tracks.track[map[b->track]].id,
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

/* All score inputs become one part of the run. */
static void
join_scores(struct run *run, struct scores *s)
{
    struct err e;

    if (!s->info.name)
        return;
    order_tracks(s);
    prov_append(&s->info.meta, NULL);
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

/* Seventeen digits always read back as the same double; fifteen often do, and read better. */
static const char *
value_format(enum score_kind kind, double v)
{
    char text[32];

    if (kind == SCORE_PERBIN)
        return "%s\t%s\t%.9g\n";
    snprintf(text, sizeof text, "%.15g", v);
    return strtod(text, NULL) == v ? "%s\t%s\t%.15g\n" : "%s\t%s\t%.17g\n";
}

static void
print_set(FILE *fp, const struct value_set *set, const struct track_table *tracks)
{
    for (size_t i = 0; i < set->n; i++) {
        double v = value_set_get(set, i);

        fprintf(fp, value_format(set->kind, v), score_kind_name[set->kind],
                tracks->track[set->track].id, v);
    }
}

static void
print_meta(FILE *fp, const struct meta *m)
{
    for (size_t i = 0; i < m->n; i++)
        fprintf(fp, META_TEXT_PREFIX "%s=%s\n", m->line[i].key, m->line[i].value);
}

static uint64_t
write_text(struct run *run, FILE *fp, const struct meta *header)
{
    const struct value_set *set;
    struct track_table tracks;
    uint64_t n = 0;
    struct err e;
    int got;

    track_table_init(&tracks);
    if (track_table_from_meta(&tracks, header, &e))
        die_err(&e);
    print_meta(fp, header);
    fputs("#kind\ttrack\tvalue\n", fp);
    while ((got = run_next(run, &set, &e)) > 0) {
        print_set(fp, set, &tracks);
        n += set->n;
    }
    if (got < 0)
        die_err(&e);
    print_meta(fp, &run_info(run)->trailer);
    fprintf(fp, META_TEXT_PREFIX "end=%llu\n", (unsigned long long)n);
    track_table_free(&tracks);
    return n;
}

/* A shard of a small input may have no sites; the whole of a run may not. */
static bool
may_be_empty(const struct run *run, uint64_t n)
{
    return n || !shards_complete(&run_info(run)->shards);
}

static uint64_t
write_state(struct run *run, FILE *fp, const char *name, const struct meta *header)
{
    const struct value_set *set;
    uint64_t n = 0;
    struct err e;
    struct stream_writer *w = stream_create(fp, name, header, &e);
    int got;

    if (!w)
        die_err(&e);
    while ((got = run_next(run, &set, &e)) > 0) {
        if (state_write(w, set, &e))
            die_err(&e);
        n += set->n;
    }
    if (got < 0)
        die_err(&e);
    if (may_be_empty(run, n) && stream_finish(w, &run_info(run)->trailer, &e))
        die_err(&e);
    return n;
}

/* Write what the run holds, all of it or nothing. */
static void
write_output(struct run *run, const struct options *o)
{
    FILE *fp = fio_open_out(o->out, !o->text);
    const char *name = fio_name_out(o->out);
    struct meta header;
    uint64_t n;

    meta_init(&header);
    meta_add(&header, "content", STREAM_RESERVOIR);
    meta_copy(&header, &run_info(run)->meta);
    shards_to_meta(&run_info(run)->shards, &header);
    n = o->text ? write_text(run, fp, &header) : write_state(run, fp, name, &header);
    if (!may_be_empty(run, n))
        die("no values in %s; did the program before it leave all sites out?",
            o->n_input > 1 ? "any input" : run_info(run)->name);
    fio_close_out(fp, o->out);
    meta_free(&header);
    chat("kept %llu values", (unsigned long long)n);
}

static void
reservoir(const struct options *o)
{
    size_t n = o->n_input ? o->n_input : 1;
    FILE **open = mem_array(n, sizeof *open);
    struct scores s = { .values = reservoir_new(), .progress = progress_new("sites", 0) };
    struct run *run = run_new();

    run_info_init(&s.info);
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
    join_scores(run, &s);
    write_output(run, o);
    for (size_t i = 0; i < n; i++)
        if (open[i])
            fio_close_in(open[i], o->n_input ? o->input[i] : NULL);
    free(open);
    run_free(run);
    run_info_free(&s.info);
    track_table_free(&s.tracks);
    reservoir_free(s.values);
    free(s.order);
}

int
main(int argc, char **argv)
{
    struct options o = { 0 };

    prog_name = "reservoir";
    parse_options(&o, argc, argv);
    reservoir(&o);
    return EXIT_OK;
}
