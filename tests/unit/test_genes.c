/* SPDX-License-Identifier: MIT */
/* Genes at an output interval and the bins of their exons. */
#include <jansson.h>

#include "check.h"
#include "prog/mem.h"
#include "score/genes.h"

enum { MAX_ROWS = 32 };

/* An annotation by hand: exons of one gene unless told otherwise; coordinates as in a GTF. */
struct notes {
    struct gtf g;
    struct gtf_row exon[MAX_ROWS], gene[MAX_ROWS];
    char *name[MAX_ROWS];
};

static const char *const contigs[] = { "chr1", "2" };

static void
notes_init(struct notes *n)
{
    memset(n, 0, sizeof *n);
    n->g.exon = n->exon;
    n->g.gene = n->gene;
    n->g.name = n->name;
}

static uint32_t
name_number(struct notes *n, const char *name)
{
    size_t i = 0;

    while (i < n->g.n_names && strcmp(n->name[i], name) != 0)
        i++;
    if (i == n->g.n_names)
        n->name[n->g.n_names++] = (char *)name;
    return (uint32_t)i;
}

static void
add_exon(struct notes *n, const char *name, uint64_t transcript, bool plus, int64_t first,
         int64_t last)
{
    n->exon[n->g.n_exons++] = (struct gtf_row){ .name = name_number(n, name), .plus = plus,
        .coding = true, .transcript = transcript, .start = first - 1, .end = last };
}

static void
add_gene(struct notes *n, const char *name, bool plus, bool coding, int64_t first, int64_t last)
{
    n->gene[n->g.n_genes++] = (struct gtf_row){ .name = name_number(n, name), .plus = plus,
        .coding = coding, .start = first - 1, .end = last };
}

static struct gene_index *
make(const struct notes *n, enum gene_rule rule, bool chorus)
{
    return gene_index_new(&n->g, contigs, ARRAY_LEN(contigs), rule, chorus);
}

/* "GENE:3-5,9 OTHER:1": genes with their bins, both ends included. */
static void
check_mask(const struct gene_mask *m, const char *want)
{
    char got[8192];
    size_t at = 0;

    got[0] = '\0';
    for (size_t i = 0; i < m->n; i++) {
        const struct gene_bins *g = &m->gene[i];

        at += (size_t)snprintf(got + at, sizeof got - at, "%s%s:", i ? " " : "", g->name);
        for (size_t j = 0; j < g->n_run; j++) {
            at += (size_t)snprintf(got + at, sizeof got - at, "%s%u", j ? "," : "",
                                   g->run[j].start);
            if (g->run[j].len > 1)
                at += (size_t)snprintf(got + at, sizeof got - at, "-%u",
                                       g->run[j].start + g->run[j].len - 1);
        }
    }
    CHECK(strcmp(got, want) == 0, "bins '%s', expected '%s'", got, want);
}

/* Genes in n_bins of bin_bp from 0-based base origin on, for a site in the middle. */
static void
check_genes(const struct notes *n, enum gene_rule rule, bool chorus, int64_t origin,
            uint32_t bin_bp, uint32_t n_bins, const char *want)
{
    struct gene_index *x = make(n, rule, chorus);
    struct gene_mask m;

    gene_mask_init(&m);
    CHECK(gene_mask_select(&m, x, "1", 0, origin, bin_bp, n_bins, origin + bin_bp * n_bins / 2),
          "contig");
    check_mask(&m, want);
    gene_mask_free(&m);
    gene_index_free(x);
}

/* J.2, 9: the first base of every exon was dropped. */
static void
j2_exon_first_base(void)
{
    struct notes n;

    notes_init(&n);
    add_exon(&n, "A", 1, true, 101, 132);       /* bases 100 to 131, from 0 */
    check_genes(&n, GENES_OVERLAP, false, 0, 1, 200, "A:100-131");
    check_genes(&n, GENES_OVERLAP, true, 0, 1, 200, "A:101-131");
    check_genes(&n, GENES_OVERLAP, false, 0, 101, 2, "A:0-1");
    check_genes(&n, GENES_OVERLAP, true, 0, 101, 2, "A:1");
}

static void
j2_one_base_exon(void)
{
    struct notes n;

    notes_init(&n);
    add_exon(&n, "A", 1, true, 7, 7);
    add_exon(&n, "A", 1, true, 20, 22);
    check_genes(&n, GENES_OVERLAP, false, 0, 1, 64, "A:6,19-21");
    check_genes(&n, GENES_OVERLAP, true, 0, 1, 64, "A:20-21");
    check_genes(&n, GENES_OVERLAP, false, 0, 4, 16, "A:1,4-5");
}

static void
j2_adjacent_exons(void)
{
    struct notes n;

    notes_init(&n);
    add_exon(&n, "A", 1, true, 11, 20);
    add_exon(&n, "A", 2, true, 21, 30);
    add_exon(&n, "A", 3, true, 30, 31);
    check_genes(&n, GENES_OVERLAP, false, 0, 1, 64, "A:10-30");
    check_genes(&n, GENES_OVERLAP, true, 0, 1, 64, "A:11-19,21-30");
}

/* #149: a bin counts once, however many exons touch it. */
static void
j1_exon_bins_are_unique(void)
{
    struct notes n;
    struct gene_index *x;
    struct gene_mask m;

    notes_init(&n);
    add_exon(&n, "A", 1, true, 1, 3);
    add_exon(&n, "A", 1, true, 6, 7);
    add_exon(&n, "B", 2, false, 8, 12);
    x = make(&n, GENES_OVERLAP, false);
    gene_mask_init(&m);
    gene_mask_select(&m, x, "chr1", 0, 0, 10, 4, 5);
    check_mask(&m, "A:0 B:0-1");
    CHECK_INT(m.gene[0].n_bins, 1);
    CHECK(m.n_pool == 2 && m.pool[0] == 0 && m.pool[1] == 1, "pool of %zu", m.n_pool);
    gene_mask_free(&m);
    gene_index_free(x);
}

static void
test_edges(void)
{
    struct notes n;

    notes_init(&n);
    add_exon(&n, "A", 1, true, 96, 100);        /* last base 99 */
    add_exon(&n, "B", 2, true, 164, 170);       /* first base 163: the last of [100, 164) */
    add_exon(&n, "C", 3, true, 165, 170);
    check_genes(&n, GENES_OVERLAP, false, 100, 8, 8, "B:7");
    check_genes(&n, GENES_OVERLAP, true, 100, 8, 8, "");
    check_genes(&n, GENES_OVERLAP, false, 99, 1, 2, "A:0");
    check_genes(&n, GENES_OVERLAP, false, -4, 8, 26, "A:12 B:20-21 C:21");
}

static void
test_rules(void)
{
    struct notes n;

    notes_init(&n);
    add_gene(&n, "A", true, true, 100, 499);
    add_gene(&n, "N", true, false, 390, 410);
    add_gene(&n, "M", false, true, 350, 450);
    add_exon(&n, "A", 1, true, 100, 119);
    add_exon(&n, "A", 1, true, 400, 419);
    add_exon(&n, "A", 2, true, 380, 399);
    add_exon(&n, "M", 3, false, 350, 359);
    add_exon(&n, "M", 3, false, 441, 450);
    add_exon(&n, "N", 4, true, 390, 410);
    n.exon[n.g.n_exons - 1].coding = false;
    check_genes(&n, GENES_OVERLAP, false, 370, 10, 10, "A:0-4 M:7");
    check_genes(&n, GENES_TSS, false, 370, 10, 10, "A:0-2 M:7");
    check_genes(&n, GENES_TSS, false, 380, 10, 6, "");
    /* Twice the distances to base 421 (from 1): A 243, M 42. */
    check_genes(&n, GENES_NEARBY, false, 370, 10, 10, "M:7 A:0-4");
    n.gene[0].coding = n.gene[2].coding = false;
    check_genes(&n, GENES_NEARBY, false, 370, 10, 10, "M:7 N:1-3 A:0-4");
    add_gene(&n, "A", true, false, 410, 430);
    check_genes(&n, GENES_NEARBY, false, 370, 10, 10, "A:0-4 M:7 N:1-3");
}

/* One strand's genes, also where a name has exons on both. */
static void
test_strands(void)
{
    static const struct {
        enum gene_rule rule;
        char strand;
        const char *want;
    } row[] = {
        { GENES_OVERLAP, 0, "A:0-1 B:3 C:6" }, { GENES_OVERLAP, '+', "A:0-1 C:6" },
        { GENES_OVERLAP, '-', "B:3 C:6" },       { GENES_TSS, '+', "A:0-1 C:6" },
        { GENES_TSS, '-', "B:3 C:6" },           { GENES_NEARBY, '+', "A:0-1" },
        { GENES_NEARBY, '-', "B:3" },
    };
    struct gene_index *x;
    struct gene_mask m;
    struct notes n;

    notes_init(&n);
    add_gene(&n, "A", true, true, 1, 20);
    add_gene(&n, "B", false, true, 31, 40);
    add_exon(&n, "A", 1, true, 1, 20);
    add_exon(&n, "B", 2, false, 31, 40);
    add_exon(&n, "C", 3, true, 61, 62);
    add_exon(&n, "C", 4, false, 69, 70);
    gene_mask_init(&m);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        x = make(&n, row[i].rule, false);
        gene_mask_select(&m, x, "chr1", row[i].strand, 0, 10, 10, 50);
        check_mask(&m, row[i].want);
        gene_index_free(x);
    }
    gene_mask_free(&m);
}

static void
test_contigs(void)
{
    struct notes n;
    struct gene_index *x;
    struct gene_mask m;

    notes_init(&n);
    add_exon(&n, "A", 1, true, 5, 6);
    add_exon(&n, "A", 1, true, 8, 9);
    n.exon[1].contig = 1;
    x = make(&n, GENES_OVERLAP, false);
    CHECK_INT(gene_index_size(x), 2);
    gene_mask_init(&m);
    CHECK(gene_mask_select(&m, x, "chr2", 0, 0, 1, 20, 10), "chr2 is 2");
    check_mask(&m, "A:7-8");
    CHECK(gene_mask_select(&m, x, "1", 0, 0, 1, 20, 10), "1 is chr1");
    check_mask(&m, "A:4-5");
    CHECK(!gene_mask_select(&m, x, "chr3", 0, 0, 1, 20, 10), "no chr3");
    CHECK(m.n == 0 && m.n_pool == 0, "nothing there");
    gene_mask_free(&m);
    gene_index_free(x);
}

/* Many genes of random exons against a table of flags. */
static void
test_against_flags(void)
{
    enum { BASES = 400, GENES = 7 };
    struct gene_mask m;
    uint32_t seed = 1;

    gene_mask_init(&m);
    for (int trial = 0; trial < 200; trial++) {
        bool base[GENES][BASES + 64] = { { false } };
        struct gene_index *x;
        struct notes n;
        int64_t origin = trial % 90;
        uint32_t bin_bp = 1 + (uint32_t)trial % 9, n_bins = 30;
        size_t found = 0;

        notes_init(&n);
        for (int i = 0; i < MAX_ROWS; i++) {
            static const char *const names[GENES] = { "a", "b", "c", "d", "e", "f", "g" };
            uint32_t gene = (seed = seed * 1664525u + 1013904223u) >> 24;
            uint32_t first = (seed = seed * 1664525u + 1013904223u) >> 16;
            uint32_t len = (seed = seed * 1664525u + 1013904223u) >> 28;

            gene %= GENES;
            first %= BASES;
            add_exon(&n, names[gene], gene, true, first + 1, first + 1 + len);
            memset(&base[gene][first], true, len + 1);
        }
        x = make(&n, GENES_OVERLAP, false);
        gene_mask_select(&m, x, "1", 0, origin, bin_bp, n_bins, 0);
        for (int g = 0; g < GENES; g++) {
            bool want[30] = { false }, got[30] = { false }, any = false;
            size_t i = 0;

            for (int64_t b = 0; b < BASES + 16; b++)
                if (base[g][b] && b >= origin && b < origin + bin_bp * n_bins)
                    any = want[(b - origin) / bin_bp] = true;
            while (i < m.n && m.gene[i].name[0] != 'a' + g)
                i++;
            CHECK((i < m.n) == any, "gene %d of trial %d", g, trial);
            for (size_t j = 0; i < m.n && j < m.gene[i].n_run; j++)
                memset(&got[m.gene[i].run[j].start], true, m.gene[i].run[j].len);
            CHECK(memcmp(want, got, sizeof want) == 0, "bins of gene %d, trial %d", g, trial);
            found += any;
        }
        CHECK_INT(m.n, found);
        gene_index_free(x);
    }
    gene_mask_free(&m);
}

static void
test_golden_bins(json_t *cases)
{
    json_t *row, *span;
    size_t i, j;

    json_array_foreach(cases, i, row) {
        json_t *bins = json_object_get(row, "bins");
        struct gene_index *x;
        struct gene_mask m;
        struct notes n;

        notes_init(&n);
        json_array_foreach(json_object_get(row, "spans"), j, span)
            add_exon(&n, "A", 1, true, json_integer_value(json_array_get(span, 0)),
                     json_integer_value(json_array_get(span, 1)));
        x = make(&n, GENES_OVERLAP, true);
        gene_mask_init(&m);
        gene_mask_select(&m, x, "chr1", 0,
                         json_integer_value(json_object_get(row, "pred_start")),
                         (uint32_t)json_integer_value(json_object_get(row, "resolution")),
                         (uint32_t)json_integer_value(json_object_get(row, "n_bins")), 0);
        CHECK_INT(m.n_pool, json_array_size(bins));
        for (j = 0; j < m.n_pool; j++)
            CHECK_INT(m.pool[j], json_integer_value(json_array_get(bins, j)));
        gene_mask_free(&m);
        gene_index_free(x);
    }
}

static const struct gene_bins *
find_gene(const struct gene_mask *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->gene[i].name, name) == 0)
            return &m->gene[i];
    return NULL;
}

static void
test_golden_window(const struct gene_index *overlap, const struct gene_index *tss, json_t *row)
{
    json_t *window = json_object_get(row, "window"), *names, *genes, *gene, *exon;
    const char *chrom = json_string_value(json_array_get(window, 0));
    int64_t w0 = json_integer_value(json_array_get(window, 1));
    uint32_t n = (uint32_t)(json_integer_value(json_array_get(window, 2)) - w0);
    struct gene_mask m;
    size_t i, j, at;

    gene_mask_init(&m);
    gene_mask_select(&m, overlap, chrom, 0, w0, 1, n, w0);
    names = json_object_get(row, "genes_overlapping");
    CHECK_INT(m.n, json_array_size(names));
    json_array_foreach(names, i, gene)
        CHECK_STR(i < m.n ? m.gene[i].name : "", json_string_value(gene));
    gene_mask_select(&m, tss, chrom, 0, w0, 1, n, w0);
    genes = json_object_get(row, "genes_with_tss_in_window");
    CHECK_INT(m.n, json_array_size(genes));
    json_array_foreach(genes, i, gene) {
        CHECK_STR(i < m.n ? m.gene[i].name : "", json_string_value(json_array_get(gene, 0)));
        at = 0;
        json_array_foreach(json_array_get(gene, 1), j, exon) {
            int64_t first = json_integer_value(json_array_get(exon, 0)) - w0;
            int64_t last = json_integer_value(json_array_get(exon, 1)) - w0;

            if (i >= m.n || last <= 0 || first >= n)
                continue;
            CHECK(at < m.gene[i].n_run && m.gene[i].run[at].start == (first < 0 ? 0 : first) &&
                  m.gene[i].run[at].start + m.gene[i].run[at].len == (last > n ? n : last),
                  "exon %zu of %s", j, m.gene[i].name);
            at++;
        }
        CHECK_INT(at, i < m.n ? m.gene[i].n_run : 0);
    }
    gene_mask_free(&m);
}

/* Merged exons of every gene: "chrom start end gene first-last;first-last". */
static void
test_golden_index(const struct gene_index *overlap, const char *path)
{
    FILE *fp = fopen(path, "r");
    static char line[1 << 16];
    struct gene_mask m;
    size_t n = 0;

    CHECK(fp != NULL, "%s", path);
    gene_mask_init(&m);
    while (fp && fgets(line, sizeof line, fp)) {
        char chrom[32], gene[64], *p, *word;
        long long start, end, first, last;
        const struct gene_bins *g;
        size_t i = 0;

        if (sscanf(line, "%31s %lld %lld %63s", chrom, &start, &end, gene) != 4)
            continue;
        gene_mask_select(&m, overlap, chrom, 0, start - 100, 1, (uint32_t)(end - start + 200), 0);
        g = find_gene(&m, gene);
        CHECK(g != NULL, "%s", gene);
        p = strrchr(line, '\t') + 1;
        while (g && (word = strsep(&p, ";\n")) != NULL && *word) {
            CHECK_INT(sscanf(word, "%lld-%lld", &first, &last), 2);
            CHECK(i < g->n_run && g->run[i].start == first - start + 100 &&
                  g->run[i].len == last - first, "%s: exon %s", gene, word);
            i++;
        }
        CHECK_INT(g ? g->n_run : 0, i);
        n++;
    }
    CHECK_INT(gene_index_size(overlap), n);
    gene_mask_free(&m);
    if (fp)
        fclose(fp);
}

static void
test_golden(void)
{
    const char *shared = getenv("SHARED");
    struct gene_index *overlap, *tss;
    json_t *all, *row;
    char path[4096], sha256[65] = "";
    struct err e = { "" };
    size_t i;

    if (!shared)
        return;
    snprintf(path, sizeof path, "%s/golden/synth/expected_gene_windows.json", shared);
    all = json_load_file(path, 0, NULL);
    CHECK(all != NULL, "%s", path);
    test_golden_bins(json_object_get(all, "exon_bins"));
    snprintf(path, sizeof path, "%s/golden/synth/synth.gtf", shared);
    overlap = gene_index_read(path, GENES_OVERLAP, true, sha256, &e);
    tss = gene_index_read(path, GENES_TSS, true, sha256, &e);
    CHECK(overlap && tss && strlen(sha256) == 64, "%s", e.msg);
    if (overlap && tss) {
        json_array_foreach(json_object_get(all, "windows"), i, row)
            test_golden_window(overlap, tss, row);
        snprintf(path, sizeof path, "%s/golden/synth/expected_gene_exon_index.tsv", shared);
        test_golden_index(overlap, path);
    }
    gene_index_free(overlap);
    gene_index_free(tss);
    json_decref(all);
}

int
main(void)
{
    j2_exon_first_base();
    j2_one_base_exon();
    j2_adjacent_exons();
    j1_exon_bins_are_unique();
    test_edges();
    test_rules();
    test_strands();
    test_contigs();
    test_against_flags();
    test_golden();
    return check_done();
}
