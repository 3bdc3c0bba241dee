/* SPDX-License-Identifier: MIT */
/* build_config: what is in the file and how it was made, schema 4 of chorus with our additions. */
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "prog/prov.h"
#include "score/layer.h"

enum { SCHEMA_VERSION = 4 };

/* What the headers of states say. */
struct state_config {
    char *genome;               /* metadata line of the first run, or NULL */
    json_t *input_length;       /* bases of a model's input; null when runs differ or do not say */
    json_t *layers;             /* by name: statistics of the scoring layers */
    json_t *decisions;          /* by name: score/decisions.h */
    bool any;
};

struct state_config *
config_new(void)
{
    struct state_config *c = mem_zalloc(sizeof *c);

    c->layers = json_object();
    c->decisions = json_object();
    return c;
}

void
config_free(struct state_config *c)
{
    json_decref(c->layers);
    json_decref(c->decisions);
    json_decref(c->input_length);
    free(c->genome);
    free(c);
}

/*
 * A score file's {"name":..., "window_bp":...} as chorus has it: window, null for all bins.  What
 * score-effect adds when it departs from its defaults (strands, genes, accumulation) is kept too.
 */
static json_t *
statistics_of(json_t *layer)
{
    json_t *s = json_object(), *window = json_object_get(layer, "window_bp"), *value;
    const char *key;

    json_object_set(s, "window", json_integer_value(window) ? window : json_null());
    json_object_foreach(layer, key, value)
        if (strcmp(key, "name") != 0 && strcmp(key, "window_bp") != 0)
            json_object_set(s, key, value);
    return s;
}

static void
add_layer(struct state_config *p, const char *text, const char *name)
{
    json_t *layer = json_loads(text, 0, NULL), *s, *old;
    const char *id = json_string_value(json_object_get(layer, "name"));

    if (!id)
        die("%s: metadata line layer is '%.400s', expected a JSON object with a name; the file is "
            "damaged", name, text);
    s = statistics_of(layer);
    old = json_object_get(p->layers, id);
    if (old && !json_equal(old, s))
        die("%s: layer %s is %s, but %s in the states before; make all with one version of "
            "score-effect", name, id, json_dumps(s, JSON_SORT_KEYS),
            json_dumps(old, JSON_SORT_KEYS));
    json_object_set_new(p->layers, id, s);
    json_decref(layer);
}

/* decisions={"centre":"left",...}: those of variants and of regions must not contradict. */
static void
add_decisions(struct state_config *c, const struct run_info *info)
{
    const char *text = meta_get(&info->meta, "decisions"), *name;
    json_t *all = text ? json_loads(text, 0, NULL) : NULL, *value;

    if (text && !json_is_object(all))
        die("%s: metadata line decisions is '%.400s', expected a JSON object; the file is damaged",
            info->name, text);
    json_object_foreach(all, name, value) {
        const char *old = json_string_value(json_object_get(c->decisions, name));

        if (old && json_is_string(value) && strcmp(old, json_string_value(value)) != 0)
            die("%s: was made with --%s %s, but the states before with %s; make all of them in one "
                "way", info->name, name, json_string_value(value), old);
        json_object_set(c->decisions, name, value);
    }
    json_decref(all);
}

/* window={"len_bp":2114,...}, as predict writes it. */
static void
add_window(struct state_config *c, const struct run_info *info)
{
    const char *text = meta_get(&info->meta, "window");
    json_t *window = text ? json_loads(text, 0, NULL) : NULL;
    json_t *length = json_object_get(window, "len_bp");

    if (!length)
        length = json_null();
    if (!c->input_length) {
        c->input_length = json_incref(length);
    } else if (!json_equal(c->input_length, length)) {
        json_decref(c->input_length);
        c->input_length = json_null();
    }
    json_decref(window);
}

void
config_add_run(struct state_config *c, const struct run_info *info)
{
    const char *text = meta_get(&info->meta, "genome");

    for (size_t i = 0; (meta_get_nth(&info->meta, "layer", i)) != NULL; i++)
        add_layer(c, meta_get_nth(&info->meta, "layer", i), info->name);
    add_window(c, info);
    add_decisions(c, info);
    if (!c->any && text)
        c->genome = mem_strdup(text);
    c->any = true;
}

/* A metadata value that is JSON as such, any other as a string. */
static json_t *
value_of(const char *text)
{
    json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);

    return v ? v : json_string(text);
}

json_t *
config_run(const struct run_info *info, size_t n_tracks)
{
    static const char *const trailer[] = { "sites", "tally" };
    json_t *run = json_object();
    struct meta m;

    meta_init(&m);
    meta_copy(&m, &info->meta);
    prov_append(&m, NULL);
    json_object_set_new(run, "chain", prov_chain(&m));
    json_object_set_new(run, "n_tracks", json_integer((json_int_t)n_tracks));
    if (meta_get(&m, "perbin"))
        json_object_set_new(run, "perbin", value_of(meta_get(&m, "perbin")));
    for (size_t i = 0; i < ARRAY_LEN(trailer); i++)
        if (meta_get(&info->trailer, trailer[i]))
            json_object_set_new(run, trailer[i],
                                value_of(meta_get(&info->trailer, trailer[i])));
    meta_free(&m);
    return run;
}

int
config_layer_sign(const struct state_config *c, const char *layer)
{
    json_t *flag = json_object_get(json_object_get(c->layers, layer), "signed");
    const struct layer *l = layer_find(layer);

    if (json_is_boolean(flag))
        return json_is_true(flag);
    return l ? l->is_signed : -1;
}

/* Least and most of a number per row, over all parts. */
static json_t *
range_of(const struct pack *p, int kind, bool kept)
{
    json_int_t least = 0, most = 0;
    bool any = false;

    for (size_t j = 0; j < p->n_part; j++) {
        const struct part_kind *k = &p->part[j].kind[kind];
        const int64_t *v = kept ? k->kept : k->offered;

        for (size_t i = 0; i < p->part[j].n; i++, any = true) {
            least = any && least < v[i] ? least : v[i];
            most = any && most > v[i] ? most : v[i];
        }
    }
    return json_pack("[I, I]", least, most);
}

/* Number of rows from which values were left out, and the fewest exact points at an end of one. */
static json_int_t
count_thinned(const struct pack *p, int kind, json_int_t *slots)
{
    json_int_t n = 0;

    *slots = (json_int_t)p->width;
    for (size_t j = 0; j < p->n_part; j++) {
        const struct part_kind *k = &p->part[j].kind[kind];

        for (size_t i = 0; i < p->part[j].n; i++) {
            const json_int_t exact = (json_int_t)retention_exact_slots(
                (uint64_t)k->tail_k, (uint64_t)k->offered[i], p->width);

            if (k->kept[i] >= k->offered[i])
                continue;
            n++;
            *slots = exact < *slots ? exact : *slots;
        }
    }
    return n;
}

static json_t *
sampling_of(const struct pack *p, int kind)
{
    json_int_t slots, n = count_thinned(p, kind, &slots), tail = 0;
    json_t *s = json_pack("{s:o, s:o, s:I, s:s}", "offered", range_of(p, kind, false),
                          "retained", range_of(p, kind, true), "thinned_tracks", n, "mode",
                          n ? "hybrid" : "exact");

    if (!n)
        return s;
    for (size_t j = 0; j < p->n_part; j++)
        tail = p->part[j].kind[kind].tail_k ? p->part[j].kind[kind].tail_k : tail;
    json_object_set_new(s, "tail_k", json_integer(tail));
    json_object_set_new(s, "exact_top_slots", json_integer(slots));
    json_object_set_new(s, "min_exact_tail_slots_intent",
                        json_integer((json_int_t)p->width / 50));
    return s;
}

/* False when a part does not record its numbers of values. */
static bool
has_counts(const struct pack *p, int kind)
{
    for (size_t j = 0; j < p->n_part; j++)
        if (!p->part[j].kind[kind].offered || !p->part[j].kind[kind].kept)
            return false;
    return true;
}

void
config_set_counts(json_t *config, const struct pack *p)
{
    json_t *present = json_array(), *sampling = json_object_get(config, "sampling");
    size_t n_signed = 0;

    sampling = json_is_object(sampling) ? json_incref(sampling) : json_object();

    for (int k = 0; k < SCORE_KINDS; k++) {
        if (!p->part[0].kind[k].present)
            continue;
        json_array_append_new(present, json_string(score_kind_name[k]));
        if (has_counts(p, k))
            json_object_set_new(sampling, score_kind_name[k], sampling_of(p, k));
    }
    for (size_t j = 0; j < p->n_part; j++)
        for (size_t i = 0; i < p->part[j].n; i++)
            n_signed += p->part[j].is_signed[i];
    json_object_set_new(config, "layers_present", present);
    json_object_set_new(config, "sampling", sampling);
    json_object_set_new(config, "n_tracks", json_integer((json_int_t)p->n));
    json_object_set_new(config, "signed_fraction",
                        json_real((double)n_signed / (double)p->n));
}

/* What all tracks agree on, else NULL: their oracle, their bases per bin. */
static const char *
common_oracle(const struct track_table *t)
{
    const char *first = t->track[0].oracle;

    for (size_t i = 1; i < t->n; i++)
        if (strcmp(t->track[i].oracle, first) != 0)
            die("tracks '%s' and '%s' are of different oracles ('%s' and '%s'); name the set with "
                "--oracle", t->track[0].id, t->track[i].id, first, t->track[i].oracle);
    return *first ? first : "custom";
}

static json_t *
common_resolution(const struct track_table *t)
{
    uint32_t first = t->track[0].bin_bp;

    for (size_t i = 1; i < t->n; i++)
        if (t->track[i].bin_bp != first)
            return json_null();
    return first ? json_integer(first) : json_null();
}

/* "hg38" of "hg38.fa.gz": the name readers compare. */
static char *
assembly_of(const char *file)
{
    static const char *const tails[] = { ".gz", ".bgz", ".fa", ".fasta", ".fna" };
    char *name = mem_strdup(file);

    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        size_t n = strlen(name), t = strlen(tails[i]);

        if (n > t && strcmp(name + n - t, tails[i]) == 0)
            name[n - t] = '\0';
    }
    return name;
}

static void
add_genome(json_t *config, const struct state_config *c, const struct options *o)
{
    static const char *const hashes[] = { "fai_sha256", "fasta_sha256_prefix64mb" };
    json_t *genome = c->genome ? json_loads(c->genome, 0, NULL) : NULL;
    const char *file = json_string_value(json_object_get(genome, "name"));
    char *name = o->genome_name ? mem_strdup(o->genome_name) : file ? assembly_of(file) : NULL;

    if (name)
        json_object_set_new(config, "genome", json_string(name));
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++)
        if (json_object_get(genome, hashes[i]))
            json_object_set(config, hashes[i], json_object_get(genome, hashes[i]));
    free(name);
    json_decref(genome);
}

json_t *
config_finish(struct state_config *c, const struct options *o, const struct part *part,
              const struct track_table *tracks)
{
    json_t *config = json_object(), *weights = json_array(), *provenance = json_object();

    for (size_t i = 0; i < tracks->n; i++)
        json_array_append_new(weights, json_string(tracks->track[i].weights_sha256));
    for (int k = 0; k < SCORE_KINDS; k++)
        if (part->kind[k].present)
            json_object_set(provenance, score_kind_name[k], part->kind[k].runs);
    json_object_set_new(config, "schema_version", json_integer(SCHEMA_VERSION));
    json_object_set_new(config, "oracle",
                        json_string(o->oracle ? o->oracle : common_oracle(tracks)));
    json_object_set(config, "input_length", c->input_length);
    json_object_set_new(config, "resolution", common_resolution(tracks));
    json_object_set(config, "statistics_per_layer", c->layers);
    if (json_object_size(c->decisions))
        json_object_set(config, "decisions", c->decisions);
    json_object_set_new(config, "provenance", provenance);
    json_object_set_new(config, "weights_sha256", weights);
    add_genome(config, c, o);
    return config;
}

char *
config_text(const json_t *config)
{
    char *text = json_dumps(config, JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));

    if (!text)
        die("cannot write build_config: a text in it is not valid UTF-8");
    return text;
}
