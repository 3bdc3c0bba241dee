/* SPDX-License-Identifier: MIT */
/* Contig names resolved, and explained when they are not. */
#include "genome/alias.h"

#include <stdarg.h>

#include "check.h"
#include "prog/mem.h"

/* A genome with contigs of those names (ends with NULL). */
static struct genome *
make_genome(const char *file, ...)
{
    char *path = mem_printf("%s/%s", getenv("T"), file);
    FILE *fp = fopen(path, "wb");
    struct genome *g;
    const char *name;
    struct err e;
    va_list ap;

    va_start(ap, file);
    while ((name = va_arg(ap, const char *)) != NULL)
        fprintf(fp, ">%s\nACGT\n", name);
    va_end(ap);
    fclose(fp);
    g = genome_open(path, &e);
    CHECK(g != NULL, "%s", e.msg);
    free(path);
    return g;
}

static void
check_name(const struct genome *g, const char *name, const char *want, enum alias_rule rule)
{
    enum alias_rule got;
    int contig = alias_resolve(g, name, &got);

    CHECK_STR(contig < 0 ? "none" : genome_contig_name(g, contig), want);
    CHECK_INT(got, rule);
}

static void
test_rules(void)
{
    struct genome *ucsc = make_genome("ucsc.fa", "chr1", "chrX", "chrM", "KI270", NULL);
    struct genome *ensembl = make_genome("ensembl.fa", "1", "X", "MT", NULL);
    struct genome *both = make_genome("both.fa", "1", "chr1", "M", "MT", NULL);

    check_name(ucsc, "chr1", "chr1", ALIAS_EXACT);
    check_name(ucsc, "1", "chr1", ALIAS_ADD_CHR);
    check_name(ucsc, "X", "chrX", ALIAS_ADD_CHR);
    check_name(ucsc, "MT", "chrM", ALIAS_MITO);
    check_name(ucsc, "M", "chrM", ALIAS_MITO);
    check_name(ucsc, "chrMT", "chrM", ALIAS_MITO);
    check_name(ucsc, "chrKI270", "KI270", ALIAS_DROP_CHR);
    check_name(ucsc, "2", "none", ALIAS_NONE);
    check_name(ucsc, "chr", "none", ALIAS_NONE);
    check_name(ucsc, "NC_000001.11", "none", ALIAS_NONE);
    check_name(ensembl, "chr1", "1", ALIAS_DROP_CHR);
    check_name(ensembl, "chrM", "MT", ALIAS_MITO);
    check_name(both, "1", "1", ALIAS_EXACT);
    check_name(both, "chr1", "chr1", ALIAS_EXACT);
    check_name(both, "MT", "MT", ALIAS_EXACT);
    check_name(both, "chrM", "none", ALIAS_NONE);
    genome_close(ucsc);
    genome_close(ensembl);
    genome_close(both);
}

static void
test_map(void)
{
    struct genome *g = make_genome("map.fa", "chr1", "chr2", "chrM", NULL);
    struct alias_map *a = alias_new(g, "in.vcf");
    struct err e;

    CHECK_INT(alias_find(a, "chr2"), 1);
    CHECK(alias_used(a) == NULL, "exact names need no note");
    CHECK_INT(alias_find(a, "1"), 0);
    CHECK_INT(alias_find(a, "1"), 0);
    CHECK_INT(alias_find(a, "2"), 1);
    CHECK_INT(alias_find(a, "1"), 0);
    CHECK_INT(alias_find(a, "MT"), 2);
    CHECK_STR(alias_used(a), "'1' taken as 'chr1' (2 names), 'MT' taken as 'chrM' (1 name)");
    CHECK(alias_first_missing(a) == NULL, "nothing missing yet");
    CHECK_INT(alias_find(a, "scaffold_1"), -1);
    CHECK_INT(alias_find(a, "scaffold_2"), -1);
    CHECK_STR(alias_first_missing(a), "scaffold_1");
    CHECK_INT(alias_explain(a, "scaffold_1", &e), -1);
    CHECK_STR(e.msg, "contig 'scaffold_1' of in.vcf is not in map.fa; map.fa has chr1, chr2, "
              "chrM; in.vcf has chr2, 1, 2, MT, scaffold_1, scaffold_2");
    alias_free(a);
    a = alias_new(g, "long.vcf");
    for (int i = 10; i < 30; i++) {
        char name[16];

        snprintf(name, sizeof name, "c%d", i);
        alias_add_name(a, name);
    }
    alias_explain(a, "c12", &e);
    CHECK(strstr(e.msg, "has c10, c11, c12, c13, c14, c15, c16, c17, ..."), "%s", e.msg);
    alias_free(a);
    genome_close(g);
}

int
main(void)
{
    if (!getenv("T")) {
        fprintf(stderr, "no scratch folder\n");
        return 77;
    }
    test_rules();
    test_map();
    return check_done();
}
