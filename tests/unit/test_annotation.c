/* SPDX-License-Identifier: MIT */
/* Readers of GTF, cCRE and DHS files: what they read, compressed or not, and what they refuse. */
#include "check.h"
#include "fixture.h"

#include <unistd.h>

#include "digest/hash256.h"
#include "genome/ccre.h"
#include "genome/dhs.h"
#include "genome/gtf.h"
#include "htslib/bgzf.h"
#include "zlib.h"

static const char *names[] = { "chr1", "chr2", "chrX",
                               "a_contig_with_a_name_of_forty_letters_0123" };
static int64_t lens[] = { 10000, 5000, 3000, 2000 };
static const struct bases genome = { ARRAY_LEN(names), names, lens, fixture_letter, NULL, NULL };
static struct fixture_finder all = { &genome, CHROM_OTHER };
static const struct chrom_finder finder = { fixture_find, &all };

static char path[4096];

static void
write_plain(const char *text)
{
    FILE *fp = fopen(path, "w");

    if (!fp || fputs(text, fp) < 0 || fclose(fp)) {
        perror(path);
        exit(1);
    }
}

static void
write_gzip(const char *text)
{
    gzFile fp = gzopen(path, "w");

    gzwrite(fp, text, (unsigned)strlen(text));
    gzclose(fp);
}

static void
write_bgzip(const char *text)
{
    BGZF *fp = bgzf_open(path, "w");

    CHECK_INT(bgzf_write(fp, text, strlen(text)), strlen(text));
    bgzf_close(fp);
}

/* The first half of what is there. */
static void
cut(void)
{
    FILE *fp = fopen(path, "r+");

    fseek(fp, 0, SEEK_END);
    CHECK_INT(ftruncate(fileno(fp), ftell(fp) / 2), 0);
    fclose(fp);
}

static void
check_rank(void)
{
    CHECK_INT(chrom_rank("chr1"), 1);
    CHECK_INT(chrom_rank("22"), 22);
    CHECK_INT(chrom_rank("chr23"), CHROM_OTHER);
    CHECK_INT(chrom_rank("chr01"), CHROM_OTHER);
    CHECK_INT(chrom_rank("chr0"), CHROM_OTHER);
    CHECK_INT(chrom_rank("chr1_random"), CHROM_OTHER);
    CHECK_INT(chrom_rank("chr30"), CHROM_OTHER);
    CHECK_INT(chrom_rank("chr1a"), CHROM_OTHER);
    CHECK_INT(chrom_rank("chrX"), CHROM_X);
    CHECK_INT(chrom_rank("Y"), CHROM_Y);
    CHECK_INT(chrom_rank("MT"), CHROM_M);
    CHECK_INT(chrom_rank("chrM"), CHROM_M);
    CHECK_INT(chrom_rank("chr"), CHROM_OTHER);
    CHECK_INT(chrom_rank(""), CHROM_OTHER);
}

#define GENE(chrom, start, end, strand, name, type)                                               \
    chrom "\tX\tgene\t" start "\t" end "\t.\t" strand "\t.\tgene_id \"I" start "\"; gene_type \"" \
          type "\"; gene_name \"" name "\"; level 2;\n"
#define EXON(chrom, start, end, name)                                                             \
    chrom "\tX\texon\t" start "\t" end "\t.\t+\t.\tgene_id \"E\"; gene_type \"lncRNA\"; "         \
          "gene_name \"" name "\"; tag \"a\"; tag \"b\";\n"

static const char gtf_text[] =
    "##description: text\n"
    GENE("chrX", "100", "200", "-", "B", "protein_coding")
    EXON("chrX", "100", "120", "B")
    GENE("chr2", "50", "60", "+", "C", "lncRNA")
    EXON("chr2", "50", "60", "C")
    "chr2\tX\ttranscript\t50\t60\t.\t+\t.\tgene_name \"C\";\n"
    GENE("chr1", "900", "1000", ".", "A", "protein_coding")
    GENE("chr1", "100", "300", "+", "B", "lncRNA")
    EXON("chr1", "200", "300", "B")
    EXON("chr1", "100", "150", "B")
    "\n"
    "chr1\tX\tgene\t5\t7\t.\t+\t.\tgene_name \"D\"; gene_type \"lncRNA\"; gene_type "
    "\"protein_coding\"\n";

/* Sorted by chromosome and start; coding by gene for genes, by name for exons. */
static void
check_gtf_content(const char *how)
{
    struct err e = { "" };
    struct gtf *g = gtf_read(path, &finder, &e);
    char hex[65];

    CHECK(g != NULL, "%s: %s", how, e.msg);
    if (!g)
        return;
    CHECK_INT(hash256_file(hex, path, -1, &e), 0);
    CHECK_STR(g->sha256, hex);
    CHECK_INT(g->n_genes, 5);
    CHECK_INT(g->n_exons, 4);
    CHECK_STR(g->name[g->gene[0].name], "D");
    CHECK(g->gene[0].coding && g->gene[0].start == 4 && g->gene[0].end == 7, "%s", how);
    CHECK_INT(g->gene[1].coding, 0);
    CHECK_STR(g->name[g->gene[2].name], "A");
    CHECK(!g->gene[2].plus && gtf_tss1(&g->gene[2]) == 1000, "%s", how);
    CHECK(g->gene[3].contig == 1 && g->gene[4].contig == 2, "%s", how);
    CHECK_INT(gtf_tss1(&g->gene[0]), 5);
    CHECK(g->exon[0].start == 99 && g->exon[1].start == 199 && g->exon[2].start == 49, "%s", how);
    CHECK(g->exon[0].coding && g->exon[1].coding && !g->exon[2].coding && g->exon[3].coding,
          "%s: exons of names with a coding gene", how);
    gtf_free(g);
}

static void
check_gtf(void)
{
    char genes[65], crlf[sizeof gtf_text * 2], *q = crlf;
    struct err e = { "" };
    struct gtf *g;

    write_plain(gtf_text);
    check_gtf_content("plain");
    g = gtf_read(path, &finder, &e);
    strcpy(genes, g ? g->genes_sha256 : "");
    gtf_free(g);
    write_gzip(gtf_text);
    check_gtf_content("gzip");
    write_bgzip(gtf_text);
    check_gtf_content("bgzip");
    for (const char *p = gtf_text; *p; *q++ = *p++)
        if (*p == '\n')
            *q++ = '\r';
    *q = '\0';
    write_plain(crlf);
    check_gtf_content("CRLF");
    g = gtf_read(path, &finder, &e);
    CHECK_STR(g ? g->genes_sha256 : "", genes);
    gtf_free(g);
}

enum { GTF, CCRE, DHS };

static void
check_refused(int format, const char *text, const char *says)
{
    struct err e = { "" };
    bool accepted;

    if (text)
        write_plain(text);
    if (format == GTF) {
        struct gtf *g = gtf_read(path, &finder, &e);

        accepted = g != NULL;
        gtf_free(g);
    } else if (format == CCRE) {
        struct ccre *c = ccre_read(path, &finder, &e);

        accepted = c != NULL;
        ccre_free(c);
    } else {
        struct dhs *d = dhs_read(path, &finder, &e);

        accepted = d != NULL;
        dhs_free(d);
    }
    CHECK(!accepted, "accepted, expected: %s", says);
    CHECK(strstr(e.msg, says) != NULL, "message is '%s', expected '%s'", e.msg, says);
}

static void
check_gtf_refusals(void)
{
    check_refused(GTF, "", "is empty; expected GTF");
    check_refused(GTF, "#nothing\n", "no genes or exons");
    check_refused(GTF, "chr1\tX\tgene\t5\n", ":1: has fewer than the 9 columns");
    check_refused(GTF, "chr1\tX\tgene\tx\t7\t.\t+\t.\ta b;\n", "'x' and '7'");
    check_refused(GTF, "chr1\tX\tgene\t8\t7\t.\t+\t.\ta b;\n", "start not beyond end");
    check_refused(GTF, "chr1\tX\tgene\t0\t7\t.\t+\t.\ta b;\n", "from 1");
    check_refused(GTF, "chr1\tX\tgene\t8\t10001\t.\t+\t.\ta b;\n", "chr1 has 10000 bp");
    check_refused(GTF, "chr1\tX\tgene\t5\t7\t.\t+\t.\tgene_name \"D\n", "cut short");
    check_refused(GTF, "chr1\tX\tgene\t5\t7\t.\t+\t.\tgene_name D", "without a line end");
    write_gzip(gtf_text);
    cut();
    check_refused(GTF, NULL, "cut short");
    write_bgzip(gtf_text);
    cut();
    check_refused(GTF, NULL, "cut short");
    unlink(path);
    check_refused(GTF, NULL, "cannot open");
}

static void
check_ccre(void)
{
    static const char six[] = "chr1\t10\t20\tD\tE\tPLS\r\nchr2\t5\t8\tD\tE\tCA-TF\r\n"
                              "#x\nchr1\t0\t9\tD\tE\tPLS\tmore\r\n";
    static const char ten[] = "chr1\t10\t20\tE\t0\t.\t10\t20\t1,2,3\tPLS\n"
                              "chr3\t1\t3\tE\t0\t.\t1\t3\t1,2,3\tTF\n";
    struct err e = { "" };
    struct ccre *c;
    char *text;

    write_gzip(six);
    c = ccre_read(path, &finder, &e);
    CHECK(c != NULL, "%s", e.msg);
    if (c) {
        text = ccre_describe(c);
        CHECK_STR(text, "PLS 2, CA-TF 1");
        CHECK(c->n == 3 && c->row[2].start == 0 && c->row[1].contig == 1 && c->row[1].class == 1,
              "rows");
        CHECK_INT(ccre_class(c, "CA-TF"), 1);
        CHECK_INT(ccre_class(c, "CA"), -1);
        free(text);
    }
    ccre_free(c);
    write_plain(ten);
    c = ccre_read(path, &finder, &e);
    CHECK(c != NULL, "%s", e.msg);
    CHECK(c && c->n == 2 && c->row[1].contig == CHROM_ABSENT && ccre_class(c, "TF") == 1, "ten");
    ccre_free(c);

    check_refused(CCRE, "", "is empty");
    check_refused(CCRE, "chr1\t10\t20\n", "has 3 columns");
    check_refused(CCRE, "chr1\t20\t10\ta\tb\tPLS\n", "start below end");
    check_refused(CCRE, "chr1\t1\t10\ta\tb\t.\n", "class in column 6 is '.'");
    check_refused(CCRE, "chr1\t1\t10001\ta\tb\tPLS\n", "chr1 has 10000 bp");
    check_refused(CCRE, "#only a header\n", "no elements on the wanted");
    check_refused(CCRE, "chr1\t1\t100\ta\tb\tPLS", "without a line end");
    text = mem_zalloc(65 * 40);
    for (int i = 0; i < 65; i++)
        sprintf(text + strlen(text), "chr1\t1\t2\ta\tb\tclass%d\n", i);
    check_refused(CCRE, text, "65th different class");
    free(text);
}

static void
check_dhs(void)
{
    static const char good[] = "summit\tseqname\tnumsamples\tother\tmean_signal\n"
                               "12\tchr1\t7\tx\t0.5\n99\tchr2\t8\ty\t1e-3\n";
    struct err e = { "" };
    struct dhs *d;

    write_bgzip(good);
    d = dhs_read(path, &finder, &e);
    CHECK(d != NULL, "%s", e.msg);
    CHECK(d && d->n == 2 && d->row[0].summit == 12 && d->row[1].samples == 8 &&
          d->row[1].signal == 1e-3 && d->row[1].contig == 1, "rows");
    dhs_free(d);
    check_refused(DHS, "", "is empty");
    check_refused(DHS, "chr1\t5\n", "no column 'seqname'");
    check_refused(DHS, "seqname\tsummit\tmean_signal\tnumsamples\n", "has no sites");
    check_refused(DHS, "seqname\tsummit\tmean_signal\tnumsamples\nchr1\t5\n", "has 2 columns");
    check_refused(DHS, "seqname\tsummit\tmean_signal\tnumsamples\nchr1\t5\tnan\t3\n", "'nan'");
    check_refused(DHS, "seqname\tsummit\tmean_signal\tnumsamples\nchr1\t10000\t1\t3\n",
                  "chr1 has 10000 bp");
}

/* Contigs the finder does not want are left out, those that the genome lacks are kept. */
static void
check_finder(void)
{
    struct fixture_finder x = { &genome, CHROM_X };
    const struct chrom_finder to_x = { fixture_find, &x };
    struct err e = { "" };
    struct ccre *c;

    write_plain("chrY\t1\t2\ta\tb\tPLS\nchr7\t1\t2\ta\tb\tPLS\n"
                "a_contig_with_a_name_of_forty_letters_0123\t1\t2\ta\tb\tCA\n");
    c = ccre_read(path, &to_x, &e);
    CHECK(c && c->n == 1 && c->row[0].contig == CHROM_ABSENT, "chr7 alone");
    ccre_free(c);
    c = ccre_read(path, &finder, &e);
    CHECK(c && c->n == 3 && c->row[2].contig == 3, "a long name");
    ccre_free(c);
}

/* The real files, whose columns differ. */
static void
check_real(void)
{
    const char *data = getenv("PERTRACK_DATA");
    static const char *real_names[] = { "chr20" };
    static int64_t real_lens[] = { 64444167 };
    static const struct bases chr20 = { 1, real_names, real_lens, fixture_letter, NULL, NULL };
    static struct fixture_finder only = { &chr20, CHROM_OTHER };
    const struct chrom_finder f = { fixture_find, &only };
    struct err e = { "" };
    struct ccre *c;
    struct gtf *g;

    if (!data) {
        printf("SKIP the real annotation is not here (PERTRACK_DATA)\n");
        return;
    }
    snprintf(path, sizeof path, "%s/annotation/gencode_sample.gtf.gz", data);
    g = gtf_read(path, &f, &e);
    CHECK(g && g->n_genes > 5 && g->n_exons > 500, "%s", e.msg);
    CHECK(g && g->n_short == 8 && g->first_short == 1541, "lines with blanks for tabs");
    gtf_free(g);
    snprintf(path, sizeof path, "%s/annotation/cCRE-PLS-gene.bed.gz", data);
    c = ccre_read(path, &f, &e);
    CHECK(c && c->n == 40887 && ccre_class(c, "PLS,CTCF-bound") >= 0, "%s", e.msg);
    ccre_free(c);
    snprintf(path, sizeof path, "%s/annotation/ccre_example.bed.gz", data);
    c = ccre_read(path, &f, &e);
    CHECK(c && ccre_class(c, "CA-H3K4me3") >= 0 && ccre_class(c, "dELS") >= 0, "%s", e.msg);
    ccre_free(c);
}

int
main(void)
{
    const char *t = getenv("T");

    snprintf(path, sizeof path, "%s/annotation", t ? t : "/tmp");
    check_rank();
    check_gtf();
    check_gtf_refusals();
    check_ccre();
    check_dhs();
    check_finder();
    check_real();
    return check_done();
}
