/* SPDX-License-Identifier: MIT */
/* Track table and weight files of a run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "family/declare.h"
#include "oracle/registry.h"
#include "predict.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "score/classify.h"

enum { ID, WEIGHTS, ASSAY, BIOSAMPLE, LAYER, ORACLE, FOLD, ORGANISM, LICENCE, FIELDS };

static const char *const field_name[FIELDS] = {
    "id", "weights", "assay", "biosample", "layer", "oracle", "fold", "organism", "licence",
};

static enum residual_form
residual_form(const struct options *o)
{
    if (!o->residual)
        return RESIDUAL_AUTO;
    return strcmp(o->residual, "pre") == 0 ? RESIDUAL_PRE : RESIDUAL_POST;
}

/*
 * --layer, else what the table names, else what the model says of this track, else what the assay
 * means, else the oracle's.
 */
static const struct layer *
named_layer(const struct options *o, char *const field[FIELDS], const struct model_track *mt,
            const char *id)
{
    const char *name = o->layer ? o->layer : *field[LAYER] ? field[LAYER] : mt->layer;
    const struct layer *l;

    if (!name && *field[ASSAY]) {
        l = classify_track(id, field[ASSAY], NULL);
        if (!l)
            die("track '%s': no layer is known for assay '%s'; name one in column layer: %s", id,
                field[ASSAY], layer_names());
        return l;
    }
    if (!name)
        name = declaration_find(o->oracle)->layer;
    l = layer_find(name);
    if (!l)
        die("track '%s': layer '%s' is not known; layers are %s", id, name, layer_names());
    return l;
}

static const struct layer *
layer_of(const struct options *o, char *const field[FIELDS], const struct model_track *mt,
         const char *id)
{
    const struct layer *l = named_layer(o, field, mt, id);

    return o->decide.second[DECIDE_WINDOW_BINS] ? layer_with_ceil(l) : l;
}

static void
add_model_track(struct models *m, const struct options *o, char *const field[FIELDS],
                const struct model *model, const struct model_track *mt)
{
    size_t n = m->tracks.n;
    char *id = mt->id ? mem_strdup(mt->id)
                      : mem_printf("%s%s%s", mt->prefix ? mt->prefix : "", field[ID],
                                   mt->suffix ? mt->suffix : "");
    struct track t = { 0 };
    struct err e;

    m->layer = mem_resize(m->layer, n + 1, sizeof(struct layer *));
    m->layer[n] = layer_of(o, field, mt, id);
    t.id = id;
    t.assay = mt->assay ? mt->assay : field[ASSAY];
    t.biosample = mt->biosample ? mt->biosample : field[BIOSAMPLE];
    t.layer = (char *)m->layer[n]->name;
    t.oracle = (char *)o->oracle;
    t.weights_sha256 = (char *)model->sha256;
    t.n_bins = mt->n_bins;
    t.bin_bp = mt->bin_bp;
    t.n_strands = mt->n_strands;
    if (track_table_add(&m->tracks, &t, &e))
        die_err(&e);
    free(id);
    m->note = mem_resize(m->note, n + 1, sizeof *m->note);
    m->note[n] = (struct track_note){ mem_strdup(field[FOLD]), mem_strdup(field[ORGANISM]),
                                      mem_strdup(field[LICENCE]) };
}

/* A table can say of which family its tracks are, in place of --oracle. */
static void
check_family(const struct options *o, char *const field[FIELDS])
{
    if (*field[ORACLE] && strcmp(field[ORACLE], o->oracle) != 0)
        die("track '%s': is of oracle %s, but this run is of %s; make a run for each", field[ID],
            field[ORACLE], o->oracle);
}

/* One organism for all tracks; what the word means, or the word itself. */
static void
check_organism(struct models *m, char *const field[FIELDS])
{
    const char *known = registry_organism(field[ORGANISM]);
    const char *word = known ? known : field[ORGANISM];

    if (!*word)
        return;
    if (m->organism && strcmp(m->organism, word) != 0)
        die("track '%s': is of %s, the tracks before it of %s; make a run for each", field[ID],
            word, m->organism);
    if (!m->organism)
        m->organism = mem_strdup(word);
}

/* The decision on strands is Sei's; --forward, its option, is refused by other families. */
static bool
is_forward(const struct options *o)
{
    return o->forward || (o->decide.second[DECIDE_STRANDS] && strcmp(o->oracle, "sei") == 0);
}

/* What its files did not say; once for all models of which the same is to be said. */
static void
show_notes(struct models *m, const char *id, const struct model *model)
{
    for (size_t i = 0; i < model->n_notes; i++) {
        bool said = false;

        for (size_t k = 0; k < m->n && !said; k++)
            for (size_t q = 0; q < m->model[k]->n_notes && !said; q++)
                said = strcmp(m->model[k]->note[q], model->note[i]) == 0;
        if (!said)
            note("track '%s': %s", id, model->note[i]);
    }
}

/* Load one model.  field[ID] and field[WEIGHTS] are not empty; the others may be. */
static void
add_model(struct models *m, const struct options *o, char *const field[FIELDS])
{
    struct model_options mo = {
        .form = residual_form(o), .raw = o->raw, .in_len = (size_t)o->in_len,
        .out_len = o->out_len[0], .bias_out_len = o->out_len[1],
        .average_strands = o->average_strands, .adapters = o->adapters, .counts = o->counts,
        .rounding = o->rounding, .weights_key = o->weights_key,
        .n_channel = o->n_channel, .signals = o->signals, .head = o->head,
        .unsquash = o->unsquash, .forward = is_forward(o),
    };
    struct model *model;
    struct err e;

    check_family(o, field);
    check_organism(m, field);
    model = model_open(o->oracle, field[WEIGHTS], &mo, &m->ops, &e);
    if (!model)
        die("track '%s': %s", field[ID], e.msg);
    if (m->n && model->in_len != m->in_len)
        die("track '%s': %s reads %zu bp, but the tracks before it read %zu; run them separately",
            field[ID], field[WEIGHTS], model->in_len, m->in_len);
    show_notes(m, field[ID], model);
    m->in_len = model->in_len;
    m->n_fraction = model_n_fraction(model);
    m->only_acgtn = model_only_acgtn(model);
    m->model = mem_resize(m->model, m->n + 1, sizeof(struct model *));
    m->first_track = mem_resize(m->first_track, m->n + 1, sizeof *m->first_track);
    m->model[m->n] = model;
    m->first_track[m->n++] = m->tracks.n;
    for (size_t i = 0; i < model->n_tracks; i++)
        add_model_track(m, o, field, model, &model->track[i]);
}

/* --weights ID=FILE.  The id ends at the first "="; ids have none, file names may. */
static void
add_option(struct models *m, const struct options *o, const char *text)
{
    const char *eq = strchr(text, '=');
    char *field[FIELDS] = { NULL, NULL, "", "", "", "", "", "", "" };
    struct err e;

    if (!eq || eq == text || !eq[1])
        die_usage("--weights takes ID=FILE, for example DNASE:K562=chrombpnet_nobias.h5, got '%s'",
                  text);
    field[ID] = mem_strndup(text, (size_t)(eq - text));
    field[WEIGHTS] = registry_find(eq + 1, NULL, o->oracle, &e);
    if (!field[WEIGHTS])
        die("track '%s': %s", field[ID], e.msg);
    add_model(m, o, field);
    free(field[ID]);
    free(field[WEIGHTS]);
}

/* Which field each column of the table is, by its header line; others are ignored. */
static size_t
parse_header(int column[64], char *line, const char *table)
{
    bool seen[FIELDS] = { false };
    size_t n = 0;

    for (char *at = line + (*line == '#'), *word; (word = strsep(&at, "\t")) != NULL; n++) {
        if (n == 64)
            die("%s:1: more than 64 columns", table);
        column[n] = -1;
        for (int f = 0; f < FIELDS; f++) {
            if (strcmp(word, field_name[f]) == 0) {
                column[n] = f;
                seen[f] = true;
            }
        }
    }
    if (!seen[ID] || !seen[WEIGHTS])
        die("%s:1: the first line must name the columns, 'id' and 'weights' among them "
            "(and assay, biosample, layer, oracle, fold, organism, licence if wanted), separated "
            "by tabs", table);
    return n;
}

static void
add_row(struct models *m, const struct options *o, const int column[64], size_t n_columns,
        char *line, unsigned number)
{
    char *field[FIELDS] = { "", "", "", "", "", "", "", "", "" };
    struct err e;
    size_t n = 0;

    for (char *at = line, *word; (word = strsep(&at, "\t")) != NULL; n++)
        if (n < n_columns && column[n] >= 0)
            field[column[n]] = word;
    if (n != n_columns)
        die("%s:%u: %zu columns, expected the %zu of the first line", o->table, number, n,
            n_columns);
    if (!*field[ID] || !*field[WEIGHTS])
        die("%s:%u: a track needs an id and a weight file", o->table, number);
    field[WEIGHTS] = registry_find(field[WEIGHTS], o->table, o->oracle, &e);
    if (!field[WEIGHTS])
        die("%s:%u: track '%s': %s", o->table, number, field[ID], e.msg);
    add_model(m, o, field);
    free(field[WEIGHTS]);
}

static void
add_table(struct models *m, const struct options *o)
{
    FILE *fp = fio_open_in(o->table);
    char *line = NULL;
    size_t room = 0, n_columns = 0;
    int column[64];
    unsigned number = 0;

    while (getline(&line, &room, fp) > 0) {
        number++;
        line[strcspn(line, "\r\n")] = '\0';
        if (n_columns && (!*line || *line == '#'))
            continue;
        if (n_columns)
            add_row(m, o, column, n_columns, line, number);
        else
            n_columns = parse_header(column, line, o->table);
    }
    free(line);
    fio_close_in(fp, o->table);
    if (number < 2)
        die("%s: holds no tracks; expected a header line and a line per track", o->table);
}

void
models_load(struct models *m, const struct options *o)
{
    struct err e;

    memset(m, 0, sizeof *m);
    track_table_init(&m->tracks);
    if (nn_ops_select(&m->ops, &e))
        die_err(&e);
    snprintf(m->ops_name, sizeof m->ops_name, "%s%s%s%s", m->ops.name, nn_blas_name() ? " (" : "",
             nn_blas_name() ? nn_blas_name() : "", nn_blas_name() ? ")" : "");
    if (o->table)
        add_table(m, o);
    for (size_t i = 0; i < o->weights.n; i++)
        add_option(m, o, o->weights.item[i]);
    chat("%zu tracks, %zu bp in, kernels: %s", m->tracks.n, m->in_len, m->ops_name);
    if (strcmp(m->ops.name, "ref") == 0 && !getenv("PERTRACK_KERNELS"))
        warn("no fast kernels for this processor and no BLAS library: predictions will be slow; "
             "install OpenBLAS");
}

void
models_free(struct models *m)
{
    for (size_t i = 0; i < m->n; i++)
        model_free(m->model[i]);
    free(m->model);
    free(m->first_track);
    free(m->layer);
    for (size_t i = 0; i < m->tracks.n; i++) {
        free(m->note[i].fold);
        free(m->note[i].organism);
        free(m->note[i].licence);
    }
    free(m->note);
    free(m->organism);
    track_table_free(&m->tracks);
}

void
models_list(const struct models *m)
{
    printf("#track\tassay\tbiosample\tlayer\tstrands\tbins\tbin_bp\tweights_sha256\t"
           "fold\torganism\tlicence\n");
    for (size_t i = 0; i < m->tracks.n; i++) {
        const struct track *t = &m->tracks.track[i];

        printf("%s\t%s\t%s\t%s\t%u\t%u\t%u\t%s\t%s\t%s\t%s\n", t->id, *t->assay ? t->assay : ".",
               *t->biosample ? t->biosample : ".", t->layer, t->n_strands, t->n_bins, t->bin_bp,
               t->weights_sha256, *m->note[i].fold ? m->note[i].fold : ".",
               *m->note[i].organism ? m->note[i].organism : ".",
               *m->note[i].licence ? m->note[i].licence : ".");
    }
}

void
models_describe(const struct models *m)
{
    for (size_t i = 0; i < m->n; i++) {
        size_t n = m->model[i]->n_tracks;

        if (n == 1)
            printf("track\t%s\n", m->tracks.track[m->first_track[i]].id);
        else
            printf("tracks\t%zu, '%s' to '%s'\n", n, m->tracks.track[m->first_track[i]].id,
                   m->tracks.track[m->first_track[i] + n - 1].id);
        model_describe(m->model[i], stdout);
        printf("\n");
    }
}
