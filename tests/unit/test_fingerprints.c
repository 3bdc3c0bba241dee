/* SPDX-License-Identifier: MIT */
/*
 * The published position sets consumed numbers of words that are known from replaying them; lists
 * of the sizes they were drawn from must consume the same here.
 */
#include "check.h"

#include "prog/mem.h"
#include "rng/pyrandom.h"
#include "sample/edition.h"
#include "sample/regions.h"

/* hg38 by the bytes of the names, the order in which the stratum random takes the contigs. */
static const int64_t sorted_len[] = {
    248956422, 133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345,
    83257441, 80373285, 58617616, 242193529, 64444167, 46709983, 50818468, 198295559, 190214555,
    181538259, 170805979, 159345973, 145138636, 138394717, 156040895, 57227415,
};

/* Words after every class of the baselines' elements, for row counts inside the known ranges. */
static void
check_baseline_ccre(void)
{
    static const uint64_t after[CCRE_CLASSES] = { 4241, 7851, 9435, 10993, 12277, 12901, 14592,
                                                  15126 };
    struct ccre_quota quota[CCRE_CLASSES];
    struct pyrandom low, high;

    quota_baseline(quota, 11500);
    pyrandom_seed(&low, 456);
    pyrandom_seed(&high, 456);
    for (size_t i = 0; i < CCRE_CLASSES; i++) {
        const struct edition_range *rows = edition_ccre(quota[i].class);
        size_t *index = mem_array((size_t)quota[i].n, sizeof *index);

        pyrandom_sample(&low, index, rows->low, (size_t)quota[i].n);
        pyrandom_sample(&high, index, rows->high, (size_t)quota[i].n);
        CHECK_INT(low.mt.words, after[i]);
        CHECK_INT(high.mt.words, after[i]);
        free(index);
    }
}

static void
skip_to(struct pyrandom *r, uint64_t words)
{
    while (r->mt.words < words)
        mt19937_next(&r->mt);
}

static void
draw(struct pyrandom *r, int n, uint64_t choices, int64_t a, int64_t b)
{
    for (int i = 0; i < n; i++) {
        pyrandom_below(r, choices);
        pyrandom_int(r, a, b);
    }
}

static void
check_unified(size_t pool)
{
    const size_t n_junctions[] = { 638160, 1276330, 2552650 };
    char *list = mem_array(18000, 1);
    struct pyrandom r;

    pyrandom_seed(&r, 42);
    pyrandom_shuffle(&r, list, pool, 1);
    CHECK_INT(r.mt.words, 22249);
    draw(&r, 1800, 17568, -1000, 1000);
    CHECK_INT(r.mt.words, 27483);
    for (int i = 0; i < 1800; i++) {
        pyrandom_below(&r, 17568);
        pyrandom_int(&r, 1000, 10000);
        pyrandom_random(&r);
    }
    CHECK_INT(r.mt.words, 37780);
    for (size_t i = 0; i < ARRAY_LEN(n_junctions); i++) {
        struct pyrandom junction = r;

        draw(&junction, 2970, n_junctions[i], -100, 100);
        CHECK_INT(junction.mt.words, 46288);
    }
    skip_to(&r, 49888);
    for (int i = 0; i < 1350; i++)
        pyrandom_int(&r, 5000000,
                     sorted_len[pyrandom_below(&r, ARRAY_LEN(sorted_len))] - 5000000);
    CHECK_INT(r.mt.words, 53660);
    pyrandom_shuffle(&r, list, 18000, 1);
    CHECK_INT(r.mt.words, 79592);
    free(list);
}

static void
check_promoter(void)
{
    int found = 0;

    for (uint64_t before = 23676; before <= 23678; before++) {
        struct pyrandom r;

        pyrandom_seed(&r, 42);
        skip_to(&r, before);
        draw(&r, 7200, 20048, -250, 250);
        found += r.mt.words == 42742;
    }
    CHECK(found, "no start gives 42,742 words");
}

/* 8 classes of 9,000 elements with twice the surplus, and their 11,500 of the baselines. */
static void
check_quotas(void)
{
    struct ccre_quota quota[CCRE_CLASSES];
    static const int64_t shares[CCRE_CLASSES] = { 3960, 5040, 2700, 1800, 1440, 1260, 1080, 720 };
    static const int64_t percent[CCRE_CLASSES] = { 2990, 2530, 1495, 1495, 1035, 460, 1035, 460 };
    int64_t sum = 0;

    quota_shares(quota, 9000, 2.0);
    for (size_t i = 0; i < CCRE_CLASSES; i++)
        CHECK_INT(quota[i].n, shares[i]);
    quota_percent(quota, 11500);
    for (size_t i = 0; i < CCRE_CLASSES; i++)
        CHECK_INT(quota[i].n, percent[i]);
    quota_baseline(quota, 77);
    for (size_t i = 0; i < CCRE_CLASSES; i++)
        sum += quota[i].n;
    CHECK_INT(sum, 77);
}

int
main(void)
{
    check_baseline_ccre();
    check_unified(15960);
    check_unified(15987);
    check_promoter();
    check_quotas();
    return check_done();
}
