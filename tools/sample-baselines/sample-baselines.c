/* SPDX-License-Identifier: MIT */
/* sample-baselines - draw reference positions (no alleles) from a genome by a named recipe. */
#include <stdio.h>
#include <stdlib.h>

#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/sampler.h"

struct options {
    struct sampler_options sampler;
    const char *out;
};

static void
parse_options(struct options *o, int argc, char **argv)
{
    struct sample_request *q = &o->sampler.request;
    char *recipes = recipe_list(SAMPLE_BASELINES);
    char *details = mem_printf(
        "Recipes:\n%s\n"
        "Output: BED in the recipe's order: chrom, start, end, stratum, ordinal (place in that "
        "order).\n"
        "Memory: about 100 bytes per position, 300 MB for whole-genome annotation.\n"
        "Example: sample-baselines --recipe baseline-29500 -g hg38.fa --gtf genes.gtf.gz \\\n"
        "         -o base.bed --ccre GRCh38-cCREs.bed\n",
        recipes);
    struct opt opts[SAMPLER_OPTIONS + 4] = { 0 }, *next = sampler_add_options(opts, &o->sampler);
    const struct opt_program program = {
        "sample-baselines", "--recipe NAME -g FASTA [options]",
        "Draw reference positions from a genome.", opts, details,
    };
    int first;

    *next++ = (struct opt){ OPT_INT, 0, "shuffle-seed", "SEED", &q->shuffle_seed,
                            "shuffle at the end with a generator of its own [random's goes on]", 0,
                            9e15, false };
    *next = (struct opt){ OPT_TEXT, 'o', "output", "FILE", &o->out,
                          "write to FILE [standard output]", 0, 0, true };
    first = opt_parse(&program, argc, argv);
    if (first < argc)
        die_usage("unexpected argument '%s'; the genome is given with -g", argv[first]);
    free(details);
    free(recipes);
}

static void
write_bed(const char *path, const struct sampler *r, bool rejected)
{
    const struct sample *s = &r->sample;
    const char **name = r->plan.bases.name;
    FILE *fp = fio_open_out(path, false);

    meta_write_text(fp, &r->meta);
    fputs("#chrom\tstart\tend\tstratum\tordinal\n", fp);
    for (size_t i = 0; i < s->kept.n && !ferror(fp); i++) {
        const struct sample_site *site = &s->kept.site[i];

        fprintf(fp, "%s\t%lld\t%lld\t%s\t%zu\n", name[site->contig], (long long)site->pos,
                (long long)site->pos + 1, site->stratum, i);
    }
    for (size_t i = 0; rejected && i < s->rejected.n && !ferror(fp); i++) {
        const struct sample_site *site = &s->rejected.site[i];

        fprintf(fp, "#rejected\t%s\t%lld\t%lld\t%s\t%s\n", name[site->contig],
                (long long)site->pos, (long long)site->pos + 1, site->stratum,
                sample_reason_id(site->reason));
    }
    fio_close_out(fp, path);
}

static void
sample_baselines(const struct options *o, const struct recipe *r)
{
    struct sampler s;

    sampler_run(&s, &o->sampler, r);
    write_bed(o->out, &s, o->sampler.emit_rejected);
    sampler_report(&s);
    sampler_free(&s);
}

int
main(int argc, char **argv)
{
    struct options o = {
        .sampler.request = { .kind = SAMPLE_BASELINES, .n = -1, .seed = -1, .margin = -1,
                             .max_pos = -1, .shuffle_seed = -1 },
    };
    const struct recipe *r;

    prog_name = "sample-baselines";
    parse_options(&o, argc, argv);
    r = sampler_check(&o.sampler);
    sample_baselines(&o, r);
    request_free(&o.sampler.request);
    free(o.sampler.count.item);
    return EXIT_OK;
}
