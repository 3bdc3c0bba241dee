/* SPDX-License-Identifier: MIT */
/* Reader of VCF, BCF and BED: the records, every mistake a file can have, files cut short. */
#include "genome/sites.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include "check.h"
#include "genome/sites_parse.h"
#include "prog/mem.h"
#include "stream/stream.h"

#define VCF "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"

static char *path;              /* scratch file */

static void
write_bytes(const void *data, size_t n)
{
    FILE *fp = fopen(path, "wb");

    CHECK(fp && (n == 0 || fwrite(data, 1, n, fp) == n), "%s", path);
    if (fp)
        fclose(fp);
}

static void
write_text(const char *text)
{
    write_bytes(text, strlen(text));
}

static void *
read_bytes(const char *name, size_t *n)
{
    FILE *fp = fopen(name, "rb");
    char *data = mem_zalloc(65536);

    *n = fp ? fread(data, 1, 65536, fp) : 0;
    CHECK(*n > 0, "%s", name);
    if (fp)
        fclose(fp);
    return data;
}

/* "chr1:20-21:G:A,C:rs1:random" */
static void
describe(char *text, size_t bytes, const struct site *s)
{
    int n = snprintf(text, bytes, "%d %s:%lld-%lld %s ", s->kind, s->chrom, (long long)s->start,
                     (long long)s->end, s->ref);

    for (size_t i = 0; i < s->n_alt; i++)
        n += snprintf(text + n, bytes - (size_t)n, "%s%s", i ? "," : "", s->alt[i]);
    snprintf(text + n, bytes - (size_t)n, " %s %s %llu", s->id, s->stratum,
             (unsigned long long)s->ordinal);
}

static void
check_records(const char *file, enum sites_kind kind, const char *const *want)
{
    struct err e = { "" };
    struct sites *s = sites_open(file, kind, &e);
    struct site site;
    char text[512];
    int got;

    CHECK(s != NULL, "%s: %s", file ? file : "stdin", e.msg);
    if (!s)
        return;
    site_init(&site);
    while ((got = sites_next(s, &site, &e)) == 1) {
        describe(text, sizeof text, &site);
        CHECK_STR(text, *want ? *want : "no more");
        want += *want != NULL;
    }
    CHECK(got == 0, "%s", e.msg);
    CHECK(!*want, "missing: %s", *want);
    site_free(&site);
    sites_close(s);
}

/* Reading text must fail, at opening or later, with that message. */
static void
check_fails_as(const char *text, size_t n, enum sites_kind kind, const char *what)
{
    struct err e = { "" };
    struct sites *s;
    struct site site;
    int got = -1;

    write_bytes(text, n);
    site_init(&site);
    s = sites_open(path, kind, &e);
    if (s)
        while ((got = sites_next(s, &site, &e)) == 1)
            ;
    CHECK(got == -1 && strstr(e.msg, what), "message is '%s' (%d), expected '%s'", e.msg, got,
          what);
    site_free(&site);
    sites_close(s);
}

static void
check_fails(const char *text, const char *what)
{
    check_fails_as(text, strlen(text), SITES_AUTO, what);
}

static const char *const variants[] = {
    "0 chr1:20-21 G A rs1 random 0",
    "0 chr1:24-26 AC A,ACTT,GT rs2 dhs 1",
    "0 chr1:10-11 A C . . 2",
    "0 chr1:29-30 T <DEL>,*,<NON_REF>,G . . 3",
    "0 chrM:9-10 T  . . 4",
    NULL
};

static const char *const regions[] = {
    "1 chr1:20-21   . random 0", "1 chr1:18-24   . cCRE:PLS 1", "1 chr2:20-30   . . 2", NULL
};

static void
test_forms(void)
{
    static const char *const file[] = {
        "data/genome/sites.vcf", "data/genome/sites.vcf.gz", "data/genome/sites.bcf"
    };
    struct err e = { "" };

    for (size_t i = 0; i < ARRAY_LEN(file); i++) {
        struct sites *s = sites_open(file[i], SITES_AUTO, &e);

        check_records(file[i], SITES_AUTO, variants);
        check_records(file[i], SITES_VCF, variants);
        CHECK(s && sites_is_variants(s) && !sites_is_stream(s), "%s", file[i]);
        CHECK_INT(sites_contig_len(s, "chrM"), 30);
        CHECK_INT(sites_contig_len(s, "chr9"), 0);
        CHECK_STR(meta_get(sites_meta(s), "recipe"), "classic");
        CHECK(strstr(meta_get(sites_meta(s), "prov"), "view -i") != NULL, "bcftools' command");
        CHECK(!strstr(meta_get(sites_meta(s), "prov"), "2026"), "no date");
        sites_close(s);
    }
    check_records("data/genome/regions.bed", SITES_AUTO, regions);
    check_records("data/genome/regions.bed", SITES_BED, regions);
}

static void
test_stdin(void)
{
    int old = dup(0), fd = open("data/genome/sites.vcf.gz", O_RDONLY);

    dup2(fd, 0);
    check_records(NULL, SITES_AUTO, variants);
    lseek(fd, 0, SEEK_SET);
    dup2(fd, 0);
    check_records("-", SITES_AUTO, variants);
    dup2(old, 0);
    close(fd);
    close(old);
}

/* CRLF, gzip instead of bgzip, no header, no last line end, genotypes, empty lines at the end. */
static void
test_variations(void)
{
    static const char *const one[] = { "0 1:4-5 A G x s 0", NULL };
    static const char *const bed[] = { "1 chr1:1-2   . . 0", "1 chr1:3-4   . x 1", NULL };
    static const char crlf[] = "##fileformat=VCFv4.2\r\n#CHROM\tPOS\tID\tREF\tALT\r\n"
                               "1\t5\tx\ta\tg\r\n";
    static const char *const crlf_want[] = { "0 1:4-5 A G x . 0", NULL };
    gzFile gz;

    write_text(crlf);
    check_records(path, SITES_AUTO, crlf_want);
    gz = gzopen(path, "wb");
    gzputs(gz, VCF "1\t5\tx\tA\tG\t.\t.\tSTRATUM=s\n");
    gzclose(gz);
    check_records(path, SITES_AUTO, one);
    write_text("1\t5\tx\tA\tG\t.\t.\tA=1;STRATUM=s;B\tGT\t0/1\n\n");
    check_records(path, SITES_VCF, one);
    write_text("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
                "1\t5\tx\tA\tG\t.\t.\tSTRATUM=s");
    check_records(path, SITES_AUTO, one);
    write_text("chr1\t1\t2\r\nchr1\t3\t4\tx\r\n");
    check_records(path, SITES_AUTO, bed);
    write_text("# x\nchr1\t1\t2\t\n#y\n \nchr1\t3\t4\tx\t0\t+");
    check_records(path, SITES_AUTO, bed);
    gz = gzopen(path, "wb");
    gzputs(gz, "chr1\t1\t2\nchr1\t3\t4\tx\n");
    gzclose(gz);
    check_records(path, SITES_AUTO, bed);
    write_text("##pertrack_a=b\n");
    check_records(path, SITES_AUTO, bed + 2);
    write_text(VCF);
    check_records(path, SITES_AUTO, bed + 2);
}

static void
test_mistakes(void)
{
    check_fails("", "is empty; expected VCF, BCF or BED");
    check_fails(">chr1\nACGT\n", "is FASTA");
    check_fails("\x1f\x8b", "is");
    check_fails("BZh9\001\002", "is neither VCF, BCF nor BED");
    check_fails("##fileformat=VCFv4.2\n##x=y\n", "ends within the VCF header");
    check_fails("##fileformat=VCFv4.2\nchr1\t1\t.\tA\tC\n", ":2: VCF header has no #CHROM line");
    check_fails("##fileformat=VCFv4.2\n#CHROM POS ID REF ALT\n", ":2: #CHROM line has 1 columns");
    check_fails(VCF "chr1 1 . A C . . .\n", ":3: columns are separated by spaces");
    check_fails(VCF "chr1\t1\t.\tA\tC\t.\t.\n", ":3: line has 7 columns, expected 8");
    check_fails(VCF "chr1\t1\t.\tA\n", ":3: line has 4 columns, expected 8");
    check_fails(VCF "chr1\t1\t.\tA\tC\t.\t.\t.\nchr1\tx\t.\tA\tC\t.\t.\t.\n", ":4: POS is 'x'");
    check_fails(VCF "chr1\t-1\t.\tA\tC\t.\t.\t.\n", ":3: POS is '-1'");
    check_fails(VCF "chr1\t9999999999999999999\t.\tA\tC\t.\t.\t.\n", ":3: POS is");
    check_fails(VCF "chr1\t1\t.\t\tC\t.\t.\t.\n", ":3: REF is empty");
    check_fails(VCF "\t1\t.\tA\tC\t.\t.\t.\n", ":3: CHROM is empty");
    check_fails(VCF "chr1\t1\t.\tA\tC,\t.\t.\t.\n", ":3: ALT has an empty allele");
    check_fails(VCF "chr1\t1\t.\tA\t\t.\t.\t.\n", ":3: ALT has an empty allele");
    check_fails_as(VCF "chr1\t1\t\0\tC\n", sizeof VCF + 10, SITES_AUTO, ":3: NUL byte");
    check_fails_as(VCF, sizeof VCF - 1, SITES_BED, "is VCF; expected BED");
    check_fails("chr1 5 6\n", ":1: columns are separated by spaces");
    check_fails("chr1\t5\n", ":1: line has 2 columns, expected 3");
    check_fails("chr1\t5\t6\nchr1\t5\t5\n", ":2: start 5 is not below end 5");
    check_fails("chr1\t6\t5\n", ":1: start 6 is not below end 5");
    check_fails("chr1\t5.0\t6\n", ":1: start is '5.0'");
    check_fails("chr1\t-5\t6\n", ":1: start is '-5'");
    check_fails("chr1\t5\t6 \n", ":1: end is '6 '");
    check_fails("chr1\t5\t1e6\n", ":1: end is '1e6'");
    check_fails("\t5\t6\n", ":1: chromosome is empty");
    check_fails("chrom\tstart\tend\nchr1\t5\t6\n", "a header line must begin with '#'");
    check_fails("chr1\t20\t.\tA\tC\t.\t.\t.\n", "a VCF must begin with ##fileformat=VCF");
}

static void
check_cannot_open(const char *name, const char *what)
{
    struct err e = { "" };

    CHECK(sites_open(name, SITES_AUTO, &e) == NULL && strstr(e.msg, what), "%s", e.msg);
}

/* Compressed files cut at every byte: no prefix may look like a complete, shorter file. */
static void
test_truncated(void)
{
    static const char *const file[] = { "data/genome/sites.vcf.gz", "data/genome/sites.bcf" };
    size_t n;

    for (size_t i = 0; i < ARRAY_LEN(file); i++) {
        char *data = read_bytes(file[i], &n);

        for (size_t cut = 0; cut < n; cut++)
            check_fails_as(data, cut, SITES_AUTO, "");
        free(data);
    }
}

static void
test_truncated_gzip(void)
{
    gzFile gz = gzopen(path, "wb");
    char *data;
    size_t n;

    gzputs(gz, VCF "1\t5\tx\tA\tG\t.\t.\tSTRATUM=s\n1\t6\tx\tA\tG\t.\t.\tSTRATUM=s\n");
    gzclose(gz);
    data = read_bytes(path, &n);
    for (size_t cut = 0; cut < n; cut++)
        check_fails_as(data, cut, SITES_AUTO, "");
    free(data);
}

static void
test_header_values(void)
{
    static const char line[] = "##contig=<ID=chr1,assembly=\"a,length=5>\",length=70,species=>";
    char *value = sites_header_value(line, "length");

    CHECK_STR(value, "70");
    free(value);
    value = sites_header_value(line, "assembly");
    CHECK_STR(value, "a,length=5>");
    free(value);
    value = sites_header_value(line, "species");
    CHECK_STR(value, "");
    free(value);
    CHECK(!sites_header_value(line, "md5"), "no such key");
    CHECK(!sites_header_value("##contig=<ID", "ID"), "cut short");
    CHECK(!sites_header_value("##contig=<ID=\"", "x"), "cut short");
}

static void
check_genome(const char *header, const char *what)
{
    char *fasta = mem_printf("%s.fa", path), *text;
    FILE *fp = fopen(fasta, "wb");
    struct err e = { "" };
    struct genome *g;
    struct alias_map *a;
    struct sites *s;

    fprintf(fp, ">chr1\nACGTACGT\n>chrM\nACGT\n");
    fclose(fp);
    g = genome_open(fasta, &e);
    CHECK(g != NULL, "%s", e.msg);
    a = alias_new(g, "x");
    text = mem_printf("##fileformat=VCFv4.2\n%s\n#CHROM\tPOS\tID\tREF\tALT\n", header);
    write_bytes(text, strlen(text));
    s = sites_open(path, SITES_AUTO, &e);
    CHECK(s != NULL, "%s", e.msg);
    CHECK_INT(sites_check_genome(s, g, a, &e), what ? -1 : 0);
    CHECK(!what || strstr(e.msg, what), "%s", e.msg);
    sites_close(s);
    alias_free(a);
    genome_close(g);
    free(text);
    free(fasta);
}

static void
test_genome(void)
{
    check_genome("##x=y", NULL);
    check_genome("##contig=<ID=chr1,length=8>", NULL);
    check_genome("##contig=<ID=1,length=8>\n##contig=<ID=MT,length=4>", NULL);
    check_genome("##contig=<ID=decoy,length=9>\n##contig=<ID=chr1>", NULL);
    check_genome("##contig=<ID=1,length=249250621>",
                 "1 is 249250621 bp in the VCF header (hg19?) but 8 in ");
    check_genome("##contig=<ID=chr1,length=8>\n##contig=<ID=MT,length=5>",
                 "MT is 5 bp in the VCF header but 4 in ");
}

static void
test_stream(void)
{
    struct err e = { "" };
    struct stream_writer *w;
    struct stream_reader *r;
    struct sites *s;
    struct site site;
    struct meta m;
    const uint8_t *payload;
    size_t n;
    FILE *fp = fopen(path, "wb");

    meta_init(&m);
    meta_add(&m, "content", STREAM_ONEHOT);
    w = stream_create(fp, path, &m, &e);
    CHECK_INT(stream_write(w, "payload", 7, &e), 0);
    CHECK_INT(stream_finish(w, NULL, &e), 0);
    fclose(fp);
    meta_free(&m);
    s = sites_open(path, SITES_AUTO, &e);
    CHECK(s && sites_is_stream(s) && !sites_is_variants(s), "%s", e.msg);
    site_init(&site);
    CHECK_INT(sites_next(s, &site, &e), -1);
    r = stream_open(sites_read, s, sites_name(s), STREAM_ONEHOT, &e);
    CHECK(r != NULL, "%s", e.msg);
    CHECK_INT(stream_next(r, &payload, &n, &e), 1);
    CHECK(n == 7 && memcmp(payload, "payload", 7) == 0, "%zu bytes", n);
    CHECK_INT(stream_next(r, &payload, &n, &e), 0);
    stream_close(r);
    sites_close(s);
}

int
main(void)
{
    if (!getenv("T")) {
        fprintf(stderr, "no scratch folder\n");
        return 77;
    }
    path = mem_printf("%s/input", getenv("T"));
    test_forms();
    test_stdin();
    test_variations();
    test_mistakes();
    check_cannot_open("no such file", "no such file: cannot open: No such file");
    check_cannot_open(getenv("T"), "cannot");
    test_truncated();
    test_truncated_gzip();
    test_header_values();
    test_genome();
    test_stream();
    free(path);
    return check_done();
}
