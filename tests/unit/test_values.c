/* SPDX-License-Identifier: MIT */
/* Bounded retention: what stays is what the rule says, in any order and from any shards. */
#include <jansson.h>

#include "check.h"
#include "prog/mem.h"
#include "reservoir/identity.h"
#include "reservoir/retention.h"
#include "reservoir/values.h"
#include "rng/keyed.h"

enum { OFFERED = 5000, CAPACITY = 300, TAIL = 120 };

static const struct retention keyed = { RETAIN_KEYED, CAPACITY, TAIL, RETENTION_SEED };

/* Many equal values and few keys, so that ties of either kind occur where the cut is. */
static double
value_at(size_t i, int mode)
{
    const uint64_t word = keyed_hash(7, i, 0);

    return mode ? (double)(word % 40) - 20 : (double)(word >> 12) * 0x1p-52 - 0.5;
}

static uint32_t
key_at(size_t i, int mode)
{
    return (uint32_t)(keyed_hash(8, i, 0) >> (mode ? 56 : 32));
}

static struct value_set
empty_set(enum score_kind kind)
{
    return (struct value_set){ .kind = kind, .limit = UINT32_MAX };
}

/* Offer the values i with i % of == part of 0 to n - 1, a few at a time. */
static void
offer(struct value_set *s, size_t n, int mode, size_t part, size_t of, bool backwards)
{
    double v[7];
    uint32_t key[7];
    size_t k = 0;

    for (size_t j = 0; j < n; j++) {
        const size_t i = backwards ? n - 1 - j : j;

        if (i % of != part)
            continue;
        v[k] = value_at(i, mode);
        key[k++] = key_at(i, mode);
        if (k == ARRAY_LEN(v)) {
            value_set_offer_keyed(s, &keyed, v, key, k);
            k = 0;
        }
    }
    value_set_offer_keyed(s, &keyed, v, key, k);
}

static void
finish(struct value_set *s)
{
    value_set_trim(s, &keyed);
    value_set_sort(s);
}

static void
check_same_values(const struct value_set *a, const struct value_set *b, const char *what)
{
    CHECK(a->n == b->n, "%s: %zu and %zu values", what, a->n, b->n);
    for (size_t i = 0; i < a->n && i < b->n; i++)
        CHECK(value_set_get(a, i) == value_set_get(b, i), "%s: value %zu", what, i);
    for (size_t i = 0; a->key && i < a->n && i < b->n; i++)
        CHECK(a->key[i] == b->key[i], "%s: key %zu", what, i);
}

static void
check_same(const struct value_set *a, const struct value_set *b, const char *what)
{
    CHECK_INT(a->offered, b->offered);
    check_same_values(a, b, what);
    CHECK(!a->tail == !b->tail, "%s: tails", what);
    for (int t = 0; a->tail && b->tail && t < TAILS; t++)
        check_same_values(&a->tail[t], &b->tail[t], what);
}

struct entry {
    double v;
    uint32_t key;
};

static int
by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->v > y->v) - (x->v < y->v);
}

static int
by_value(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return (x->v > y->v) - (x->v < y->v);
}

/* The definition: sort everything, take the first. */
static void
check_definition(const struct value_set *s, int mode)
{
    struct entry *all = mem_array(OFFERED, sizeof *all);

    for (size_t i = 0; i < OFFERED; i++) {
        const double v = value_at(i, mode);

        all[i].v = s->kind == SCORE_PERBIN ? (double)((float)v + 0.0f) : v + 0.0;
        all[i].key = key_at(i, mode);
    }
    qsort(all, OFFERED, sizeof *all, by_value);
    CHECK(s->tail && s->tail[LOWER].n == TAIL && s->tail[UPPER].n == TAIL, "tails");
    for (size_t i = 0; i < TAIL; i++) {
        CHECK(value_set_get(&s->tail[LOWER], i) == all[i].v, "lower %zu", i);
        CHECK(value_set_get(&s->tail[UPPER], i) == all[OFFERED - TAIL + i].v, "upper %zu", i);
    }
    qsort(all, OFFERED, sizeof *all, by_key);
    qsort(all, CAPACITY, sizeof *all, by_value);
    CHECK_INT(s->n, CAPACITY);
    for (size_t i = 0; i < CAPACITY; i++)
        CHECK(value_set_get(s, i) == all[i].v, "value %zu", i);
    free(all);
}

static void
test_keyed(enum score_kind kind, int mode)
{
    struct value_set whole = empty_set(kind), back = empty_set(kind);

    offer(&whole, OFFERED, mode, 0, 1, false);
    finish(&whole);
    CHECK_INT(whole.offered, OFFERED);
    check_definition(&whole, mode);
    offer(&back, OFFERED, mode, 0, 1, true);
    finish(&back);
    check_same(&whole, &back, "backwards");
    for (size_t n = 2; n <= 40; n += 19) {      /* the last: shards that are whole */
        struct value_set joined = empty_set(kind);

        for (size_t i = n; i-- > 0;) {
            struct value_set part = empty_set(kind);

            offer(&part, OFFERED, mode, i, n, i % 2);
            finish(&part);
            value_set_join(&joined, &keyed, &part);
            value_set_free(&part);
        }
        finish(&joined);
        check_same(&whole, &joined, "joined");
        value_set_free(&joined);
    }
    value_set_free(&whole);
    value_set_free(&back);
}

static void
test_whole_sets(void)
{
    struct value_set s = empty_set(SCORE_SUMMARY), one = empty_set(SCORE_SUMMARY);

    offer(&s, CAPACITY, 0, 0, 1, false);
    finish(&s);
    CHECK(s.n == CAPACITY && s.offered == CAPACITY && !s.tail, "as many as stay: whole");
    offer(&one, CAPACITY + 1, 0, 0, 1, false);
    finish(&one);
    CHECK(one.n == CAPACITY && one.offered == CAPACITY + 1 && one.tail, "one more: not whole");
    CHECK(one.tail && one.tail[LOWER].n == TAIL, "tails of a set just over capacity");
    value_set_free(&s);
    value_set_free(&one);
}

/* Every value is as likely to stay: ranks of those kept are spread evenly. */
static void
test_uniform(void)
{
    struct value_set s = empty_set(SCORE_EFFECT);
    double most = 0;

    offer(&s, OFFERED, 0, 0, 1, false);
    finish(&s);
    for (size_t i = 0; i < s.n; i++) {
        const double share = (double)(i + 1) / CAPACITY, at = s.d[i] + 0.5;

        most = fabs(share - at) > most ? fabs(share - at) : most;
    }
    /* Kolmogorov-Smirnov at 0.1 %: 1.95 / sqrt(n) */
    CHECK(most < 1.95 / sqrt(CAPACITY), "largest deviation %g", most);
    value_set_free(&s);
}

/* CPython's draws: 400 ordinals offered to 40 places. */
static void
test_algorithm_r(const char *shared)
{
    const struct retention how = { RETAIN_R, 40, 0, RETENTION_SEED };
    char *path = mem_printf("%s/golden/reservoir.json", shared);
    json_t *all = json_load_file(path, 0, NULL), *want;
    struct value_set s = empty_set(SCORE_EFFECT), batch = empty_set(SCORE_EFFECT);
    struct pyrandom random, other;
    double v[400];

    want = json_object_get(json_object_get(all, "cap40_400_ordinals_seed12345"), "slots_in_order");
    pyrandom_seed(&random, how.seed);
    pyrandom_seed(&other, how.seed);
    for (size_t i = 0; i < 400; i++) {
        v[i] = (double)i;
        value_set_offer_r(&s, &how, &v[i], 1, &random);
    }
    for (size_t i = 0; i < 400; i += 37)
        value_set_offer_r(&batch, &how, v + i, i + 37 < 400 ? 37 : 400 - i, &other);
    CHECK_INT(s.offered, 400);
    CHECK_INT(json_array_size(want), 40);
    for (size_t i = 0; i < 40; i++) {
        CHECK_INT(s.d[i], json_integer_value(json_array_get(want, i)));
        CHECK_INT(batch.d[i], json_integer_value(json_array_get(want, i)));
    }
    value_set_free(&s);
    value_set_free(&batch);
    json_decref(all);
    free(path);
}

/* Keys are fixed for good: files made with them are joined years later. */
static void
test_identity(void)
{
    struct score_record r;
    struct score_block *b;
    struct identity id;
    const uint32_t *key;
    uint32_t first[2];
    static char *alt[] = { (char *)"C", (char *)"G" };

    identity_init(&id, RETENTION_SEED);
    score_record_init(&r);
    r.site = (struct site){ .kind = SITE_VARIANT, .chrom = (char *)"chr7", .start = 99, .end = 100,
                            .ref = (char *)"A", .alt = alt, .n_alt = 2, .id = (char *)"rs1",
                            .stratum = (char *)"." };
    b = score_record_add(&r, SCORE_EFFECT, 0, 2);
    b->allele[1] = 1;
    identity_set_site(&id, &r);
    key = identity_keys(&id, &r, b, 0, "DNASE:K562");
    first[0] = key[0];
    first[1] = key[1];
    CHECK_INT(first[0], 724480359);
    CHECK_INT(first[1], 459053045);
    r.site.chrom = (char *)"7";
    r.site.id = (char *)"other";
    r.site.ordinal = 77;
    identity_set_site(&id, &r);
    key = identity_keys(&id, &r, b, 5, "DNASE:K562");
    CHECK(key[0] == first[0] && key[1] == first[1], "spelling, id and place do not matter");
    key = identity_keys(&id, &r, b, 6, "DNASE:HepG2");
    CHECK(key[0] != first[0], "the track does");
    b->strand[0] = 1;
    key = identity_keys(&id, &r, b, 5, "DNASE:K562");
    CHECK(key[0] != first[0] && key[1] == first[1], "the strand does");
    r.site = (struct site){ .id = NULL };
    score_record_free(&r);
    identity_free(&id);
}

int
main(void)
{
    const char *shared = getenv("SHARED");

    for (int mode = 0; mode < 2; mode++) {
        test_keyed(SCORE_EFFECT, mode);
        test_keyed(SCORE_PERBIN, mode);
    }
    test_whole_sets();
    test_uniform();
    test_identity();
    if (shared)
        test_algorithm_r(shared);
    else
        puts("SKIP no golden vectors here (SHARED): algorithm R was not compared");
    return check_done();
}
