/* SPDX-License-Identifier: MIT */
#include "lookup/agree.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

struct agreement {
    const struct background *bg;
    const char *path;           /* of the background */
    const char *name;           /* of the score file */
    json_t *config;             /* of the background; NULL when it has none */
    json_t *layers;             /* of the scores, by name */
};

static int
check_genome(const struct agreement *a, const struct meta *scores, struct err *e)
{
    static const char *const hashes[] = { "fai_sha256", "fasta_sha256_prefix64mb" };
    const char *text = meta_get(scores, "genome");
    json_t *genome = text ? json_loads(text, 0, NULL) : NULL;
    int status = 0;

    for (size_t i = 0; i < ARRAY_LEN(hashes) && status == 0; i++) {
        const char *mine = json_string_value(json_object_get(genome, hashes[i]));
        const char *theirs = json_string_value(json_object_get(a->config, hashes[i]));

        if (mine && theirs && strcmp(mine, theirs) != 0)
            status = err_set(e, "%s: scored on another genome than %s was built with (%s is %s, "
                             "expected %s); use a background of the same assembly", a->name,
                             a->path, hashes[i], mine, theirs);
    }
    json_decref(genome);
    return status;
}

/*
 * The place of the variant belongs to all tracks.  Other decisions show in the layers, of which
 * only those of the tracks at hand matter, or in the checksum of the weights.
 */
static int
check_centre(const struct agreement *a, const struct meta *scores, struct err *e)
{
    const char *text = meta_get(scores, "decisions");
    json_t *all = text ? json_loads(text, 0, NULL) : NULL;
    const char *mine = json_string_value(json_object_get(all, "centre"));
    const char *theirs = json_string_value(json_object_get(json_object_get(a->config, "decisions"),
                                                           "centre"));
    int status = 0;

    if (mine && theirs && strcmp(mine, theirs) != 0)
        status = err_set(e, "%s: variants stand %s of their windows' centres, but %s was built with "
                         "%s; predict again with --centre %s", a->name, mine, a->path, theirs,
                         theirs);
    json_decref(all);
    return status;
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
agreement_new(const struct background *b, const char *config, const struct meta *scores,
              const char *name, struct err *e)
{
    struct agreement *a = mem_zalloc(sizeof *a);

    a->bg = b;
    a->path = b->zip->path;
    a->name = name;
    a->config = *config ? json_loads(config, 0, NULL) : NULL;
    if (*config && !json_is_object(a->config)) {
        err_set(e, "%s: build_config is not a JSON object; the file is damaged, build it again",
                a->path);
        agreement_free(a);
        return NULL;
    }
    a->layers = read_layers(scores);
    if (check_genome(a, scores, e) == 0 && check_centre(a, scores, e) == 0)
        return a;
    agreement_free(a);
    return NULL;
}

void
agreement_free(struct agreement *a)
{
    if (!a)
        return;
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

static int
differ(const struct agreement *a, const char *layer, const char *field, const json_t *x,
       const json_t *y, struct err *e)
{
    char *mine = json_dumps(x, JSON_ENCODE_ANY), *theirs = json_dumps(y, JSON_ENCODE_ANY);

    err_set(e, "%s: %s of layer %s is %s, but %s was built with %s; score again with the rules "
            "of the background", a->name, field, layer, mine, a->path, theirs);
    free(mine);
    free(theirs);
    return -1;
}

/* Members that score-effect writes only when it departs from its defaults: absent is the default. */
static int
check_departures(const struct agreement *a, const char *layer, const json_t *mine,
                 const json_t *theirs, struct err *e)
{
    static const char *const fields[] = { "accumulation", "strands", "summaries", "genes",
                                          "gtf_sha256", "exons", "exon_origin", "gene_strand",
                                          "bins" };
    json_t *usual = json_string("the default");
    int status = 0;

    for (size_t i = 0; i < ARRAY_LEN(fields) && status == 0 && mine && theirs; i++) {
        json_t *x = json_object_get(mine, fields[i]), *y = json_object_get(theirs, fields[i]);

        if ((x || y) && !json_equal(x, y))
            status = differ(a, layer, fields[i], x ? x : usual, y ? y : usual, e);
    }
    json_decref(usual);
    return status;
}

static int
check_statistics(const struct agreement *a, const char *layer, struct err *e)
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
            return differ(a, layer, fields[i][0], x, y, e);
    }
    return check_departures(a, layer, mine, theirs, e);
}

int
agreement_check_track(const struct agreement *a, const struct track *t, size_t row, struct err *e)
{
    const struct background *b = a->bg;
    const json_t *list = json_object_get(a->config, "weights_sha256");
    const char *theirs = json_string_value(json_array_get(list, row));

    if (*t->weights_sha256 && theirs && *theirs && strcmp(t->weights_sha256, theirs) != 0)
        return err_set(e, "%s: track '%s' was predicted with other weights than in %s (%s, "
                       "expected %s); use the background of these weights", a->name, t->id,
                       a->path, t->weights_sha256, theirs);
    if (*t->layer && b->layer && *b->layer[row] && strcmp(t->layer, b->layer[row]) != 0)
        return err_set(e, "%s: track '%s' was scored as layer %s, but its row in %s is of layer "
                       "%s; score it again with --layer %s", a->name, t->id, t->layer, a->path,
                       b->layer[row], b->layer[row]);
    return *t->layer ? check_statistics(a, t->layer, e) : 0;
}
