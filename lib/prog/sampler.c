/* SPDX-License-Identifier: MIT */
#include "prog/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "family/declare.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "prog/prov.h"
#include "prog/tally.h"
#include "sample/edition.h"

struct opt *
sampler_add_options(struct opt *opts, struct sampler_options *o)
{
    struct sample_request *q = &o->request;
    const char *number = q->kind == SAMPLE_SNPS ? "SNPs to draw [by recipe]"
                                                : "positions to draw [by recipe]";
    const struct opt shared[] = {
        { OPT_TEXT, 0, "recipe", "NAME", &q->recipe, "how to draw; see below [none]", 0, 0,
          false },
        { OPT_TEXT, 0, "preset", "ORACLE", &o->preset,
          "recipe and order of that oracle's published background", 0, 0, false },
        { OPT_TEXT, 0, "recipe-file", "TSV", &q->recipe_file,
          "draw by a table of your own: stratum, from, file, amount, window", 0, 0, true },
        { OPT_TEXT, 'g', "genome", "FILE", &o->genome,
          "FASTA file, plain or bgzip, indexed on first use", 0, 0, true },
        { OPT_TEXT, 0, "gtf", "FILE", &q->gtf, "genes of GENCODE (GTF)", 0, 0, true },
        { OPT_TEXT, 0, "ccre", "FILE", &q->ccre, "cCREs of SCREEN, registry V4 (BED)", 0, 0,
          true },
        { OPT_TEXT, 0, "dhs", "FILE", &q->dhs, "DHS index (text with a header line)", 0, 0,
          true },
        { OPT_TEXT, 0, "dhs-samples", "LOW-HIGH", &q->dhs_samples,
          "sites of that many samples only", 0, 0, false },
        { OPT_TEXT, 0, "dhs-signal", "LOW-HIGH", &q->dhs_signal,
          "sites between these quantiles of mean_signal only", 0, 0, false },
        { OPT_TEXT, 0, "only", "STRATUM", &q->only, "that stratum of the recipe [all]", 0, 0,
          false },
        { OPT_INT, 'n', "number", "NUM", &q->n, number, 1, 1e9, false },
        { OPT_LIST, 0, "count", "STRATUM=NUM", &o->count,
          "sites of that stratum; may be repeated [by recipe]", 0, 0, false },
        { OPT_INT, 's', "seed", "SEED", &q->seed, "random seed [by recipe]", 0, 9e15, false },
        { OPT_INT, 0, "margin", "BP", &q->margin, "keep away from contig ends [by recipe]", 0,
          2e9, false },
        { OPT_INT, 0, "max-pos", "BP", &q->max_pos, "greatest position [by recipe]", 1, 4e9,
          false },
        { OPT_TEXT, 0, "contigs", "LIST", &q->contigs,
          "contigs to draw from, in this order: chr1,chr2 [by recipe]", 0, 0, false },
        { OPT_TEXT, 0, "within", "BED", &q->within, "draw from these intervals (uniform)", 0, 0,
          true },
        { OPT_FLAG, 0, "emit-rejected", NULL, &o->emit_rejected,
          q->kind == SAMPLE_SNPS ? "write rejected draws too, at the end, with INFO/REJECT"
                                 : "write rejected draws too, at the end, as comments", 0, 0,
          false },
    };

    _Static_assert(ARRAY_LEN(shared) <= SAMPLER_OPTIONS, "SAMPLER_OPTIONS is too small");
    memcpy(opts, shared, sizeof shared);
    return opts + ARRAY_LEN(shared);
}

static void
apply_preset(struct sampler_options *o)
{
    struct sample_request *q = &o->request;
    const struct preset *p = preset_find(o->preset);

    if (!p)
        die_usage("preset '%s' is not known; known are %s", o->preset, preset_names());
    if (q->recipe || q->recipe_file)
        die_usage("--preset %s names a recipe; leave out --recipe and --recipe-file", o->preset);
    q->recipe = q->kind == SAMPLE_SNPS ? p->snps : p->baselines;
    if (q->kind == SAMPLE_SNPS)
        q->shuffle = q->shuffle || p->shuffle_snps;
    else if (q->shuffle_seed < 0)
        q->shuffle_seed = p->shuffle_seed;
}

const struct recipe *
sampler_check(struct sampler_options *o)
{
    const struct recipe *r;
    struct err e;

    if (o->preset)
        apply_preset(o);
    o->request.count = o->count.item;
    o->request.n_counts = o->count.n;
    r = request_check(&o->request, &e);
    if (!r)
        die_usage("%s", e.msg);
    if (!o->genome)
        die_usage("no genome given; name a FASTA file with -g");
    return r;
}

static void
say_inputs(const struct sampler *s)
{
    const struct gtf *g = s->plan.inputs.gtf;
    const struct custom *c = s->plan.custom;
    char *text;

    if (g && g->n_short)
        warn("%s: left out %llu lines with fewer than 9 columns (first: line %llu)", g->file,
             (unsigned long long)g->n_short, (unsigned long long)g->first_short);
    for (size_t i = 0; i < ARRAY_LEN(s->plan.inputs.alias_note); i++)
        if (s->plan.inputs.alias_note[i])
            note("%s", s->plan.inputs.alias_note[i]);
    for (size_t i = 0; c && i < c->n; i++)
        if (c->stratum[i].left_out)
            warn("%s: left out %llu %s", c->stratum[i].file,
                 (unsigned long long)c->stratum[i].left_out,
                 c->stratum[i].from == FROM_VCF ? "records without an ALT of one letter"
                                                : "lines with fewer than 9 columns");
    for (size_t i = 0; (text = edition_difference(&s->plan.inputs, s->plan.recipe,
                                                  &s->plan.bases, i)) != NULL; i++) {
        warn("%s", text);
        free(text);
    }
}

void
sampler_run(struct sampler *s, const struct sampler_options *o, const struct recipe *r)
{
    struct err e;

    s->genome = genome_open(o->genome, &e);
    if (!s->genome || plan_init(&s->plan, r, &o->request, s->genome, &e))
        die_err(&e);
    if (genome_warning(s->genome))
        warn("%s", genome_warning(s->genome));
    if (s->plan.alias_note)
        note("%s", s->plan.alias_note);
    say_inputs(s);
    s->plan.params.keep_rejected = o->emit_rejected;
    sample_init(&s->sample);
    meta_init(&s->meta);
    if (plan_draw(&s->plan, &s->sample, &e) || genome_to_meta(s->genome, &s->meta, &e))
        die_err(&e);
    prov_append(&s->meta, plan_provenance(&s->plan, &s->sample));
}

/* "random: 9609 kept of 10010 positions drawn, 10000 requested, 9609 distinct", or a line for
 * every stratum and one for all of them. */
static void
report_strata(const struct sample *s, const struct bases *b)
{
    struct sample_site most;
    const char *name = "all";
    int64_t wanted = 0;
    size_t times, distinct = sample_distinct(s, &most, &times);

    for (size_t i = 0; i < s->n_strata; i++) {
        const struct sample_count *c = &s->stratum[i];

        wanted += c->wanted;
        if (s->n_strata == 1)
            name = c->stratum;
        else
            note("%s: %llu kept of %llu positions drawn, %lld requested", c->stratum,
                 (unsigned long long)c->kept, (unsigned long long)c->draws,
                 (long long)c->wanted);
    }
    note("%s: %zu kept of %llu positions drawn, %lld requested, %zu distinct", name, s->kept.n,
         (unsigned long long)s->draws, (long long)wanted, distinct);
    if (times > 1)
        chat("most often drawn: %s:%lld, %zu times", b->name[most.contig],
             (long long)most.pos + 1, times);
    if (s->clamped)
        note("%llu positions that jitter had taken into the margin were put on its edge, as the "
             "recipe does", (unsigned long long)s->clamped);
}

void
sampler_report(const struct sampler *r)
{
    struct tally *draws = tally_new(false), *contigs = tally_new(false);
    const struct sample *s = &r->sample;
    const struct bases *b = &r->plan.bases;
    char *text;

    report_strata(s, b);
    text = plan_contig_counts(&r->plan, s);
    chat("kept per contig: %s", text);
    free(text);
    for (size_t i = 0; i < s->n_pools; i++)
        chat("%s: %zu places to draw from", s->pool[i].name, s->pool[i].n);
    for (int reason = SAMPLE_NOT_ACGT; reason < SAMPLE_REASONS; reason++)
        if (s->count[reason])
            tally_add(draws, s->count[reason], sample_reason_text(reason), "%s:%lld",
                      b->name[s->first[reason].contig], (long long)s->first[reason].pos + 1);
    for (size_t i = 0; i < s->skipped.n; i++)
        tally_add(contigs, 1, "too short for --margin", "%s",
                  b->name[s->skipped.site[i].contig]);
    tally_report(draws, s->draws, "positions");
    tally_report(contigs, r->plan.params.n_contigs, "contigs");
    tally_free(draws);
    tally_free(contigs);
}

void
sampler_free(struct sampler *s)
{
    meta_free(&s->meta);
    sample_free(&s->sample);
    plan_free(&s->plan);
    genome_close(s->genome);
}
