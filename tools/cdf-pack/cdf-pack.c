/* SPDX-License-Identifier: MIT */
/* cdf-pack - grid the values of reservoir states into one background file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdf/grid.h"
#include "cdf/npz_write.h"
#include "cdf/run_meta.h"
#include "pack.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"

struct options {
    const char *out, *oracle, *genome_name;
    int64_t width, threads;
    char **input;
    size_t n_input;
};

/* The states, grouped into runs: the shards of one run belong together. */
struct inputs {
    FILE **fp;
    struct run **run;
    size_t n, n_run;
};

static const char details[] =
    "Input:   reservoir states; standard input when none is named.  Shards of one run are joined\n"
    "         (all must be there); states of other kinds or tracks add theirs.  Every kind given\n"
    "         must cover every track.\n"
    "Output:  NPZ with track_ids, *_cdfs, *_counts, *_retained, signed_flags, layers_per_row and\n"
    "         build_config, for cdf-lookup, numpy and chorus: pertrack-npz(5).\n"
    "Memory:  4 bytes x width x tracks per kind, and the values of one track.\n"
    "Example: cdf-pack -o chrombpnet_pertrack.npz effect*.res baseline*.res\n";

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { OPT_INT, 0, "width", "N", &o->width, "points per row [10000]", GRID_WIDTH_MIN,
          GRID_WIDTH_MAX, false },
        { OPT_TEXT, 0, "oracle", "NAME", &o->oracle,
          "name of the oracle in build_config [that of the tracks]", 0, 0, false },
        { OPT_TEXT, 0, "genome-name", "NAME", &o->genome_name,
          "assembly in build_config [the genome's file name without .fa]", 0, 0, false },
        { OPT_INT, '@', "threads", "N", &o->threads, "threads that compress [1]", 1, 1024, true },
        { 0 }
    };
    const struct opt_program p = { "cdf-pack", "[-o FILE] [options] [STATE...]",
        "Grid the values of reservoir states into one background file.", opts, details };
    int first = opt_parse(&p, argc, argv);

    o->input = argv + first;
    o->n_input = (size_t)(argc - first);
}

/* The unfinished run that a shard belongs to, or a new one. */
static struct run *
find_run(struct inputs *in, const struct state_reader *s)
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
open_inputs(struct inputs *in, const struct options *o)
{
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
check_complete(const struct inputs *in)
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
add_tracks(struct pack *p, const struct run_info *info)
{
    struct track_table t;
    struct err e;

    track_table_init(&t);
    if (track_table_from_meta(&t, &info->meta, &e))
        die("%s: %s", info->name, e.msg);
    for (size_t i = 0; i < t.n; i++) {
        ptrdiff_t at = track_table_find(&p->tracks, t.track[i].id);

        if (at < 0 && track_table_add(&p->tracks, &t.track[i], &e))
            die("%s: %s", info->name, e.msg);
        if (at >= 0 && !same_track(&p->tracks.track[at], &t.track[i]))
            die("%s: track '%s' is another one than in the states before (%s; before: %s); make "
                "all with the same weights and layer", info->name, t.track[i].id,
                describe_track(&t.track[i]), describe_track(&p->tracks.track[at]));
    }
    track_table_free(&t);
}

static void
add_genome(struct pack *p, const struct run_info *info)
{
    const char *genome = meta_get(&info->meta, "genome");

    if (!p->genome_from) {
        p->genome_from = mem_strdup(info->name);
        p->genome = genome ? mem_strdup(genome) : NULL;
    } else if (!p->genome != !genome || (genome && strcmp(p->genome, genome) != 0)) {
        die("%s and %s are of different genomes (%s and %s); make both with one FASTA file",
            p->genome_from, info->name, p->genome ? p->genome : "none", genome ? genome : "none");
    }
}

static void
gather_headers(struct pack *p, const struct inputs *in)
{
    for (size_t i = 0; i < in->n_run; i++) {
        const struct run_info *info = run_info(in->run[i]);

        add_tracks(p, info);
        add_genome(p, info);
        pack_add_layers(p, info);
        pack_add_window(p, info);
    }
    if (!p->tracks.n)
        die("%s: the header lists no tracks; the state is damaged", run_info(in->run[0])->name);
}

static void
start_kind(struct pack *p, struct pack_kind *k)
{
    k->present = true;
    k->row = mem_array(p->tracks.n * p->width, sizeof *k->row);
    k->offered = mem_array(p->tracks.n, sizeof *k->offered);
    k->kept = mem_array(p->tracks.n, sizeof *k->kept);
    k->source = mem_array(p->tracks.n, sizeof *k->source);
    k->runs = json_array();
}

/* Grid one set into its row. */
static void
add_row(struct pack *p, const struct value_set *set, size_t track, const char *name)
{
    struct pack_kind *k = &p->kind[set->kind];
    float *row;
    ptrdiff_t descent;

    if (!k->present)
        start_kind(p, k);
    if (k->source[track])
        die("%s and %s both hold the %s values of track '%s' but are not shards of one run; give "
            "one of them", k->source[track], name, score_kind_name[set->kind],
            p->tracks.track[track].id);
    if (set->offered != set->n)
        die("%s: %s of track '%s' holds %zu of %llu values; only complete states can be packed",
            name, score_kind_name[set->kind], p->tracks.track[track].id, set->n,
            (unsigned long long)set->offered);
    row = k->row + track * p->width;
    if (set->kind == SCORE_PERBIN)
        grid_row_float(row, p->width, set->f, set->n);
    else
        grid_row(row, p->width, set->d, set->n);
    descent = grid_first_descent(row, p->width);
    if (descent >= 0)
        die("%s: %s row of track '%s' descends at point %td (%g after %g); the state is damaged",
            name, score_kind_name[set->kind], p->tracks.track[track].id, descent, row[descent],
            row[descent - 1]);
    k->source[track] = mem_strdup(name);
    k->offered[track] = (int64_t)set->offered;
    k->kept[track] = (int64_t)set->n;
}

/* Grid all sets of a run, and note how it was made with every kind it has. */
static void
add_run(struct pack *p, struct run *run)
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
        add_row(p, set, (size_t)track_table_find(&p->tracks, t.track[set->track].id), info->name);
        n[set->kind]++;
    }
    if (got < 0)
        die_err(&e);
    for (int k = 0; k < SCORE_KINDS; k++)
        if (n[k])
            json_array_append_new(p->kind[k].runs, pack_run_json(info, n[k]));
    track_table_free(&t);
}

/* Every kind must have a row for every track. */
static void
check_cover(const struct pack *p)
{
    size_t n_kinds = 0;

    for (int k = 0; k < SCORE_KINDS; k++) {
        const char *first = NULL;
        size_t n = 0;

        if (!p->kind[k].present)
            continue;
        n_kinds++;
        for (size_t i = 0; i < p->tracks.n; i++) {
            if (p->kind[k].source[i])
                continue;
            first = first ? first : p->tracks.track[i].id;
            n++;
        }
        if (n)
            die("%zu of %zu tracks have no %s values (first: '%s'); give the states that hold "
                "them, or leave the other %s states out", n, p->tracks.n, score_kind_name[k],
                first, score_kind_name[k]);
    }
    if (!n_kinds)
        die("no values in any state; did the program before it leave all sites out?");
}

static int
write_ids(struct npz_writer *w, const char *key, const struct pack *p, bool layer, struct err *e)
{
    char **text = mem_array(p->tracks.n, sizeof *text);
    int status;

    for (size_t i = 0; i < p->tracks.n; i++)
        text[i] = layer ? p->tracks.track[i].layer : p->tracks.track[i].id;
    status = npz_add_text(w, key, text, p->tracks.n, e);
    free(text);
    return status;
}

static int
write_kind(struct npz_writer *w, const struct pack *p, int k, struct err *e)
{
    char *retained = mem_printf("%s_retained", score_kind_name[k]);
    char *cdfs = mem_printf("%s_cdfs", score_kind_name[k]);
    int status = npz_add_int64(w, retained, p->kind[k].kept, p->tracks.n, e);

    if (status == 0)
        status = npz_add_matrix(w, cdfs, p->kind[k].row, p->tracks.n, p->width, e);
    free(retained);
    free(cdfs);
    return status;
}

static int
write_counts(struct npz_writer *w, const struct pack *p, int k, struct err *e)
{
    char *counts = mem_printf("%s_counts", score_kind_name[k]);
    int status = npz_add_int64(w, counts, p->kind[k].offered, p->tracks.n, e);

    free(counts);
    return status;
}

/* build_config has shape (1,), as chorus writes it. */
static int
write_config(struct npz_writer *w, const struct pack *p, struct err *e)
{
    char *config = pack_config(p);
    int status = npz_add_text(w, "build_config", &config, 1, e);

    free(config);
    return status;
}

/* All members in the order chorus writes them. */
static int
write_members(struct npz_writer *w, const struct pack *p, struct err *e)
{
    if (write_ids(w, "track_ids", p, false, e))
        return -1;
    for (int k = 0; k < SCORE_KINDS; k++)
        if (p->kind[k].present && write_kind(w, p, k, e))
            return -1;
    if (npz_add_bool(w, "signed_flags", p->is_signed, p->tracks.n, e))
        return -1;
    for (int k = 0; k < SCORE_KINDS; k++)
        if (p->kind[k].present && write_counts(w, p, k, e))
            return -1;
    if (write_ids(w, "layers_per_row", p, true, e))
        return -1;
    return write_config(w, p, e);
}

static void
write_file(const struct pack *p, const struct options *o)
{
    FILE *fp = fio_open_out(o->out, true);
    struct npz_writer *w = npz_create(fp, fio_name_out(o->out), (int)o->threads);
    struct err e;

    if (write_members(w, p, &e) || npz_finish(w, &e))
        die_err(&e);
    fio_close_out(fp, o->out);
}

static void
pack_free(struct pack *p)
{
    for (int k = 0; k < SCORE_KINDS; k++) {
        struct pack_kind *kind = &p->kind[k];

        for (size_t i = 0; kind->source && i < p->tracks.n; i++)
            free(kind->source[i]);
        free(kind->source);
        free(kind->row);
        free(kind->offered);
        free(kind->kept);
        json_decref(kind->runs);
    }
    json_decref(p->layers);
    json_decref(p->input_length);
    free(p->genome);
    free(p->genome_from);
    free(p->is_signed);
    track_table_free(&p->tracks);
}

static void
cdf_pack(const struct options *o)
{
    struct pack p = { .width = (size_t)o->width, .oracle = o->oracle,
                      .genome_name = o->genome_name, .layers = json_object() };
    struct inputs in = { 0 };

    track_table_init(&p.tracks);
    open_inputs(&in, o);
    check_complete(&in);
    gather_headers(&p, &in);
    for (size_t i = 0; i < in.n_run; i++) {
        add_run(&p, in.run[i]);
        run_free(in.run[i]);
    }
    for (size_t i = 0; i < in.n; i++)
        fio_close_in(in.fp[i], o->n_input ? o->input[i] : NULL);
    check_cover(&p);
    pack_set_signed(&p);
    write_file(&p, o);
    chat("packed %zu tracks", p.tracks.n);
    pack_free(&p);
    free(in.fp);
    free(in.run);
}

int
main(int argc, char **argv)
{
    struct options o = { .width = GRID_WIDTH, .threads = 1 };

    prog_name = "cdf-pack";
    parse_options(&o, argc, argv);
    cdf_pack(&o);
    return EXIT_OK;
}
