/* SPDX-License-Identifier: MIT */
/* Drawn bins and the segments a site needs. */
#include "check.h"
#include "prog/mem.h"
#include "rng/keyed.h"
#include "score/demand.h"
#include "../helpers/wanted_one.h"

enum { BINS = 50 };

/* Floyd's rule as demand.c states it, on a table of flags instead of a sorted list. */
static void
draw_plainly(bool *taken, const struct perbin_rule *rule, uint64_t key, uint32_t n_bins)
{
    struct keyed_stream words;

    keyed_stream_init(&words, rule->seed, key);
    for (uint32_t j = n_bins - rule->n; j < n_bins; j++) {
        uint64_t t = keyed_below(&words, (uint64_t)j + 1);

        taken[taken[t] ? j : t] = true;
    }
}

static void
test_draw(void)
{
    struct perbin_rule rule = { 0, PERBIN_SEED };
    uint32_t bins[BINS];

    for (rule.n = 0; rule.n < BINS; rule.n++) {
        bool taken[BINS] = { false };
        uint32_t n = perbin_draw(bins, &rule, 7 + rule.n, BINS), at = 0;

        CHECK_INT(n, rule.n);
        draw_plainly(taken, &rule, 7 + rule.n, BINS);
        for (uint32_t bin = 0; bin < BINS; bin++)
            if (taken[bin])
                CHECK(at < n && bins[at++] == bin, "bin %u of draw %u", bin, rule.n);
        CHECK_INT(at, n);
    }
    rule.n = BINS;
    CHECK_INT(perbin_draw(bins, &rule, 1, BINS), BINS);
    CHECK_INT(perbin_draw(bins, &rule, 1, 3), 3);
    CHECK(bins[0] == 0 && bins[2] == 2, "all bins");
}

/* The draw is part of the file format: these numbers, which a second program made from the two
 * stated rules, may never change. */
static void
test_frozen(void)
{
    static const uint32_t want[] = { 97, 193, 252, 255, 335, 340, 719, 958 };
    struct perbin_rule rule = { 8, PERBIN_SEED };
    uint32_t bins[8];

    CHECK_INT(perbin_draw(bins, &rule, 12345, 1000), 8);
    for (int i = 0; i < 8; i++)
        CHECK_INT(bins[i], want[i]);
}

/* Each of 10 bins is drawn 3 times in 10; 20000 draws: standard deviation 0.0032. */
static void
test_uniform(void)
{
    struct perbin_rule rule = { 3, 1 };
    double count[10] = { 0 };
    uint32_t bins[3];

    for (uint64_t key = 0; key < 20000; key++) {
        perbin_draw(bins, &rule, key, 10);
        for (int i = 0; i < 3; i++)
            count[bins[i]]++;
    }
    for (int i = 0; i < 10; i++)
        CHECK_NEAR(count[i] / 20000, 0.3, 0.016);
}

static void
check_segments(const struct track *t, const struct site *site, const struct perbin_rule *rule)
{
    const struct layer *l = layer_find("tf_binding");
    struct bin_segment *seg = NULL;
    size_t n, cap = 0;
    bool *want = mem_array(t->n_bins, sizeof *want), *got = mem_array(t->n_bins, sizeof *got);
    uint32_t *drawn = mem_array(t->n_bins, sizeof *drawn), lo, hi;
    int64_t end = -1;

    layer_span(l, t->n_bins, t->bin_bp, &lo, &hi);
    for (uint32_t i = lo; i < hi; i++)
        want[i] = true;
    if (site->kind == SITE_REGION)
        for (uint32_t i = perbin_draw(drawn, rule, site_key(site), t->n_bins); i-- > 0; )
            want[drawn[i]] = true;
    wanted_one(&seg, &n, &cap, t, l, site, rule);
    for (size_t i = 0; i < n; i++) {
        CHECK(seg[i].start > end && seg[i].len > 0, "segment %zu touches the one before", i);
        end = (int64_t)seg[i].start + seg[i].len;
        for (uint32_t bin = seg[i].start; bin < end && bin < t->n_bins; bin++)
            got[bin] = true;
    }
    CHECK(end <= t->n_bins, "segments end at %lld", (long long)end);
    CHECK(memcmp(want, got, t->n_bins * sizeof *want) == 0, "bins asked for");
    free(seg);
    free(want);
    free(got);
    free(drawn);
}

static void
test_segments(void)
{
    struct track t = { .id = "a", .n_strands = 1 };
    struct site site = { .kind = SITE_REGION, .chrom = "chr1", .ref = "", .id = ".",
                         .stratum = "." };
    struct perbin_rule rule = { 0, PERBIN_SEED };

    for (int i = 0; i < 200; i++) {
        site.kind = i % 5 ? SITE_REGION : SITE_VARIANT;
        site.start = 1000 + i;
        site.end = site.start + 1;
        t.n_bins = 1 + (uint32_t)(i * 7 % 90);
        t.bin_bp = 1 + (uint32_t)(i % 60);
        rule.n = (uint32_t)(i % 40);
        check_segments(&t, &site, &rule);
    }
}

int
main(void)
{
    test_draw();
    test_frozen();
    test_uniform();
    test_segments();
    return check_done();
}
