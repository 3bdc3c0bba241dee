/* SPDX-License-Identifier: MIT */
/* FASTA access: index files made or refused, letters, ranges, the block cache, metadata. */
#include "genome/genome.h"

#include <jansson.h>
#include <sys/stat.h>
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
    write_all(path, "", 0);
    check_refused(path, "is empty");
    write_all(path, "chr1\t1\t2\n", 9);
    check_refused(path, "is not FASTA");
    free(path);
    check_refused(scratch, "is a directory");
    check_refused("data/genome/no such file", "cannot open");
    /* An index of another file: the contig is longer than what is there. */
    path = in_scratch("short.fa");
    fai = in_scratch("short.fa.fai");
    write_all(path, ">chr1\nACGT\n", 11);
    write_all(fai, "chr1\t400\t6\t60\t61\n", 17);
    {
        struct err e = { "" };
        struct genome *g = genome_open(path, &e);
        char text[400];

        CHECK(g != NULL, "%s", e.msg);
        CHECK_INT(genome_fetch(g, text, 0, 100, 200, &e), -1);
        CHECK(strstr(e.msg, "samtools faidx"), "%s", e.msg);
        genome_close(g);
    }
    unlink(fai);
    write_all(fai, "", 0);
    check_refused(path, "samtools faidx");
    free(fai);
    free(path);
}

/* Root may write anywhere, so this shows nothing under root. */
static void
test_read_only(void)
{
    char *dir = in_scratch("ro"), *path = in_scratch("ro/x.fa");

    if (geteuid() != 0) {
        mkdir(dir, 0755);
        write_all(path, ">chr1\nACGT\n", 11);
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
    test_read_only();
    test_cache();
    CHECK_STR(genome_assembly(248956422), "hg38");
    CHECK(genome_assembly(70) == NULL, "unknown length");
    return check_done();
}
