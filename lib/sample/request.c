/* SPDX-License-Identifier: MIT */
#include "sample/request.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genome/sites_parse.h"
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
unknown_stratum(const struct recipe *r, const char *name, struct err *e)
{
    char *list = recipe_strata(r);

    err_set(e, "recipe %s has no stratum '%s'; it has %s", r->name, name, list);
    free(list);
    return -1;
}

static int
check_parameters(const struct recipe *r, const struct sample_request *q, struct err *e)
{
    if (q->only && !recipe_stratum(r, q->only))
        return unknown_stratum(r, q->only, e);
    if (q->within && !r->within)
        return err_set(e, "--within does not go with recipe %s, which draws from whole contigs; "
                       "see --recipe uniform", r->name);
    if (q->within && q->contigs)
        return err_set(e, "--within and --contigs exclude each other; choose the intervals "
                       "alone");
    if (r->margin < 0 && (q->margin >= 0 || q->max_pos >= 0))
        return err_set(e, "--margin and --max-pos do not go with recipe %s; see --within",
                       r->name);
    if (r->max_pos < 0 && q->max_pos >= 0)
        return err_set(e, "--max-pos does not go with recipe %s", r->name);
    if (q->shuffle && !r->one_stream)
        return err_set(e, "--shuffle does not go with recipe %s, whose order is part of it",
                       r->name);
    if (q->shuffle_seed >= 0 && r->within)
        return err_set(e, "--shuffle-seed does not go with recipe %s", r->name);
    if (q->strata && (!r->one_stream || !r->strata[1].name))
        return err_set(e, "--strata does not go with recipe %s, whose strata have numbers of their "
                       "own; see --count and --only", r->name);
    if (q->n >= 0 && q->only && r->one_stream && r->strata[1].name)
        return err_set(e, "-n is the number of all strata of recipe %s, which share a stream; for "
                       "one of them use --count %s=NUM", r->name, q->only);
    return 0;
}

static struct sample_stratum *
find_stratum(struct sample_request *q, const char *name)
{
    for (size_t i = 0; i < q->n_strata; i++)
        if (strcmp(q->stratum[i].name, name) == 0)
            return &q->stratum[i];
    return NULL;
}

static void
add_stratum(struct sample_request *q, const struct recipe_stratum *t, double amount)
{
    q->stratum[q->n_strata++] = (struct sample_stratum){ .name = t->name, .fraction = amount,
                                                         .seed = (uint64_t)t->seed };
}

/* "NAME=NUMBER,..." of --strata: an order and shares that replace the recipe's. */
static int
parse_strata(struct sample_request *q, const struct recipe *r, struct err *e)
{
    char *text = mem_strdup(q->strata), *rest = text, *item;
    double sum = 0;
    int status = 0;

    while (status == 0 && (item = strsep(&rest, ",")) != NULL) {
        char *value = strchr(item, '='), *end = NULL;
        const struct recipe_stratum *t;
        double share = 0;

        if (value) {
            *value++ = '\0';
            share = strtod(value, &end);
        }
        t = recipe_stratum(r, item);
        if (!t)
            status = unknown_stratum(r, item, e);
        else if (!value || end == value || *end || !(share >= 0 && share <= 1))
            status = err_set(e, "--strata: '%s' must be followed by = and a share from 0 to 1, "
                             "as in %s=0.5", item, item);
        else if (find_stratum(q, item))
            status = err_set(e, "--strata: '%s' is given twice", item);
        else
            add_stratum(q, t, share);
        sum += share;
    }
    free(text);
    if (status == 0 && fabs(sum - 1) > 1e-6)
        return err_set(e, "--strata: the shares add up to %.9g, expected 1", sum);
    return status;
}

/* Sites of every stratum of -n in all, in the recipe's proportions and adding up to n. */
static void
share_out(struct sample_request *q, int64_t n)
{
    double total = 0, before = 0;

    for (size_t i = 0; i < q->n_strata; i++)
        total += q->stratum[i].fraction;
    for (size_t i = 0; i < q->n_strata; i++) {
        struct sample_stratum *t = &q->stratum[i];
        const double after = before + t->fraction;

        t->n = (int64_t)(floor((double)n * after / total) - floor((double)n * before / total));
        before = after;
    }
}

/* Seeds of strata with streams of their own count up from a seed that was given. */
static void
set_seeds(struct sample_request *q, const struct recipe *r)
{
    for (size_t i = 0; i < q->n_strata && q->seed >= 0; i++)
        q->stratum[i].seed = (uint64_t)q->seed + (r->one_stream ? 0 : i);
}

static int
choose_strata(struct sample_request *q, const struct recipe *r, struct err *e)
{
    const int64_t n = q->n < 0 ? r->n : q->n;

    if (q->strata && parse_strata(q, r, e))
        return -1;
    for (const struct recipe_stratum *t = r->strata; !q->strata && t->name; t++)
        if (!q->only || r->one_stream || strcmp(q->only, t->name) == 0)
            add_stratum(q, t, t->amount);
    set_seeds(q, r);
    if (q->only && !find_stratum(q, q->only))
        return err_set(e, "--only %s: --strata does not have that stratum", q->only);
    if (n < 0 && !q->n_counts)
        return err_set(e, "recipe %s has no number of its own; give one with -n", r->name);
    if (r->one_stream)
        for (size_t i = 0; i < q->n_strata; i++)
            q->stratum[i].n = n < 0 ? 0 : (int64_t)rint((double)n * q->stratum[i].fraction);
    else if (q->n >= 0)
        share_out(q, q->n);
    else
        for (size_t i = 0; i < q->n_strata; i++)
            q->stratum[i].n = (int64_t)q->stratum[i].fraction;
    return 0;
}

static int
add_quota(struct sample_request *q, const char *class, int64_t n, struct err *e)
{
    if (q->kind != SAMPLE_BASELINES)
        return err_set(e, "--count ccre:%s=%lld: classes can be counted in baselines only", class,
                       (long long)n);
    if (q->n_quota == REQUEST_QUOTAS)
        return err_set(e, "--count: more than %d classes", REQUEST_QUOTAS);
    q->quota[q->n_quota++] = (struct ccre_quota){ class, n };
    return 0;
}

/* name points into q->text. */
static int
set_count(struct sample_request *q, const struct recipe *r, const char *name, int64_t n,
          struct err *e)
{
    const bool class = strncmp(name, "ccre:", 5) == 0 && name[5];
    struct sample_stratum *t = find_stratum(q, class ? "ccre" : name);

    if (!recipe_stratum(r, class ? "ccre" : name))
        return unknown_stratum(r, name, e);
    if (!t)
        return err_set(e, "--count %s=%lld: that stratum is not drawn with --%s", name,
                       (long long)n, q->only ? "only" : "strata");
    if (class) {
        t->n = q->n_quota ? t->n + n : n;
        return add_quota(q, name + 5, n, e);
    }
    t->n = n;
    t->fraction = n > 0;
    return 0;
}

static int
parse_counts(struct sample_request *q, const struct recipe *r, struct err *e)
{
    size_t bytes = 1;
    char *p;

    for (size_t i = 0; i < q->n_counts; i++)
        bytes += strlen(q->count[i]) + 1;
    p = q->text = mem_alloc(bytes);
    for (size_t i = 0; i < q->n_counts; i++) {
        char *value;
        int64_t n;

        strcpy(p, q->count[i]);
        value = strrchr(p, '=');
        if (!value || !sites_parse_int(&n, value + 1) || n > 1000000000)
            return err_set(e, "--count must be STRATUM=NUM, as in %s=100, got '%s'",
                           r->strata[0].name, q->count[i]);
        *value = '\0';
        if (set_count(q, r, p, n, e))
            return -1;
        p += strlen(q->count[i]) + 1;
    }
    return 0;
}

/* "LOW-HIGH" with either side left out. */
static int
parse_range(double *low, double *high, const char *text, const char *option, double most,
            struct err *e)
{
    const char *dash = strchr(text, '-');
    char *end = NULL;

    *low = 0;
    *high = most;
    if (dash && dash > text) {
        *low = strtod(text, &end);
        if (end != dash)
            dash = NULL;
    }
    if (dash && dash[1]) {
        *high = strtod(dash + 1, &end);
        if (*end)
            dash = NULL;
    }
    if (!dash || !(*low >= 0 && *low <= *high && *high <= most))
        return err_set(e, "--%s must be LOW-HIGH with 0 <= LOW <= HIGH <= %g, got '%s'", option,
                       most, text);
    return 0;
}

static int
parse_filter(struct sample_request *q, struct err *e)
{
    double low, high;

    if (q->dhs_samples) {
        if (parse_range(&low, &high, q->dhs_samples, "dhs-samples", INT32_MAX, e))
            return -1;
        q->dhs_filter.min_samples = (int32_t)ceil(low);
        q->dhs_filter.max_samples = (int32_t)floor(high);
    }
    if (q->dhs_signal) {
        if (parse_range(&low, &high, q->dhs_signal, "dhs-signal", 1, e))
            return -1;
        q->dhs_filter.low = 100 * low;
        q->dhs_filter.high = 100 * high;
    }
    if ((q->dhs_samples || q->dhs_signal) && !(q->needs & NEEDS_DHS))
        return err_set(e, "--%s has no effect: no DHS sites are drawn",
                       q->dhs_samples ? "dhs-samples" : "dhs-signal");
    return 0;
}

static unsigned
all_needs(const struct recipe *r)
{
    unsigned needs = 0;

    for (const struct recipe_stratum *t = r->strata; t->name; t++)
        needs |= recipe_needs(r, t->name);
    return needs;
}

/* A file that is missing, or one that the recipe has no use for. */
static int
check_file(const struct sample_request *q, const struct recipe *r, unsigned need,
           const char *given, const char *option, const char *what, struct err *e)
{
    char *advice = NULL;

    if ((q->needs & need) && !given) {
        for (const struct recipe_stratum *t = r->strata; t->name && !advice; t++)
            if (!r->one_stream && !q->only && !recipe_needs(r, t->name))
                advice = mem_printf(" (or draw what needs no file: --only %s)", t->name);
        err_set(e, "recipe %s needs --%s FILE: %s%s", r->name, option, what,
                advice ? advice : "");
        free(advice);
        return -1;
    }
    if (given && !(all_needs(r) & need))
        return err_set(e, "--%s does not go with recipe %s, which does not draw from it", option,
                       r->name);
    return 0;
}

static int
check_inputs(struct sample_request *q, const struct recipe *r, struct err *e)
{
    for (size_t i = 0; i < q->n_strata; i++)
        if (q->stratum[i].n > 0 || q->stratum[i].fraction > 0)
            q->needs |= recipe_needs(r, q->stratum[i].name);
    if (check_file(q, r, NEEDS_GTF, q->gtf, "gtf", "the gene annotation of GENCODE (GTF)", e) ||
        check_file(q, r, NEEDS_CCRE, q->ccre, "ccre", "the cCREs of SCREEN, registry V4 (BED)",
                   e) ||
        check_file(q, r, NEEDS_DHS, q->dhs, "dhs",
                   "the DHS index of Meuleman et al. (tab-separated text)", e))
        return -1;
    return parse_filter(q, e);
}

/* The table itself is read with the other inputs. */
static const struct recipe *
check_custom(struct sample_request *q, struct err *e)
{
    if (q->recipe)
        err_set(e, "--recipe and --recipe-file exclude each other");
    else if (q->gtf || q->ccre || q->dhs || q->strata || q->n_counts || q->within ||
             q->dhs_samples || q->dhs_signal || q->max_pos >= 0 || q->shuffle ||
             q->shuffle_seed >= 0)
        err_set(e, "with --recipe-file only -g, -n, --seed, --only, --contigs and --margin say "
                "what is drawn; files and numbers are in the table");
    else {
        q->seed = q->seed < 0 ? 42 : q->seed;
        q->margin = q->margin < 0 ? 0 : q->margin;
        return recipe_custom(q->kind);
    }
    return NULL;
}

/* Strata that the recipe has only on request. */
static void
drop_unused(struct sample_request *q)
{
    size_t n = 0;

    for (size_t i = 0; i < q->n_strata; i++)
        if (q->stratum[i].n > 0 || q->stratum[i].fraction > 0)
            q->stratum[n++] = q->stratum[i];
    q->n_strata = n;
}

const struct recipe *
request_check(struct sample_request *q, struct err *e)
{
    const struct recipe *r = q->recipe_file ? check_custom(q, e) : find_recipe(q, e);

    if (r && q->recipe_file)
        return r;
    if (!r || check_parameters(r, q, e) || choose_strata(q, r, e) || parse_counts(q, r, e) ||
        check_inputs(q, r, e))
        return NULL;
    q->seed = q->seed < 0 ? (int64_t)q->stratum[0].seed : q->seed;
    if (r->one_stream)
        drop_unused(q);
    q->n = 0;
    for (size_t i = 0; i < q->n_strata; i++)
        q->n += q->stratum[i].n;
    q->margin = q->margin < 0 ? r->margin : q->margin;
    q->max_pos = q->max_pos < 0 ? r->max_pos : q->max_pos;
    if (r->max_pos >= 0 && q->max_pos < q->margin)
        err_set(e, "--max-pos %lld lies inside --margin %lld, which leaves no room",
                (long long)q->max_pos, (long long)q->margin);
    else if (q->n < 1 || (q->only && !find_stratum(q, q->only)))
        err_set(e, "no sites are asked for; give --count STRATUM=NUM with NUM above 0");
    else
        return r;
    return NULL;
}

void
request_free(struct sample_request *q)
{
    free(q->text);
}
