/* SPDX-License-Identifier: MIT */
/* cdf-pack - grid the values of reservoir states into one background file, or join such files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "background/grid.h"
#include "pack.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"

static const char details[] =
    "Input:   reservoir states; standard input when none is named.  Shards of one run are joined\n"
    "         (all must be there); states of other kinds or tracks add theirs.  Every kind given\n"
    "         must cover every track.  With --merge backgrounds instead.\n"
    "Output:  NPZ with track_ids, *_cdfs, *_counts, *_retained, signed_flags, layers_per_row and\n"
    "         build_config, for cdf-lookup, numpy and chorus: pertrack-npz(5).\n"
    "Memory:  a few rows, and the values of one track.\n"
    "Example: cdf-pack -o chrombpnet_pertrack.npz effect*.res baseline*.res\n"
    "         cdf-pack --append all.npz -o all.npz mine.res\n";

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
        { OPT_FLAG, 0, "allow-thinned", NULL, &o->allow_thinned,
          "pack samples whose ends are not exact", 0, 0, false },
        { OPT_INT, '@', "threads", "N", &o->threads, "threads that compress [1]", 1, 1024, true },
        { OPT_SECTION, 0, "Backgrounds that exist", NULL, NULL, NULL, 0, 0, false },
        { OPT_TEXT, 0, "append", "NPZ", &o->append, "the rows of NPZ, and behind them the new", 0,
          0, true },
        { OPT_FLAG, 0, "merge", NULL, &o->merge, "the inputs are backgrounds: join their rows", 0,
          0, true },
        { OPT_FLAG, 0, "other-sites", NULL, &o->other_sites,
          "join rows even if made from different sites", 0, 0, false },
        { OPT_TEXT, 0, "replace", "NPZ", &o->replace,
          "put the result in the place of NPZ if it compares well with it", 0, 0, true },
        { OPT_TEXT, 0, "held-out", "SCORES", &o->held_out,
          "effects of which no more may lie beyond the new rows than the old", 0, 0, true },
        { OPT_TEXT, 0, "changed-model", "REASON", &o->changed_model,
          "expect other values than NPZ has", 0, 0, false },
        { 0 }
    };
    const struct opt_program p = { "cdf-pack", "[-o FILE] [options] [STATE...]",
        "Grid the values of reservoir states into one background file.", opts, details };
    int first = opt_parse(&p, argc, argv);

    o->input = argv + first;
    o->n_input = (size_t)(argc - first);
}

static void
check_options(const struct options *o)
{
    if (o->merge && o->append)
        die_usage("--append and --merge exclude each other; name the file of --append first");
    if (o->merge && o->n_input < 2)
        die_usage("--merge needs two backgrounds or more");
    if (o->other_sites && !o->merge && !o->append)
        die_usage("--other-sites is of use with --append or --merge only");
    if (o->replace && o->out)
        die_usage("--replace says where the result goes; leave --output out");
    if (o->changed_model && !o->replace)
        die_usage("--changed-model is of use with --replace only");
    if (o->held_out && !o->replace)
        die_usage("--held-out is of use with --replace only");
    if (o->changed_model && !*o->changed_model)
        die_usage("--changed-model needs a reason, it is kept in build_config");
}

void
pack_put_row(struct pack *p, int kind, size_t row, const float *values)
{
    struct err e;

    if (npz_put_row(p->w, p->matrix[kind], row, values, &e))
        die_err(&e);
}

void
pack_begin_kind(struct pack *p, int kind)
{
    char *key = mem_printf("%s_cdfs", score_kind_name[kind]);
    struct err e;

    if (!p->begun[kind] &&
        npz_begin_matrix(p->w, &p->matrix[kind], key, p->n, p->width, &e))
        die_err(&e);
    free(key);
    if (p->begun[kind])
        return;
    p->begun[kind] = true;
    for (size_t j = 0; j < p->n_part; j++) {
        struct part *part = &p->part[j];

        if (part->file && !part->kind[kind].present)
            die("%s has no %s rows, but %s do; only rows of the same kinds can be appended",
                part->name, score_kind_name[kind], p->part[p->n_part - 1].name);
        if (part->file)
            files_put_rows(p, part, kind);
    }
}

/* All parts' numbers of a kind as one array; NULL when one does not record them. */
static int64_t *
gather_counts(const struct pack *p, int kind, bool kept)
{
    int64_t *all = mem_array(p->n, sizeof *all);

    for (size_t j = 0; j < p->n_part; j++) {
        const struct part *part = &p->part[j];
        const int64_t *v = kept ? part->kind[kind].kept : part->kind[kind].offered;

        if (!v) {
            note("%s does not record %s_%s: left out for all", part->name, score_kind_name[kind],
                 kept ? "retained" : "counts");
            free(all);
            return NULL;
        }
        memcpy(all + part->first, v, part->n * sizeof *all);
    }
    return all;
}

static int
write_counts(const struct pack *p, int kind, bool kept, struct err *e)
{
    char *key = mem_printf("%s_%s", score_kind_name[kind], kept ? "retained" : "counts");
    int64_t *v = gather_counts(p, kind, kept);
    const int status = v ? npz_add_int64(p->w, key, v, p->n, e) : 0;

    free(v);
    free(key);
    return status;
}

static int
write_tail(const struct pack *p, int kind, struct err *e)
{
    char *key = mem_printf("%s_tail_k", score_kind_name[kind]);
    int64_t tail = 0;
    int status = 0;

    for (size_t j = 0; j < p->n_part; j++)
        tail = p->part[j].kind[kind].tail_k ? p->part[j].kind[kind].tail_k : tail;
    if (tail)
        status = npz_add_int64(p->w, key, &tail, 0, e);
    free(key);
    return status;
}

/* Ids or layers of all rows. */
static int
write_texts(const struct pack *p, const char *key, bool layer, struct err *e)
{
    char **text = mem_array(p->n, sizeof *text);
    int status;

    for (size_t j = 0; j < p->n_part; j++) {
        const struct part *part = &p->part[j];

        if (layer && !part->layer) {
            note("%s does not record %s: left out for all", part->name, key);
            free(text);
            return 0;
        }
        memcpy(text + part->first, layer ? part->layer : part->id, part->n * sizeof *text);
    }
    status = npz_add_text(p->w, key, text, p->n, e);
    free(text);
    return status;
}

static int
write_signs(const struct pack *p, struct err *e)
{
    bool *all = mem_array(p->n, sizeof *all);
    int status;

    for (size_t j = 0; j < p->n_part; j++)
        memcpy(all + p->part[j].first, p->part[j].is_signed, p->part[j].n * sizeof *all);
    status = npz_add_bool(p->w, "signed_flags", all, p->n, e);
    free(all);
    return status;
}

/* build_config has shape (1,), as chorus writes it. */
static int
write_config(const struct pack *p, struct err *e)
{
    json_t *config = join_configs(p);
    char *text;
    int status;

    config_set_counts(config, p);
    text = config_text(config);
    status = npz_add_text(p->w, "build_config", &text, 1, e);
    free(text);
    json_decref(config);
    return status;
}

/* Everything but the rows, which are there. */
static int
write_arrays(struct pack *p, struct err *e)
{
    if (write_texts(p, "track_ids", false, e))
        return -1;
    for (int k = 0; k < SCORE_KINDS; k++)
        if (p->begun[k] && (write_counts(p, k, true, e) || write_tail(p, k, e) ||
                            write_counts(p, k, false, e)))
            return -1;
    if (write_signs(p, e) || write_texts(p, "layers_per_row", true, e))
        return -1;
    files_put_arrays(p);
    return write_config(p, e);
}

/* The order in which chorus writes arrays; others stand before build_config. */
static const char *const order[] = {
    "track_ids", "effect_retained", "effect_tail_k", "effect_cdfs", "summary_retained",
    "summary_tail_k", "summary_cdfs", "perbin_retained", "perbin_tail_k", "perbin_cdfs",
    "signed_flags", "effect_counts", "summary_counts", "perbin_counts", "layers_per_row"
};
static const bool is_matrix[ARRAY_LEN(order)] = { [3] = true, [6] = true, [9] = true };

/* Where temporary files go: beside the output. */
static char *
folder_of(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *tmp = getenv("TMPDIR");

    if (!path || strcmp(path, "-") == 0)
        return mem_strdup(tmp && *tmp ? tmp : "/tmp");
    return slash ? mem_strndup(path, slash > path ? (size_t)(slash - path) : 1) : mem_strdup(".");
}

static void
write_file(struct pack *p, FILE *fp, const char *path, struct states *states)
{
    char *folder = folder_of(path);
    struct part *last = &p->part[p->n_part - 1];
    struct err e;

    p->name = fio_name_out(path);
    p->w = npz_create(fp, p->name, (int)p->o->threads);
    npz_set_folder(p->w, folder);
    npz_order(p->w, order, is_matrix, ARRAY_LEN(order));
    for (int k = 0; k < SCORE_KINDS; k++)
        if (!states && last->kind[k].present)
            pack_begin_kind(p, k);
    if (states)
        states_put_rows(states, p, last);
    for (int k = 0; k < SCORE_KINDS; k++)
        if (p->part[0].kind[k].present && !p->begun[k])
            die("%s has %s rows, but %s do not; give the states of all kinds", p->part[0].name,
                score_kind_name[k], last->name);
    if (write_arrays(p, &e))
        die_err(&e);
    if (npz_finish(p->w, &e))
        die_err(&e);
    free(folder);
}

/* Write beside the file to be replaced, compare, and only then rename. */
static void
write_replacement(struct pack *p, struct states *states)
{
    const char *old = p->o->replace, *staged;
    FILE *fp;

    fio_replaces(old);
    staged = fio_begin(old);
    fp = fopen(staged, "wb");
    if (!fp)
        die("%s: cannot create", staged);
    write_file(p, fp, old, states);
    if (fclose(fp))
        die("%s: cannot write", old);
    replace_check(p, staged, old);
    fio_commit(old);
}

static void
write_output(struct pack *p, struct states *states)
{
    FILE *fp;

    if (p->o->replace) {
        write_replacement(p, states);
        return;
    }
    if (p->o->append)           /* a background may be made longer in its place */
        fio_replaces(p->o->append);
    fp = fio_open_out(p->o->out, true);
    write_file(p, fp, p->o->out, states);
    fio_close_out(fp, p->o->out);
}

/* Points per row: as asked for, as the files have, or as chorus has. */
static void
set_width(struct pack *p)
{
    const struct background *b = p->part[0].file;

    p->width = (size_t)p->o->width;
    for (int k = 0; b && !p->width && k < SCORE_KINDS; k++)
        if (b->kind[k].present)
            p->width = b->kind[k].width;
    if (!p->width)
        p->width = GRID_WIDTH;
}

static void
open_parts(struct pack *p, struct states **states)
{
    const struct options *o = p->o;

    p->n_part = o->merge ? o->n_input : o->append ? 2 : 1;
    p->part = mem_array(p->n_part, sizeof *p->part);
    for (size_t i = 0; o->merge && i < o->n_input; i++)
        files_open(&p->part[i], o->input[i]);
    if (o->append)
        files_open(&p->part[0], o->append);
    if (!o->merge)
        *states = states_open(o, &p->part[p->n_part - 1]);
    for (size_t i = 0; i < p->n_part; i++) {
        p->part[i].first = p->n;
        p->n += p->part[i].n;
    }
}

static void
cdf_pack(const struct options *o)
{
    struct pack p = { .o = o };
    struct states *states = NULL;

    open_parts(&p, &states);
    set_width(&p);
    files_check(&p);
    write_output(&p, states);
    chat("packed %zu tracks", p.n);
    states_close(states);
    for (size_t i = 0; i < p.n_part; i++)
        part_free(&p.part[i]);
    free(p.part);
}

int
main(int argc, char **argv)
{
    struct options o = { .threads = 1 };

    prog_name = "cdf-pack";
    parse_options(&o, argc, argv);
    check_options(&o);
    cdf_pack(&o);
    return EXIT_OK;
}
