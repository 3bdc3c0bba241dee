/* SPDX-License-Identifier: MIT */
/* The track table and its metadata lines. */
#include "check.h"
#include "prog/mem.h"
#include "record/track.h"

static const struct track example = {
    .id = "DNASE:K562", .assay = "DNASE", .biosample = "K562", .layer = "chromatin_accessibility",
    .oracle = "chrombpnet", .weights_sha256 = "00ff", .n_bins = 1000, .bin_bp = 1, .n_strands = 1
};

static void
test_round_trip(void)
{
    struct track_table t, back;
    struct track bare = { .id = "CHIP:K562:REST", .n_bins = UINT32_MAX, .n_strands = 2 };
    struct meta m;
    struct err e = { "" };

    track_table_init(&t);
    track_table_init(&back);
    meta_init(&m);
    CHECK_INT(track_table_find(&t, "DNASE:K562"), -1);
    CHECK_INT(track_table_add(&t, &example, &e), 0);
    CHECK_INT(track_table_add(&t, &bare, &e), 0);
    track_table_to_meta(&t, &m);
    CHECK_INT(m.n, 2);
    CHECK_STR(meta_get(&m, "track"), "{\"assay\":\"DNASE\",\"bin_bp\":1,\"biosample\":\"K562\","
              "\"id\":\"DNASE:K562\",\"layer\":\"chromatin_accessibility\",\"n_bins\":1000,"
              "\"n_strands\":1,\"oracle\":\"chrombpnet\",\"weights_sha256\":\"00ff\"}");
    CHECK(track_table_from_meta(&back, &m, &e) == 0, "%s", e.msg);
    CHECK_INT(back.n, 2);
    CHECK_INT(track_table_find(&back, "CHIP:K562:REST"), 1);
    CHECK_INT(track_table_find(&back, "CHIP:K562"), -1);
    CHECK_STR(back.track[0].weights_sha256, "00ff");
    CHECK_STR(back.track[1].layer, "");
    CHECK_INT(back.track[1].n_bins, UINT32_MAX);
    CHECK_INT(back.track[1].n_strands, 2);
    meta_free(&m);
    track_table_free(&t);
    track_table_free(&back);
}

static void
check_refused(const char *id, uint32_t n_strands, const char *message)
{
    struct track_table t;
    struct track k = example;
    struct err e = { "" };

    track_table_init(&t);
    track_table_add(&t, &example, &e);
    k.id = (char *)id;
    k.n_strands = n_strands;
    CHECK_INT(track_table_add(&t, &k, &e), -1);
    CHECK(strstr(e.msg, message) != NULL, "'%s' lacks '%s'", e.msg, message);
    CHECK_INT(t.n, 1);
    track_table_free(&t);
}

static void
check_damaged(const char *line, const char *message)
{
    struct track_table t;
    struct meta m;
    struct err e = { "" };

    track_table_init(&t);
    meta_init(&m);
    meta_add(&m, "track", line);
    CHECK_INT(track_table_from_meta(&t, &m, &e), -1);
    CHECK(strstr(e.msg, message) != NULL, "'%s' lacks '%s'", e.msg, message);
    meta_free(&m);
    track_table_free(&t);
}

/* As many tracks as the largest oracle has: found by hash, not by a walk. */
static void
test_many(void)
{
    struct track_table t;
    struct err e;
    char *id;

    track_table_init(&t);
    for (int i = 0; i < 22000; i++) {
        struct track k = example;

        k.id = id = mem_printf("TA#%d", i);
        CHECK_INT(track_table_add(&t, &k, &e), 0);
        free(id);
    }
    CHECK_INT(track_table_find(&t, "TA#0"), 0);
    CHECK_INT(track_table_find(&t, "TA#21999"), 21999);
    CHECK_INT(track_table_find(&t, "TA#22000"), -1);
    track_table_free(&t);
}

int
main(void)
{
    test_round_trip();
    check_refused("", 1, "no id");
    check_refused("a b", 1, "white space");
    check_refused("a\tb", 1, "white space");
    check_refused("\xff", 1, "UTF-8");
    check_refused("c", 3, "3 strands");
    check_refused("DNASE:K562", 1, "twice");
    check_damaged("", "JSON");
    check_damaged("[1]", "JSON");
    check_damaged("{}", "no id");
    check_damaged("{\"id\":1}", "\"id\" is not a string");
    check_damaged("{\"id\":\"a\",\"n_bins\":-1}", "\"n_bins\" is not a whole number");
    check_damaged("{\"id\":\"a\",\"n_bins\":1.5}", "\"n_bins\" is not a whole number");
    check_damaged("{\"id\":\"a\",\"n_bins\":4294967296}", "\"n_bins\" is not a whole number");
    test_many();
    return check_done();
}
