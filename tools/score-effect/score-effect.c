/* SPDX-License-Identifier: MIT */
/* score-effect - turn predictions into effects of variants, activities of regions, bin values. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "prog/progress.h"
#include "prog/prov.h"
#include "prog/tally.h"
#include "score/score_site.h"
#include "stream/stream.h"

struct options {
    const char *in, *out;       /* NULL or "-": standard stream */
    const char *layer;          /* for all tracks; NULL: each track's own */
    bool text, strict;
};

/* What the header of the predictions says, made ready for scoring. */
struct job {
    const char *name;           /* of the input, for messages */
    struct track_table tracks;
    const struct layer **layer; /* one per track */
    struct perbin_rule rule;
    bool has_rule;
    bool is_shard;              /* part of the sites of a run */
};

static const char undefined_reason[] = "effect undefined: logarithm of a non-positive number";

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 0, "layer", "NAME", &o->layer,
          "score every track by this layer [each track's own]", 0, 0, false },
        { OPT_FLAG, 0, "text", NULL, &o->text,
          "write TSV with a header instead of binary records", 0, 0, true },
        { OPT_FLAG, 0, "strict", NULL, &o->strict,
          "stop at the first site that cannot be scored", 0, 0, true },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { 0 }
    };
    const struct opt_program program = {
        "score-effect", "[--layer NAME] [--text] [-o FILE] [PREDICTIONS]",
        "Turn predictions into effects of variants, activities of regions and bin values.", opts,
        "Input:   prediction records from predict.\n"
        "Output:  scores, for reservoir and cdf-lookup; with --text as TSV:\n"
        "         chrom pos ref alt id stratum kind track part ref_value alt_value score\n"
        "Memory:  one site at a time.\n"
        "Example: predict -m chrombpnet -w DNASE:K562=nobias.h5 -g hg38.fa in.vcf |\n"
        "         score-effect --text\n"
    };
    int first = opt_parse(&program, argc, argv);

    if (argc - first > 1)
        die_usage("one input at a time, got '%s' and '%s'; merge later, in reservoir",
                  argv[first], argv[first + 1]);
    o->in = argv[first];
}

static void
check_options(const struct options *o)
{
    if (o->layer && !layer_find(o->layer))
        die_usage("--layer: unknown layer '%s' (known: %s)", o->layer, layer_names());
}

/* Window sums of logits or scaled profiles would look like scores and mean nothing. */
static void
check_values(const struct job *j, const struct meta *m)
{
    const char *values = meta_get(m, "values");

    if (!values || strcmp(values, "expected_counts") != 0)
        die("%s: holds %s, expected expected_counts (these are not per-base counts, perhaps "
            "logits); rerun predict without --raw", j->name, values ? values : "values of no name");
}

static void
read_layers(struct job *j, const char *override)
{
    struct err e;

    j->layer = mem_array(j->tracks.n, sizeof *j->layer);
    for (size_t i = 0; i < j->tracks.n; i++) {
        struct track *t = &j->tracks.track[i];

        if (override) {
            free(t->layer);
            t->layer = mem_strdup(override);
        }
        j->layer[i] = layer_find(t->layer);
        if (!j->layer[i])
            die("%s: track '%s' has layer '%s', expected one of %s; give --layer", j->name, t->id,
                t->layer, layer_names());
        if (score_check_layer(t, j->layer[i], &e))
            die("%s: %s", j->name, e.msg);
    }
}

/* perbin={"n":32,"seed":999}: the bins that predict drew, so that the same are read here. */
static void
read_rule(struct job *j, const struct meta *m)
{
    const char *text = meta_get(m, "perbin");
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    json_t *n = json_object_get(json, "n"), *seed = json_object_get(json, "seed");

    j->has_rule = text != NULL;
    if (text && (!json_is_integer(n) || !json_is_integer(seed) || json_integer_value(n) < 0 ||
                 json_integer_value(n) > UINT32_MAX))
        die("%s: metadata line perbin is '%s', expected {\"n\":32,\"seed\":999}; the stream is "
            "damaged", j->name, text);
    j->rule.n = (uint32_t)json_integer_value(n);
    j->rule.seed = (uint64_t)json_integer_value(seed);
    json_decref(json);
}

static void
read_header(struct job *j, const struct meta *m, const struct options *o)
{
    struct err e;

    check_values(j, m);
    track_table_init(&j->tracks);
    if (track_table_from_meta(&j->tracks, m, &e))
        die("%s: %s", j->name, e.msg);
    if (!j->tracks.n)
        die("%s: the header lists no tracks; the stream is damaged", j->name);
    read_layers(j, o->layer);
    read_rule(j, m);
    j->is_shard = meta_get(m, "shard") != NULL;
}

static void
add_layer(struct meta *m, const struct layer *l)
{
    json_t *json = json_pack("{s:s, s:i, s:s, s:s, s:f, s:b}", "name", l->name, "window_bp",
                             (int)l->window_bp, "aggregation", layer_aggregation_name(l),
                             "formula", layer_formula_name(l), "pseudocount", l->pseudocount,
                             "signed", (int)l->is_signed);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));

    meta_add(m, "layer", text);
    free(text);
    json_decref(json);
}

static bool
first_use(const struct job *j, size_t track)
{
    for (size_t i = 0; i < track; i++)
        if (j->layer[i] == j->layer[track])
            return false;
    return true;
}

/* The header of the predictions, with what was done to them; m is empty. */
static void
make_header(struct meta *m, const struct job *j, const struct meta *in, const struct options *o)
{
    meta_add(m, "content", STREAM_SCORES);
    for (size_t i = 0; i < in->n; i++) {
        const char *key = in->line[i].key;

        if (strcmp(key, "content") != 0 && strcmp(key, "values") != 0 &&
            strcmp(key, "layer") != 0 && (!o->layer || strcmp(key, "track") != 0))
            meta_add(m, key, in->line[i].value);
    }
    if (o->layer)
        track_table_to_meta(&j->tracks, m);
    for (size_t i = 0; i < j->tracks.n; i++)
        if (first_use(j, i))
            add_layer(m, j->layer[i]);
    prov_append(m, NULL);
}

/* Counts of sites dropped here join those of the programs before. */
static void
add_tally(struct meta *trailer, const struct tally *t)
{
    const char *before = meta_get(trailer, "tally");
    json_t *all = before ? json_loads(before, 0, NULL) : NULL;
    char *text;

    if (!tally_size(t))
        return;
    if (!json_is_object(all)) {
        json_decref(all);
        all = json_object();
    }
    for (size_t i = 0; i < tally_size(t); i++) {
        uint64_t n;
        const char *reason = tally_reason(t, i, &n);
        json_int_t old = json_integer_value(json_object_get(all, reason));

        json_object_set_new(all, reason, json_integer(old + (json_int_t)n));
    }
    text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
    meta_set(trailer, "tally", text);
    free(text);
    json_decref(all);
}

/* Score what is in the stream into w; returns the number of sites read. */
static uint64_t
score_all(struct score_writer *w, struct stream_reader *r, const struct job *j, struct tally *t)
{
    struct progress *progress = progress_new("sites", 0);
    struct prediction p;
    struct score_record rec;
    const uint8_t *payload;
    size_t bytes;
    struct err e;
    int got;

    prediction_init(&p);
    score_record_init(&rec);
    while ((got = stream_next(r, &payload, &bytes, &e)) > 0) {
        if (prediction_decode(&p, payload, bytes, j->tracks.n, &e))
            die("%s: record %llu: %s", j->name, (unsigned long long)stream_count(r), e.msg);
        if (p.site.kind == SITE_REGION && !j->has_rule)
            die("%s: holds regions, but its metadata has no line perbin; the stream is damaged",
                j->name);
        got = score_site(&rec, &p, &j->tracks, j->layer, &j->rule, &e);
        if (got < 0)
            die("%s: record %llu: %s", j->name, (unsigned long long)stream_count(r), e.msg);
        if (got == 0)
            tally_add(t, 1, undefined_reason, "%s", e.msg);
        else if (score_write(w, &rec, &e))
            die_err(&e);
        progress_set(progress, stream_count(r));
    }
    if (got < 0)
        die_err(&e);
    progress_end(progress);
    score_record_free(&rec);
    prediction_free(&p);
    return stream_count(r);
}

/*
 * A shard of the sites may have none, or none that can be scored; whoever joins the shards sees
 * whether all of them were so.
 */
static void
check_yield(const struct job *j, uint64_t n, const struct tally *t)
{
    if (j->is_shard)
        return;
    if (n == 0)
        die("%s: holds no sites; nothing to score", j->name);
    if (tally_total(t) == n)
        die("%s: none of %llu sites could be scored", j->name, (unsigned long long)n);
}

static void
score_effect(const struct options *o)
{
    struct job j = { .name = fio_name_in(o->in) };
    FILE *in = fio_open_in(o->in), *out;
    struct tally *t = tally_new(o->strict);
    struct meta header, trailer;
    struct stream_reader *r;
    struct score_writer *w;
    uint64_t n;
    struct err e;

    if (!(r = stream_open_file(in, j.name, STREAM_PREDICTIONS, &e)))
        die_err(&e);
    read_header(&j, stream_meta(r), o);
    meta_init(&header);
    make_header(&header, &j, stream_meta(r), o);
    out = fio_open_out(o->out, !o->text);
    if (!(w = score_create(out, fio_name_out(o->out), &header, o->text, &e)))
        die_err(&e);
    n = score_all(w, r, &j, t);
    tally_report(t, n, "sites");
    check_yield(&j, n, t);
    meta_init(&trailer);
    meta_copy(&trailer, stream_trailer(r));
    add_tally(&trailer, t);
    if (score_finish(w, &trailer, &e))
        die_err(&e);
    fio_close_out(out, o->out);
    stream_close(r);
    fio_close_in(in, o->in);
    meta_free(&header);
    meta_free(&trailer);
    tally_free(t);
    track_table_free(&j.tracks);
    free(j.layer);
}

int
main(int argc, char **argv)
{
    struct options o = { 0 };

    prog_name = "score-effect";
    parse_options(&o, argc, argv);
    check_options(&o);
    score_effect(&o);
    return EXIT_OK;
}
