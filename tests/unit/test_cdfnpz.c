/* SPDX-License-Identifier: MIT */
/* The NPZ writer and reader against each other, against damage, and against chorus's own file. */
#include "background/background.h"
#include "check.h"
#include "npz/npz_read.h"
#include "npz/npz_write.h"
#include "npz/utf.h"
#include "prog/mem.h"
#include "rng/keyed.h"
#include "zip_build.h"

enum { ROWS = 37, WIDTH = 50 };

static char path[4096];

static void
fill(float *m, size_t rows, size_t width)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++)
            m[i * width + j] = (float)i + (float)j / 1024;
}

/* Write a small background to path at a position of the file; threads must not matter. */
static void
write_sample(const float *m, size_t rows, size_t width, long long at, int threads)
{
    char *ids[] = { (char *)"DNASE:a", (char *)"CHIP:\xc3\xa9:\xf0\x9f\xa7\xac" };
    FILE *fp = fopen(path, "wb");
    struct npz_writer *w;
    struct err e = { "" };
    int64_t count[3] = { 1, -2, INT64_MAX };
    bool flags[3] = { true, false, true };

    CHECK(fp && fseeko(fp, at, SEEK_SET) == 0, "%s", path);
    w = npz_create(fp, path, threads);
    CHECK_INT(npz_add_text(w, "ids", ids, 2, &e), 0);
    CHECK_INT(npz_add_matrix(w, "m", m, rows, width, &e), 0);
    CHECK_INT(npz_add_int64(w, "counts", count, 3, &e), 0);
    CHECK_INT(npz_add_int64(w, "scalar", count, 0, &e), 0);
    CHECK_INT(npz_add_bool(w, "flags", flags, 3, &e), 0);
    CHECK_INT(npz_finish(w, &e), 0);
    fclose(fp);
}

static void
check_rows(const struct zip *z, const float *m, size_t rows, size_t width, bool indexed)
{
    struct npz_matrix x;
    struct err e = { "" };
    float *row = mem_array(width, sizeof *row);

    CHECK(npz_matrix_open(&x, z, "m", &e) == 0, "%s", e.msg);
    CHECK_INT(x.rows, rows);
    CHECK_INT(x.width, width);
    CHECK_INT(x.group > 0, indexed);
    for (size_t i = rows; i-- > 0;) {
        CHECK(npz_matrix_row(&x, row, i, &e) == 0, "%s", e.msg);
        CHECK(memcmp(row, m + i * width, width * sizeof *row) == 0, "row %zu", i);
    }
    npz_matrix_close(&x);
    free(row);
}

static void
check_small(const struct zip *z)
{
    struct err e = { "" };
    struct npy a;
    size_t n = 0;
    char **ids = npz_read_text(z, "ids", &n, &e);
    int64_t *counts = npz_read_int64(z, "counts", 3, &e);
    int64_t *scalar = npz_read(z, "scalar", 'i', 8, &a, &e);
    bool *flags = npz_read_bool(z, "flags", 3, &e);

    CHECK(ids && n == 2, "%s", e.msg);
    CHECK_STR(ids[0], "DNASE:a");
    CHECK_STR(ids[1], "CHIP:\xc3\xa9:\xf0\x9f\xa7\xac");
    CHECK(counts && counts[1] == -2 && counts[2] == INT64_MAX, "%s", e.msg);
    CHECK(scalar && a.ndim == 0 && scalar[0] == 1, "%s", e.msg);
    CHECK(flags && flags[0] && !flags[1] && flags[2], "%s", e.msg);
    CHECK(!npz_read_int64(z, "counts", 4, &e) && strstr(e.msg, "expected 4"), "%s", e.msg);
    CHECK(!npz_read_bool(z, "counts", 3, &e) && strstr(e.msg, "expected '|b1'"), "%s", e.msg);
    CHECK(!npz_read_bool(z, "nothing", 3, &e) && strstr(e.msg, "no array 'nothing'"), "%s", e.msg);
    CHECK(npz_has(z, "flags") && !npz_has(z, "flag"), "names are exact");
    npz_free_text(ids, n);
    free(counts);
    free(scalar);
    free(flags);
}

static struct zip *
open_sample(void)
{
    struct err e = { "" };
    struct zip *z = zip_open(path, &e);

    CHECK(z, "%s", e.msg);
    return z;
}

static uint8_t *
read_file(size_t *n)
{
    FILE *fp = fopen(path, "rb");
    uint8_t *p;

    fseek(fp, 0, SEEK_END);
    *n = (size_t)ftell(fp);
    rewind(fp);
    p = mem_alloc(*n);
    CHECK(fread(p, 1, *n, fp) == *n, "%s", path);
    fclose(fp);
    return p;
}

static void
write_file(const uint8_t *p, size_t n)
{
    FILE *fp = fopen(path, "wb");

    CHECK(fwrite(p, 1, n, fp) == n, "%s", path);
    fclose(fp);
}

static void
test_round_trip(void)
{
    float m[ROWS * WIDTH];
    uint8_t *one, *four;
    size_t n_one, n_four;
    struct zip *z;

    fill(m, ROWS, WIDTH);
    write_sample(m, ROWS, WIDTH, 0, 4);
    four = read_file(&n_four);
    write_sample(m, ROWS, WIDTH, 0, 1);
    one = read_file(&n_one);
    CHECK(n_one == n_four && memcmp(one, four, n_one) == 0, "threads change bytes");
    z = open_sample();
    check_rows(z, m, ROWS, WIDTH, true);
    check_small(z);
    zip_close(z);
    free(one);
    free(four);
}

/* The groups joined are one deflate stream, so any ZIP reader gets the whole member. */
static void
test_whole_member(void)
{
    float m[ROWS * WIDTH], *data;
    struct npy a;
    struct err e = { "" };
    struct zip *z;

    fill(m, ROWS, WIDTH);
    write_sample(m, ROWS, WIDTH, 0, 2);
    z = open_sample();
    data = npz_read(z, "m", 'f', 4, &a, &e);
    CHECK(data && a.ndim == 2 && memcmp(data, m, sizeof m) == 0, "%s", e.msg);
    free(data);
    zip_close(z);
}

/* More rows than the index has room for share groups. */
static void
test_many_rows(void)
{
    enum { MANY = 20011, NARROW = 3 };
    float *m = mem_array((size_t)MANY * NARROW, sizeof *m);
    struct zip *z;

    fill(m, MANY, NARROW);
    write_sample(m, MANY, NARROW, 0, 2);
    z = open_sample();
    check_rows(z, m, MANY, NARROW, true);
    zip_close(z);
    free(m);
}

/* Behind 5 GB (of a hole) offsets need the 64-bit fields. */
static void
test_large_offsets(void)
{
    float m[ROWS * WIDTH];
    struct zip *z;

    fill(m, ROWS, WIDTH);
    write_sample(m, ROWS, WIDTH, 5LL << 30, 1);
    z = open_sample();
    check_rows(z, m, ROWS, WIDTH, true);
    check_small(z);
    zip_close(z);
    remove(path);
}

enum { A_ROWS = 300, A_WIDTH = 400, B_ROWS = 9000, B_WIDTH = 5 };

/*
 * Two matrices, whose rows come in some order and in turns, and an array between them; the first
 * of the archive comes last if late.  B has two rows to a piece.
 */
static void
write_mixed(FILE *fp, const float *a, const float *b, int threads, bool late, uint64_t shuffle)
{
    static const char *const keys[] = { "ids", "a", "b", "never" };
    static const bool is_matrix[] = { false, true, true, true };
    struct npz_writer *w = npz_create(fp, "mixed", threads);
    size_t m[2], row[A_ROWS + B_ROWS];
    struct keyed_stream s;
    struct err e = { "" };
    int64_t number = 7;

    npz_order(w, keys, is_matrix, ARRAY_LEN(keys));
    for (int i = 0; i < 2; i++) {
        const int k = late ? 1 - i : i;

        CHECK_INT(npz_begin_matrix(w, &m[k], keys[k + 1], k ? B_ROWS : A_ROWS,
                                   k ? B_WIDTH : A_WIDTH, &e), 0);
    }
    CHECK_INT(npz_add_int64(w, "ids", &number, 1, &e), 0);
    CHECK(npz_group(w, m[0]) == 1 && npz_group(w, m[1]) == 2, "groups");
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        row[i] = late ? ARRAY_LEN(row) - 1 - i : i;
    keyed_stream_init(&s, shuffle, 1);
    for (size_t i = ARRAY_LEN(row) - 1; shuffle && i > 0; i--) {
        const size_t j = keyed_below(&s, i + 1), t = row[i];

        row[i] = row[j];
        row[j] = t;
    }
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const bool second = row[i] >= A_ROWS;
        const size_t at = second ? row[i] - A_ROWS : row[i];

        CHECK_INT(npz_put_row(w, m[second], at, second ? b + at * B_WIDTH : a + at * A_WIDTH, &e),
                  0);
    }
    CHECK(npz_finish(w, &e) == 0, "%s", e.msg);
}

static char *
slurp(size_t *n)
{
    FILE *fp = fopen(path, "rb");
    char *data = mem_alloc(1 << 24);

    *n = fread(data, 1, 1 << 24, fp);
    fclose(fp);
    return data;
}

/* The bytes do not depend on order, threads, or on whether the file can seek. */
static void
test_any_order(void)
{
    float *a = mem_array(A_ROWS * A_WIDTH, sizeof *a), *b = mem_array(B_ROWS * B_WIDTH, sizeof *b);
    char *first = NULL, *pipe = mem_printf("cat >'%s'", path), *data;
    size_t n_first = 0, n;

    fill(a, A_ROWS, A_WIDTH);
    fill(b, B_ROWS, B_WIDTH);
    for (int i = 0; i < 8; i++) {
        FILE *fp = i % 4 == 3 ? popen(pipe, "w") : fopen(path, "wb");

        write_mixed(fp, a, b, i % 3 + 1, i & 1, (uint64_t)(i / 2));
        if (i % 4 == 3)
            pclose(fp);
        else
            fclose(fp);
        data = slurp(&n);
        if (!first) {
            first = data;
            n_first = n;
            continue;
        }
        CHECK(n == n_first && memcmp(data, first, n) == 0, "variant %d differs", i);
        free(data);
    }
    free(first);
    free(pipe);
    free(a);
    free(b);
}

/* Pieces of one archive taken over by another: the same bytes, found again row by row. */
static void
test_copied_pieces(void)
{
    float m[ROWS * WIDTH];
    char *copy = mem_printf("%s.copy", path), *from = mem_strdup(path);
    struct npz_matrix x;
    struct npz_writer *w;
    struct err e = { "" };
    struct zip *z;
    FILE *fp;
    size_t to, n_a, n_b;
    char *one, *two;

    fill(m, ROWS, WIDTH);
    write_sample(m, ROWS, WIDTH, 0, 1);
    one = slurp(&n_a);
    z = zip_open(from, &e);
    CHECK(z && npz_matrix_open(&x, z, "m", &e) == 0, "%s", e.msg);
    fp = fopen(copy, "wb");
    w = npz_create(fp, copy, 2);
    CHECK_INT(npz_begin_matrix(w, &to, "m", ROWS + 1, WIDTH, &e), 0);
    CHECK_INT(npz_put_row(w, to, ROWS, m, &e), 0);
    for (size_t i = 0; i < ROWS; i++) {
        uint32_t crc;
        size_t bytes;
        const uint8_t *p = npz_matrix_piece(&x, i + 1, &bytes, &crc, &e);

        CHECK_INT(npz_put_piece(w, to, i + 1, p, bytes, crc, &e), 0);
    }
    CHECK_INT(npz_finish(w, &e), 0);
    fclose(fp);
    npz_matrix_close(&x);
    zip_close(z);
    snprintf(path, sizeof path, "%s", copy);
    z = open_sample();
    two = npz_read(z, "m", 'f', 4, &(struct npy){ 0 }, &e);
    CHECK(two && memcmp(two, m, sizeof m) == 0 &&
          memcmp(two + sizeof m, m, WIDTH * sizeof *m) == 0, "%s", e.msg);
    free(two);
    zip_close(z);
    two = slurp(&n_b);
    CHECK(n_b > n_a / 2, "%zu bytes", n_b);
    remove(copy);
    snprintf(path, sizeof path, "%s", from);
    free(one);
    free(two);
    free(copy);
    free(from);
}

/* A matrix of more than 4 GB has sizes that only the 64-bit fields hold. */
static void
test_large_member(void)
{
    enum { LONG_ROW = 1000000, TALL = 1100 };
    float *row = mem_array(LONG_ROW, sizeof *row), *got = mem_array(LONG_ROW, sizeof *got);
    FILE *fp = fopen(path, "wb");
    struct npz_writer *w = npz_create(fp, path, 2);
    struct npz_matrix x;
    struct err e = { "" };
    struct zip *z;
    size_t m;

    CHECK_INT(npz_begin_matrix(w, &m, "m", TALL, LONG_ROW, &e), 0);
    for (size_t i = 0; i < TALL; i++) {
        row[LONG_ROW - 1] = (float)i;
        CHECK_INT(npz_put_row(w, m, i, row, &e), 0);
    }
    CHECK_INT(npz_finish(w, &e), 0);
    fclose(fp);
    z = open_sample();
    CHECK(npz_matrix_open(&x, z, "m", &e) == 0, "%s", e.msg);
    CHECK(x.member->size == 128 + 4ull * LONG_ROW * TALL, "%llu bytes",
          (unsigned long long)x.member->size);
    CHECK_INT(npz_matrix_row(&x, got, TALL - 1, &e), 0);
    CHECK(memcmp(got, row, LONG_ROW * sizeof *row) == 0, "last row");
    npz_matrix_close(&x);
    zip_close(z);
    free(row);
    free(got);
}

/* Flip every byte of the file in turn: whatever happens is an error or the right rows. */
static void
test_damage(void)
{
    float m[5 * 4], row[4];
    uint8_t *p;
    size_t n, n_refused = 0;

    fill(m, 5, 4);
    write_sample(m, 5, 4, 0, 1);
    p = read_file(&n);
    for (size_t i = 0; i < n; i++) {
        struct err e = { "" };
        struct zip *z;
        struct npz_matrix x = { 0 };
        int status = -1;

        p[i] ^= 0x41;
        write_file(p, n);
        p[i] ^= 0x41;
        z = zip_open(path, &e);
        if (z && npz_has(z, "m"))
            status = npz_matrix_open(&x, z, "m", &e);
        for (size_t r = 0; status == 0 && r < 5 && x.width == 4; r++) {
            status = npz_matrix_row(&x, row, r, &e);
            CHECK(status || memcmp(row, m + r * 4, sizeof row) == 0, "byte %zu gives a wrong row",
                  i);
        }
        n_refused += status != 0;
        npz_matrix_close(&x);
        zip_close(z);
    }
    CHECK(n_refused > 100, "%zu of %zu refused", n_refused, n);
    for (size_t i = 0; i < n; i++) {
        struct err e = { "" };
        struct zip *z;

        write_file(p, i);
        z = zip_open(path, &e);
        CHECK(!z, "cut at %zu of %zu", i, n);
        zip_close(z);
    }
    free(p);
}

/* A member with that header text and data, stored. */
static void
add_stored(struct zip_build *b, const char *name, const char *header, const void *data, size_t n)
{
    uint8_t raw[2048];
    size_t n_text = strlen(header);

    memcpy(raw, "\x93NUMPY\x01\x00", 8);
    raw[8] = (uint8_t)n_text;
    raw[9] = (uint8_t)(n_text >> 8);
    memcpy(raw + 10, header, n_text);
    memcpy(raw + 10 + n_text, data, n);
    zip_build_add(b, name, raw, 10 + n_text + n);
}

/* Archives of other programs: plain members, and members that must not be believed. */
static void
test_foreign(void)
{
    static const float rows[] = { 1, 2, 3, 4, 5, 6 };
    static const uint32_t ids[] = { 'a', 'b' }, same[] = { 'a', 'a' };
    static const int32_t counts[] = { 0, 7 };
    static const struct { const char *header; const uint32_t *ids; const char *reason; } cases[] = {
        { "{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }\n", ids, NULL },
        { "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", ids, "pickle" },
        { "{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }\n", same, "occurs twice" },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }\n", ids, "has type '<i4'" },
        { "{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }\n", ids, "2 rows for 1" },
        { "{'descr': '<U1', 'fortran_order': False, 'shape': (9,), }\n", ids, "expected" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zip_build *b = mem_zalloc(sizeof *b);
        struct err e = { "" };
        struct background *g;
        float row[3];

        add_stored(b, "track_ids.npy", cases[i].header, cases[i].ids, sizeof ids);
        add_stored(b, "effect_cdfs.npy",
                   "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", rows,
                   sizeof rows);
        add_stored(b, "effect_counts.npy",
                   "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }\n", counts,
                   sizeof counts);
        zip_build_end(b);
        write_file(b->bytes, b->n);
        g = background_open(path, &e);
        if (!cases[i].reason) {
            CHECK(g && background_row(g, row, SCORE_EFFECT, 1, &e) == 0 && row[2] == 6, "%s",
                  e.msg);
            CHECK(g && !g->kind[SCORE_SUMMARY].present, "no summary");
            CHECK(g && !background_is_alive(g, SCORE_EFFECT, 0), "no values behind it");
            CHECK(g && background_is_alive(g, SCORE_EFFECT, 1), "seven values behind it");
        } else {
            CHECK(!g && strstr(e.msg, cases[i].reason), "%s", e.msg);
        }
        background_close(g);
        free(b);
    }
}

static void
test_utf(void)
{
    static const char *const wrong[] = { "\x80", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                         "\xe2\x82", "a\xff" };
    static const uint32_t inner[] = { 'a', 0, 'b' }, high[] = { 0x110000 };

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_INT(utf8_length(wrong[i]), -1);
    CHECK_INT(utf8_length(""), 0);
    CHECK_INT(utf8_length("a\xe2\x82\xac"), 2);
    CHECK(!utf8_from_ucs4(inner, 3), "a zero inside");
    CHECK(!utf8_from_ucs4(high, 1), "no such code point");
}

static void
test_chorus_file(const char *shared)
{
    char *file = mem_printf("%s/golden/tiny_pertrack.npz", shared), *config;
    struct err e = { "" };
    struct background *b = background_open(file, &e);
    float row[8];

    CHECK(b, "%s", e.msg);
    if (!b)
        return;
    CHECK_INT(b->n, 3);
    CHECK_INT(background_find(b, "CHIP:K562:REST"), 2);
    CHECK_INT(background_find(b, "CHIP"), -1);
    CHECK_STR(b->layer[2], "tf_binding");
    for (int k = 0; k < SCORE_KINDS; k++) {
        CHECK(b->kind[k].present && b->kind[k].width == 8 && b->kind[k].matrix.group == 0,
              "kind %d", k);
        CHECK(background_row(b, row, (enum score_kind)k, 2, &e) == 0, "%s", e.msg);
        CHECK(row[0] == 0 && row[7] == (k == 0 ? 3.0f : k == 1 ? 30.0f : 300.0f), "kind %d: %g", k,
              row[7]);
    }
    config = background_config(b, &e);
    CHECK_STR(config, "{\"oracle\": \"tiny\", \"schema_version\": 4}");
    free(config);
    background_close(b);
    free(file);
}

int
main(void)
{
    const char *shared = getenv("SHARED"), *scratch = getenv("T");

    snprintf(path, sizeof path, "%s/test_cdfnpz.npz", scratch ? scratch : ".");
    test_round_trip();
    test_whole_member();
    test_many_rows();
    test_large_offsets();
    test_any_order();
    test_copied_pieces();
    test_large_member();
    test_damage();
    test_foreign();
    test_utf();
    if (shared)
        test_chorus_file(shared);
    remove(path);
    if (!shared && !check_done())
        puts("no golden vectors here (SHARED): chorus's own file was not read");
    return check_done() ? 1 : shared ? 0 : 77;
}
