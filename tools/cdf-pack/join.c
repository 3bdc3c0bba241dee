/* SPDX-License-Identifier: MIT */
/* One build_config from those of several parts, without losing anything. */
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "prog/prov.h"

/* Rows whose parts differ in one of these are not one background. */
static const char *const equal[] = {
    "schema_version", "genome", "fai_sha256", "fasta_sha256_prefix64mb", "fold", "folds",
    "ensemble", "model_variant", "checkpoint_template", "histone_window_bp", "other_window_bp"
};

/* Properties of all rows, null when rows differ. */
static const char *const common[] = { "input_length", "resolution" };

/* Made from the rows themselves (config_set_counts), or here, each in its own way. */
static const char *const own[] = {
    "layers_present", "sampling", "n_tracks", "signed_fraction", "cdf_points", "stamper", "oracle",
    "statistics_per_layer", "decisions", "provenance", "weights_sha256", "reference_sets",
    "joined"
};

static bool
is_among(const char *key, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(key, list[i]) == 0)
            return true;
    return false;
}

static char *
shown(const json_t *v)
{
    return v ? json_dumps(v, JSON_ENCODE_ANY | JSON_SORT_KEYS) : mem_strdup("(absent)");
}

static void
differ(const char *name_a, const json_t *a, const char *name_b, const json_t *b, const char *key,
       const char *advice)
{
    die("%s and %s differ in %s (%.300s and %.300s); %s", name_a, name_b, key, shown(a), shown(b),
        advice);
}

/* What both say must agree; what one says holds for both. */
static void
join_equal(json_t *all, const char *name, const struct part *b)
{
    for (size_t i = 0; i < ARRAY_LEN(equal); i++) {
        json_t *x = json_object_get(all, equal[i]), *y = json_object_get(b->config, equal[i]);

        if (x && y && !json_equal(x, y))
            differ(name, x, b->name, y, equal[i], "their rows cannot stand in one background");
        if (!x && y)
            json_object_set(all, equal[i], y);
    }
    for (size_t i = 0; i < ARRAY_LEN(common); i++) {
        json_t *x = json_object_get(all, common[i]), *y = json_object_get(b->config, common[i]);

        if (!json_equal(x ? x : json_null(), y ? y : json_null()))
            json_object_set_new(all, common[i], json_null());
    }
}

static void
join_oracle(json_t *all, const char *name, const struct part *b, const struct options *o)
{
    json_t *x = json_object_get(all, "oracle"), *y = json_object_get(b->config, "oracle");

    if (o->oracle)
        json_object_set_new(all, "oracle", json_string(o->oracle));
    else if (x && y && !json_equal(x, y))
        differ(name, x, b->name, y, "oracle", "name the set with --oracle");
    else if (!x && y)
        json_object_set(all, "oracle", y);
}

/* A layer must be scored alike in all rows, a decision taken alike: what is in the object of. */
static void
join_members(json_t *all, const char *name, const struct part *b, const char *of,
             const char *advice)
{
    json_t *mine = json_object_get(all, of), *theirs = json_object_get(b->config, of), *v;
    const char *key;

    if (!mine && theirs) {
        mine = json_object();
        json_object_set_new(all, of, mine);
    }
    json_object_foreach(theirs, key, v) {
        json_t *x = json_object_get(mine, key);

        if (x && !json_equal(x, v))
            differ(name, x, b->name, v, key, advice);
        json_object_set(mine, key, v);
    }
}

/* True when a run of the list has the value that this run has of the key, or none says. */
static bool
has_same(const json_t *list, const json_t *run, const char *key)
{
    json_t *want = json_object_get(run, key), *other;
    bool any = false;
    size_t i;

    json_array_foreach(list, i, other) {
        json_t *v = json_object_get(other, key);

        any |= v != NULL;
        if (v && json_equal(v, want))
            return true;
    }
    return !want || !any;
}

/* Runs of both; unless it is allowed, of the same sites and drawn bins. */
static void
join_runs(json_t *all, const char *name, const struct part *b, const struct options *o)
{
    json_t *mine = json_object_get(all, "provenance"), *theirs, *run;
    const char *kind;
    size_t i;

    if (!json_is_object(mine)) {
        mine = json_object();
        json_object_set_new(all, "provenance", mine);
    }
    json_object_foreach(json_object_get(b->config, "provenance"), kind, theirs) {
        json_t *list = json_object_get(mine, kind);

        if (!json_is_array(list)) {
            list = json_array();
            json_object_set_new(mine, kind, list);
        }
        json_array_foreach(theirs, i, run) {
            if (!o->other_sites &&
                (!has_same(list, run, "sites") || !has_same(list, run, "perbin")))
                die("%s and %s were made from different sites or bins (%s); percentiles of their "
                    "rows cannot be compared: use the same sites, or --other-sites", name, b->name,
                    kind);
            json_array_append(list, run);
        }
    }
}

static void
join_weights(json_t *all, size_t n, const struct part *b)
{
    json_t *list = json_object_get(all, "weights_sha256");
    json_t *theirs = json_object_get(b->config, "weights_sha256");
    json_t *joined = json_array();

    if (!list && !theirs)
        return;
    for (size_t i = 0; i < n; i++)
        json_array_append(joined, json_array_size(list) == n ? json_array_get(list, i)
                                                             : json_null());
    for (size_t i = 0; i < b->n; i++)
        json_array_append(joined, json_array_size(theirs) == b->n ? json_array_get(theirs, i)
                                                                  : json_null());
    json_object_set_new(all, "weights_sha256", joined);
}

/* The sets of sites that chorus records, by name and checksum. */
static void
join_sets(json_t *all, const char *name, const struct part *b, const struct options *o)
{
    json_t *x = json_object_get(all, "reference_sets");
    json_t *y = json_object_get(b->config, "reference_sets");

    if (x && y && !json_equal(x, y) && !o->other_sites)
        differ(name, x, b->name, y, "reference_sets", "use the same sites, or --other-sites");
    if (!x && y)
        json_object_set(all, "reference_sets", y);
}

/* Everything else stays; where a part says something else, it is noted with the rows it is of. */
static void
join_others(json_t *all, const struct part *b)
{
    json_t *noted = json_object(), *list = json_object_get(all, "joined"), *v;
    const char *key;

    json_object_foreach(b->config, key, v) {
        json_t *x = json_object_get(all, key);

        if (is_among(key, equal, ARRAY_LEN(equal)) || is_among(key, common, ARRAY_LEN(common)) ||
            is_among(key, own, ARRAY_LEN(own)) || (x && json_equal(x, v)))
            continue;
        json_object_set(noted, key, v);
    }
    if (!list) {
        list = json_array();
        json_object_set_new(all, "joined", list);
    }
    json_object_set_new(noted, "first_row", json_integer((json_int_t)b->first));
    json_object_set_new(noted, "n_tracks", json_integer((json_int_t)b->n));
    json_array_append_new(list, noted);
}

json_t *
join_configs(const struct pack *p)
{
    const char *name = p->part[0].name;
    json_t *all = json_deep_copy(p->part[0].config);
    char *stamper = mem_printf("pertrack cdf-pack %s", prog_version);

    for (size_t i = 1; i < p->n_part; i++) {
        const struct part *b = &p->part[i];

        join_equal(all, name, b);
        join_oracle(all, name, b, p->o);
        join_members(all, name, b, "statistics_per_layer",
                     "make all scores with one version of score-effect");
        join_members(all, name, b, "decisions", "predict and score all rows in one way");
        join_runs(all, name, b, p->o);
        join_sets(all, name, b, p->o);
        join_weights(all, b->first, b);
        join_others(all, b);
    }
    json_object_set_new(all, "stamper", json_string(stamper));
    json_object_set_new(all, "cdf_points", json_integer((json_int_t)p->width));
    if (p->o->changed_model)
        json_object_set_new(all, "changed_model", json_string(p->o->changed_model));
    free(stamper);
    return all;
}
