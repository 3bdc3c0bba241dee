/* SPDX-License-Identifier: MIT */
#include "sample/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest/hash256.h"
#include "genome/alias.h"
#include "genome/sites.h"
#include "prog/mem.h"

/* "chr1,chr2,...,chr22". */
static char *
autosomes(void)
{
    char *text = mem_alloc(22 * 6), *p = text;

    for (int i = 1; i <= 22; i++)
        p += sprintf(p, "%schr%d", i > 1 ? "," : "", i);
    return text;
}

static int
add_contig(struct sample_plan *plan, struct alias_map *a, const char *name, struct err *e)
{
    struct sample_params *p = &plan->params;
    const int contig = alias_find(a, name);

    if (contig < 0) {
        struct err why;

        alias_explain(a, name, &why);
        return err_set(e, "%s; name the contigs to draw from with --contigs", why.msg);
    }
    for (size_t i = 0; i < p->n_contigs; i++)
        if (plan->contig[i] == (size_t)contig)
            return err_set(e, "--contigs: '%s' is given twice", name);
    plan->contig[p->n_contigs++] = (size_t)contig;
    return 0;
}

/* A list of names; a contig the genome lacks is an error, never a smaller sample. */
static int
plan_named_contigs(struct sample_plan *plan, struct genome *g, const char *names,
                   const char *whose, struct err *e)
{
    struct alias_map *a = alias_new(g, whose);
    char *list = mem_strdup(names), *rest = list, *name;
    int status = 0;

    plan->contig = mem_array(strlen(names) / 2 + 1, sizeof *plan->contig);
    for (const char *p = names; *p; p += strcspn(p, ","), p += *p == ',') {
        char *one = mem_strndup(p, strcspn(p, ","));

        alias_add_name(a, one);
        free(one);
    }
    while (status == 0 && (name = strsep(&rest, ",")))
        status = *name ? add_contig(plan, a, name, e)
                       : err_set(e, "--contigs: '%s' has an empty name", names);
    if (status == 0 && alias_used(a))
        plan->alias_note = mem_strdup(alias_used(a));
    free(list);
    alias_free(a);
    return status;
}

static void
plan_all_contigs(struct sample_plan *plan)
{
    plan->contig = mem_array(plan->bases.n, sizeof *plan->contig);
    for (size_t i = 0; i < plan->bases.n; i++)
        plan->contig[i] = i;
    plan->params.n_contigs = plan->bases.n;
}

/* The only stratum for which every autosome must be there. */
static bool
draws_random(const struct sample_request *q)
{
    for (size_t i = 0; i < q->n_strata; i++)
        if (strcmp(q->stratum[i].name, "random") == 0 && q->stratum[i].n > 0)
            return true;
    return false;
}

static int
plan_contigs(struct sample_plan *plan, const struct sample_request *q, struct genome *g,
             struct err *e)
{
    char *names, *whose;
    int status;

    if (q->contigs) {
        status = plan_named_contigs(plan, g, q->contigs, "--contigs", e);
        plan->wanted = mem_array(plan->bases.n, sizeof *plan->wanted);
        for (size_t i = 0; i < plan->params.n_contigs; i++)
            plan->wanted[plan->contig[i]] = true;
        return status;
    }
    if (!plan->recipe->autosomes || !draws_random(q)) {
        plan_all_contigs(plan);
        return 0;
    }
    names = autosomes();
    whose = mem_printf("recipe %s", plan->recipe->name);
    status = plan_named_contigs(plan, g, names, whose, e);
    free(whose);
    free(names);
    return status;
}

static int
add_interval(struct sample_plan *plan, struct sites *sites, const struct site *site,
             struct alias_map *a, struct err *e)
{
    const int contig = alias_find(a, site->chrom);
    const int64_t len = contig < 0 ? 0 : plan->bases.len[contig];

    if (contig < 0) {
        alias_explain(a, site->chrom, e);
        return err_prefix(e, "%s", sites_where(sites));
    }
    if (site->end > len)
        return err_set(e, "%s: interval ends at %lld, but %s has %lld bp; is --genome the "
                       "assembly of the intervals?", sites_where(sites), (long long)site->end,
                       plan->bases.name[contig], (long long)len);
    intervals_add(&plan->within, (size_t)contig, site->start, site->end);
    return 0;
}

static int
read_intervals(struct sample_plan *plan, struct sites *sites, struct alias_map *a, struct err *e)
{
    struct site site;
    int status;

    if (sites_is_stream(sites))
        return err_set(e, "%s: is a binary stream; expected BED", sites_name(sites));
    site_init(&site);
    while ((status = sites_next(sites, &site, e)) > 0)
        if (add_interval(plan, sites, &site, a, e)) {
            status = -1;
            break;
        }
    site_free(&site);
    return status;
}

static int
plan_bed(struct sample_plan *plan, struct genome *g, const char *path, struct err *e)
{
    struct sites *sites = sites_open(path, SITES_BED, e);
    struct alias_map *a;
    int status;

    if (!sites)
        return -1;
    a = alias_new(g, sites_name(sites));
    status = read_intervals(plan, sites, a, e);
    if (status == 0 && alias_used(a))
        plan->alias_note = mem_strdup(alias_used(a));
    alias_free(a);
    sites_close(sites);
    return status;
}

static int
plan_intervals(struct sample_plan *plan, const struct sample_request *q, struct genome *g,
               struct err *e)
{
    if (q->within && plan_bed(plan, g, q->within, e))
        return -1;
    for (size_t i = 0; !q->within && i < plan->params.n_contigs; i++)
        intervals_add(&plan->within, plan->contig[i], 0, plan->bases.len[plan->contig[i]]);
    intervals_seal(&plan->within);
    if (!plan->within.total)
        return err_set(e, "%s: has no bases to draw from",
                       q->within ? q->within : genome_path(g));
    return 0;
}

static int
plan_custom(struct sample_plan *plan, const struct sample_request *q, const struct genome *g,
            struct err *e)
{
    plan->custom = custom_read(q->recipe_file, q->n, q->only, e);
    if (!plan->custom || custom_load(plan->custom, g, plan->wanted, (uint64_t)q->seed, e))
        return -1;
    plan->params.custom = plan->custom;
    plan->params.n = 0;
    for (size_t i = 0; i < plan->custom->n; i++)
        plan->params.n += plan->custom->stratum[i].n;
    return 0;
}

static void
fill_params(struct sample_plan *plan, const struct sample_request *q)
{
    struct sample_params *p = &plan->params;

    p->n_strata = q->n_strata;
    memcpy(plan->stratum, q->stratum, sizeof plan->stratum);
    p->stratum = plan->stratum;
    p->quota = q->quota;
    p->n_quota = q->n_quota;
    p->dhs_filter = q->dhs_filter;
    p->shuffle = q->shuffle;
    p->shuffle_seed = q->shuffle_seed;
    p->contig = plan->contig;
    p->within = &plan->within;
    p->gtf = plan->inputs.gtf;
    p->ccre = plan->inputs.ccre;
    p->dhs = plan->inputs.dhs;
}

int
plan_init(struct sample_plan *plan, const struct recipe *r, const struct sample_request *q,
          struct genome *g, struct err *e)
{
    memset(plan, 0, sizeof *plan);
    plan->recipe = r;
    plan->only = r->one_stream ? q->only : NULL;
    intervals_init(&plan->within);
    bases_of_genome(&plan->bases, g);
    plan->params = (struct sample_params){ .kind = q->kind, .n = q->n, .seed = (uint64_t)q->seed,
                                           .margin = q->margin, .max_pos = q->max_pos };
    if (plan_contigs(plan, q, g, e) || (r->within && plan_intervals(plan, q, g, e)) ||
        (q->recipe_file ? plan_custom(plan, q, g, e)
                        : inputs_read(&plan->inputs, r, q, g, plan->wanted, e)))
        return -1;
    fill_params(plan, q);
    return 0;
}

void
plan_free(struct sample_plan *plan)
{
    bases_free(&plan->bases);
    intervals_free(&plan->within);
    inputs_free(&plan->inputs);
    custom_free(plan->custom);
    free(plan->contig);
    free(plan->wanted);
    free(plan->alias_note);
}

/* Sites may have been placed by the lengths of the index alone. */
static int
check_drawn(const struct bases *b, const struct sample *s, struct err *e)
{
    for (size_t i = 0; i < s->kept.n; i++)
        if (bases_check(b, s->kept.site[i].contig, e))
            return -1;
    return 0;
}

int
plan_draw(const struct sample_plan *plan, struct sample *s, struct err *e)
{
    struct sample_params p = plan->params;

    /* The reasons of one stratum are counted from its rejected sites. */
    p.keep_rejected |= plan->only != NULL;
    if (plan->recipe->draw(s, &plan->bases, &p, e))
        return -1;
    if (plan->only)
        sample_only(s, plan->only);
    if (!s->kept.n && s->count[SAMPLE_MARGIN] == s->draws)
        return err_set(e, "none of %llu drawn positions is farther from the ends of its contig "
                       "than the margin of %lld bp; give a smaller --margin",
                       (unsigned long long)s->draws, (long long)p.margin);
    if (!s->kept.n)
        return err_set(e, "none of %llu drawn positions has a base A, C, G or T; is --genome the "
                       "right file?", (unsigned long long)s->draws);
    return check_drawn(&plan->bases, s, e);
}

char *
plan_contig_counts(const struct sample_plan *plan, const struct sample *s)
{
    size_t *count = mem_array(plan->bases.n, sizeof *count);
    char *text = mem_strdup("");

    for (size_t i = 0; i < s->kept.n; i++)
        count[s->kept.site[i].contig]++;
    for (size_t i = 0; i < plan->params.n_contigs; i++) {
        const size_t contig = plan->contig[i];
        char *longer = mem_printf("%s%s%s %zu", text, i ? ", " : "", plan->bases.name[contig],
                                  count[contig]);

        free(text);
        text = longer;
    }
    free(count);
    return text;
}

/* SHA-256 of the merged intervals as BED lines of three columns. */
static void
intervals_sha256(const struct sample_plan *plan, char hex[65])
{
    struct hash256 *h = hash256_new();

    for (size_t i = 0; i < plan->within.n; i++) {
        const struct interval *iv = &plan->within.item[i];
        const char *name = plan->bases.name[iv->contig];
        char text[64];

        hash256_add(h, name, strlen(name));
        hash256_add(h, text, (size_t)snprintf(text, sizeof text, "\t%lld\t%lld\n",
                                              (long long)iv->start, (long long)iv->end));
    }
    hash256_hex(h, hex);
}

static json_t *
strata_provenance(const struct sample_plan *plan, const struct sample *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < s->n_strata; i++) {
        const struct sample_count *c = &s->stratum[i];
        uint64_t seed = plan->params.seed;

        for (size_t k = 0; k < plan->params.n_strata; k++)
            if (strcmp(plan->stratum[k].name, c->stratum) == 0)
                seed = plan->stratum[k].seed;
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:I}", "stratum", c->stratum,
                                              "seed", (json_int_t)seed, "n_requested",
                                              (json_int_t)c->wanted, "n_drawn",
                                              (json_int_t)c->draws, "n_kept",
                                              (json_int_t)c->kept));
    }
    return list;
}

static void
add_pools(json_t *o, const struct sample *s)
{
    json_t *pools = json_object();

    for (size_t i = 0; i < s->n_pools; i++)
        json_object_set_new(pools, s->pool[i].name, json_integer((json_int_t)s->pool[i].n));
    json_object_set_new(o, "pools", pools);
}

/* What differs from the recipe's own order and choice. */
static void
add_choices(json_t *o, const struct sample_params *p)
{
    if (p->shuffle)
        json_object_set_new(o, "shuffle", json_true());
    if (p->shuffle_seed >= 0)
        json_object_set_new(o, "shuffle_seed", json_integer(p->shuffle_seed));
    for (size_t i = 0; i < p->n_quota; i++) {
        json_t *quota = i ? json_object_get(o, "ccre_quota") : json_object();

        json_object_set_new(quota, p->quota[i].class, json_integer(p->quota[i].n));
        if (!i)
            json_object_set_new(o, "ccre_quota", quota);
    }
}

json_t *
plan_provenance(const struct sample_plan *plan, const struct sample *s)
{
    const struct sample_params *p = &plan->params;
    char hex[65], set[65];
    json_t *o;

    sample_sha256(s, &plan->bases, hex);
    sample_set_sha256(s, &plan->bases, set);
    o = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s}", "recipe", plan->recipe->name, "rng",
                  plan->recipe->rng, "seed", (json_int_t)p->seed, "n_requested",
                  (json_int_t)(plan->only ? s->stratum[0].wanted : p->n),
                  "n_kept", (json_int_t)s->kept.n, "n_drawn", (json_int_t)s->draws, "sites_sha256",
                  hex, "set_sha256", set);
    if (s->n_strata == 1)
        json_object_set_new(o, "stratum", json_string(s->stratum[0].stratum));
    else
        json_object_set_new(o, "strata", strata_provenance(plan, s));
    if (p->margin >= 0)
        json_object_set_new(o, "margin", json_integer(p->margin));
    if (p->max_pos >= 0)
        json_object_set_new(o, "max_pos", json_integer(p->max_pos));
    if (plan->recipe->within) {
        intervals_sha256(plan, hex);
        json_object_set_new(o, "within_sha256", json_string(hex));
        json_object_set_new(o, "within_bases", json_integer((json_int_t)plan->within.total));
    }
    if (p->gtf || p->ccre || p->dhs) {
        json_object_set_new(o, "inputs", inputs_provenance(&plan->inputs));
        add_pools(o, s);
    }
    if (plan->custom)
        json_object_set_new(o, "recipe_file", custom_provenance(plan->custom));
    add_choices(o, p);
    return o;
}
