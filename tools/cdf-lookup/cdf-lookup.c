/* SPDX-License-Identifier: MIT */
/* cdf-lookup - from scores to percentiles of a background. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handover.h"
#include "lookup.h"
#include "prog/die.h"
#include "prog/mem.h"

static const char details[] =
    "Input:   a score file of score-effect (binary or TSV; standard input when none is named), or\n"
    "         with --track the values themselves, or the bins of a bedGraph.\n"
    "Output:  TSV: the input's rows with the columns percentile and exceedance behind them, and\n"
    "         those asked for; with --track the columns track, kind, value before them.\n"
    "         percentile: 0 to 1, of signed tracks' effects -1 to 1; '.' when nothing is known\n"
    "         exceedance: value / end of the background, when it lies beyond; else '.'\n"
    "Example: predict ... | score-effect | cdf-lookup -b chrombpnet_pertrack.npz > calls.tsv\n"
    "         cdf-lookup -b chrombpnet_pertrack.npz -t DNASE:K562 0.53 -0.2\n"
    "         predict ... | score-effect | cdf-lookup -b bg.npz --vcf in.vcf.gz -Ob -o out.bcf\n";

/*
 * getopt takes "-0.2" for options; behind a blank it is a value, which is what a number is in a
 * program without numeric options.
 */
static void
hide_negative_numbers(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *p = argv[i];

        if (p[0] == '-' && (isdigit((unsigned char)p[1]) || strcmp(p, "-inf") == 0 ||
                            (p[1] == '.' && isdigit((unsigned char)p[2]))))
            argv[i] = mem_printf(" %s", p);
    }
}

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 'b', "background", "FILE", &o->background, "background file (NPZ)", 0, 0,
          true },
        { OPT_TEXT, 't', "track", "ID", &o->track, "look up the values given, of this track", 0, 0,
          false },
        { OPT_TEXT, 0, "kind", "KIND", &o->kind,
          "with --track: effect, summary or perbin [effect; perbin]", 0, 0, false },
        { OPT_TEXT, 0, "bedgraph", "FILE", &o->bedgraph,
          "with --track: append to the bins of FILE ('-': standard input)", 0, 0, true },
        { OPT_FLAG, 0, "summary", NULL, &o->summary,
          "one line per track and kind instead of the rows", 0, 0, false },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { OPT_SECTION, 0, "Percentiles:", NULL, NULL, NULL, 0, 0, false },
        { OPT_TEXT, 0, "ties", "RULE", &o->ties,
          "how a value equal to several points ranks: hash, right, left [hash]", 0, 0, false },
        { OPT_TEXT, 0, "scale", "SCALE", &o->scale,
          "percentile, phred or pvalue [percentile]", 0, 0, false },
        { OPT_REAL, 0, "near-zero", "X", &o->near_zero,
          "effects smaller than X have no percentile [0]", 0, 1e300, false },
        { OPT_TEXT, 0, "on-nan", "WHAT", &o->on_nan,
          "values that are NaN: error, or na for no percentile [error]", 0, 0, false },
        { OPT_TEXT, 0, "compat", "chorus", &o->compat,
          "all as chorus does: names, ties, -0.0, NaN, infinities", 0, 0, false },
        { OPT_SECTION, 0, "More columns:", NULL, NULL, NULL, 0, 0, false },
        { OPT_FLAG, 0, "support", NULL, &o->support, "the ends of the background", 0, 0, false },
        { OPT_REAL, 0, "ci", "LEVEL", &o->ci, "confidence interval of that level: 0.95 [none]",
          1e-6, 0.999999, false },
        { OPT_FLAG, 0, "activity", NULL, &o->activity,
          "percentile of an effect's reference value among regions", 0, 0, false },
        { OPT_TEXT, 0, "rescale", "linear|log", &o->rescale, "the value as it is drawn", 0, 0,
          false },
        { OPT_REAL, 0, "display-floor", "SHARE", &o->display_floor,
          "share of the background drawn as 0 [by layer]", 1e-9, 1, false },
        { OPT_REAL, 0, "display-peak", "SHARE", &o->display_peak,
          "share of the background drawn below 1 [0.99]", 1e-9, 1, false },
        { OPT_REAL, 0, "display-max", "X", &o->display_max, "where drawing is cut off [4]", 1e-6,
          1e6, false },
        { OPT_FLAG, 0, "render", NULL, &o->render, "the percentile as text for a report", 0, 0,
          false },
        { OPT_SECTION, 0, "Names of tracks:", NULL, NULL, NULL, 0, 0, false },
        { OPT_TEXT, 0, "match", "RULE", &o->match,
          "exact, or chorus: also by parts of the name [exact]", 0, 0, false },
        { OPT_FLAG, 0, "strip-strand", NULL, &o->strip_strand,
          "a track ID:+ or ID:- that is absent is looked up as ID", 0, 0, false },
        { OPT_TEXT, 0, "alias", "FILE", &o->alias,
          "TSV: name in the scores, name in the background", 0, 0, false },
        { OPT_FLAG, 0, "skip-unknown-tracks", NULL, &o->skip_unknown,
          "leave out and count rows of tracks that are absent", 0, 0, false },
        { OPT_SECTION, 0, "The background:", NULL, NULL, NULL, 0, 0, false },
        { OPT_LIST, 0, "expect", "KEY=VALUE", &o->expect,
          "stop unless it says so of itself: genome=hg38", 0, 0, false },
        { OPT_FLAG, 0, "allow-superseded", NULL, &o->allow_old, "use one of an older schema", 0, 0,
          false },
        { OPT_FLAG, 0, "allow-empty", NULL, &o->allow_empty,
          "input without values is no error", 0, 0, true },
        { OPT_FLAG, 0, "list", NULL, &o->list, "print its tracks, with counts of values", 0, 0,
          false },
        { OPT_FLAG, 0, "status", NULL, &o->status, "print how it was made", 0, 0, false },
        { OPT_SECTION, 0, "VCF (done by cdf-annotate, which see for the options):", NULL, NULL,
          NULL, 0, 0, false },
        { OPT_TEXT, 0, "vcf", "FILE", &o->vcf, "write this VCF or BCF with percentiles in INFO", 0,
          0, true },
        { OPT_FLAG, 0, "annotate-tsv", NULL, &o->annotate_tsv,
          "write a table for bcftools annotate", 0, 0, false },
        { 0 }
    };
    const struct opt_program p = { "cdf-lookup",
        "-b FILE [SCORES] | -b FILE -t ID VALUE... | -b FILE --list|--status",
        "From scores to percentiles of a background.", opts, details };
    int first;

    hide_negative_numbers(argc, argv);
    first = opt_parse(&p, argc, argv);
    o->arg = argv + first;
    o->n_arg = (size_t)(argc - first);
}

/* word must be one of a list that ends with NULL. */
static void
check_word(const char *option, const char *word, const char *const *words)
{
    char all[128] = "";
    size_t n = 0;

    for (const char *const *w = words; *w && n < sizeof all; w++) {
        if (strcmp(word, *w) == 0)
            return;
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s",
                              w == words ? "" : w[1] ? ", " : " or ", *w);
    }
    die_usage("--%s must be %s, got '%s'", option, all, word);
}

static void
check_words(const struct options *o)
{
    static const char *const ties[] = { "hash", "right", "left", NULL };
    static const char *const scales[] = { "percentile", "phred", "pvalue", NULL };
    static const char *const match[] = { "exact", "chorus", NULL };
    static const char *const on_nan[] = { "error", "na", NULL };
    static const char *const rescale[] = { "linear", "log", NULL };
    static const char *const compat[] = { "chorus", NULL };

    check_word("ties", o->ties, ties);
    check_word("scale", o->scale, scales);
    check_word("match", o->match, match);
    check_word("on-nan", o->on_nan, on_nan);
    if (o->rescale)
        check_word("rescale", o->rescale, rescale);
    if (o->compat)
        check_word("compat", o->compat, compat);
    if (o->kind)
        lookup_kind(o->kind);
    for (size_t i = 0; i < o->expect.n; i++)
        if (!strchr(o->expect.item[i], '='))
            die_usage("--expect takes KEY=VALUE, got '%s'", o->expect.item[i]);
}

/* What goes with values of one track, and what with score files. */
static void
check_forms(const struct options *o)
{
    if ((o->list || o->status) && o->n_arg)
        die_usage("--list and --status take no input, got '%s'", o->arg[0]);
    if (o->bedgraph && !o->track)
        die_usage("--bedgraph needs --track, whose bins they are");
    if (o->bedgraph && o->n_arg)
        die_usage("--bedgraph takes the values from its file, got '%s'", o->arg[0]);
    if (o->track && !o->bedgraph && !o->n_arg)
        die_usage("--track needs at least one value to look up");
    if (!o->track && o->n_arg > 1)
        die_usage("one score file at a time, got '%s' and '%s'", o->arg[0], o->arg[1]);
    if (o->track && o->skip_unknown)
        die_usage("--skip-unknown-tracks is for score files, not for --track");
    if (!o->track && o->kind)
        die_usage("--kind is for --track; rows of a score file have their own kind");
    if (o->track && o->activity)
        die_usage("--activity is for score files, which have reference values");
}

static void
check_options(const struct options *o)
{
    if (!o->background)
        die_usage("--background is missing; name the background file");
    if (o->list + o->status + o->summary + (o->track != NULL) > 1)
        die_usage("--list, --status, --summary and --track exclude each other");
    check_words(o);
    check_forms(o);
    if (o->render && strcmp(o->scale, "percentile") != 0)
        die_usage("--render is for percentiles, not for --scale %s", o->scale);
    if (!o->rescale && (o->display_floor > 0 || o->display_peak > 0))
        die_usage("--display-floor and --display-peak belong to --rescale");
    if (o->summary && (o->compat || o->near_zero > 0 || o->support || o->ci > 0 || o->activity ||
                       o->rescale || o->render || strcmp(o->scale, "percentile") != 0))
        die_usage("--summary has columns of its own; --ties and the names of tracks go with it");
}

static void
cdf_lookup(const struct options *o)
{
    struct lookup l;

    lookup_open(&l, o);
    if (o->list)
        lookup_list(&l);
    else if (o->status)
        lookup_status(&l);
    else if (o->bedgraph)
        lookup_bedgraph(&l);
    else if (o->track)
        lookup_values(&l);
    else if (o->summary)
        lookup_summary(&l);
    else
        lookup_scores(&l);
    lookup_close(&l);
}

int
main(int argc, char **argv)
{
    struct options o = { .ties = "hash", .match = "exact", .scale = "percentile",
                         .on_nan = "error", .display_max = DISPLAY_MAX };

    prog_name = "cdf-lookup";
    handover_vcf(argv);
    parse_options(&o, argc, argv);
    check_options(&o);
    cdf_lookup(&o);
    free(o.expect.item);
    return EXIT_OK;
}
