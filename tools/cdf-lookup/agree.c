/* SPDX-License-Identifier: MIT */
/* Does a score file fit the background?  A wrong background is refused, not approximated. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"
#include "prog/die.h"
#include "prog/mem.h"

struct agreement {
    const struct lookup *l;
    const char *name;           /* of the score file */
    json_t *config;             /* of the background; NULL when it has none */
    json_t *layers;             /* of the scores, by name */
};

static json_t *
read_config(const struct lookup *l)
{
    struct err e;
    char *text = background_config(l->bg, &e);
    json_t *config;

    if (!text)
        die_err(&e);
    config = *text ? json_loads(text, 0, NULL) : NULL;
    if (*text && !json_is_object(config))
        die("%s: build_config is not a JSON object; the file is damaged, build it again",
            l->path);
    free(text);
    return config;
}

static void
check_genome(const struct agreement *a, const struct meta *scores)
{
    static const char *const hashes[] = { "fai_sha256", "fasta_sha256_prefix64mb" };
    const char *text = meta_get(scores, "genome");
    json_t *genome = text ? json_loads(text, 0, NULL) : NULL;

    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        const char *mine = json_string_value(json_object_get(genome, hashes[i]));
        const char *theirs = json_string_value(json_object_get(a->config, hashes[i]));

        if (mine && theirs && strcmp(mine, theirs) != 0)
            die("%s: scored on another genome than %s was built with (%s is %s, expected %s); use "
                "a background of the same assembly", a->name, a->l->path, hashes[i], mine, theirs);
    }
    json_decref(genome);
}

static json_t *
read_layers(const struct meta *scores)
{
    json_t *layers = json_object();
    const char *text;

    for (size_t i = 0; (text = meta_get_nth(scores, "layer", i)) != NULL; i++) {
        json_t *layer = json_loads(text, 0, NULL);
        const char *name = json_string_value(json_object_get(layer, "name"));

        if (name)
            json_object_set(layers, name, layer);
        json_decref(layer);
    }
    return layers;
}

struct agreement *
agreement_new(const struct lookup *l, const struct meta *scores, const char *name)
{
    struct agreement *a = mem_zalloc(sizeof *a);

    a->l = l;
    a->name = name;
    a->config = read_config(l);
    a->layers = read_layers(scores);
    check_genome(a, scores);
    return a;
}

void
agreement_free(struct agreement *a)
{
    json_decref(a->config);
    json_decref(a->layers);
    free(a);
}

/* Equal numbers are equal whether written 1 or 1.0; a window over all bins is null or 0. */
static bool
same_value(const json_t *x, const json_t *y)
{
    double u = json_is_null(x) ? 0 : json_number_value(x);
    double v = json_is_null(y) ? 0 : json_number_value(y);

    if ((json_is_number(x) || json_is_null(x)) && (json_is_number(y) || json_is_null(y)))
        return fabs(u - v) <= 1e-12 * fabs(u);
    return json_equal(x, y);
}

static void
check_statistics(const struct agreement *a, const char *layer)
{
    static const char *const fields[][2] = {
        { "window_bp", "window" }, { "formula", "formula" }, { "pseudocount", "pseudocount" },
        { "aggregation", "aggregation" }, { "signed", "signed" }
    };
    json_t *mine = json_object_get(a->layers, layer);
    json_t *theirs = json_object_get(json_object_get(a->config, "statistics_per_layer"), layer);

    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        json_t *x = json_object_get(mine, fields[i][0]);
        json_t *y = json_object_get(theirs, fields[i][1]);

        if (x && y && !same_value(x, y))
            die("%s: %s of layer %s is %s, but %s was built with %s; score again with the rules "
                "of the background", a->name, fields[i][0], layer,
                json_dumps(x, JSON_ENCODE_ANY), a->l->path, json_dumps(y, JSON_ENCODE_ANY));
    }
}

void
agreement_check_track(const struct agreement *a, const struct track *t, size_t row)
{
    const struct background *b = a->l->bg;
    const json_t *list = json_object_get(a->config, "weights_sha256");
    const char *theirs = json_string_value(json_array_get(list, row));

    if (*t->weights_sha256 && theirs && *theirs && strcmp(t->weights_sha256, theirs) != 0)
        die("%s: track '%s' was predicted with other weights than in %s (%s, expected %s); use "
            "the background of these weights", a->name, t->id, a->l->path, t->weights_sha256,
            theirs);
    if (*t->layer && b->layer && *b->layer[row] && strcmp(t->layer, b->layer[row]) != 0)
        die("%s: track '%s' was scored as layer %s, but its row in %s is of layer %s; score it "
            "again with --layer %s", a->name, t->id, t->layer, a->l->path, b->layer[row],
            b->layer[row]);
    if (*t->layer)
        check_statistics(a, t->layer);
}
