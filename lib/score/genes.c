/* SPDX-License-Identifier: MIT */
/*
 * Building the index: the rows of the annotation become units.  A unit is what a rule selects as
 * one (a gene, a transcript, a gene row): the interval that decides, and its exons.
 */
#include "score/genes.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "score/genes_index.h"

const char *const gene_rule_name[GENE_RULES] = { "overlap", "tss", "nearby" };

/* Exons while the index is built. */
struct build {
    struct gene_index *x;
    struct gtf_row *exon;       /* those the rule counts, a unit's together */
    size_t n;
};

enum gene_rule
gene_rule_find(const char *name)
{
    int i = 0;

    while (i < GENE_RULES && strcmp(gene_rule_name[i], name) != 0)
        i++;
    return (enum gene_rule)i;
}

const char *
gene_contig_key(const char *chrom)
{
    if (strncmp(chrom, "chr", 3) == 0)
        chrom += 3;
    return strcmp(chrom, "MT") == 0 ? "M" : chrom;
}

void
gene_index_free(struct gene_index *x)
{
    if (!x)
        return;
    for (size_t i = 0; i < x->n_names; i++)
        free(x->name[i]);
    for (size_t i = 0; i < x->n_contigs; i++)
        free(x->contig_key[i]);
    kh_destroy(gene_contig, x->contig_of);
    free(x->name);
    free(x->contig_key);
    free(x->contig);
    free(x->exon);
    free(x->unit);
    free(x);
}

static void
copy_names(struct gene_index *x, const struct gtf *g, const char *const *contig, size_t n_contigs)
{
    x->name = mem_array(g->n_names, sizeof *x->name);
    for (; x->n_names < g->n_names; x->n_names++)
        x->name[x->n_names] = mem_strdup(g->name[x->n_names]);
    x->contig = mem_array(n_contigs, sizeof *x->contig);
    x->contig_key = mem_array(n_contigs, sizeof *x->contig_key);
    x->contig_of = kh_init(gene_contig);
    for (; x->n_contigs < n_contigs; x->n_contigs++) {
        char *key = mem_strdup(gene_contig_key(contig[x->n_contigs]));
        int is_new;
        khint_t k = kh_put(gene_contig, x->contig_of, key, &is_new);

        if (is_new)
            kh_val(x->contig_of, k) = (uint32_t)x->n_contigs;
        x->contig_key[x->n_contigs] = key;
    }
}

static int
order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/*
 * By contig, name, strand and transcript, then place: what belongs to a unit comes together.  For
 * that the caller has made transcripts equal where the rule does not look at them.
 */
static int
by_gene(const void *va, const void *vb)
{
    const struct gtf_row *a = va, *b = vb;
    int c = order(a->contig, b->contig);

    c = c ? c : order(a->name, b->name);
    c = c ? c : order(a->plus, b->plus);
    c = c ? c : (a->transcript > b->transcript) - (a->transcript < b->transcript);
    c = c ? c : order(a->start, b->start);
    return c ? c : order(a->end, b->end);
}

static bool
same_unit(const struct gtf_row *a, const struct gtf_row *b)
{
    return a->contig == b->contig && a->name == b->name && a->plus == b->plus &&
           a->transcript == b->transcript;
}

/* Leave in a row what decides to which unit its exon belongs. */
static struct gtf_row
reduce(struct gtf_row r, enum gene_rule rule)
{
    if (rule != GENES_TSS)
        r.transcript = 0;
    return r;
}

static void
sort_exons(struct build *b, const struct gtf *g)
{
    struct gene_index *x = b->x;

    b->exon = mem_array(g->n_exons, sizeof *b->exon);
    for (size_t i = 0; i < g->n_exons; i++)
        if (g->exon[i].coding || x->rule == GENES_NEARBY)
            b->exon[b->n++] = reduce(g->exon[i], x->rule);
    if (b->n)
        qsort(b->exon, b->n, sizeof *b->exon, by_gene);
    x->exon = mem_array(b->n, sizeof *x->exon);
    for (size_t i = 0; i < b->n; i++)
        x->exon[i] = (struct interval){ b->exon[i].start, b->exon[i].end };
}

/* Number of exons from at on that are of one unit. */
static size_t
unit_size(const struct build *b, size_t at)
{
    size_t n = 1;

    while (at + n < b->n && same_unit(&b->exon[at], &b->exon[at + n]))
        n++;
    return n;
}

/* The interval that decides whether a unit of exons [at, at + n) is selected. */
static void
place_unit(const struct build *b, struct gene_unit *u, size_t at, size_t n)
{
    const struct gene_index *x = b->x;

    u->start = b->exon[at].start;
    u->end = b->exon[at].end;
    for (size_t i = at + 1; i < at + n; i++)
        if (b->exon[i].end > u->end)
            u->end = b->exon[i].end;
    if (x->rule == GENES_TSS) {
        u->start = b->exon[at].plus ? u->start : u->end - 1;
        u->end = u->start + 1;
    }
    /* chorus holds 1-based numbers against a 0-based window; an end is the same number in both. */
    u->start += x->chorus;
    if (x->rule == GENES_TSS)
        u->end += x->chorus;
}

static void
add_unit(struct gene_index *x, struct gene_unit u)
{
    mem_grow(&x->unit, &x->cap_unit, x->n_unit + 1, sizeof *x->unit);
    x->unit[x->n_unit++] = u;
}

static void
make_units(const struct build *b)
{
    for (size_t at = 0, n; at < b->n; at += n) {
        struct gene_unit u = { .contig = b->exon[at].contig, .name = b->exon[at].name,
                               .is_coding = true, .plus = b->exon[at].plus, .exon = at };

        n = unit_size(b, at);
        u.n_exon = n;
        place_unit(b, &u, at, n);
        add_unit(b->x, u);
    }
}

/* First exon that is not below the gene, its place left aside. */
static size_t
find_exons(const struct build *b, struct gtf_row gene)
{
    size_t lo = 0, hi = b->n;

    gene.start = gene.end = INT64_MIN;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (by_gene(&b->exon[mid], &gene) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* chorus takes rows with end >= window start and start <= window end, numbers as they stand. */
static void
make_gene_units(const struct build *b, const struct gtf *g)
{
    for (size_t i = 0; i < g->n_genes; i++) {
        const struct gtf_row gene = reduce(g->gene[i], GENES_NEARBY);
        struct gene_unit u = { .contig = gene.contig, .name = gene.name, .is_coding = gene.coding,
                               .plus = gene.plus,
                               .start = gene.start, .end = gene.end + b->x->chorus,
                               .middle2 = gene.start + 1 + gene.end,
                               .exon = find_exons(b, gene) };

        if (u.exon < b->n && same_unit(&b->exon[u.exon], &gene))
            u.n_exon = unit_size(b, u.exon);
        add_unit(b->x, u);
    }
}

static int
by_place(const void *va, const void *vb)
{
    const struct gene_unit *a = va, *b = vb;
    int c = order(a->contig, b->contig);

    c = c ? c : order(a->start, b->start);
    c = c ? c : order(a->name, b->name);
    c = c ? c : order(a->end, b->end);
    return c ? c : order((int64_t)a->exon, (int64_t)b->exon);
}

/* Units of a contig lie together; reach is how far any unit up to this one goes. */
static void
sort_units(struct gene_index *x)
{
    if (x->n_unit)
        qsort(x->unit, x->n_unit, sizeof *x->unit, by_place);
    for (size_t i = 0; i < x->n_unit; i++) {
        struct gene_unit *u = &x->unit[i];
        struct contig_units *c = &x->contig[u->contig];

        if (!c->n)
            c->first = i;
        u->reach = c->n && u[-1].reach > u->end ? u[-1].reach : u->end;
        c->n++;
    }
}

struct gene_index *
gene_index_new(const struct gtf *g, const char *const *contig, size_t n_contigs,
               enum gene_rule rule, bool chorus)
{
    struct gene_index *x = mem_zalloc(sizeof *x);
    struct build b = { .x = x };

    x->rule = rule;
    x->chorus = chorus;
    copy_names(x, g, contig, n_contigs);
    sort_exons(&b, g);
    if (rule == GENES_NEARBY)
        make_gene_units(&b, g);
    else
        make_units(&b);
    sort_units(x);
    free(b.exon);
    return x;
}

/* The chromosomes of an annotation, numbered as they come. */
struct contigs {
    char **name;
    size_t n, cap;
};

static int
find_contig(void *arg, const char *name, int64_t *len)
{
    struct contigs *c = arg;
    size_t i = 0;

    *len = INT64_MAX;
    while (i < c->n && strcmp(c->name[i], name) != 0)
        i++;
    if (i < c->n)
        return (int)i;
    mem_grow(&c->name, &c->cap, c->n + 1, sizeof *c->name);
    c->name[c->n++] = mem_strdup(name);
    return (int)i;
}

struct gene_index *
gene_index_read(const char *path, enum gene_rule rule, bool chorus, char sha256[65],
                struct err *e)
{
    struct contigs contigs = { 0 };
    const struct chrom_finder finder = { find_contig, &contigs };
    struct gtf *g = gtf_read(path, &finder, e);
    struct gene_index *x = NULL;

    if (g) {
        x = gene_index_new(g, (const char *const *)contigs.name, contigs.n, rule, chorus);
        strcpy(sha256, g->sha256);
    }
    gtf_free(g);
    for (size_t i = 0; i < contigs.n; i++)
        free(contigs.name[i]);
    free(contigs.name);
    return x;
}

size_t
gene_index_size(const struct gene_index *x)
{
    return x->n_unit;
}

enum gene_rule
gene_index_rule(const struct gene_index *x)
{
    return x->rule;
}

bool
gene_index_chorus(const struct gene_index *x)
{
    return x->chorus;
}
