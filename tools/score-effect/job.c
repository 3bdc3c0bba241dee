/* SPDX-License-Identifier: MIT */
/* Header of predictions in, header of scores out. */
#include "job.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "prog/mem.h"
#include "prog/prov.h"
#include "rng/nprandom.h"
#include "stream/stream.h"

/* Window sums of logits or scaled profiles would look like scores and mean nothing. */
static void
check_values(const struct job *j, const struct meta *m)
{
    const char *values = meta_get(m, "values");

    if (!values || strcmp(values, "expected_counts") != 0)
        die("%s: holds %s, expected expected_counts (these are not per-base counts, perhaps "
            "logits); rerun predict without --raw", j->name, values ? values : "values of no name");
}

/* The layer by which chorus' builder scores all of Sei: the signed difference. */
#define DIFFERENCE "regulatory_classification"

static bool
is_sei(const struct track *t)
{
    return strcmp(t->oracle, "sei") == 0;
}

static bool
is_sei_difference(const struct track *t, const struct options *o)
{
    return o->decide.second[DECIDE_SEI_EFFECT] && is_sei(t);
}

static void
read_layers(struct job *j, const struct options *o)
{
    j->layer = mem_array(j->tracks.n, sizeof *j->layer);
    for (size_t i = 0; i < j->tracks.n; i++) {
        struct track *t = &j->tracks.track[i];

        const char *override = o->layer ? o->layer : is_sei_difference(t, o) ? DIFFERENCE : NULL;

        if (override) {
            j->new_layers = true;
            free(t->layer);
            t->layer = mem_strdup(override);
        }
        j->layer[i] = layer_find(t->layer);
        if (!j->layer[i])
            die("%s: track '%s' has layer '%s', expected one of %s; give --layer", j->name, t->id,
                t->layer, layer_names());
        if (o->decide.second[DECIDE_WINDOW_BINS])
            j->layer[i] = layer_with_ceil(j->layer[i]);
    }
}

/* perbin={"n":32,"seed":999}: the bins that predict drew, so that the same are read here; with
 * "draw" it drew them in sequence.
 */
static void
read_perbin(struct job *j, const struct meta *m)
{
    const char *text = meta_get(m, "perbin");
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    json_t *n = json_object_get(json, "n"), *seed = json_object_get(json, "seed");

    j->has_perbin = text != NULL;
    if (json_object_get(json, "draw") && !j->rules.draw_in_sequence)
        die("%s: the bins of its regions were drawn in one sequence, as with --compat chorus; give "
            "--compat chorus here too", j->name);
    if (text && (!json_is_integer(n) || !json_is_integer(seed) || json_integer_value(n) < 0 ||
                 json_integer_value(n) > UINT32_MAX))
        die("%s: metadata line perbin is '%s', expected {\"n\":32,\"seed\":999}; the stream is "
            "damaged", j->name, text);
    j->rules.perbin.n = (uint32_t)json_integer_value(n);
    j->rules.perbin.seed = (uint64_t)json_integer_value(seed);
    json_decref(json);
}

/* window={"len_bp":524288,"variant_index":262143}: what places bins in the genome. */
static void
read_window(struct job *j, const struct meta *m)
{
    const char *text = meta_get(m, "window");
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    json_t *len = json_object_get(json, "len_bp"), *v = json_object_get(json, "variant_index");

    if (!json_is_integer(len) || !json_is_integer(v) || json_integer_value(v) < 0 ||
        json_integer_value(v) >= json_integer_value(len) || json_integer_value(len) > INT32_MAX)
        die("%s: metadata line window is '%s', expected {\"len_bp\":524288,\"variant_index\":"
            "262143}; without it genes cannot be placed", j->name, text ? text : "absent");
    j->rules.len_bp = json_integer_value(len);
    j->rules.variant_index = json_integer_value(v);
    json_decref(json);
}

static bool
needs_genes(const struct job *j)
{
    for (size_t i = 0; i < j->tracks.n; i++)
        if (score_by_gene(&j->tracks.track[i], j->layer[i]))
            return true;
    return false;
}

static void
read_genes(struct job *j, const struct meta *m, struct options *o)
{
    struct err e;

    read_window(j, m);
    choices_take_genes(j, m, o);
    j->genes = score_read_genes(&j->rules, o->gtf, o->genes, &o->decide, j->gtf_sha256, &e);
    if (!j->genes)
        die_err(&e);
}

/* The decisions that have a say in these scores. */
static unsigned
in_force(const struct job *j)
{
    unsigned which = score_decisions(&j->tracks, j->layer, &j->rules);

    for (size_t i = 0; i < j->tracks.n; i++)
        if (is_sei(&j->tracks.track[i]))
            which |= 1u << DECIDE_SEI_EFFECT;
    return which;
}

void
job_open(struct job *j, const struct meta *m, struct options *o)
{
    const bool has_genes = o->gtf || meta_get(m, "exon_bins");
    struct err e;

    check_values(j, m);
    choices_take(j, m, o);
    if (o->genes && !has_genes)
        die_usage("--genes needs an annotation; give --gtf");
    track_table_init(&j->tracks);
    if (track_table_from_meta(&j->tracks, m, &e))
        die("%s: %s", j->name, e.msg);
    if (!j->tracks.n)
        die("%s: the header lists no tracks; the stream is damaged", j->name);
    read_layers(j, o);
    j->rules.draw_in_sequence = o->decide.compat != NULL;
    read_perbin(j, m);
    j->shard = meta_get(m, "shard");
    j->rules.precision = o->f32_pairwise || o->decide.compat ? LAYER_F32_PAIRWISE : LAYER_DOUBLE;
    j->rules.sum_strands = o->strand && strcmp(o->strand, "sum") == 0;
    j->rules.all_summaries = o->all_summaries;
    if (has_genes && needs_genes(j))
        read_genes(j, m, o);
    else if (o->gtf)
        note("no track is scored over genes; --gtf changes nothing");
    choices_check(j, m, o, in_force(j));
    j->scorer = scorer_new(&j->tracks, j->layer, &j->rules, &e);
    if (!j->scorer)
        die("%s: %s", j->name, e.msg);
}

void
job_close(struct job *j)
{
    scorer_free(j->scorer);
    gene_index_free(j->genes);
    free(j->gtf);
    track_table_free(&j->tracks);
    free(j->layer);
}

/* Only what differs from the way of a new background is named. */
static void
add_exceptions(json_t *json, const struct layer *l, const struct job *j)
{
    if (j->rules.precision == LAYER_F32_PAIRWISE)
        json_object_set_new(json, "accumulation", json_string("float32_pairwise"));
    if (j->rules.sum_strands)
        json_object_set_new(json, "strands", json_string("sum"));
    if (l->ceil_bins && l->window_bp)
        json_object_set_new(json, "bins", json_string("ceil"));
    if (j->rules.all_summaries && !layer_takes_summary(l, "ccre"))
        json_object_set_new(json, "summaries", json_string("all"));
    if (!j->genes || strcmp(l->name, "gene_expression") != 0)
        return;
    json_object_set_new(json, "genes", json_string(gene_rule_name[gene_index_rule(j->genes)]));
    json_object_set_new(json, "gtf_sha256", json_string(j->gtf_sha256));
    if (gene_index_chorus(j->genes))
        json_object_set_new(json, "exons", json_string("bed"));
    if (j->rules.input_origin)
        json_object_set_new(json, "exon_origin", json_string("input"));
    if (j->rules.any_strand)
        json_object_set_new(json, "gene_strand", json_string("any"));
}

static void
add_json(struct meta *m, const char *key, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));

    meta_add(m, key, text);
    free(text);
    json_decref(json);
}

static void
add_layer(struct meta *m, const struct layer *l, const struct job *j)
{
    json_t *json = json_pack("{s:s, s:i, s:s, s:s, s:f, s:b}", "name", l->name, "window_bp",
                             (int)l->window_bp, "aggregation", layer_aggregation_name(l),
                             "formula", layer_formula_name(l), "pseudocount", l->pseudocount,
                             "signed", (int)l->is_signed);

    add_exceptions(json, l, j);
    add_json(m, "layer", json);
}

static bool
first_use(const struct job *j, size_t track)
{
    for (size_t i = 0; i < track; i++)
        if (j->layer[i] == j->layer[track])
            return false;
    return true;
}

static bool
is_replaced(const char *key, const struct job *j)
{
    return strcmp(key, "content") == 0 || strcmp(key, "values") == 0 ||
           strcmp(key, "layer") == 0 || strcmp(key, "exon_bins") == 0 ||
           (j->new_layers && strcmp(key, "track") == 0) ||
           (j->rules.draw_in_sequence && strcmp(key, "perbin") == 0);
}

void
job_header(struct meta *m, const struct job *j, const struct meta *in, const struct options *o)
{
    meta_add(m, "content", STREAM_SCORES);
    for (size_t i = 0; i < in->n; i++)
        if (!is_replaced(in->line[i].key, j))
            meta_add(m, in->line[i].key, in->line[i].value);
    if (j->rules.draw_in_sequence && j->has_perbin)
        add_json(m, "perbin", json_pack("{s:s, s:I, s:I}", "draw", NPRANDOM_NAME, "n",
                                        (json_int_t)j->rules.perbin.n, "seed",
                                        (json_int_t)j->rules.perbin.seed));
    if (j->new_layers)
        track_table_to_meta(&j->tracks, m);
    for (size_t i = 0; i < j->tracks.n; i++)
        if (first_use(j, i))
            add_layer(m, j->layer[i], j);
    decisions_to_meta(m, &o->decide, in_force(j));
    prov_append(m, NULL);
}
