/* SPDX-License-Identifier: MIT */
/* Guards and derived numbers against the reference's, in $SHARED/golden/guards.json. */
#include <jansson.h>

#include "background/guard.h"
#include "check.h"
#include "prog/mem.h"
#include "reservoir/retention.h"

enum { POINTS = 10000 };

static json_t *
load(const char *shared, const char *name)
{
    char *path = mem_printf("%s/golden/%s", shared, name);
    json_t *v = json_load_file(path, 0, NULL);

    CHECK(v != NULL, "%s", path);
    free(path);
    return v;
}

/* "[5, 5, 0, 0]" as numbers. */
static size_t
counts_of(int64_t *count, const char *text)
{
    size_t n = 0;

    for (const char *p = text; *p;) {
        char *end;
        const long long v = strtoll(p, &end, 10);

        if (end != p)
            count[n++] = v;
        p = end == p ? p + 1 : end;
    }
    return n;
}

static void
test_yield(const json_t *all)
{
    const char *key;
    json_t *want;
    int64_t count[16];

    json_object_foreach(json_object_get(all, "yield"), key, want)
        CHECK(guard_yields_too_little(count, counts_of(count, key)) == json_integer_value(want),
              "%s", key);
}

static void
test_scope(const json_t *all)
{
    const char *key;
    json_t *want;

    json_object_foreach(json_object_get(all, "scope"), key, want) {
        size_t planned = 0, present = 0;

        CHECK(sscanf(key, "planned=%zu,shipped=%zu", &planned, &present) >= 1, "%s", key);
        CHECK(guard_is_smaller(planned, present) == json_integer_value(want), "%s", key);
    }
    json_object_foreach(json_object_get(all, "abort_if_nothing_loads"), key, want) {
        size_t tried = 0, loaded = 0;

        CHECK(sscanf(key, "%zu,%zu", &tried, &loaded) == 2, "%s", key);
        CHECK(guard_nothing_loads(tried, loaded) ==
              (strcmp(json_string_value(want), "abort") == 0), "%s", key);
    }
}

/* The reference wants 198 exact points of any width; we, and the last check, 1.98 %. */
static void
test_thinning(const json_t *all)
{
    const char *key;
    json_t *want;

    json_object_foreach(json_object_get(all, "thinning"), key, want) {
        unsigned long long offered, kept, tail = 0;
        const char *k = strstr(key, "k="), *width = strstr(key, "P=");

        CHECK(sscanf(key, "offered=%llu,retained=%llu", &offered, &kept) == 2 && k && width, "%s",
              key);
        sscanf(strstr(key, ",k=") + 3, "%llu", &tail);
        CHECK(guard_is_thinned(offered, kept, tail, strtoull(width + 2, NULL, 10), 198) ==
              json_integer_value(want), "%s", key);
    }
    CHECK_INT(guard_exact_slots(POINTS), 198);
    CHECK_INT(guard_exact_slots(100), 1);
    CHECK(!guard_is_thinned(1000, 50, 20, 100, guard_exact_slots(100)), "2 of 100 points");
    CHECK(guard_is_thinned(1000, 50, 9, 100, guard_exact_slots(100)), "none of 100 points");
}

static uint64_t
number_of(const char *text, const char *key)
{
    const char *p = strstr(text, key);

    return p ? strtoull(p + strlen(key) + 3, NULL, 10) : 0;     /* behind "': " */
}

static void
test_preflight(const json_t *all)
{
    const char *key;
    json_t *want;

    json_object_foreach(json_object_get(all, "preflight"), key, want) {
        bool exact;
        const uint64_t slots = guard_preflight(&exact, number_of(key, "n_expected"),
                                               number_of(key, "capacity"),
                                               number_of(key, "tail_k"), POINTS);

        if (json_is_string(want)) {
            CHECK(slots < POINTS / 50, "%s: %llu", key, (unsigned long long)slots);
            continue;
        }
        CHECK_INT(slots, json_integer_value(json_object_get(want, "exact_top_slots")));
        CHECK_STR(exact ? "exact" : "hybrid", json_string_value(json_object_get(want, "mode")));
    }
}

static void
test_uniformity(const json_t *all)
{
    const char *key;
    json_t *want;
    int64_t count[16];

    json_object_foreach(json_object_get(all, "uniformity"), key, want) {
        struct guard_counts g;

        guard_uniformity(&g, count, counts_of(count, key));
        CHECK_INT(g.n_tracks, json_integer_value(json_object_get(want, "n_tracks")));
        CHECK_INT(g.n_distinct, json_integer_value(json_object_get(want, "n_distinct")));
        CHECK_INT(g.adjacent_pairs, json_integer_value(json_object_get(want, "adjacent_pairs")));
        CHECK_INT(g.least, json_integer_value(json_object_get(want, "min")));
        CHECK_INT(g.most, json_integer_value(json_object_get(want, "max")));
        CHECK_INT(g.suspect, json_is_true(json_object_get(want, "suspect")));
    }
}

static void
test_rows(void)
{
    float row[] = { 0, 1, 2, 3, 4, 5, 6, 6, 6, 6 };

    CHECK(guard_looks_padded(row, 10, 7), "7 of 10 points, then the last again");
    CHECK(!guard_looks_padded(row, 10, 8) && !guard_looks_padded(row, 10, 0), "other counts");
    CHECK(!guard_looks_padded(row, 10, 9), "as many as points, nearly");
    row[9] = 7;
    CHECK(!guard_looks_padded(row, 10, 7), "spread over the row");
    CHECK(!guard_descends(row, 10), "ascending");
    row[9] = 6 - 5e-7f;
    CHECK(!guard_descends(row, 10), "down by less than 1e-6");
    row[9] = 5;
    CHECK(guard_descends(row, 10), "down by 1");
    memset(row, 0, sizeof row);
    CHECK(!guard_looks_padded(row, 10, 1), "constant");
    CHECK(guard_exceeds_population(65, 1, 64) && !guard_exceeds_population(64, 1, 64), "fan-out");
}

static void
test_derived(const char *shared)
{
    json_t *all = load(shared, "reservoir.json"), *want;
    const char *key;
    unsigned long long k, n;

    json_object_foreach(json_object_get(all, "derive_tail_k"), key, want)
        CHECK_INT(retention_derive_tail(strtoull(key, NULL, 10), POINTS),
                  json_integer_value(want));
    json_object_foreach(json_object_get(all, "exact_top_slots"), key, want) {
        CHECK(sscanf(key, "k=%llu,N=%llu", &k, &n) == 2, "%s", key);
        CHECK_INT(retention_exact_slots(k, n, POINTS), json_integer_value(want));
    }
    json_decref(all);
}

int
main(void)
{
    const char *shared = getenv("SHARED");
    json_t *all;

    test_rows();
    if (!shared) {
        puts("no golden vectors here (SHARED): only built-in numbers were checked");
        return check_done() ? 1 : 77;
    }
    all = load(shared, "guards.json");
    test_yield(all);
    test_scope(all);
    test_thinning(all);
    test_preflight(all);
    test_uniformity(all);
    test_derived(shared);
    json_decref(all);
    return check_done();
}
