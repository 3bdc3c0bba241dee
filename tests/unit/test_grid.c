/* SPDX-License-Identifier: MIT */
/* Rows against numpy's: vectors in $SHARED/golden, and a few numbers that need no file. */
#include <jansson.h>

#include "background/grid.h"
#include "check.h"
#include "digest/hash256.h"
#include "prog/mem.h"

/* The row of sorted values that are all there are. */
static void
make_row(float *row, size_t width, double *v, size_t n)
{
    struct value_set s = { .kind = SCORE_EFFECT, .offered = n, .n = n, .d = v };
    struct grid *g = grid_new(width);

    grid_set(g, row, &s);
    grid_free(g);
}

static void
make_float_row(float *row, size_t width, float *v, size_t n)
{
    struct value_set s = { .kind = SCORE_PERBIN, .offered = n, .n = n, .f = v };
    struct grid *g = grid_new(width);

    grid_set(g, row, &s);
    grid_free(g);
}

static void
test_interpolation(void)
{
    static const double five[] = { 1, 1, 3, 4, 5 };
    static const double want[] = { 1, 1, 1.2222222222222219, 2.333333333333333, 3.222222222222222,
                                   3.7777777777777777, 4.333333333333333, 4.888888888888888, 5,
                                   5 };
    static const double squares[] = { 0, 1, 4, 9, 16, 25, 36, 49, 64 };

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        CHECK(grid_slot(five, 5, 10, i) == want[i], "slot %zu", i);
    CHECK(grid_slot(squares, 9, 10, 7) == 48.999999999999986, "a bit below 49");
}

static void
test_selection(void)
{
    static const double want[] = { 0, 2, 5, 8, 10, 13, 16, 18, 21, 24 };
    double v[25];

    for (size_t i = 0; i < 25; i++)
        v[i] = (double)i;
    for (size_t i = 0; i < 10; i++)
        CHECK(grid_slot(v, 25, 10, i) == want[i], "slot %zu", i);
    /* Just below an integer: one lower than whole-number arithmetic says. */
    CHECK_INT(grid_index(909, 11067, 10000), 909u * 11066 / 9999 - 1);
    CHECK_INT(grid_index(9999, 11067, 10000), 11066);
}

static void
test_edges(void)
{
    double one[] = { 7.25 };
    float floats[] = { -2, 0.5f, 3 };
    double doubles[] = { -2, 0.5, 3 };
    float a[16], b[16];

    make_row(a, 4, NULL, 0);
    CHECK(a[0] == 0 && a[3] == 0, "no values give zeros");
    make_row(a, 3, one, 1);
    CHECK(a[0] == 7.25f && a[1] == 7.25f && a[2] == 7.25f, "one value gives a constant row");
    make_row(a, 16, doubles, 3);
    make_float_row(b, 16, floats, 3);
    CHECK(memcmp(a, b, sizeof a) == 0, "floats and doubles of equal value");
    make_row(a, 2, doubles, 3);
    make_float_row(b, 2, floats, 3);
    CHECK(a[0] == -2 && a[1] == 3 && b[0] == -2 && b[1] == 3, "two slots are the ends");
    CHECK_INT(grid_first_descent(a, 2), -1);
    a[0] = 4;
    CHECK_INT(grid_first_descent(a, 2), 1);
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* A plan, kept from one track to the next, gives what each point gives alone. */
static void
test_plan(void)
{
    static const size_t numbers[] = { 3, 3, 99, 100, 101, 7, 250, 250, 1 };
    struct grid *g = grid_new(100);
    float row[100];

    for (size_t k = 0; k < ARRAY_LEN(numbers); k++) {
        const size_t n = numbers[k];
        double *v = mem_array(n, sizeof *v);
        struct value_set s = { .kind = SCORE_SUMMARY, .offered = n, .n = n, .d = v };

        for (size_t i = 0; i < n; i++)
            v[i] = sqrt((double)(i * (k + 1))) - 3;
        grid_set(g, row, &s);
        for (size_t i = 0; i < 100; i++)
            CHECK(row[i] == (float)grid_slot(v, n, 100, i), "%zu values, point %zu", n, i);
        free(v);
    }
    grid_free(g);
}

/* Doubles of a JSON array. */
static double *
numbers_of(const json_t *array, size_t *n)
{
    double *v;

    *n = json_array_size(array);
    v = mem_array(*n, sizeof *v);
    for (size_t i = 0; i < *n; i++)
        v[i] = json_number_value(json_array_get(array, i));
    return v;
}

/* Values 0 to offered - 1 in order, 50 kept by algorithm R and 20 at each end. */
static void
check_spliced(const json_t *want, size_t offered, const char *name)
{
    const struct retention how = { RETAIN_R, 50, 20, RETENTION_SEED };
    struct value_set s = { .kind = SCORE_EFFECT, .limit = UINT32_MAX };
    size_t width = json_array_size(want);
    struct grid *g = grid_new(width);
    float *row = mem_array(width, sizeof *row);
    struct pyrandom random;

    pyrandom_seed(&random, how.seed);
    for (size_t i = 0; i < offered; i++) {
        const double v = (double)i;

        value_set_offer_r(&s, &how, &v, 1, &random);
    }
    value_set_trim(&s, &how);
    value_set_sort(&s);
    CHECK_INT(s.n, 50);
    CHECK(s.tail && s.tail[LOWER].n == 20 && s.tail[UPPER].n == 20, "%s: tails", name);
    CHECK(s.tail[LOWER].d[19] == 19 && s.tail[UPPER].d[0] == (double)offered - 20, "%s: exact",
          name);
    grid_set(g, row, &s);
    for (size_t i = 0; i < width; i++)
        CHECK((double)row[i] == json_number_value(json_array_get(want, i)), "%s: point %zu", name,
              i);
    value_set_free(&s);
    free(row);
    grid_free(g);
}

static void
check_tails(const json_t *v)
{
    size_t n_body, n_lower, n_upper, width = json_array_size(json_object_get(v, "row"));
    double *body = numbers_of(json_object_get(v, "body_sorted"), &n_body);
    double *lower = numbers_of(json_object_get(v, "bot"), &n_lower);
    double *upper = numbers_of(json_object_get(v, "top"), &n_upper);
    struct value_set tail[] = { { .n = n_lower, .d = lower }, { .n = n_upper, .d = upper } };
    struct value_set s = { .offered = 1000, .n = n_body, .d = body, .tail = tail };
    struct grid *g = grid_new(width);
    float *row = mem_array(width, sizeof *row);

    grid_set(g, row, &s);
    for (size_t i = 0; i < width; i++)
        CHECK((double)row[i] ==
              json_number_value(json_array_get(json_object_get(v, "row"), i)), "point %zu", i);
    grid_free(g);
    free(row);
    free(body);
    free(lower);
    free(upper);
}

static void
test_golden_splice(const char *shared)
{
    char *path = mem_printf("%s/golden/reservoir.json", shared);
    json_t *all = json_load_file(path, 0, NULL), *first;

    first = json_object_get(all, "tail_splice_cap50_k20_n1000_P100_ordinals");
    check_tails(first);
    check_spliced(json_object_get(first, "row"), 1000, "1000 values");
    check_spliced(json_object_get(json_object_get(all, "tail_fallback_offered79_k20_cap50"),
                                  "row10"), 79, "79 values");
    check_spliced(json_object_get(json_object_get(all, "tail_offered80_k20_cap50"), "row10"), 80,
                  "80 values");
    json_decref(all);
    free(path);
}

/* Rows of fewer values than points end in a plateau that begins where the reference's does. */
static void
test_plateaus(const char *shared)
{
    char *path = mem_printf("%s/golden/reservoir.json", shared);
    json_t *all = json_load_file(path, 0, NULL), *want;
    const char *key;
    size_t n, width;

    json_object_foreach(json_object_get(all, "expected_first_max_index"), key, want) {
        double *v;
        float *row;

        CHECK(sscanf(key, "n=%zu,P=%zu", &n, &width) == 2, "%s", key);
        v = mem_array(n, sizeof *v);
        row = mem_array(width, sizeof *row);
        for (size_t i = 0; i < n; i++)
            v[i] = (double)i;
        make_row(row, width, v, n);
        CHECK(row[json_integer_value(want)] == row[width - 1], "%s", key);
        CHECK(row[json_integer_value(want) - 1] < row[width - 1], "%s: before it", key);
        free(v);
        free(row);
    }
    json_decref(all);
    free(path);
}

static void
check_vector(const char *name, const json_t *vector)
{
    const json_t *values = json_object_get(vector, "values");
    const json_t *row = json_object_get(vector, "row_hex");
    const json_t *single = json_object_get(vector, "row_float32_hex");
    size_t n = json_array_size(values), width = json_array_size(row);
    double *v = mem_array(n, sizeof *v);
    float *out = mem_array(width, sizeof *out);

    for (size_t i = 0; i < n; i++)
        v[i] = strtod(json_string_value(json_array_get(values, i)), NULL);
    qsort(v, n, sizeof *v, by_value);
    make_row(out, width, v, n);
    for (size_t i = 0; i < width; i++) {
        double want = strtod(json_string_value(json_array_get(row, i)), NULL);
        double want32 = strtod(json_string_value(json_array_get(single, i)), NULL);

        CHECK(grid_slot(v, n, width, i) == want, "%s slot %zu", name, i);
        CHECK((double)out[i] == want32, "%s slot %zu as float", name, i);
    }
    free(v);
    free(out);
}

static void
test_golden_rows(const char *shared)
{
    char *path = mem_printf("%s/golden/reservoir.json", shared);
    json_t *all = json_load_file(path, 0, NULL), *vector;
    const char *name;
    size_t n = 0;

    json_object_foreach(all, name, vector) {
        if (json_object_get(vector, "row_hex") && json_object_get(vector, "values") &&
            json_object_get(vector, "row_float32_hex")) {
            check_vector(name, vector);
            n++;
        }
    }
    CHECK(n >= 8, "%zu vectors in %s", n, path);
    json_decref(all);
    free(path);
}

/* Lines "n width ... sha256 of the indices as little-endian int64". */
static void
test_golden_indices(const char *shared)
{
    char *path = mem_printf("%s/golden/grid_indices.tsv", shared), line[1024];
    FILE *fp = fopen(path, "r");
    size_t n_lines = 0;

    while (fp && fgets(line, sizeof line, fp)) {
        size_t n, width;
        struct hash256 *h;
        char hex[65], *last = strrchr(line, '\t');

        if (!last || sscanf(line, "%zu\t%zu", &n, &width) != 2)
            continue;
        last[strcspn(last, "\r\n")] = '\0';
        h = hash256_new();
        for (size_t i = 0; i < width; i++) {
            int64_t index = (int64_t)grid_index(i, n, width);

            hash256_add(h, &index, sizeof index);
        }
        hash256_hex(h, hex);
        CHECK_STR(hex, last + 1);
        n_lines++;
    }
    CHECK(n_lines >= 20, "%zu index vectors in %s", n_lines, path);
    if (fp)
        fclose(fp);
    free(path);
}

int
main(void)
{
    const char *shared = getenv("SHARED");

    test_interpolation();
    test_selection();
    test_edges();
    test_plan();
    if (shared) {
        test_golden_splice(shared);
        test_plateaus(shared);
        test_golden_rows(shared);
        test_golden_indices(shared);
    }
    if (!shared && !check_done())
        puts("no golden vectors here (SHARED): only built-in numbers were checked");
    return check_done() ? 1 : shared ? 0 : 77;
}
