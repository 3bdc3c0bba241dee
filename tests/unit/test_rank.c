/* SPDX-License-Identifier: MIT */
/* Percentiles, ties and exceedance against those of chorus; vectors in $SHARED/golden. */
#include <float.h>
#include <jansson.h>

#include "base/pyfloat.h"
#include "check.h"
#include "lookup/rank.h"
#include "lookup/rank_index.h"
#include "prog/mem.h"

static void
test_text_of_floats(void)
{
    static const struct { double v; const char *text; } cases[] = {
        { 0.0, "0.0" }, { -0.0, "-0.0" }, { 0.5, "0.5" }, { 1, "1.0" }, { -1.5, "-1.5" },
        { 1e-05, "1e-05" }, { 0.0001, "0.0001" }, { 0.00012345, "0.00012345" }, { 100, "100.0" },
        { 1e15, "1000000000000000.0" }, { 1e16, "1e+16" }, { 1e22, "1e+22" },
        { 123456.789, "123456.789" }, { 0x1p-44, "5.684341886080802e-14" },
        { 0.1 + 0.2, "0.30000000000000004" }, { 5e-324, "5e-324" }, { 9007199254740993.0,
        "9007199254740992.0" }, { 1.7976931348623157e308, "1.7976931348623157e+308" },
        { 2.2250738585072014e-308, "2.2250738585072014e-308" }, { 1234567890123456.7,
        "1234567890123456.8" }, { -1e-100, "-1e-100" }, { 99999.0, "99999.0" }
    };
    char text[PYFLOAT_MAX];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CHECK_INT(pyfloat_format(text, cases[i].v), strlen(cases[i].text));
        CHECK_STR(text, cases[i].text);
    }
}

/* Every power of two reads back. */
static void
test_text_round_trip(void)
{
    char text[PYFLOAT_MAX];

    for (int p = -1074; p <= 1023; p++) {
        pyfloat_format(text, ldexp(1, p));
        CHECK(strtod(text, NULL) == ldexp(1, p), "2^%d as %s", p, text);
    }
}

static void
test_rank(void)
{
    static const float row[] = { -2, -1, 0, 0, 0, 1, 2, 4 };
    struct err e;
    double q = 9;

    CHECK_INT(rank_percentile(&q, row, 8, "x", -3, false, RANK_TIES_HASH, &e), 0);
    CHECK(q == 0, "below all: %g", q);
    rank_percentile(&q, row, 8, "x", 1, false, RANK_TIES_HASH, &e);
    CHECK(q == 6 / 8.0, "one equal counts: %g", q);
    rank_percentile(&q, row, 8, "x", 1, true, RANK_TIES_HASH, &e);
    CHECK(q == 0.5, "signed: %g", q);
    rank_percentile(&q, row, 8, "x", 0, false, RANK_TIES_RIGHT, &e);
    CHECK(q == 5 / 8.0, "ties right: %g", q);
    rank_percentile(&q, row, 8, "x", 0, false, RANK_TIES_HASH, &e);
    CHECK(q >= 2 / 8.0 && q <= 5 / 8.0, "ties within the run: %g", q);
    {
        double negative = q;

        rank_percentile(&negative, row, 8, "x", -0.0, false, RANK_TIES_HASH, &e);
        CHECK(q == negative, "-0.0 is 0.0: %g", negative);
    }
    CHECK_INT(rank_percentile(&q, row, 8, "x", NAN, false, RANK_TIES_HASH, &e), -1);
    CHECK(strstr(e.msg, "'x'"), "%s", e.msg);
    CHECK_INT(rank_percentile(&q, row, 8, "x", INFINITY, false, RANK_TIES_HASH, &e), -1);
}

static void
test_ties(void)
{
    static const float row[] = { -2, -1, 0, 0, 0, 1, 2, 4 };
    struct err e;
    double q = 9;

    rank_percentile(&q, row, 8, "x", 0, false, RANK_TIES_LEFT, &e);
    CHECK(q == 2 / 8.0, "ties left: %g", q);
    rank_percentile(&q, row, 8, "x", 1, false, RANK_TIES_LEFT, &e);
    CHECK(q == 5 / 8.0, "one equal, left: %g", q);
    rank_percentile(&q, row, 8, "x", 0.5, false, RANK_TIES_LEFT, &e);
    CHECK(q == 5 / 8.0, "no tie, left: %g", q);
}

/* The fast search gives the places of the plain one: every width, ties of all lengths, ends. */
static void
test_index(void)
{
    static const size_t widths[] = { 1, 2, 63, 64, 65, 127, 128, 1000, 10000 };

    for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
        size_t width = widths[w], n = 0;
        float *row = mem_array(width, sizeof *row);
        double *v = mem_array(4 * width + 8, sizeof *v);
        struct rank_place *fast = mem_array(4 * width + 8, sizeof *fast), slow;
        struct rank_index **x = mem_array(4 * width + 8, sizeof *x);

        for (size_t i = 0; i < width; i++)
            row[i] = (float)floor(sqrt((double)i) * (double)(w % 3 + 1)) - 2;
        for (size_t i = 0; i < width; i++) {
            v[n++] = row[i];
            v[n++] = nextafter(row[i], -HUGE_VAL);
            v[n++] = nextafter(row[i], HUGE_VAL);
            v[n++] = (double)row[i] + 0.5;
        }
        v[n++] = -0.0;
        v[n++] = DBL_MAX;
        v[n++] = -DBL_MAX;
        for (int ties = RANK_TIES_HASH; ties <= RANK_TIES_LEFT; ties++) {
            x[0] = rank_index_new(row, width, "T0", (enum rank_ties)ties);
            for (size_t i = 1; i < n; i++)
                x[i] = x[0];
            rank_index_find_all(fast, x, v, n);
            for (size_t i = 0; i < n; i++) {
                rank_find(&slow, row, width, "T0", v[i] == 0 ? 0 : v[i], (enum rank_ties)ties);
                CHECK(memcmp(&slow, &fast[i], sizeof slow) == 0, "width %zu, %.17g: %zu, not %zu",
                      width, v[i], fast[i].rank, slow.rank);
                rank_index_find(&fast[i], x[0], v[i]);
                CHECK(memcmp(&slow, &fast[i], sizeof slow) == 0, "width %zu, %.17g", width, v[i]);
            }
            rank_index_free(x[0]);
        }
        free(row);
        free(v);
        free(fast);
        free(x);
    }
}

static void
test_exceedance(void)
{
    static const float row[] = { -2, 0, 4 }, zeros[] = { 0, 0, 0 };
    double ratio = 0;

    CHECK(!rank_exceedance(&ratio, row, 3, 4, false), "the end itself is inside");
    CHECK(rank_exceedance(&ratio, row, 3, 8, false) && ratio == 2, "%g", ratio);
    CHECK(rank_exceedance(&ratio, row, 3, -8, false) && ratio == 2, "size counts: %g", ratio);
    CHECK(rank_exceedance(&ratio, row, 3, -8, true) && ratio == 4, "%g", ratio);
    CHECK(!rank_exceedance(&ratio, row, 3, -1, true), "inside");
    CHECK(!rank_exceedance(&ratio, zeros, 3, 1, true), "no scale");
}

static FILE *
open_golden(const char *shared, const char *name)
{
    char *path = mem_printf("%s/golden/%s", shared, name);
    FILE *fp = fopen(path, "r");

    CHECK(fp, "%s cannot be read", path);
    free(path);
    return fp;
}

/* track_id, value in hex, text, digest, digest as number, number mod 901 */
static void
test_golden_hashes(const char *shared)
{
    FILE *fp = open_golden(shared, "tie_hash_blake2b.tsv");
    char line[512], id[64], hex[64], text[64], digest[64], found[PYFLOAT_MAX];
    unsigned long long hash;
    size_t n = 0;

    while (fp && fgets(line, sizeof line, fp)) {
        double v;

        if (sscanf(line, "%63[^\t]\t%63[^\t]\t%63[^\t]\t%63[^\t]\t%llu", id, hex, text, digest,
                   &hash) != 5)
            continue;
        v = strtod(hex, NULL);
        if (!isfinite(v))
            continue;
        pyfloat_format(found, v);
        CHECK_STR(found, text);
        CHECK(rank_tie_hash(id, v) == hash, "%s", line);
        n++;
    }
    CHECK(n >= 20, "%zu hashes", n);
    if (fp)
        fclose(fp);
}

static void
test_golden_zeros(const char *shared)
{
    FILE *fp = open_golden(shared, "tie_rank_900_zeros.json");
    json_t *all = fp ? json_loadf(fp, 0, NULL) : NULL, *pair;
    float *row = mem_array(10000, sizeof *row);
    size_t i;

    for (size_t j = 900; j < 10000; j++)
        row[j] = (float)(1e-6 + (double)(j - 900) * ((0.04 - 1e-6) / 9099));
    json_array_foreach(json_object_get(all, "ranks"), i, pair) {
        struct err e;
        double q = 0;

        rank_percentile(&q, row, 10000, json_string_value(json_array_get(pair, 0)), 0, false,
                        RANK_TIES_HASH, &e);
        CHECK(q == (double)json_integer_value(json_array_get(pair, 1)) / 10000, "%g", q);
    }
    CHECK(i == 8, "%zu ranks", i);
    free(row);
    json_decref(all);
    if (fp)
        fclose(fp);
}

static void
check_query(const json_t *query, const float *row, size_t width)
{
    const char *id = json_string_value(json_object_get(query, "track_query"));
    double v = strtod(json_string_value(json_object_get(query, "value_hex")), NULL), q, ratio;
    static const char *const pct[] = { "effect_pct_unsigned", "effect_pct_signed" };
    static const char *const over[] = { "exceedance_unsigned", "exceedance_signed" };
    struct err e;

    for (int s = 0; s < 2; s++) {
        const json_t *want = json_object_get(query, over[s]);

        rank_percentile(&q, row, width, id, v, s, RANK_TIES_HASH, &e);
        CHECK(q == json_number_value(json_object_get(query, pct[s])), "%s of %g in %s: %.17g",
              pct[s], v, id, q);
        if (rank_exceedance(&ratio, row, width, v, s))
            CHECK(json_is_number(want) && ratio == json_number_value(want), "%s of %g in %s: %.17g",
                  over[s], v, id, ratio);
        else
            CHECK(json_is_null(want), "%s of %g in %s: none", over[s], v, id);
    }
}

/* Queries by a row's own id; NaN and -0.0, where we differ on purpose, are left out. */
static void
test_golden_queries(const char *shared)
{
    FILE *fp = open_golden(shared, "lookup.json");
    json_t *all = fp ? json_loadf(fp, 0, NULL) : NULL, *query, *hex;
    size_t i, j, n = 0;

    json_array_foreach(json_object_get(all, "queries"), i, query) {
        const char *id = json_string_value(json_object_get(query, "track_query"));
        const char *value = json_string_value(json_object_get(query, "value_hex"));
        const json_t *list = json_object_get(json_object_get(all, "rows_float32_hex"), id);
        float row[64];

        if (!list || strcmp(id, "DEAD") == 0 || !value || strcmp(value, "nan") == 0 ||
            strcmp(value, "-0x0.0p+0") == 0 || !isfinite(strtod(value, NULL)))
            continue;
        json_array_foreach(list, j, hex)
            row[j] = strtof(json_string_value(hex), NULL);
        check_query(query, row, j);
        n++;
    }
    CHECK(n >= 40, "%zu queries", n);
    json_decref(all);
    if (fp)
        fclose(fp);
}

int
main(void)
{
    const char *shared = getenv("SHARED");

    test_text_of_floats();
    test_text_round_trip();
    test_rank();
    test_ties();
    test_index();
    test_exceedance();
    if (shared) {
        test_golden_hashes(shared);
        test_golden_zeros(shared);
        test_golden_queries(shared);
    }
    if (!shared && !check_done())
        puts("no golden vectors here (SHARED): only built-in numbers were checked");
    return check_done() ? 1 : shared ? 0 : 77;
}
