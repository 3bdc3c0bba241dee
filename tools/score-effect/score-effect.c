/* SPDX-License-Identifier: MIT */
/* score-effect - turn predictions into effects of variants, activities of regions, bin values. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "prog/progress.h"
#include "prog/tally.h"
#include "stream/stream.h"

static const char undefined_reason[] = "effect undefined: logarithm of a non-positive number";
static const char empty_reason[] = "nothing to score";

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 0, "layer", "NAME", &o->layer,
          "score every track by this layer [each track's own]", 0, 0, false },
        { OPT_TEXT, 0, "gtf", "FILE", &o->gtf,
          "annotation for tracks scored over the exons of genes (gene_expression)", 0, 0, false },
        { OPT_TEXT, 0, "genes", "RULE", &o->genes,
          "genes that count at a site: overlap, tss or nearby [overlap]", 0, 0, false },
        { OPT_TEXT, 0, "strand", "HOW", &o->strand,
          "strands as two samples (pooled) or added up first (sum) [pooled]", 0, 0, false },
        { OPT_FLAG, 0, "all-summaries", NULL, &o->all_summaries,
          "summaries of tss_activity at cCREs too", 0, 0, false },
        { OPT_FLAG, 0, "f32-pairwise", NULL, &o->f32_pairwise,
          "add up in single precision, by NumPy's pairwise tree", 0, 0, false },
        { OPT_TEXT, 0, "exon-origin", "WHERE", &o->decide.given[DECIDE_EXON_ORIGIN],
          "bins begin with the output, or the input as in chorus [output]", 0, 0, false },
        { OPT_TEXT, 0, "exons", "KIND", &o->decide.given[DECIDE_EXONS],
          "numbers of --gtf are GTF's, or BED's as in chorus: gtf, bed [gtf]", 0, 0, false },
        { OPT_TEXT, 0, "gene-strand", "WHICH", &o->decide.given[DECIDE_GENE_STRAND],
          "genes for tracks of one strand: same, or any as in chorus [same]", 0, 0, false },
        { OPT_TEXT, 0, "window-bins", "HOW", &o->decide.given[DECIDE_WINDOW_BINS],
          "bins of a window: odd, or ceil as AlphaGenome's authors [odd]", 0, 0, false },
        { OPT_TEXT, 0, "sei-effect", "HOW", &o->decide.given[DECIDE_SEI_EFFECT],
          "Sei's profiles by layer, or by difference as in chorus [layer]", 0, 0, false },
        { OPT_TEXT, 0, "compat", "chorus", &o->decide.compat,
          "the arithmetic, draws and choices of chorus' backgrounds", 0, 0, false },
        { OPT_FLAG, 0, "text", NULL, &o->text,
          "write TSV with a header instead of binary records", 0, 0, true },
        { OPT_FLAG, 0, "allow-empty", NULL, &o->allow_empty,
          "input without sites that can be scored is no error", 0, 0, true },
        { OPT_FLAG, 0, "strict", NULL, &o->strict,
          "stop at the first site that cannot be scored", 0, 0, true },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { 0 }
    };
    const struct opt_program program = {
        "score-effect", "[--layer NAME] [--gtf FILE] [--text] [-o FILE] [PREDICTIONS]",
        "Turn predictions into effects of variants, activities of regions and bin values.", opts,
        "Input:   prediction records from predict.\n"
        "Output:  scores, for reservoir and cdf-lookup; with --text as TSV:\n"
        "         chrom pos ref alt id stratum kind track part ref_value alt_value score\n"
        "Memory:  one site at a time, and the exons of the annotation.\n"
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
check_options(struct options *o)
{
    struct err e;

    if (o->layer && !layer_find(o->layer))
        die_usage("--layer: unknown layer '%s' (known: %s)", o->layer, layer_names());
    if (o->genes && gene_rule_find(o->genes) == GENE_RULES)
        die_usage("--genes takes overlap, tss or nearby, got '%s'", o->genes);
    if (o->strand && strcmp(o->strand, "pooled") != 0 && strcmp(o->strand, "sum") != 0)
        die_usage("--strand takes pooled or sum, got '%s'", o->strand);
    if (decisions_settle(&o->decide, &e))
        die_usage("%s", e.msg);
}

static void
add_count(json_t *all, const char *what, uint64_t n)
{
    json_int_t old = json_integer_value(json_object_get(all, what));

    if (n)
        json_object_set_new(all, what, json_integer(old + (json_int_t)n));
}

/* Counts of what was left out here join those of the programs before. */
static void
add_tally(struct meta *trailer, const struct tally *t, const struct score_counts *c)
{
    const char *before = meta_get(trailer, "tally");
    json_t *all;
    char *text;

    if (!tally_size(t) && !c->no_summary && !c->no_gene)
        return;
    all = before ? json_loads(before, 0, NULL) : NULL;
    if (!json_is_object(all)) {
        json_decref(all);
        all = json_object();
    }
    for (size_t i = 0; i < tally_size(t); i++) {
        uint64_t n;
        const char *reason = tally_reason(t, i, &n);

        add_count(all, reason, n);
    }
    add_count(all, "cCREs without summary of tss_activity", c->no_summary);
    add_count(all, "sites without genes", c->no_gene);
    text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
    meta_set(trailer, "tally", text);
    free(text);
    json_decref(all);
}

/* Parts of a sequence of draws cannot be told from one of them. */
static void
check_region(const struct job *j)
{
    if (!j->has_perbin)
        die("%s: holds regions, but its metadata has no line perbin; the stream is damaged",
            j->name);
    if (j->shard && j->rules.draw_in_sequence && j->rules.perbin.n)
        die("%s: holds regions of shard %s, but --compat chorus draws their bins in one sequence "
            "over all regions; predict without --shard, or with --bins 0", j->name, j->shard);
}

/* Score one record; p and rec are kept for the next. */
static void
score_record(struct score_writer *w, struct score_record *rec, const struct prediction *p,
             const struct job *j, uint64_t n, struct tally *t)
{
    struct err e;

    if (p->site.kind == SITE_REGION)
        check_region(j);
    switch (score_site(j->scorer, rec, p, &e)) {
    case SCORE_DONE:
        if (score_write(w, rec, &e))
            die_err(&e);
        break;
    case SCORE_UNDEFINED:
        tally_add(t, 1, undefined_reason, "%s", e.msg);
        break;
    case SCORE_EMPTY:
        tally_add(t, 1, empty_reason, "%s", e.msg);
        break;
    case SCORE_FAILED:
        die("%s: record %llu: %s", j->name, (unsigned long long)n, e.msg);
    }
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
        score_record(w, &rec, &p, j, stream_count(r), t);
        progress_set(progress, stream_count(r));
        if (fio_stop_signal())
            die("ended by signal %d after %llu sites; what was written has no end record",
                fio_stop_signal(), (unsigned long long)stream_count(r));
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
check_yield(const struct job *j, uint64_t n, const struct tally *t, const struct options *o)
{
    const struct score_counts *c = scorer_counts(j->scorer);

    if (j->shard || (o->allow_empty && n == 0))
        return;
    if (n == 0)
        die("%s: holds no sites; nothing to score (--allow-empty passes such a file on)", j->name);
    if (c->n_gene_sites && c->unknown_contig == c->n_gene_sites)
        die("%s: no chromosome of the sites is in %s; is it the annotation of this genome?",
            j->name, o->gtf);
    if (tally_total(t) == n && !o->allow_empty)
        die("%s: none of %llu sites could be scored", j->name, (unsigned long long)n);
}

/* What is no fault and yet makes tracks differ in their numbers of samples. */
static void
report_counts(const struct score_counts *c)
{
    if (c->no_summary)
        note("no summary of tss_activity tracks at %llu cCREs; --all-summaries gives them too",
             (unsigned long long)c->no_summary);
    if (c->no_gene)
        note("no exon of a gene lies in the output at %llu of %llu sites (%llu of them on "
             "chromosomes without genes)", (unsigned long long)c->no_gene,
             (unsigned long long)c->n_gene_sites, (unsigned long long)c->unknown_contig);
}

static void
score_effect(struct options *o)
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
    job_open(&j, stream_meta(r), o);
    meta_init(&header);
    job_header(&header, &j, stream_meta(r), o);
    out = fio_open_out(o->out, !o->text);
    if (!(w = score_create(out, fio_name_out(o->out), &header, o->text, &e)))
        die_err(&e);
    fio_stop_gracefully(NULL);
    n = score_all(w, r, &j, t);
    tally_report(t, n, "sites");
    report_counts(scorer_counts(j.scorer));
    check_yield(&j, n, t, o);
    meta_init(&trailer);
    meta_copy(&trailer, stream_trailer(r));
    add_tally(&trailer, t, scorer_counts(j.scorer));
    if (score_finish(w, &trailer, &e))
        die_err(&e);
    fio_close_out(out, o->out);
    stream_close(r);
    fio_close_in(in, o->in);
    meta_free(&header);
    meta_free(&trailer);
    tally_free(t);
    job_close(&j);
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
