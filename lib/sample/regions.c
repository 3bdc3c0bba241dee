/* SPDX-License-Identifier: MIT */
#include "sample/regions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "rng/pyrandom.h"

/* Shortest gene body (end - start of the file's columns) that a midpoint is taken of. */
#define LONG_GENE 10000

void
spots_init(struct spots *s)
{
    memset(s, 0, sizeof *s);
}

void
spots_free(struct spots *s)
{
    free(s->item);
}

void
spots_add(struct spots *s, int contig, int64_t pos1)
{
    mem_grow(&s->item, &s->cap, s->n + 1, sizeof *s->item);
    s->item[s->n++] = (struct spot){ contig, pos1 };
}

void
spots_truncate(struct spots *s, size_t n)
{
    if (s->n > n)
        s->n = n;
}

static const char *const baseline_class[CCRE_CLASSES] = {
    "PLS", "dELS", "pELS", "CA-CTCF", "CA-TF", "TF", "CA-H3K4me3", "CA",
};

void
quota_baseline(struct ccre_quota quota[CCRE_CLASSES], int64_t n)
{
    static const int of_11500[CCRE_CLASSES] = { 3000, 2500, 1500, 1500, 1000, 500, 1000, 500 };
    int64_t sum = 0;

    for (size_t i = 0; i < CCRE_CLASSES; i++) {
        const int64_t before = n * sum / 11500;

        sum += of_11500[i];
        quota[i] = (struct ccre_quota){ baseline_class[i], n * sum / 11500 - before };
    }
}

void
quota_percent(struct ccre_quota quota[CCRE_CLASSES], int64_t n)
{
    static const int percent[CCRE_CLASSES] = { 26, 22, 13, 13, 9, 4, 9, 4 };

    for (size_t i = 0; i < CCRE_CLASSES; i++)
        quota[i] = (struct ccre_quota){ baseline_class[i], n * percent[i] / 100 };
}

void
quota_shares(struct ccre_quota quota[CCRE_CLASSES], int64_t n, double surplus)
{
    static const struct {
        const char *class;
        double share;
    } shares[CCRE_CLASSES] = {
        { "PLS", .22 }, { "dELS", .28 }, { "pELS", .15 }, { "CA-CTCF", .10 },
        { "CA-H3K4me3", .08 }, { "CA-TF", .07 }, { "CA", .06 }, { "TF", .04 },
    };

    for (size_t i = 0; i < CCRE_CLASSES; i++) {
        const int64_t k = (int64_t)rint((double)n * shares[i].share * surplus);

        quota[i] = (struct ccre_quota){ shares[i].class, k > 1 ? k : 1 };
    }
}

/* Append the rows of one class; false when it has none. */
static bool
add_class(struct spots *out, const struct ccre *c, const struct ccre_quota *q, struct pyrandom *r)
{
    const int class = ccre_class(c, q->class);
    const size_t n = class < 0 ? 0 : c->count[class];
    const size_t k = q->n < 0 || n < (size_t)q->n ? n : (size_t)q->n;
    size_t *row = mem_array(n, sizeof *row), *index = mem_array(k, sizeof *index), found = 0;

    for (size_t i = 0; found < n; i++)
        if (c->row[i].class == (uint32_t)class)
            row[found++] = i;
    if (n)
        pyrandom_sample(r, index, n, k);
    for (size_t i = 0; i < k; i++) {
        const struct ccre_row *at = &c->row[row[index[i]]];

        spots_add(out, at->contig, (at->start + at->end) / 2);
    }
    free(index);
    free(row);
    return n > 0;
}

const char *
regions_ccre(struct spots *out, const struct ccre *c, const struct ccre_quota *quota,
             size_t n_quota, uint64_t seed)
{
    const size_t before = out->n;
    const char *missing = NULL;
    struct pyrandom r;

    pyrandom_seed(&r, seed);
    for (size_t i = 0; i < n_quota; i++)
        if (!add_class(out, c, &quota[i], &r) && !missing)
            missing = quota[i].class;
    if (out->n > before)
        pyrandom_shuffle(&r, out->item + before, out->n - before, sizeof *out->item);
    return missing;
}

int
regions_missing(const struct ccre *c, const char *class, struct err *e)
{
    char *classes = ccre_describe(c);

    err_set(e, "%s: has no elements of class %s; expected the classes of registry V4 (PLS, pELS, "
            "dELS, CA-CTCF, CA-H3K4me3, CA-TF, CA, TF), found %s", c->file, class, classes);
    free(classes);
    return -1;
}

static int
by_value(const void *pa, const void *pb)
{
    const double a = *(const double *)pa, b = *(const double *)pb;

    return (a > b) - (a < b);
}

/*
 * Quantile by linear interpolation as NumPy computes it, which pandas calls with percent: from the
 * nearer of the two neighbours.
 */
static double
quantile(const struct dhs *d, const size_t *row, size_t n, double percent)
{
    double *v = mem_array(n, sizeof *v), place = (double)(n - 1) * (percent / 100), t, result;
    const size_t low = (size_t)floor(place), high = low + 1 < n ? low + 1 : n - 1;

    for (size_t i = 0; i < n; i++)
        v[i] = d->row[row[i]].signal;
    qsort(v, n, sizeof *v, by_value);
    t = place - floor(place);
    result = t >= 0.5 ? v[high] - (v[high] - v[low]) * (1 - t) : v[low] + (v[high] - v[low]) * t;
    free(v);
    return result;
}

static size_t
filter_samples(const struct dhs *d, size_t *row, size_t n, const struct dhs_filter *f)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        const int32_t samples = d->row[row[i]].samples;

        if (samples >= f->min_samples && (!f->max_samples || samples <= f->max_samples))
            row[kept++] = row[i];
    }
    return kept;
}

static size_t
filter_signal(const struct dhs *d, size_t *row, size_t n, double percent, bool at_least)
{
    const double bound = n ? quantile(d, row, n, percent) : 0;
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        const double signal = d->row[row[i]].signal;

        if (at_least ? signal >= bound : signal <= bound)
            row[kept++] = row[i];
    }
    return kept;
}

size_t
regions_dhs(struct spots *out, const struct dhs *d, const struct dhs_filter *f, int64_t want,
            uint64_t seed)
{
    size_t *row = mem_array(d->n, sizeof *row), *index, n, k;
    struct pyrandom r;

    for (size_t i = 0; i < d->n; i++)
        row[i] = i;
    n = filter_samples(d, row, d->n, f);
    if (f->low > 0)
        n = filter_signal(d, row, n, f->low, true);
    if (f->high > 0 && f->high < 100)
        n = filter_signal(d, row, n, f->high, false);
    k = (size_t)want < n ? (size_t)want : n;
    index = mem_array(k, sizeof *index);
    pyrandom_seed(&r, seed);
    if (n)
        pyrandom_sample(&r, index, n, k);
    for (size_t i = 0; i < k; i++)
        spots_add(out, d->row[row[index[i]]].contig, d->row[row[index[i]]].summit);
    free(index);
    free(row);
    return n;
}

struct named {
    const char *name;
    struct spot spot;
};

static int
by_name(const void *pa, const void *pb)
{
    return strcmp(((const struct named *)pa)->name, ((const struct named *)pb)->name);
}

static int64_t
midpoint1(const struct gtf_row *gene)
{
    return (gene->start + 1 + gene->end) / 2;
}

/* One place per gene name: the first gene's of that name that is long enough. */
static size_t
named_spots(struct named *list, const struct gtf *g, int64_t longer_than,
            int64_t (*place1)(const struct gtf_row *))
{
    bool *seen = mem_array(g->n_names, sizeof *seen);
    size_t n = 0;

    for (size_t i = 0; i < g->n_genes; i++) {
        const struct gtf_row *gene = &g->gene[i];

        if (!gene->coding || seen[gene->name] || gene->end - (gene->start + 1) <= longer_than)
            continue;
        seen[gene->name] = true;
        list[n++] = (struct named){ g->name[gene->name], { gene->contig, place1(gene) } };
    }
    if (n)
        qsort(list, n, sizeof *list, by_name);
    free(seen);
    return n;
}

static size_t
sample_names(struct spots *out, const struct gtf *g, int64_t want, uint64_t seed,
             int64_t longer_than, int64_t (*place1)(const struct gtf_row *))
{
    struct named *list = mem_array(g->n_genes, sizeof *list);
    const size_t n = named_spots(list, g, longer_than, place1);
    const size_t k = (size_t)want < n ? (size_t)want : n;
    size_t *index = mem_array(k, sizeof *index);
    struct pyrandom r;

    for (size_t i = 0; i < k; i++)
        index[i] = i;
    if (n > k) {
        pyrandom_seed(&r, seed);
        pyrandom_sample(&r, index, n, k);
    }
    for (size_t i = 0; i < k; i++)
        spots_add(out, list[index[i]].spot.contig, list[index[i]].spot.pos1);
    free(index);
    free(list);
    return n;
}

size_t
regions_tss(struct spots *out, const struct gtf *g, int64_t n, uint64_t seed)
{
    return sample_names(out, g, n, seed, -1, gtf_tss1);
}

size_t
regions_gene_body(struct spots *out, const struct gtf *g, int64_t n, uint64_t seed)
{
    return sample_names(out, g, n, seed, LONG_GENE, midpoint1);
}
