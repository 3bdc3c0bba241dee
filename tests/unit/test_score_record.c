/* SPDX-License-Identifier: MIT */
/* Score records in both forms: round trips, a user's own TSV, and every kind of damage. */
#include "check.h"
#include "prog/mem.h"
#include "score/record.h"
#include "stream/stream.h"

static const double awkward[] = { 0.1, 1.0 / 3, 2.584962500721156, 1e-300, -7, 5e-324 };

static void
make_meta(struct meta *m)
{
    struct track_table t;
    struct track a = { .id = "DNASE:a", .n_bins = 10, .bin_bp = 1, .n_strands = 1 };
    struct track b = { .id = "CHIP:a:X", .n_bins = 10, .bin_bp = 1, .n_strands = 2 };
    struct err e;

    track_table_init(&t);
    meta_init(m);
    meta_add(m, "genome", "hg38 with = and blanks");
    track_table_add(&t, &a, &e);
    track_table_add(&t, &b, &e);
    track_table_to_meta(&t, m);
    track_table_free(&t);
}

/* A variant of two alts with an effect per allele and strand, i varies the numbers. */
static void
make_variant(struct score_record *r, int i)
{
    struct score_block *b;
    struct site s = { .kind = SITE_VARIANT, .chrom = "chr1", .start = 100 + i, .end = 102 + i,
                      .ref = "AC", .alt = (char *[]){ "A", "GTT" }, .n_alt = 2, .id = "rs1",
                      .stratum = "random" };

    score_record_clear(r);
    site_copy(&r->site, &s);
    b = score_record_add(r, SCORE_EFFECT, 1, 4);
    for (uint32_t j = 0; j < 4; j++) {
        b->score[j] = awkward[(j + (uint32_t)i) % ARRAY_LEN(awkward)];
        b->ref[j] = b->score[j] * 3;
        b->alt[j] = j;
        b->allele[j] = j / 2;
        b->strand[j] = (uint8_t)(1 + j % 2);
    }
    b = score_record_add(r, SCORE_EFFECT, 0, 1);
    b->score[0] = 0.25;
    b->allele[0] = 1;
}

static void
make_region(struct score_record *r, int i)
{
    struct score_block *b;
    struct site s = { .kind = SITE_REGION, .chrom = "chrX", .start = 1000 + i, .end = 1001 + i,
                      .ref = "", .id = ".", .stratum = "tss" };

    score_record_clear(r);
    site_copy(&r->site, &s);
    b = score_record_add(r, SCORE_SUMMARY, 0, 1);
    b->score[0] = awkward[i % (int)ARRAY_LEN(awkward)];
    b = score_record_add(r, SCORE_PERBIN, 1, 3);
    for (uint32_t j = 0; j < 3; j++) {
        b->score[j] = (float)(0.1 * (j + 1));
        b->bin[j] = j * 4;
        b->strand[j] = (uint8_t)j;
    }
    b = score_record_add_genes(r, SCORE_SUMMARY, 1, 3);
    for (uint32_t j = 0; j < 3; j++) {
        b->score[j] = j;
        b->gene[j] = score_record_gene(r, j == 1 ? "7SK" : "HLA-A");
        b->strand[j] = (uint8_t)j;
    }
}

enum { SITES = 6, VALUES = SITES / 2 * (5 + 7) };

static void
make_site(struct score_record *r, int i)
{
    if (i % 2)
        make_region(r, i);
    else
        make_variant(r, i);
}

/* SITES records in memory; caller frees. */
static char *
write_scores(size_t *n, bool text)
{
    struct score_writer *w;
    struct score_record r;
    struct meta m, trailer;
    struct err e = { "" };
    char *bytes = NULL;
    FILE *fp = open_memstream(&bytes, n);

    make_meta(&m);
    meta_init(&trailer);
    meta_add(&trailer, "tally", "{\"other\":3}");
    score_record_init(&r);
    w = score_create(fp, "memory", &m, text, &e);
    for (int i = 0; i < SITES; i++) {
        make_site(&r, i);
        CHECK(score_write(w, &r, &e) == 0, "%s", e.msg);
    }
    CHECK(score_finish(w, &trailer, &e) == 0, "%s", e.msg);
    fclose(fp);
    score_record_free(&r);
    meta_free(&m);
    meta_free(&trailer);
    return bytes;
}

/* Value j of a record's block equals value k of another's, in all that identifies it. */
static void
check_value(const struct score_record *rec, const struct score_block *b, size_t j,
            const struct score_record *want_rec, const struct score_block *want, size_t k,
            bool details)
{
    CHECK(b->kind == want->kind && b->track == want->track, "kind %d track %u", (int)b->kind,
          b->track);
    CHECK(b->score[j] == want->score[k], "score %.17g, expected %.17g", b->score[j],
          want->score[k]);
    CHECK((b->strand != NULL) == details, "strand given");
    CHECK((b->gene != NULL) == (details && want->gene), "gene given");
    if (b->gene && want->gene)
        CHECK_STR(rec->gene[b->gene[j]], want_rec->gene[want->gene[k]]);
    CHECK((b->ref != NULL) == (details && b->kind == SCORE_EFFECT), "ref given");
    CHECK((b->bin != NULL) == (details && b->kind == SCORE_PERBIN), "bin given");
    if (!details)
        return;
    CHECK_INT(b->strand[j], want->strand[k]);
    if (b->ref)
        CHECK(b->ref[j] == want->ref[k] && b->alt[j] == want->alt[k], "values of the alleles");
    if (b->bin)
        CHECK_INT(b->bin[j], want->bin[k]);
}

static void
check_binary(const char *bytes, size_t n, bool details)
{
    FILE *fp = fmemopen((void *)bytes, n, "r");
    struct err e = { "" };
    struct score_reader *r = score_open(fp, "memory", &e);
    const struct score_record *got;
    struct score_record want;

    CHECK(r != NULL, "%s", e.msg);
    CHECK_STR(meta_get(score_meta(r), "genome"), "hg38 with = and blanks");
    CHECK_INT(score_tracks(r)->n, 2);
    CHECK(score_line(r) == NULL && score_columns(r) == NULL, "no text");
    if (!details)
        score_skip_details(r);
    score_record_init(&want);
    for (int i = 0; i < SITES; i++) {
        CHECK(score_read(r, &got, &e) == 1, "%s", e.msg);
        CHECK_INT(score_line_number(r), i + 1);
        make_site(&want, i);
        CHECK_INT(got->n_block, want.n_block);
        CHECK_INT(got->site.start, want.site.start);
        CHECK_STR(got->site.chrom, want.site.chrom);
        CHECK_INT(got->site.n_alt, details ? want.site.n_alt : 0);
        CHECK_STR(got->site.stratum, details ? want.site.stratum : ".");
        for (size_t b = 0; b < want.n_block; b++) {
            CHECK_INT(got->block[b].n, want.block[b].n);
            for (size_t j = 0; j < want.block[b].n; j++)
                check_value(got, &got->block[b], j, &want, &want.block[b], j, details);
        }
    }
    CHECK_INT(score_read(r, &got, &e), 0);
    CHECK_STR(meta_get(score_trailer(r), "tally"), "{\"other\":3}");
    score_record_free(&want);
    score_close(r);
    fclose(fp);
}

static void
check_text(const char *bytes, size_t n)
{
    FILE *fp = fmemopen((void *)bytes, n, "r");
    struct err e = { "" };
    struct score_reader *r = score_open(fp, "memory", &e);
    const struct score_record *got;
    struct score_record want;

    CHECK(r != NULL, "%s", e.msg);
    CHECK_STR(meta_get(score_meta(r), "genome"), "hg38 with = and blanks");
    CHECK_STR(meta_get(score_meta(r), "content"), "scores");
    CHECK_STR(score_columns(r), "#chrom\tpos\tref\talt\tid\tstratum\tkind\ttrack\tpart\tref_value\t"
              "alt_value\tscore");
    score_record_init(&want);
    for (int i = 0; i < SITES; i++) {
        make_site(&want, i);
        for (size_t b = 0; b < want.n_block; b++) {
            for (size_t j = 0; j < want.block[b].n; j++) {
                CHECK(score_read(r, &got, &e) == 1, "%s", e.msg);
                CHECK_INT(got->n_block, 1);
                CHECK_INT(got->site.start, want.site.start);
                CHECK_INT(got->site.end, want.site.end);
                CHECK_INT(got->site.kind, want.site.kind);
                CHECK_STR(got->site.id, want.site.id);
                if (want.block[b].allele)
                    CHECK_STR(got->site.alt[0], want.site.alt[want.block[b].allele[j]]);
                check_value(got, &got->block[0], 0, &want, &want.block[b], j, true);
            }
        }
    }
    CHECK_INT(score_read(r, &got, &e), 0);
    CHECK_INT(score_read(r, &got, &e), 0);
    CHECK_STR(meta_get(score_trailer(r), "tally"), "{\"other\":3}");
    score_record_free(&want);
    score_close(r);
    fclose(fp);
}

/* Read to the end; the number of values, or -1 with the message. */
static long
read_all(const char *bytes, size_t n, struct err *e)
{
    char *copy = mem_strndup(bytes, n);
    FILE *fp = fmemopen(copy, n, "r");
    struct score_reader *r = score_open(fp, "in", e);
    const struct score_record *rec;
    long values = 0;
    int got = -1;

    while (r && (got = score_read(r, &rec, e)) > 0)
        for (size_t i = 0; i < rec->n_block; i++)
            values += (long)rec->block[i].n;
    score_close(r);
    fclose(fp);
    free(copy);
    return got < 0 ? -1 : values;
}

static void
test_round_trips(void)
{
    size_t n;
    char *bytes = write_scores(&n, false);

    check_binary(bytes, n, true);
    check_binary(bytes, n, false);
    free(bytes);
    bytes = write_scores(&n, true);
    check_text(bytes, n);
    free(bytes);
}

static void
test_cut(bool text)
{
    struct err e;
    size_t n;
    char *bytes = write_scores(&n, text);

    CHECK_INT(read_all(bytes, n, &e), VALUES);
    /* The last line of a text without its line feed is still whole. */
    for (size_t cut = 1; cut < n - text; cut++)
        CHECK(read_all(bytes, cut, &e) == -1, "cut after %zu of %zu bytes", cut, n);
    free(bytes);
}

/* Bytes of the stream changed one at a time: refused by the checksum at the latest. */
static void
test_flipped(void)
{
    struct err e;
    size_t n;
    char *bytes = write_scores(&n, false);

    for (size_t i = 0; i < n; i++) {
        bytes[i] ^= 0x55;
        CHECK(read_all(bytes, n, &e) == -1, "byte %zu changed", i);
        bytes[i] ^= 0x55;
    }
    free(bytes);
}

/* A stream of one record with the given payload, whose checksums are right. */
static long
read_payload(const uint8_t *payload, size_t bytes, struct err *e)
{
    struct stream_writer *w;
    struct meta m;
    char *stream = NULL;
    size_t n;
    long values;
    FILE *fp = open_memstream(&stream, &n);

    make_meta(&m);
    meta_add(&m, "content", STREAM_SCORES);
    w = stream_create(fp, "memory", &m, e);
    CHECK_INT(stream_write(w, payload, bytes, e), 0);
    CHECK_INT(stream_finish(w, NULL, e), 0);
    fclose(fp);
    meta_free(&m);
    values = read_all(stream, n, e);
    free(stream);
    return values;
}

/* Payloads that were written wrongly, so that no checksum helps: refused, within bounds. */
static void
test_payloads(void)
{
    static const uint8_t change[] = { 0x01, 0x80, 0xff };
    struct err e = { "" };
    size_t n, bytes;
    char *stream = write_scores(&n, false);
    FILE *fp = fmemopen(stream, n, "r");
    struct stream_reader *r = stream_open_file(fp, "memory", STREAM_SCORES, &e);
    const uint8_t *payload;

    while (stream_next(r, &payload, &bytes, &e) > 0) {
        uint8_t *copy = mem_zalloc(bytes + 1);
        long values;

        memcpy(copy, payload, bytes);
        values = read_payload(copy, bytes, &e);
        CHECK(values == 5 || values == 7, "%ld values", values);
        CHECK(read_payload(copy, bytes + 1, &e) == -1 && strstr(e.msg, "longer"), "%s", e.msg);
        for (size_t i = 0; i < bytes; i++) {
            CHECK(read_payload(copy, i, &e) == -1 && strstr(e.msg, "in: record 1: "), "%s", e.msg);
            for (size_t j = 0; j < ARRAY_LEN(change); j++) {
                copy[i] = payload[i] ^ change[j];
                read_payload(copy, bytes, &e);
            }
            copy[i] = payload[i];
        }
        free(copy);
    }
    stream_close(r);
    fclose(fp);
    free(stream);
}

static void
check_refused(const char *text, const char *message)
{
    struct err e = { "" };

    CHECK_INT(read_all(text, strlen(text), &e), -1);
    CHECK(strstr(e.msg, message) != NULL, "'%s' lacks '%s'", e.msg, message);
}

#define COLUMNS "#chrom\tpos\tref\talt\tkind\ttrack\tscore\n"
#define PART_COLUMNS "#chrom\tpos\tref\talt\tkind\ttrack\tpart\tscore\n"

static void
test_refused_text(void)
{
    check_refused("\n", "in:1: no line of column names");
    check_refused("chrom\tpos\n", "in:1: no line of column names");
    check_refused("##pertrack_content=scores\n", "ends before the line of column names");
    check_refused("##pertrack_content=predictions\n" COLUMNS, "holds predictions, but scores");
    check_refused("#chrom\tpos\tref\talt\tkind\ttrack\n", "column 'score' is missing");
    check_refused("#chrom\tchrom\tpos\tref\talt\tkind\ttrack\tscore\n", "'chrom' occurs twice");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\n", "in:2: 6 columns, expected 7");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\t1\t2\n", "8 columns, expected 7");
    check_refused(COLUMNS "\n", "1 columns, expected 7");
    check_refused(COLUMNS "chr1\t1\tA\tC\tother\tt\t1\n", "kind is 'other', expected effect");
    check_refused(COLUMNS "chr1\t0\tA\tC\teffect\tt\t1\n", "pos is '0'");
    check_refused(COLUMNS "chr1\t-1\tA\tC\teffect\tt\t1\n", "pos is '-1'");
    check_refused(COLUMNS "chr1\t99999999999999999999\tA\tC\teffect\tt\t1\n", "pos is '9999");
    check_refused(COLUMNS "\t1\tA\tC\teffect\tt\t1\n", "chrom is empty");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\tnan\n", "in:2: score is 'nan', expected a f");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\tinf\n", "score is 'inf'");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\t1e999\n", "score is '1e999'");
    check_refused(COLUMNS "chr1\t1\t.\t.\tperbin\tt\t1e39\n", "score is '1e39'");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\t\n", "score is ''");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\t.\n", "score is '.'");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\t0x10\n", "score is '0x10'");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\tt\t 1\n", "score is ' 1'");
    check_refused(COLUMNS "chr1\t1\tA\tC\teffect\t\t1\n", "no id");
    check_refused(COLUMNS "chr1\t1\t.\t.\teffect\tt\t1\n", "without ref and alt");
    check_refused(COLUMNS "chr1\t1\t.\tC\teffect\tt\t1\n", "alt without ref");
    check_refused(COLUMNS COLUMNS, "in:2: a second line of column names");
    check_refused(PART_COLUMNS "chr1\t1\t.\t.\tperbin\tt\t1:\t1\n", "part is '1:'");
    check_refused(PART_COLUMNS "chr1\t1\t.\t.\tperbin\tt\t+\t1\n", "part is '+'");
    check_refused(PART_COLUMNS "chr1\t1\t.\t.\tperbin\tt\t4294967296\t1\n", "part is '4294");
    check_refused(PART_COLUMNS "chr1\t1\t.\t.\tsummary\tt\t:+\t1\n", "part is ':+'");
    check_refused(PART_COLUMNS "chr1\t1\t.\t.\tsummary\tt\tA::-\t1\n", "part is 'A::-'");
    check_refused("##pertrack_a=b\n" COLUMNS "##pertrack_end=1\n", "says '1' rows, found 0");
    check_refused("##pertrack_a=b\n" COLUMNS "##pertrack_end=0\nchr1\n", "data follows the end");
    check_refused("##pertrack_track={\"id\":\"a\"}\n" COLUMNS "chr1\t1\tA\tC\teffect\tt\t1\n",
                  "track 't' is not in the table");
    check_refused("\211PTRS\r\n\032", "without its end mark");
}

/* No metadata, columns in another order with one of their own, CRLF, no last line end. */
static void
test_own_text(void)
{
    static const char text[] =
        "## a comment\r\n"
        "#track\tscore\tchrom\tpos\tref\talt\tkind\tmine\r\n"
        "t1\t0.5\tchr1\t10\tA\tG\teffect\tx\r\n"
        "t2\t-1e3\tchr1\t10\tA\tG\teffect\ty\r\n"
        "t1\t0.1\tchr2\t7\t.\t.\tperbin\tz";
    FILE *fp = fmemopen((void *)text, sizeof text - 1, "r");
    struct err e = { "" };
    struct score_reader *r = score_open(fp, "in", &e);
    const struct score_record *rec;

    CHECK(r != NULL, "%s", e.msg);
    CHECK_INT(score_tracks(r)->n, 0);
    CHECK_INT(score_read(r, &rec, &e), 1);
    CHECK_STR(score_line(r), "t1\t0.5\tchr1\t10\tA\tG\teffect\tx");
    CHECK_INT(score_line_number(r), 3);
    CHECK(isnan(rec->block[0].ref[0]) && isnan(rec->block[0].alt[0]), "not given");
    CHECK_INT(rec->site.start, 9);
    CHECK_STR(rec->site.id, ".");
    CHECK_INT(score_read(r, &rec, &e), 1);
    CHECK_INT(rec->block[0].track, 1);
    CHECK_NEAR(rec->block[0].score[0], -1000, 0);
    CHECK_INT(score_read(r, &rec, &e), 1);
    CHECK_INT(rec->block[0].track, 0);
    CHECK_INT(rec->site.kind, SITE_REGION);
    CHECK_INT(rec->site.n_alt, 0);
    CHECK_INT(rec->block[0].bin[0], 0);
    CHECK_NEAR(rec->block[0].score[0], 0.1f, 0);
    CHECK_INT(score_read(r, &rec, &e), 0);
    CHECK_INT(score_tracks(r)->n, 2);
    score_close(r);
    fclose(fp);
}

static void
test_empty(void)
{
    FILE *fp = fopen("/dev/null", "r");
    struct err e = { "" };

    CHECK(score_open(fp, "in", &e) == NULL, "an empty file");
    CHECK(strstr(e.msg, "in: is empty") != NULL, "%s", e.msg);
    fclose(fp);
}

/* What could not be read back must not be written. */
static void
test_refused_write(bool text)
{
    struct score_record r;
    struct score_writer *w;
    struct meta m;
    struct err e = { "" };
    FILE *fp = fopen("/dev/null", "w");

    make_meta(&m);
    score_record_init(&r);
    w = score_create(fp, "out", &m, text, &e);
    make_variant(&r, 0);
    r.block[0].score[2] = NAN;
    CHECK(score_write(w, &r, &e) == -1 && strstr(e.msg, "out: site chr1:101: effect of track "
                                                 "'CHIP:a:X' is NaN"), "%s", e.msg);
    make_variant(&r, 0);
    r.block[1].track = 2;
    CHECK_INT(score_write(w, &r, &e), -1);
    make_variant(&r, 0);
    r.block[1].allele[0] = 2;
    CHECK_INT(score_write(w, &r, &e), -1);
    make_region(&r, 0);
    r.block[1].score[0] = 0.1;
    CHECK(score_write(w, &r, &e) == -1 && strstr(e.msg, "single-precision"), "%s", e.msg);
    make_region(&r, 0);
    r.block[2].gene[0] = 2;
    CHECK(score_write(w, &r, &e) == -1 && strstr(e.msg, "gene number 3 of 2"), "%s", e.msg);
    make_region(&r, 0);
    score_record_gene(&r, "+");
    CHECK(score_write(w, &r, &e) == -1 && strstr(e.msg, "'+' cannot be"), "%s", e.msg);
    make_region(&r, 0);
    r.block[1].gene = r.block[1].bin;
    CHECK(score_write(w, &r, &e) == -1 && strstr(e.msg, "bin values with genes"), "%s", e.msg);
    score_abandon(w);
    score_abandon(NULL);
    fclose(fp);
    score_record_free(&r);
    meta_free(&m);
}

int
main(void)
{
    test_round_trips();
    test_cut(false);
    test_cut(true);
    test_flipped();
    test_payloads();
    test_refused_text();
    test_own_text();
    test_empty();
    test_refused_write(false);
    test_refused_write(true);
    return check_done();
}
