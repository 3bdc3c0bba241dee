/* SPDX-License-Identifier: MIT */
/* What a background holds: its tracks, and how it was made. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"
#include "prog/die.h"
#include "prog/fio.h"

static void
print_count(FILE *fp, const struct background_kind *k, size_t i)
{
    if (k->present && k->offered)
        fprintf(fp, "\t%lld", (long long)k->offered[i]);
    else
        fprintf(fp, "\t%s", k->present ? "?" : ".");
}

void
lookup_list(const struct lookup *l)
{
    const struct background *b = l->bg;
    FILE *fp = fio_open_out(l->o->out, false);

    fputs("#track\tlayer\tsigned\teffect\tsummary\tperbin\n", fp);
    for (size_t i = 0; i < b->n; i++) {
        fprintf(fp, "%s\t%s\t%s", b->track_id[i], b->layer && *b->layer[i] ? b->layer[i] : ".",
                b->is_signed[i] ? "yes" : "no");
        for (int k = 0; k < SCORE_KINDS; k++)
            print_count(fp, &b->kind[k], i);
        fputc('\n', fp);
    }
    fio_close_out(fp, l->o->out);
}

static void
print_range(FILE *fp, const char *what, const int64_t *v, size_t n)
{
    int64_t least, most;

    if (!v) {
        fprintf(fp, ", %s not recorded", what);
        return;
    }
    least = most = v[0];
    for (size_t i = 1; i < n; i++) {
        least = v[i] < least ? v[i] : least;
        most = v[i] > most ? v[i] : most;
    }
    fprintf(fp, least == most ? ", %s %lld" : ", %s %lld to %lld", what, (long long)least,
            (long long)most);
}

/* Rows without a value behind them, which have no answer. */
static size_t
count_dead(const struct background *b, enum score_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        n += !background_is_alive(b, kind, i);
    return n;
}

static void
print_kind(FILE *fp, const struct background *b, enum score_kind kind, const json_t *config)
{
    const struct background_kind *k = &b->kind[kind];
    const json_t *sampling = json_object_get(json_object_get(config, "sampling"),
                                             score_kind_name[kind]);
    const char *mode = json_string_value(json_object_get(sampling, "mode"));

    fprintf(fp, "%s\t", score_kind_name[kind]);
    if (!k->present) {
        fputs("absent\n", fp);
        return;
    }
    fprintf(fp, "width %zu", k->width);
    print_range(fp, "offered", k->offered, b->n);
    print_range(fp, "retained", k->retained, b->n);
    fprintf(fp, ", mode %s, dead %zu\n", mode ? mode : "not recorded", count_dead(b, kind));
}

static void
print_text(FILE *fp, const json_t *config, const char *key, const char *label)
{
    const json_t *v = json_object_get(config, key);

    if (json_is_integer(v))
        fprintf(fp, "%s\t%lld\n", label, (long long)json_integer_value(v));
    else
        fprintf(fp, "%s\t%s\n", label, json_is_string(v) ? json_string_value(v)
                                                          : "not recorded");
}

/* "effect made by	sample-snps 0.1 | predict 0.1 | score-effect 0.1 ..." of every run. */
static void
print_chains(FILE *fp, const json_t *config)
{
    json_t *provenance = json_object_get(config, "provenance"), *runs, *run, *entry;
    const char *kind;
    size_t i, j;

    json_object_foreach(provenance, kind, runs) {
        json_array_foreach(runs, i, run) {
            fprintf(fp, "%s made by\t", kind);
            json_array_foreach(json_object_get(run, "chain"), j, entry) {
                const char *pn = json_string_value(json_object_get(entry, "pn"));
                const char *vn = json_string_value(json_object_get(entry, "vn"));

                fprintf(fp, "%s%s%s%s", j ? " | " : "", pn ? pn : "?", vn ? " " : "",
                        vn ? vn : "");
            }
            fputc('\n', fp);
        }
    }
}

/*
 * What the distributions were drawn from, as chorus stamps it: of each stratum how many positions
 * there really are, not what a recipe promises.
 */
/* "centre left, exons gtf": what was chosen where chorus and others differ. */
static void
print_decisions(FILE *fp, const json_t *config)
{
    json_t *all = json_object_get(config, "decisions"), *value;
    const char *name, *before = "decisions\t";

    json_object_foreach(all, name, value) {
        fprintf(fp, "%s%s %s", before, name,
                json_is_string(value) ? json_string_value(value) : "?");
        before = ", ";
    }
    if (json_object_size(all))
        putc('\n', fp);
}

static void
print_strata(FILE *fp, const json_t *config)
{
    static const char *const sets[][2] = { { "effect_strata", "effect strata" },
                                           { "activity_strata", "activity strata" } };
    const json_t *reference = json_object_get(config, "reference_sets");

    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        const json_t *strata = json_object_get(reference, sets[i][0]);
        char *text = strata ? json_dumps(strata, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;

        if (text)
            fprintf(fp, "%s\t%s\n", sets[i][1], text);
        free(text);
    }
}

void
lookup_status(const struct lookup *l)
{
    const struct background *b = l->bg;
    char *text = lookup_config(l);
    json_t *config = json_loads(text, 0, NULL);
    FILE *fp = fio_open_out(l->o->out, false);
    size_t n_signed = 0;

    for (size_t i = 0; i < b->n; i++)
        n_signed += b->is_signed[i];
    fprintf(fp, "file\t%s\n", l->path);
    print_text(fp, config, "schema_version", "schema");
    print_text(fp, config, "oracle", "oracle");
    print_text(fp, config, "genome", "genome");
    print_text(fp, config, "fai_sha256", "genome fai sha256");
    print_text(fp, config, "fasta_sha256_prefix64mb", "genome sha256 of first 64 MiB");
    fprintf(fp, "tracks\t%zu, %zu signed\n", b->n, n_signed);
    for (int k = 0; k < SCORE_KINDS; k++)
        print_kind(fp, b, (enum score_kind)k, config);
    print_text(fp, config, "stamper", "written by");
    print_decisions(fp, config);
    print_strata(fp, config);
    print_chains(fp, config);
    fio_close_out(fp, l->o->out);
    json_decref(config);
    free(text);
}
