/* SPDX-License-Identifier: MIT */
/* sample-baselines - draw reference positions (no alleles) from a genome by a named recipe. */
#include <stdio.h>
#include <stdlib.h>

#include "meta.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "prog/prov.h"
#include "prog/tally.h"
#include "sample/request.h"

struct options {
    struct sample_request request;
    const char *genome, *out;
};

static void
parse_options(struct options *o, int argc, char **argv)
{
    struct sample_request *q = &o->request;
    char *recipes = recipe_list(SAMPLE_BASELINES);
    char *details = mem_printf(
        "Recipes (of the baselines this version draws the random stratum only):\n%s\n"
        "Output: BED in the recipe's order: chrom, start, end, stratum, ordinal (place in that "
        "order).\n"
        "Memory: about 100 bytes per position.\n"
        "Example: sample-baselines --recipe baseline-31500 --only random -g hg38.fa -o base.bed\n",
        recipes);
    const struct opt opts[] = {
        { OPT_TEXT, 0, "recipe", "NAME", &q->recipe, "how to draw; see below [none]", 0, 0,
          false },
        { OPT_TEXT, 'g', "genome", "FILE", &o->genome,
          "FASTA file, plain or bgzip, indexed on first use", 0, 0, true },
        { OPT_TEXT, 0, "only", "STRATUM", &q->only, "that stratum of the recipe [all]", 0, 0,
          false },
        { OPT_INT, 'n', "number", "NUM", &q->n, "positions of the stratum [by recipe]", 1, 1e9,
          false },
        { OPT_INT, 's', "seed", "SEED", &q->seed, "random seed [by recipe]", 0, 9e15, false },
        { OPT_INT, 0, "margin", "BP", &q->margin, "keep away from contig ends [by recipe]", 0,
          2e9, false },
        { OPT_INT, 0, "max-pos", "BP", &q->max_pos, "greatest position [by recipe]", 1, 4e9,
          false },
        { OPT_TEXT, 0, "contigs", "LIST", &q->contigs,
          "contigs to draw from, in this order: chr1,chr2 [by recipe]", 0, 0, false },
        { OPT_TEXT, 0, "within", "BED", &q->within, "draw from these intervals (uniform)", 0, 0,
          true },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { 0 },
    };
    const struct opt_program program = {
        "sample-baselines", "--recipe NAME -g FASTA [options]",
        "Draw reference positions from a genome.", opts, details,
    };
    int first = opt_parse(&program, argc, argv);

    if (first < argc)
        die_usage("unexpected argument '%s'; the genome is given with -g", argv[first]);
    free(details);
    free(recipes);
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
    return r;
}

static void
write_bed(const char *path, const struct sample *s, const struct bases *b,
          const struct meta *meta)
{
    FILE *fp = fio_open_out(path, false);

    for (size_t i = 0; i < meta->n; i++)
        fprintf(fp, META_TEXT_PREFIX "%s=%s\n", meta->line[i].key, meta->line[i].value);
    fputs("#chrom\tstart\tend\tstratum\tordinal\n", fp);
    for (size_t i = 0; i < s->kept.n && !ferror(fp); i++) {
        const struct sample_site *site = &s->kept.site[i];

        fprintf(fp, "%s\t%lld\t%lld\t%s\t%zu\n", b->name[site->contig], (long long)site->pos,
                (long long)site->pos + 1, site->stratum, i);
    }
    fio_close_out(fp, path);
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
sample_baselines(const struct options *o, const struct recipe *r)
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
    sample_init(&s);
    meta_init(&meta);
    if (plan_draw(&plan, &s, &e) || genome_to_meta(g, &meta, &e))
        die_err(&e);
    prov_append(&meta, plan_provenance(&plan, &s));
    write_bed(o->out, &s, &plan.bases, &meta);
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
        .request = { .kind = SAMPLE_BASELINES, .n = -1, .seed = -1, .margin = -1, .max_pos = -1 },
    };
    const struct recipe *r;

    prog_name = "sample-baselines";
    parse_options(&o, argc, argv);
    r = check_options(&o);
    sample_baselines(&o, r);
    return EXIT_OK;
}
