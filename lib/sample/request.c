/* SPDX-License-Identifier: MIT */
#include "sample/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genome/alias.h"
#include "genome/sites.h"
#include "hash256.h"
#include "prog/mem.h"

static const struct recipe *
find_recipe(const struct sample_request *q, struct err *e)
{
    const struct recipe *r = q->recipe ? recipe_find(q->kind, q->recipe) : NULL;
    char *list;

    if (r)
        return r;
    list = recipe_list(q->kind);
    list[strlen(list) - 1] = '\0';
    if (q->recipe)
        err_set(e, "there is no recipe '%s'; the recipes are\n%s", q->recipe, list);
    else
        err_set(e, "no recipe given, and there is no default; choose one with --recipe:\n%s",
                list);
    free(list);
    return NULL;
}

static int
check_stratum(const struct recipe *r, const char *only, struct err *e)
{
    if (only && !recipe_has_stratum(r, only))
        return err_set(e, "recipe %s has no stratum '%s'; it has %s", r->name, only, r->strata);
    if (!r->ready)
        return err_set(e, "recipe %s is not in this version; use classic or uniform", r->name);
    if (only ? strcmp(only, r->ready) != 0 : strcmp(r->strata, r->ready) != 0)
        return err_set(e, "of the strata of recipe %s (%s) this version has '%s' alone; ask for "
                       "it with --only %s", r->name, r->strata, r->ready, r->ready);
    return 0;
}

static int
check_parameters(const struct recipe *r, const struct sample_request *q, struct err *e)
{
    if (q->within && !r->within)
        return err_set(e, "--within does not go with recipe %s, which draws from whole contigs; "
                       "see --recipe uniform", r->name);
    if (q->within && q->contigs)
        return err_set(e, "--within and --contigs exclude each other; choose the intervals "
                       "alone");
    if (r->margin < 0 && (q->margin >= 0 || q->max_pos >= 0))
        return err_set(e, "--margin and --max-pos do not go with recipe %s; see --within",
                       r->name);
    return 0;
}

const struct recipe *
request_check(struct sample_request *q, struct err *e)
{
    const struct recipe *r = find_recipe(q, e);

    if (!r || check_stratum(r, q->only, e) || check_parameters(r, q, e))
        return NULL;
    q->n = q->n < 0 ? r->n : q->n;
    q->seed = q->seed < 0 ? r->seed : q->seed;
    q->margin = q->margin < 0 ? r->margin : q->margin;
    q->max_pos = q->max_pos < 0 ? r->max_pos : q->max_pos;
    if (q->max_pos < q->margin) {
        err_set(e, "--max-pos %lld lies inside --margin %lld, which leaves no room",
                (long long)q->max_pos, (long long)q->margin);
        return NULL;
    }
    return r;
}

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

static int
plan_contigs(struct sample_plan *plan, const struct sample_request *q, struct genome *g,
             struct err *e)
{
    char *names, *whose;
    int status;

    if (q->contigs)
        return plan_named_contigs(plan, g, q->contigs, "--contigs", e);
    if (!plan->recipe->autosomes) {
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

int
plan_init(struct sample_plan *plan, const struct recipe *r, const struct sample_request *q,
          struct genome *g, struct err *e)
{
    memset(plan, 0, sizeof *plan);
    plan->recipe = r;
    intervals_init(&plan->within);
    bases_of_genome(&plan->bases, g);
    plan->params = (struct sample_params){ .kind = q->kind, .n = q->n, .seed = (uint64_t)q->seed,
                                           .margin = q->margin, .max_pos = q->max_pos };
    if (plan_contigs(plan, q, g, e) || (r->within && plan_intervals(plan, q, g, e)))
        return -1;
    plan->params.contig = plan->contig;
    plan->params.within = &plan->within;
    return 0;
}

void
plan_free(struct sample_plan *plan)
{
    bases_free(&plan->bases);
    intervals_free(&plan->within);
    free(plan->contig);
    free(plan->alias_note);
}

int
plan_draw(const struct sample_plan *plan, struct sample *s, struct err *e)
{
    if (plan->recipe->draw(s, &plan->bases, &plan->params, e))
        return -1;
    if (!s->kept.n)
        return err_set(e, "none of %llu drawn positions has a base A, C, G or T; is --genome the "
                       "right file?", (unsigned long long)s->draws);
    return 0;
}

char *
plan_summary(const struct sample_plan *plan, const struct sample *s)
{
    return mem_printf("%s: %zu kept of %llu positions drawn, %lld requested, %zu distinct",
                      plan->recipe->ready, s->kept.n, (unsigned long long)s->draws,
                      (long long)plan->params.n, sample_distinct(s));
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

json_t *
plan_provenance(const struct sample_plan *plan, const struct sample *s)
{
    const struct sample_params *p = &plan->params;
    char hex[65];
    json_t *o;

    sample_sha256(s, &plan->bases, hex);
    o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s}", "recipe", plan->recipe->name,
                  "stratum", plan->recipe->ready, "rng", plan->recipe->rng, "seed",
                  (json_int_t)p->seed, "n_requested", (json_int_t)p->n, "n_kept",
                  (json_int_t)s->kept.n, "n_drawn", (json_int_t)s->draws, "sites_sha256", hex);
    if (p->margin >= 0) {
        json_object_set_new(o, "margin", json_integer(p->margin));
        json_object_set_new(o, "max_pos", json_integer(p->max_pos));
    }
    if (plan->recipe->within) {
        intervals_sha256(plan, hex);
        json_object_set_new(o, "within_sha256", json_string(hex));
        json_object_set_new(o, "within_bases", json_integer((json_int_t)plan->within.total));
    }
    return o;
}
