/* SPDX-License-Identifier: MIT */
/* sample-snps - draw single-nucleotide variants from a genome by a named recipe. */
#include <stdlib.h>
#include <string.h>

#include "meta.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "prog/prov.h"
#include "prog/tally.h"
#include "sample/request.h"
#include "write.h"

struct options {
    struct sample_request request;
    const char *genome, *out, *type;
    bool emit_rejected;
};

static void
parse_options(struct options *o, int argc, char **argv)
{
    struct sample_request *q = &o->request;
    char *recipes = recipe_list(SAMPLE_SNPS);
    char *details = mem_printf(
        "Recipes:\n%s\n"
        "Output: VCF in the recipe's order, INFO/STRATUM and INFO/ORD (the place in that order).\n"
        "Memory: about 100 bytes per SNP.\n"
        "Example: sample-snps --recipe classic -g hg38.fa | bcftools sort -O b -o snps.bcf\n",
        recipes);
    const struct opt opts[] = {
        { OPT_TEXT, 0, "recipe", "NAME", &q->recipe, "how to draw; see below [none]", 0, 0,
          false },
        { OPT_TEXT, 'g', "genome", "FILE", &o->genome,
          "FASTA file, plain or bgzip, indexed on first use", 0, 0, true },
        { OPT_INT, 'n', "number", "NUM", &q->n, "SNPs to draw [by recipe]", 1, 1e9, false },
        { OPT_INT, 's', "seed", "SEED", &q->seed, "random seed [by recipe]", 0, 9e15, false },
        { OPT_INT, 0, "margin", "BP", &q->margin, "keep away from contig ends [by recipe]", 0,
          2e9, false },
        { OPT_INT, 0, "max-pos", "BP", &q->max_pos, "greatest position [by recipe]", 1, 4e9,
          false },
        { OPT_TEXT, 0, "contigs", "LIST", &q->contigs,
          "contigs to draw from, in this order: chr1,chr2 [by recipe]", 0, 0, false },
        { OPT_TEXT, 0, "within", "BED", &q->within, "draw from these intervals (uniform)", 0, 0,
          true },
        { OPT_TEXT, 0, "only", "STRATUM", &q->only, "that stratum of the recipe [all]", 0, 0,
          false },
        { OPT_FLAG, 0, "emit-rejected", NULL, &o->emit_rejected,
          "write rejected draws too, at the end, with INFO/REJECT", 0, 0, false },
        { OPT_TEXT, 'O', "output-type", "v|z|u|b", &o->type,
          "VCF, VCF bgzip, BCF plain, BCF [by the name of -o, else v]", 0, 0, true },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { 0 },
    };
    const struct opt_program program = {
        "sample-snps", "--recipe NAME -g FASTA [options]",
        "Draw single-nucleotide variants from a genome.", opts, details,
    };
    int first = opt_parse(&program, argc, argv);

    if (first < argc)
        die_usage("unexpected argument '%s'; the genome is given with -g", argv[first]);
    free(details);
    free(recipes);
}

static bool
ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), k = strlen(end);

    return n >= k && strcmp(text + n - k, end) == 0;
}

static const char *
type_by_name(const char *path)
{
    if (path && ends_with(path, ".bcf"))
        return "b";
    return path && ends_with(path, ".vcf.gz") ? "z" : "v";
}

static const struct recipe *
check_options(struct options *o)
{
    struct err e;
    const struct recipe *r = request_check(&o->request, &e);

    if (!r)
        die_usage("%s", e.msg);
    if (!o->genome)
        die_usage("no genome given; name a FASTA file with -g");
    if (!o->type)
        o->type = type_by_name(o->out);
    if (strlen(o->type) != 1 || !strchr("vzub", *o->type))
        die_usage("--output-type must be v, z, u or b, got '%s'", o->type);
    return r;
}

/* Numbers per stratum and contig, then what was left out and why. */
static void
report(const struct sample_plan *plan, const struct sample *s)
{
    struct tally *draws = tally_new(false), *contigs = tally_new(false);
    char *text = plan_summary(plan, s);

    note("%s", text);
    free(text);
    text = plan_contig_counts(plan, s);
    chat("kept per contig: %s", text);
    free(text);
    for (int reason = SAMPLE_NOT_ACGT; reason < SAMPLE_REASONS; reason++)
        if (s->count[reason])
            tally_add(draws, s->count[reason], sample_reason_text(reason), "%s:%lld",
                      plan->bases.name[s->first[reason].contig],
                      (long long)s->first[reason].pos + 1);
    for (size_t i = 0; i < s->skipped.n; i++)
        tally_add(contigs, 1, "too short for --margin", "%s",
                  plan->bases.name[s->skipped.site[i].contig]);
    tally_report(draws, s->draws, "positions");
    tally_report(contigs, plan->params.n_contigs, "contigs");
    tally_free(draws);
    tally_free(contigs);
}

static void
sample_snps(const struct options *o, const struct recipe *r)
{
    struct sample_plan plan;
    struct sample s;
    struct meta meta;
    struct err e;
    struct genome *g = genome_open(o->genome, &e);

    if (!g || plan_init(&plan, r, &o->request, g, &e))
        die_err(&e);
    if (plan.alias_note)
        note("%s", plan.alias_note);
    plan.params.keep_rejected = o->emit_rejected;
    sample_init(&s);
    meta_init(&meta);
    if (plan_draw(&plan, &s, &e) || genome_to_meta(g, &meta, &e))
        die_err(&e);
    prov_append(&meta, plan_provenance(&plan, &s));
    write_snps(o->out, *o->type, &s, &plan.bases, &meta, o->emit_rejected);
    report(&plan, &s);
    meta_free(&meta);
    sample_free(&s);
    plan_free(&plan);
    genome_close(g);
}

int
main(int argc, char **argv)
{
    struct options o = {
        .request = { .kind = SAMPLE_SNPS, .n = -1, .seed = -1, .margin = -1, .max_pos = -1 },
    };
    const struct recipe *r;

    prog_name = "sample-snps";
    parse_options(&o, argc, argv);
    r = check_options(&o);
    sample_snps(&o, r);
    return EXIT_OK;
}
