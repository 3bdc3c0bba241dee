/* SPDX-License-Identifier: MIT */
/* cdf-annotate - percentiles of scores as INFO fields of a VCF. */
#include <stdlib.h>
#include <string.h>

#include "annotate.h"
#include "prog/die.h"
#include "prog/mem.h"

static const char details[] =
    "Input:   SCORES, a score file of score-effect (standard input when none is named), and the\n"
    "         VCF that was scored.\n"
    "Output:  the VCF with INFO fields of Number=A for each track: PT_SCORE_ID, PT_PCT_ID and\n"
    "         PT_EXC_ID; without --track and of more than 8 tracks only the best of an allele:\n"
    "         PT_TOP_TRACK, PT_TOP_SCORE, PT_TOP_PCT, PT_TOP_EXC.  '.' where there is no score.\n"
    "         cdf-lookup starts this program when it is given --vcf or --annotate-tsv.\n"
    "Memory:  two sites; with --any-order all.\n"
    "Example: predict ... in.vcf.gz | score-effect |\n"
    "             cdf-annotate -b chrombpnet_pertrack.npz --vcf in.vcf.gz -o out.bcf\n";

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 'b', "background", "FILE", &o->background, "background file (NPZ)", 0, 0,
          true },
        { OPT_TEXT, 0, "vcf", "FILE", &o->vcf, "VCF or BCF that was scored ('-': standard input)",
          0, 0, true },
        { OPT_FLAG, 0, "annotate-tsv", NULL, &o->annotate_tsv,
          "write a table for bcftools annotate instead", 0, 0, false },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { OPT_TEXT, 'O', "output-type", "v|z|u|b", &o->type,
          "VCF, VCF bgzip, BCF plain, BCF [by the name of -o, else v]", 0, 0, true },
        { OPT_INT, '@', "threads", "NUM", &o->threads, "threads that compress the output [1]", 1,
          256, true },
        { OPT_TEXT, 'g', "genome", "FASTA", &o->genome,
          "take alleles for the same that are so after normalisation against it", 0, 0, true },
        { OPT_FLAG, 0, "any-order", NULL, &o->any_order,
          "scores and VCF are in different orders; hold all scores", 0, 0, true },
        { OPT_FLAG, 0, "allow-empty", NULL, &o->allow_empty,
          "scores without values are no error", 0, 0, true },
        { OPT_FLAG, 0, "strict", NULL, &o->strict, "an allele without a score is an error", 0, 0,
          true },
        { OPT_SECTION, 0, "Fields:", NULL, NULL, NULL, 0, 0, false },
        { OPT_LIST, 't', "track", "ID", &o->tracks,
          "write fields of this track of the scores; may be repeated", 0, 0, false },
        { OPT_FLAG, 0, "top", NULL, &o->top, "write the best track too", 0, 0, false },
        { OPT_TEXT, 0, "fields", "LIST", &o->fields,
          "of score,percentile,exceedance,activity [the first three]", 0, 0, false },
        { OPT_TEXT, 0, "prefix", "TEXT", &o->prefix, "what names of fields begin with [PT_]", 0,
          0, false },
        { OPT_REAL, 0, "ci", "LEVEL", &o->ci, "confidence interval of that level: 0.95 [none]",
          1e-6, 0.999999, false },
        { OPT_SECTION, 0, "As in cdf-lookup:", NULL, NULL, NULL, 0, 0, false },
        { OPT_TEXT, 0, "scale", "SCALE", &o->scale, "percentile, phred or pvalue [percentile]", 0,
          0, false },
        { OPT_TEXT, 0, "ties", "RULE", &o->ties, "hash, right or left [hash]", 0, 0, false },
        { OPT_REAL, 0, "near-zero", "X", &o->near_zero,
          "effects smaller than X have no percentile [0]", 0, 1e300, false },
        { OPT_TEXT, 0, "compat", "chorus", &o->compat, "all as chorus does", 0, 0, false },
        { OPT_TEXT, 0, "match", "RULE", &o->match,
          "exact, or chorus: also by parts of the name [exact]", 0, 0, false },
        { OPT_FLAG, 0, "strip-strand", NULL, &o->strip_strand,
          "a track ID:+ or ID:- that is absent is looked up as ID", 0, 0, false },
        { OPT_TEXT, 0, "alias", "FILE", &o->alias,
          "TSV: name in the scores, name in the background", 0, 0, false },
        { OPT_FLAG, 0, "skip-unknown-tracks", NULL, &o->skip_unknown,
          "leave out and count values of tracks that are absent", 0, 0, false },
        { OPT_LIST, 0, "expect", "KEY=VALUE", &o->expect,
          "stop unless the background says so of itself: genome=hg38", 0, 0, false },
        { OPT_FLAG, 0, "allow-superseded", NULL, &o->allow_old,
          "use a background of an older schema", 0, 0, false },
        { 0 }
    };
    const struct opt_program p = { "cdf-annotate",
        "-b FILE --vcf VCF [SCORES] | -b FILE --annotate-tsv [SCORES]",
        "Percentiles of scores as INFO fields of a VCF.", opts, details };
    int first = opt_parse(&p, argc, argv);

    o->arg = argv + first;
    o->n_arg = (size_t)(argc - first);
}

static bool
is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || (c && strcmp(word, c) == 0);
}

static void
check_words(const struct options *o)
{
    if (query_scale_find(o->scale) < 0)
        die_usage("--scale must be percentile, phred or pvalue, got '%s'", o->scale);
    if (!is_one_of(o->ties, "hash", "right", "left"))
        die_usage("--ties must be hash, right or left, got '%s'", o->ties);
    if (!is_one_of(o->match, "exact", "chorus", NULL))
        die_usage("--match must be exact or chorus, got '%s'", o->match);
    if (o->compat && strcmp(o->compat, "chorus") != 0)
        die_usage("--compat must be chorus, got '%s'", o->compat);
    if (o->type && (strlen(o->type) != 1 || !strchr("vzub", *o->type)))
        die_usage("--output-type must be v, z, u or b, got '%s'", o->type);
    if (!*o->prefix || strspn(o->prefix, "0123456789.") > 0 ||
        o->prefix[strspn(o->prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_")])
        die_usage("--prefix must be letters, digits and underscores, not a digit first, got '%s'",
                  o->prefix);
    for (size_t i = 0; i < o->expect.n; i++)
        if (!strchr(o->expect.item[i], '='))
            die_usage("--expect takes KEY=VALUE, got '%s'", o->expect.item[i]);
}

static void
check_options(const struct options *o)
{
    const char *scores = o->n_arg ? o->arg[0] : "-";

    if (!o->background)
        die_usage("--background is missing; name the background file");
    if (!o->vcf && !o->annotate_tsv)
        die_usage("--vcf is missing; name the VCF that was scored, or ask for --annotate-tsv");
    if (o->vcf && o->annotate_tsv)
        die_usage("--vcf and --annotate-tsv exclude each other");
    if (o->n_arg > 1)
        die_usage("one score file at a time, got '%s' and '%s'", o->arg[0], o->arg[1]);
    if (o->vcf && strcmp(o->vcf, "-") == 0 && strcmp(scores, "-") == 0)
        die_usage("scores and VCF cannot both come from standard input; name one of them");
    if (o->annotate_tsv && o->type)
        die_usage("--output-type is for --vcf");
    check_words(o);
}

static void
cdf_annotate(const struct options *o)
{
    struct groups *s = groups_open(o);

    if (o->annotate_tsv)
        annotate_table(o, s);
    else
        annotate_vcf(o, s);
    groups_close(s);
}

int
main(int argc, char **argv)
{
    struct options o = { .ties = "hash", .match = "exact", .scale = "percentile", .prefix = "PT_",
                         .fields = "score,percentile,exceedance", .threads = 1 };

    prog_name = "cdf-annotate";
    parse_options(&o, argc, argv);
    check_options(&o);
    cdf_annotate(&o);
    free(o.tracks.item);
    free(o.expect.item);
    return EXIT_OK;
}
