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

/* A score file's {"name":..., "window_bp":...} as chorus has it: window, null for all bins. */
static json_t *
statistics_of(json_t *layer)
{
    static const char *const as_is[] = { "aggregation", "formula", "pseudocount", "signed" };
    json_t *s = json_object(), *window = json_object_get(layer, "window_bp");

    json_object_set(s, "window", json_integer_value(window) ? window : json_null());
    for (size_t i = 0; i < ARRAY_LEN(as_is); i++)
        json_object_set(s, as_is[i], json_object_get(layer, as_is[i]));
    return s;
}

static void
add_layer(struct pack *p, const char *text, const char *name)
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

void
pack_add_layers(struct pack *p, const struct run_info *info)
{
    const char *text;

    for (size_t i = 0; (text = meta_get_nth(&info->meta, "layer", i)) != NULL; i++)
        add_layer(p, text, info->name);
}

/* window={"len_bp":2114,...}, as predict writes it. */
void
pack_add_window(struct pack *p, const struct run_info *info)
{
    const char *text = meta_get(&info->meta, "window");
    json_t *window = text ? json_loads(text, 0, NULL) : NULL;
    json_t *length = json_object_get(window, "len_bp");

    if (!length)
        length = json_null();
    if (!p->input_length) {
        p->input_length = json_incref(length);
    } else if (!json_equal(p->input_length, length)) {
        json_decref(p->input_length);
        p->input_length = json_null();
    }
    json_decref(window);
}

/* A metadata value that is JSON as such, any other as a string. */
static json_t *
value_of(const char *text)
{
    json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);

    return v ? v : json_string(text);
}

json_t *
pack_run_json(const struct run_info *info, size_t n_tracks)
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

/* 1 signed, 0 unsigned, -1 not known. */
static int
layer_sign(const struct pack *p, const char *name)
{
    json_t *flag = json_object_get(json_object_get(p->layers, name), "signed");
    const struct layer *l = layer_find(name);

    if (json_is_boolean(flag))
        return json_is_true(flag);
    return l ? l->is_signed : -1;
}

void
pack_set_signed(struct pack *p)
{
    const struct pack_kind *effect = &p->kind[SCORE_EFFECT];

    p->is_signed = mem_array(p->tracks.n, sizeof *p->is_signed);
    for (size_t i = 0; i < p->tracks.n; i++) {
        const struct track *t = &p->tracks.track[i];
        bool negative = effect->present && effect->row[i * p->width] < 0;
        int sign = layer_sign(p, t->layer);

        if (sign == 0 && negative)
            die("%s: effect of track '%s' goes down to %g, but its layer %s is unsigned (|effect|);"
                " make the scores again with score-effect", effect->source[i], t->id,
                effect->row[i * p->width], t->layer);
        p->is_signed[i] = sign < 0 ? negative : sign;
    }
}

static json_t *
range_of(const int64_t *v, size_t n)
{
    int64_t least = v[0], most = v[0];

    for (size_t i = 1; i < n; i++) {
        least = v[i] < least ? v[i] : least;
        most = v[i] > most ? v[i] : most;
    }
    return json_pack("[I, I]", (json_int_t)least, (json_int_t)most);
}

static void
add_kinds(json_t *config, const struct pack *p)
{
    json_t *present = json_array(), *sampling = json_object(), *provenance = json_object();

    for (int k = 0; k < SCORE_KINDS; k++) {
        const struct pack_kind *kind = &p->kind[k];
        const char *name = score_kind_name[k];

        if (!kind->present)
            continue;
        json_array_append_new(present, json_string(name));
        json_object_set_new(sampling, name,
                            json_pack("{s:o, s:o, s:i, s:s}",
                                      "offered", range_of(kind->offered, p->tracks.n),
                                      "retained", range_of(kind->kept, p->tracks.n),
                                      "thinned_tracks", 0, "mode", "exact"));
        json_object_set(provenance, name, kind->runs);
    }
    json_object_set_new(config, "layers_present", present);
    json_object_set_new(config, "sampling", sampling);
    json_object_set_new(config, "provenance", provenance);
}

/* What all tracks agree on, else NULL: their oracle, their bases per bin. */
static const char *
common_oracle(const struct pack *p)
{
    const char *first = p->tracks.track[0].oracle;

    for (size_t i = 1; i < p->tracks.n; i++)
        if (strcmp(p->tracks.track[i].oracle, first) != 0)
            die("tracks '%s' and '%s' are of different oracles ('%s' and '%s'); name the set with "
                "--oracle", p->tracks.track[0].id, p->tracks.track[i].id, first,
                p->tracks.track[i].oracle);
    return *first ? first : "custom";
}

static json_t *
common_resolution(const struct pack *p)
{
    uint32_t first = p->tracks.track[0].bin_bp;

    for (size_t i = 1; i < p->tracks.n; i++)
        if (p->tracks.track[i].bin_bp != first)
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
add_genome(json_t *config, const struct pack *p)
{
    static const char *const hashes[] = { "fai_sha256", "fasta_sha256_prefix64mb" };
    json_t *genome = p->genome ? json_loads(p->genome, 0, NULL) : NULL;
    const char *file = json_string_value(json_object_get(genome, "name"));
    char *name = p->genome_name ? mem_strdup(p->genome_name) : file ? assembly_of(file) : NULL;

    if (name)
        json_object_set_new(config, "genome", json_string(name));
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++)
        if (json_object_get(genome, hashes[i]))
            json_object_set(config, hashes[i], json_object_get(genome, hashes[i]));
    free(name);
    json_decref(genome);
}

static void
add_tracks(json_t *config, const struct pack *p)
{
    json_t *weights = json_array();
    size_t n_signed = 0;

    for (size_t i = 0; i < p->tracks.n; i++) {
        json_array_append_new(weights, json_string(p->tracks.track[i].weights_sha256));
        n_signed += p->is_signed[i];
    }
    json_object_set_new(config, "n_tracks", json_integer((json_int_t)p->tracks.n));
    json_object_set_new(config, "weights_sha256", weights);
    json_object_set_new(config, "signed_fraction",
                        json_real((double)n_signed / (double)p->tracks.n));
}

char *
pack_config(const struct pack *p)
{
    json_t *config = json_object();
    char *stamper = mem_printf("pertrack cdf-pack %s", prog_version), *text;

    json_object_set_new(config, "schema_version", json_integer(SCHEMA_VERSION));
    json_object_set_new(config, "stamper", json_string(stamper));
    json_object_set_new(config, "oracle", json_string(p->oracle ? p->oracle : common_oracle(p)));
    json_object_set_new(config, "cdf_points", json_integer((json_int_t)p->width));
    json_object_set(config, "input_length", p->input_length);
    json_object_set_new(config, "resolution", common_resolution(p));
    json_object_set(config, "statistics_per_layer", p->layers);
    add_genome(config, p);
    add_kinds(config, p);
    add_tracks(config, p);
    text = json_dumps(config, JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
    if (!text)
        die("cannot write build_config: a text in it is not valid UTF-8");
    json_decref(config);
    free(stamper);
    return text;
}
