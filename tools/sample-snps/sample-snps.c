/* SPDX-License-Identifier: MIT */
/* sample-snps - draw single-nucleotide variants from a genome by a named recipe. */
#include <stdlib.h>
#include <string.h>

#include "from.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "prog/sampler.h"
#include "write.h"

struct options {
    struct sampler_options sampler;
    const char *from, *out, *type;
};

static void
parse_options(struct options *o, int argc, char **argv)
{
    struct sample_request *q = &o->sampler.request;
    char *recipes = recipe_list(SAMPLE_SNPS);
    char *details = mem_printf(
        "Recipes:\n%s\n"
        "Output: VCF in the recipe's order, INFO/STRATUM and INFO/ORD (the place in that order).\n"
        "Memory: about 100 bytes per SNP, 300 MB for whole-genome annotation.\n"
        "Example: sample-snps --recipe classic -g hg38.fa | bcftools sort -O b -o snps.bcf\n"
        "         bcftools view -i 'AF>0.01' gnomad.bcf | sample-snps --from - -n 10000\n",
        recipes);
    struct opt opts[SAMPLER_OPTIONS + 6] = { 0 }, *next = sampler_add_options(opts, &o->sampler);
    const struct opt_program program = {
        "sample-snps", "--recipe NAME -g FASTA [options]",
        "Draw single-nucleotide variants from a genome.", opts, details,
    };
    int first;

    *next++ = (struct opt){ OPT_TEXT, 0, "strata", "NAME=SHARE,...", &q->strata,
                            "strata of unified or promoter, in order, with shares [by recipe]", 0,
                            0, false };
    *next++ = (struct opt){ OPT_FLAG, 0, "shuffle", NULL, &q->shuffle,
                            "shuffle at the end, as Sei, LegNet and EPInformer-seq do", 0, 0,
                            false };
    *next++ = (struct opt){ OPT_TEXT, 0, "from", "VCF", &o->from,
                            "keep -n records of a VCF or BCF file ('-': standard input)", 0, 0,
                            true };
    *next++ = (struct opt){ OPT_TEXT, 'O', "output-type", "v|z|u|b", &o->type,
                            "VCF, VCF bgzip, BCF plain, BCF [by the name of -o, else v]", 0, 0,
                            true };
    *next = (struct opt){ OPT_TEXT, 'o', "output", "FILE", &o->out,
                          "write to FILE [standard output]", 0, 0, true };
    first = opt_parse(&program, argc, argv);
    if (first < argc)
        die_usage("unexpected argument '%s'; the genome is given with -g, variants with --from",
                  argv[first]);
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

static void
check_from(struct options *o)
{
    struct sample_request *q = &o->sampler.request;

    if (q->recipe || q->recipe_file || o->sampler.preset || o->sampler.genome || q->gtf || q->ccre || q->dhs ||
        q->only || q->contigs || q->within || q->strata || o->sampler.count.n || q->margin >= 0 ||
        q->max_pos >= 0 || q->dhs_samples || q->dhs_signal || q->shuffle ||
        o->sampler.emit_rejected)
        die_usage("with --from only -n, --seed, -O and -o go; filter the records with bcftools "
                  "view before");
    if (q->n < 0)
        die_usage("--from needs the number of records to keep; give it with -n");
    q->seed = q->seed < 0 ? 42 : q->seed;
}

/* NULL with --from. */
static const struct recipe *
check_options(struct options *o)
{
    const struct recipe *r = NULL;

    if (o->from)
        check_from(o);
    else
        r = sampler_check(&o->sampler);
    if (!o->type)
        o->type = type_by_name(o->out);
    if (strlen(o->type) != 1 || !strchr("vzub", *o->type))
        die_usage("--output-type must be v, z, u or b, got '%s'", o->type);
    return r;
}

static void
sample_snps(const struct options *o, const struct recipe *r)
{
    struct sampler s;

    sampler_run(&s, &o->sampler, r);
    write_snps(o->out, *o->type, &s.sample, &s.plan.bases, &s.meta, o->sampler.emit_rejected);
    sampler_report(&s);
    sampler_free(&s);
}

int
main(int argc, char **argv)
{
    struct options o = {
        .sampler.request = { .kind = SAMPLE_SNPS, .n = -1, .seed = -1, .margin = -1,
                             .max_pos = -1, .shuffle_seed = -1 },
    };
    const struct sample_request *q = &o.sampler.request;
    const struct recipe *r;

    prog_name = "sample-snps";
    parse_options(&o, argc, argv);
    r = check_options(&o);
    if (o.from)
        thin_vcf(o.from, q->n, (uint64_t)q->seed, o.out, *o.type);
    else
        sample_snps(&o, r);
    request_free(&o.sampler.request);
    free(o.sampler.count.item);
    return EXIT_OK;
}
