/* SPDX-License-Identifier: MIT */
/*
 * Normalisation of alleles against bcftools norm on random variants of a genome that is mostly
 * repeats (tests/reference/make_normalise.py; another folder of its making may be given), and what
 * bcftools does not say.
 */
#include "genome/normalise.h"

#include "check.h"
#include "genome/sites_parse.h"
#include "prog/mem.h"

enum { COLUMNS = 8, LINE = 65536 };

static struct genome *genome;

/* "pos:REF:ALT,ALT" in upper case; the caller frees it. */
static char *
spell(const struct site *s, size_t from, size_t to)
{
    char *text = mem_printf("%lld:%s:", (long long)s->start + 1, s->ref);

    for (size_t i = from; i < to; i++) {
        char *longer = mem_printf("%s%s%s", text, i > from ? "," : "", s->alt[i]);

        free(text);
        text = longer;
    }
    return text;
}

static void
make_site(struct site *s, const char *chrom, const char *pos, const char *ref, const char *alt)
{
    char *line = mem_printf("%s\t%s\t.\t%s\t%s", chrom, pos, ref, alt);
    struct err e;

    site_init(s);
    CHECK_INT(sites_parse_vcf(s, line, 5, &e), 0);
    free(line);
}

static void
check_together(const struct site *given, int contig, char **column)
{
    char *want = mem_printf("%s:%s:%s", column[4], column[5], column[6]), *before, *got;
    struct site s;
    struct err e;
    int rc;

    sites_upper(want);
    site_init(&s);
    site_copy(&s, given);
    rc = normalise_site(&s, genome, contig, &e);
    got = spell(&s, 0, s.n_alt);
    before = spell(given, 0, given->n_alt);
    CHECK_STR(got, want);
    CHECK_INT(rc, strcmp(before, got) != 0);
    CHECK_INT(s.end, s.start + (int64_t)strlen(s.ref));
    CHECK_INT(normalise_site(&s, genome, contig, &e), 0);
    if (given->n_alt == 1)
        CHECK(normalise_would(given->start, given->ref, given->alt[0]) == rc, "%s", before);
    free(before);
    free(got);
    free(want);
    site_free(&s);
}

/* Every allele is one of bcftools' records, and there are as many. */
static void
check_apart(const struct site *given, int contig, const char *records)
{
    char *want = mem_printf(";%s;", records);
    struct normalised p = { 0 };
    size_t n = 0, expected = 0;
    struct err e;

    sites_upper(want);
    for (const char *c = want + 1; *c; c++)
        expected += *c == ';';
    CHECK_INT(normalise_split(&p, given, genome, contig, &e), 0);
    for (size_t i = 0; i < p.n; i++)
        for (size_t k = 0; k < p.site[i].n_alt; k++, n++) {
            char *one = spell(&p.site[i], k, k + 1), *quoted = mem_printf(";%s;", one);

            CHECK(strstr(want, quoted), "%s of %s", one, want);
            free(quoted);
            free(one);
        }
    CHECK_INT(n, expected);
    CHECK_INT(n, given->n_alt);
    free(want);
    normalised_free(&p);
}

static void
check_against_bcftools(const char *folder)
{
    char *path = mem_printf("%s/variants.tsv", folder), line[LINE];
    FILE *fp = fopen(path, "r");
    size_t n = 0;

    CHECK(fp != NULL, "%s", path);
    while (fp && fgets(line, sizeof line, fp)) {
        char *column[COLUMNS], *rest = line;
        struct site s;
        int contig;

        line[strcspn(line, "\n")] = '\0';
        for (int i = 0; i < COLUMNS; i++)
            column[i] = strsep(&rest, "\t");
        contig = genome_contig_find(genome, column[0]);
        make_site(&s, column[0], column[1], column[2], column[3]);
        check_together(&s, contig, column);
        check_apart(&s, contig, column[7]);
        site_free(&s);
        n++;
    }
    CHECK(n >= 400, "%zu variants", n);
    if (fp)
        fclose(fp);
    free(path);
}

static void
check_untouched(const char *pos, const char *ref, const char *alt)
{
    struct site s;
    struct err e;

    make_site(&s, "chr1", pos, ref, alt);
    CHECK(normalise_site(&s, genome, 0, &e) == 0, "%s %s>%s", pos, ref, alt);
    CHECK_INT(s.start + 1, atoi(pos));
    CHECK_STR(s.ref, ref);
    site_free(&s);
}

/* What cannot be spelled otherwise is left as it is, beside an allele that can. */
static void
check_exceptions(void)
{
    char letters[4] = { 0 }, *alts;
    struct normalised p = { 0 };
    struct site s;
    struct err e;

    CHECK_INT(genome_fetch(genome, letters, 0, 9, 12, &e), 0);
    check_untouched("10", letters, "<DEL>");
    check_untouched("10", letters, "*");
    check_untouched("10", letters, letters);
    check_untouched("10", letters, ".");
    check_untouched("10", letters[0] == 'A' ? "CC" : "AA", letters[0] == 'A' ? "CCC" : "AAA");
    check_untouched("0", "A", "AA");
    check_untouched("100000", "AA", "A");
    alts = mem_printf("<DEL>,%c%c%c,*", letters[0], letters[1], letters[2] == 'A' ? 'C' : 'A');
    make_site(&s, "chr1", "10", letters, alts);
    CHECK_INT(normalise_split(&p, &s, genome, 0, &e), 0);
    CHECK_INT(p.n, 2);
    CHECK_INT(p.n_changed, 1);
    CHECK(p.n == 2 && p.site[0].n_alt == 2 && p.site[1].n_alt == 1, "%zu", p.n);
    CHECK(p.n == 2 && p.site[1].start == 11 && strlen(p.site[1].ref) == 1, "%zu", p.n);
    site_free(&s);
    free(alts);
    normalised_free(&p);
}

int
main(int argc, char **argv)
{
    const char *reference = getenv("R");
    char *folder, *fasta;
    struct err e;

    if (argc > 1)
        folder = mem_strdup(argv[1]);
    else
        folder = mem_printf("%s/normalise", reference ? reference : "reference");
    fasta = mem_printf("%s/genome.fa", folder);
    genome = genome_open(fasta, &e);
    CHECK(genome != NULL, "%s", e.msg);
    if (genome) {
        check_against_bcftools(folder);
        check_exceptions();
    }
    genome_close(genome);
    free(fasta);
    free(folder);
    return check_done();
}
