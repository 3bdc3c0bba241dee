/* SPDX-License-Identifier: MIT */
/* FASTA access: index files made or refused, letters, ranges, the block cache, metadata. */
#include "genome/genome.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "check.h"
#include "htslib/bgzf.h"
#include "prog/mem.h"

static const char *scratch;

/* A path in the scratch folder; freed by the caller. */
static char *
in_scratch(const char *name)
{
    return mem_printf("%s/%s", scratch, name);
}

static char *
read_all(const char *path, size_t *n)
{
    char *text = mem_zalloc(1 << 16);
    FILE *fp = fopen(path, "rb");

    *n = fp ? fread(text, 1, 1 << 16, fp) : 0;
    if (fp)
        fclose(fp);
    return text;
}

static void
write_all(const char *path, const char *text, size_t n)
{
    FILE *fp = fopen(path, "wb");

    CHECK(fp && fwrite(text, 1, n, fp) == n, "%s", path);
    if (fp)
        fclose(fp);
}

static void
write_text(const char *path, const char *text)
{
    write_all(path, text, strlen(text));
}

static bool
is_there(const char *path, const char *suffix)
{
    char *full = mem_printf("%s%s", path, suffix);
    bool there = access(full, F_OK) == 0;

    free(full);
    return there;
}

static void
check_letters(struct genome *g)
{
    char text[71] = "";
    struct err e;

    CHECK_INT(genome_n_contigs(g), 3);
    CHECK_STR(genome_contig_name(g, 1), "chr2");
    CHECK_INT(genome_contig_len(g, 0), 70);
    CHECK_INT(genome_length(g), 140);
    CHECK_INT(genome_contig_find(g, "chrM"), 2);
    CHECK_INT(genome_contig_find(g, "1"), -1);
    CHECK_INT(genome_fetch(g, text, 0, 0, 70, &e), 0);
    CHECK_STR(text, "ACGTACGGTAACGTTGCAATGATTACACATTAGGCCTTAAGCTTGGATCCTCTAGACCTGCAGGTACGTA");
    memset(text, 0, sizeof text);
    CHECK_INT(genome_fetch(g, text, 1, 18, 40, &e), 0);
    CHECK_STR(text, "TCRACCTGATCANNTACGGATC");
    memset(text, 0, sizeof text);
    CHECK_INT(genome_fetch(g, text, 2, 29, 30, &e), 0);
    CHECK_STR(text, "T");
    CHECK_INT(genome_fetch(g, text, 2, 30, 30, &e), 0);
}

static void
check_outside(struct genome *g)
{
    char text[80];
    struct err e;

    CHECK_INT(genome_fetch(g, text, 0, -1, 3, &e), -1);
    CHECK_INT(genome_fetch(g, text, 0, 60, 71, &e), -1);
    CHECK_INT(genome_fetch(g, text, 3, 0, 1, &e), -1);
    CHECK_INT(genome_fetch(g, text, 0, 5, 4, &e), -1);
}

static void
check_meta(struct genome *g)
{
    struct meta m;
    struct err e;
    json_t *o;

    meta_init(&m);
    CHECK(genome_matches_meta(g, &m), "no line, no contradiction");
    CHECK_INT(genome_to_meta(g, &m, &e), 0);
    CHECK(strncmp(meta_get(&m, "genome"), "{\"fai_sha256\":\"", 15) == 0, "%s",
          meta_get(&m, "genome"));
    o = json_loads(meta_get(&m, "genome"), 0, NULL);
    CHECK_INT(json_integer_value(json_object_get(o, "length")), 140);
    CHECK_INT(json_integer_value(json_object_get(o, "n_contigs")), 3);
    CHECK_INT(json_string_length(json_object_get(o, "fasta_sha256_prefix64mb")), 64);
    json_decref(o);
    CHECK(genome_matches_meta(g, &m), "%s", meta_get(&m, "genome"));
    meta_set(&m, "genome", "{\"length\":141,\"n_contigs\":3}");
    CHECK(!genome_matches_meta(g, &m), "other length");
    meta_free(&m);
}

/* Plain FASTA, then bgzip: the index files are made beside it. */
static void
test_open(void)
{
    char *path = in_scratch("plain.fa"), *packed = in_scratch("packed.fa.gz"), *text;
    struct genome *g;
    struct err e;
    BGZF *fp;
    size_t n;

    text = read_all("data/genome/tiny.fa", &n);
    write_all(path, text, n);
    g = genome_open(path, &e);
    CHECK(g != NULL, "%s", e.msg);
    CHECK(is_there(path, ".fai") && !is_there(path, ".gzi"), "index of plain FASTA");
    check_letters(g);
    check_outside(g);
    check_meta(g);
    genome_close(g);
    fp = bgzf_open(packed, "w");
    CHECK(bgzf_write(fp, text, n) == (ssize_t)n, "bgzf");
    bgzf_close(fp);
    for (int i = 0; i < 2; i++) {
        char *gzi = mem_printf("%s.gzi", packed);

        g = genome_open(packed, &e);
        CHECK(g != NULL, "%s", e.msg);
        CHECK(is_there(packed, ".fai") && is_there(packed, ".gzi"), "index of bgzip FASTA");
        check_letters(g);
        genome_close(g);
        unlink(gzi);
        free(gzi);
    }
    free(text);
    free(path);
    free(packed);
}

static void
check_refused(const char *path, const char *what)
{
    struct err e = { "" };
    struct genome *g = genome_open(path, &e);

    CHECK(g == NULL && strstr(e.msg, what), "%s: message is '%s', expected '%s'", path, e.msg,
          what);
    genome_close(g);
}

static void
test_refused(void)
{
    char *path = in_scratch("gzip.fa.gz"), *fai;
    gzFile gz = gzopen(path, "wb");

    gzputs(gz, ">chr1\nACGT\n");
    gzclose(gz);
    check_refused(path, "recompress with bgzip");
    free(path);
    path = in_scratch("empty.fa");
    write_text(path, "");
    check_refused(path, "is empty");
    write_text(path, "chr1\t1\t2\n");
    check_refused(path, "is not FASTA");
    free(path);
    check_refused(scratch, "is a directory");
    check_refused("data/genome/no such file", "cannot open");
    /* An index of another file: the contig is longer than what is there. */
    path = in_scratch("short.fa");
    fai = in_scratch("short.fa.fai");
    write_text(path, ">chr1\nACGT\n");
    write_text(fai, "chr1\t400\t6\t60\t61\n");
    {
        struct err e = { "" };
        struct genome *g = genome_open(path, &e);
        char text[400];

        CHECK(g != NULL, "%s", e.msg);
        CHECK_INT(genome_fetch(g, text, 0, 100, 200, &e), -1);
        CHECK(strstr(e.msg, "does not end with its base 400; remove"), "%s", e.msg);
        genome_close(g);
    }
    unlink(fai);
    write_text(fai, "");
    check_refused(path, "lists no contigs");
    write_text(fai, "chr1\t4\t6\t4\n");
    check_refused(path, "short.fa.fai:1: is not name, length");
    write_text(fai, "chr1\t9223372036854775807\t6\t4\t5\n");
    check_refused(path, "short.fa.fai:1: is not name, length");
    write_text(fai, "chr1\t8\t6\t4\t4\n");
    check_refused(path, "short.fa.fai:1: is not name, length");
    write_text(fai, "chr1\t4\t6\t4\t5\nchr1\t4\t6\t4\t5\n");
    check_refused(path, "lists contig 'chr1' twice");
    free(fai);
    free(path);
}

/* A file with another one's index, and what reading [start, end) of a contig says. */
struct stale {
    const char *fasta, *fai;
    int contig;
    int64_t start, end;
    const char *says;           /* letters read, or part of the message */
};

/* Letters of the range, or the message, of a FASTA file and an index of any ages. */
static char *
read_range(const struct stale *t)
{
    char *path = in_scratch("stale.fa"), *fai = in_scratch("stale.fa.fai"), text[100] = "";
    struct err e = { "" };
    struct genome *g;

    write_text(path, t->fasta);
    write_text(fai, t->fai);
    g = genome_open(path, &e);
    CHECK(g != NULL, "%s", e.msg);
    if (g && genome_fetch(g, text, t->contig, t->start, t->end, &e) == 0)
        text[t->end - t->start] = '\0';
    else
        text[0] = '\0';
    genome_close(g);
    free(path);
    free(fai);
    return mem_strdup(*text ? text : e.msg);
}

static void
test_stale(void)
{
    static const struct stale all[] = {
        /* Right ones: LF, CRLF in either file, no line end or several at the end, one long line. */
        { ">a x\nACGT\nAC\n>b\nGGTT\nC\n", "a\t6\t5\t4\t5\nb\t5\t16\t4\t5\n", 1, 3, 5, "TC" },
        { ">a x\nACGT\nAC\n>b\nGGTT\nC", "a\t6\t5\t4\t5\r\nb\t5\t16\t4\t5\r\n", 1, 3, 5, "TC" },
        { ">a\r\nACGT\r\nAC\r\n>b\r\nGG\r\n", "a\t6\t4\t4\t6\nb\t2\t18\t2\t4\n", 0, 3, 6,
          "TAC" },
        { ">a\nACGT\nAC\n\n\n>b\nGG\n\n\n", "a\t6\t3\t4\t5\nb\t2\t16\t2\t3\n", 0, 0, 6, "ACGTAC" },
        { ">a\nacgtryswkmbdhvn\n", "a\t15\t3\t15\t16\n", 0, 0, 15, "ACGTRYSWKMBDHVN" },
        /* The contig lines: longer, shorter, of another name, of a longer one, not there. */
        { ">a version 2\nACGT\nAC\n", "a\t6\t3\t4\t5\n", 0, 0, 2, "in the middle of a line" },
        { ">a\nACGT\nAC\n>b version 2 with TTGG\nGGTT\n",
          "a\t6\t3\t4\t5\nb\t4\t14\t4\t5\n", 1, 0, 2, "stale.fa.fai was made of: the bases of 'b'" },
        { ">a\nACGT\nAC\n>b version 2 with TTGG\nGGTT\n",
          "a\t6\t3\t4\t5\nb\t4\t14\t4\t5\n", 0, 4, 6, "AC" },
        { ">ab\nACGT\n", "a\t4\t4\t4\t5\n", 0, 0, 2, "behind '>ab', which is not its line" },
        { ">b\nACGT\n", "a\t4\t3\t4\t5\n", 0, 0, 2, "behind '>b', which is not its line" },
        { ">a\nACGT\nACGT\n", "a\t4\t8\t4\t5\n", 0, 0, 2, "behind 'ACGT', which is not" },
        { ">a\nACGT\n", "a\t4\t0\t4\t5\n", 0, 0, 2, "remove" },
        { ">a\nACGT\n", "a\t4\t80\t4\t5\n", 0, 0, 2, "remove" },
        /* The end: a base more or less than there is, or a line more. */
        { ">a\nACGTA\n>b\nGG\n", "a\t4\t3\t4\t5\nb\t2\t12\t2\t3\n", 0, 0, 2, "end with its base 4" },
        { ">a\nACG\n>b\nGG\n", "a\t4\t3\t4\t5\nb\t2\t10\t2\t3\n", 0, 0, 2, "end with its base 4" },
        { ">a\nACGT\nAC\n>b\nGG\n", "a\t4\t3\t4\t5\nb\t2\t14\t2\t3\n", 0, 0, 2, "end with its base 4" },
        { ">a\nACGT\n", "a\t6\t3\t4\t5\n", 0, 0, 2, "does not end with its base 6" },
        /* Begin and end fit, the lines between do not. */
        { ">a\nACGTA\nCGT\nACG\n", "a\t11\t3\t4\t5\n", 0, 0, 3, "no line ends at a:4" },
        { ">a\nACGT\nACGTA\nCG\n", "a\t11\t3\t4\t5\n", 0, 5, 6, "no line ends at a:8" },
        /* What is no base: where it is, and only where it is asked for. */
        { ">a\nACGU\nAC\n", "a\t6\t3\t4\t5\n", 0, 2, 5, "'U', which is no base, at a:4" },
        { ">a\nACGU\nAC\n", "a\t6\t3\t4\t5\n", 0, 0, 3, "ACG" },
        { ">a\nACGT\nA-\n", "a\t6\t3\t4\t5\n", 0, 0, 6, "'-', which is no base, at a:6" },
        { ">a\nAC T\nAC\n", "a\t6\t3\t4\t5\n", 0, 0, 6, "byte 0x20, which is no base, at a:3" },
        { ">a\nACxT\nAC\n", "a\t6\t3\t4\t5\n", 0, 0, 6, "'x', which is no base, at a:3" },
    };

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        char *got = read_range(&all[i]);

        CHECK(strstr(got, all[i].says) != NULL, "case %zu: '%s', expected '%s'", i, got,
              all[i].says);
        free(got);
    }
}

/* Both ends of a contig are far from where a wrong index says; a header may be longer than a read. */
static void
test_long_header(void)
{
    char *path = in_scratch("header.fa"), text[5] = "";
    FILE *fp = fopen(path, "wb");
    struct genome *g;
    struct err e = { "" };

    fprintf(fp, ">a %05000d\nACGT\n>b\nTT\n", 0);
    fclose(fp);
    g = genome_open(path, &e);
    CHECK(g && genome_fetch(g, text, 0, 0, 4, &e) == 0, "%s", e.msg);
    CHECK_STR(text, "ACGT");
    genome_close(g);
    free(path);
}

static void
set_age(const char *path, time_t age)
{
    const struct timespec t[2] = { { .tv_sec = 1700000000 - age }, { .tv_sec = 1700000000 - age } };

    CHECK_INT(utimensat(AT_FDCWD, path, t, 0), 0);
}

/* A FASTA file newer than its index: all contigs are looked at, and the user is told. */
static void
test_age(void)
{
    char *path = in_scratch("age.fa"), *fai = in_scratch("age.fa.fai");
    struct genome *g;
    struct err e = { "" };

    write_text(path, ">a\nACGT\n>b\nGG\n");
    write_text(fai, "a\t4\t3\t4\t5\nb\t2\t11\t2\t3\n");
    set_age(fai, 5);
    set_age(path, 5);
    g = genome_open(path, &e);
    CHECK(g && !genome_warning(g), "of one age: %s", g ? genome_warning(g) : e.msg);
    genome_close(g);
    set_age(path, 4);
    g = genome_open(path, &e);
    CHECK(g && genome_warning(g) && strstr(genome_warning(g), "is newer than its index"), "%s",
          e.msg);
    genome_close(g);
    write_text(fai, "a\t4\t3\t4\t5\nb\t3\t11\t2\t3\n");
    set_age(fai, 5);
    check_refused(path, "'b' does not end with its base 3");
    free(path);
    free(fai);
}

/* The index of another bgzip file of the same text: blocks are elsewhere. */
static void
test_stale_gzi(void)
{
    enum { LEN = 200000 };
    char *path = in_scratch("stale.fa.gz"), *gzi = in_scratch("stale.fa.gz.gzi"), text[100];
    struct genome *g;
    struct err e = { "" };
    BGZF *fp = bgzf_open(path, "w");
    uint32_t x = 1;
    char *old, *letters = mem_alloc(LEN + 5);
    size_t n;

    memcpy(letters, ">a\n", 3);
    for (int i = 0; i < LEN; i++)
        letters[i + 3] = "ACGT"[(x = x * 1664525 + 1013904223) >> 20 & 3];
    letters[LEN + 3] = '\n';
    CHECK(bgzf_write(fp, letters, LEN + 4) == LEN + 4, "bgzf");
    bgzf_close(fp);
    g = genome_open(path, &e);
    CHECK(g && genome_fetch(g, text, 0, 150000, 150100, &e) == 0, "%s", e.msg);
    CHECK(memcmp(text, letters + 150003, 100) == 0, "bases behind the second block");
    genome_close(g);
    old = read_all(gzi, &n);
    fp = bgzf_open(path, "w0");
    CHECK(bgzf_write(fp, letters, LEN + 4) == LEN + 4, "bgzf");
    bgzf_close(fp);
    write_all(gzi, old, n);
    g = genome_open(path, &e);
    CHECK(!g || genome_fetch(g, text, 0, 150000, 150100, &e) == -1, "read with a stale .gzi");
    CHECK(strstr(e.msg, "stale.fa.gz.gzi is not of this file"), "%s", e.msg);
    genome_close(g);
    free(letters);
    free(old);
    free(path);
    free(gzi);
}

/* Root may write anywhere, so this shows nothing under root. */
static void
test_read_only(void)
{
    char *dir = in_scratch("ro"), *path = in_scratch("ro/x.fa");

    if (geteuid() != 0) {
        mkdir(dir, 0755);
        write_text(path, ">chr1\nACGT\n");
        chmod(dir, 0555);
        check_refused(path, "samtools faidx");
        chmod(dir, 0755);
    }
    free(dir);
    free(path);
}

/* A contig of 1.5 Mb read in order, backwards and at random must give the same letters. */
static void
test_cache(void)
{
    enum { LEN = 1500000, WIDTH = 70, W = 2114 };
    char *path = in_scratch("long.fa"), *letters = mem_alloc(LEN + 1), text[W];
    FILE *fp = fopen(path, "wb");
    struct genome *g;
    struct err e;
    uint32_t x = 1;
    int wrong = 0;

    for (int i = 0; i < LEN; i++)
        letters[i] = "ACGTN"[(x = x * 1664525 + 1013904223) >> 8 & 3];
    fprintf(fp, ">long\n");
    for (int i = 0; i < LEN; i += WIDTH)
        fprintf(fp, "%.*s\n", LEN - i < WIDTH ? LEN - i : WIDTH, letters + i);
    fclose(fp);
    g = genome_open(path, &e);
    CHECK(g != NULL, "%s", e.msg);
    for (int i = 0; i + W <= LEN; i += 701)
        wrong += genome_fetch(g, text, 0, i, i + W, &e) || memcmp(text, letters + i, W) != 0;
    for (int i = LEN - W; i >= 0; i -= 7001)
        wrong += genome_fetch(g, text, 0, i, i + W, &e) || memcmp(text, letters + i, W) != 0;
    for (int k = 0; k < 500; k++) {
        int i = (int)((x = x * 1664525 + 1013904223) % (LEN - W));

        wrong += genome_fetch(g, text, 0, i, i + W, &e) || memcmp(text, letters + i, W) != 0;
    }
    CHECK_INT(wrong, 0);
    genome_close(g);
    free(letters);
    free(path);
}

int
main(void)
{
    scratch = getenv("T");
    if (!scratch) {
        fprintf(stderr, "no scratch folder\n");
        return 77;
    }
    test_open();
    test_refused();
    test_stale();
    test_long_header();
    test_age();
    test_stale_gzi();
    test_read_only();
    test_cache();
    CHECK_STR(genome_assembly(248956422), "hg38");
    CHECK(genome_assembly(70) == NULL, "unknown length");
    return check_done();
}
