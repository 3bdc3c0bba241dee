/* SPDX-License-Identifier: MIT */
/* Sorting, states and their joining: what comes out depends on the values alone. */
#include <float.h>

#include "base/finite.h"
#include "check.h"
#include "prog/mem.h"
#include "reservoir/radix.h"
#include "reservoir/run.h"
#include "reservoir/run_meta.h"
#include "reservoir/shards.h"
#include "reservoir/state.h"
#include "rng/keyed.h"

static int
by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Random bit patterns that are finite numbers, of every size and sign, and small integers. */
static double
draw(struct keyed_stream *s, size_t i)
{
    double v;
    uint64_t word;

    if (i % 3 == 0)
        return (double)keyed_below(s, 5) - 2;
    do {
        word = keyed_next(s);
        memcpy(&v, &word, sizeof v);
    } while (!isfinite((float)v));
    return v + 0.0;
}

static void
test_sort(size_t n)
{
    double *d = mem_array(n, sizeof *d), *want = mem_array(n, sizeof *d);
    double *scratch = mem_array(n, sizeof *d);
    float *f = mem_array(n, sizeof *f), *scratch_f = mem_array(n, sizeof *f);
    struct keyed_stream s;

    keyed_stream_init(&s, 7, n);
    for (size_t i = 0; i < n; i++) {
        d[i] = want[i] = draw(&s, i);
        f[i] = (float)d[i] + 0.0f;
    }
    qsort(want, n, sizeof *want, by_double);
    radix_sort_double(d, scratch, n);
    radix_sort_float(f, scratch_f, n);
    for (size_t i = 0; i < n; i++) {
        CHECK(d[i] == want[i], "double %zu of %zu", i, n);
        CHECK(f[i] == (float)want[i], "float %zu of %zu", i, n);
    }
    free(d);
    free(want);
    free(scratch);
    free(f);
    free(scratch_f);
}

static void
test_refusals(void)
{
    double bad[] = { 1, NAN };
    struct score_block b = { .kind = SCORE_SUMMARY, .n = 2, .score = bad };
    struct reservoir *r = reservoir_new(NULL);
    struct err e = { "" };
    struct value_set *s;

    CHECK_INT(reservoir_add(r, &b, 3, NULL, &e), -1);
    CHECK(strstr(e.msg, "not finite"), "%s", e.msg);
    bad[1] = -HUGE_VAL;
    CHECK_INT(reservoir_add(r, &b, 3, NULL, &e), -1);
    bad[1] = -0.0;
    CHECK_INT(reservoir_add(r, &b, 3, NULL, &e), 0);
    s = reservoir_get(r, SCORE_SUMMARY, 3);
    CHECK(s && s->n == 2 && s->offered == 2 && !signbit(s->d[1]), "-0.0 became 0.0");
    CHECK(!reservoir_get(r, SCORE_SUMMARY, 2) && !reservoir_get(r, SCORE_EFFECT, 3), "no values");
    CHECK_INT(reservoir_n_tracks(r), 4);
    CHECK_INT(reservoir_total(r), 2);
    reservoir_free(r);
}

static void
test_shards(void)
{
    static const char *const wrong[] = { "0/4", "5/4", "1", "1/", "/4", "1,1/4", "1,/4", "1/4x",
                                         "-1/4", "1/0", "1/2/3", "1;2/4" };
    struct shards a, b;
    struct meta m;
    struct err e = { "" };
    char *list;

    meta_init(&m);
    CHECK_INT(shards_from_meta(&a, &m, &e), 0);
    CHECK(a.n == 0 && shards_complete(&a), "no line: the whole run");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        meta_set(&m, "shard", wrong[i]);
        CHECK(shards_from_meta(&b, &m, &e) == -1, "'%s' was accepted", wrong[i]);
    }
    meta_set(&m, "shard", "3/4");
    CHECK_INT(shards_from_meta(&b, &m, &e), 0);
    CHECK_INT(shards_add(&a, &b, &e), -1);
    CHECK(strstr(e.msg, "is a shard"), "%s", e.msg);
    CHECK_INT(shards_add(&b, &b, &e), -1);
    meta_set(&m, "shard", "1/4");
    CHECK_INT(shards_from_meta(&a, &m, &e), 0);
    CHECK_INT(shards_add(&a, &b, &e), 0);
    list = shards_list(&a, true);
    CHECK_STR(list, "1,3");
    free(list);
    list = shards_list(&a, false);
    CHECK_STR(list, "2,4");
    free(list);
    shards_to_meta(&a, &m);
    CHECK_STR(meta_get(&m, "shards"), "1,3/4");
    CHECK(!meta_get(&m, "shard"), "one line only");
    shards_free(&b);
    CHECK_INT(shards_from_meta(&b, &m, &e), 0);
    CHECK(b.n == 4 && b.have[0] && !b.have[1] && b.have[2], "read back");
    shards_free(&a);
    shards_free(&b);
    meta_free(&m);
}

static void
test_trailers(void)
{
    struct meta a, b, c, first;
    struct err e = { "" };

    meta_init(&a);
    meta_init(&b);
    meta_init(&c);
    meta_init(&first);
    meta_add(&a, "sites", "abc");
    meta_add(&a, "tally", "{\"x\":1,\"deep\":{\"n\":2}}");
    meta_add(&b, "sites", "abc");
    meta_add(&b, "tally", "{\"x\":3,\"y\":4,\"deep\":{\"n\":5}}");
    CHECK_INT(run_meta_first_trailer(&first, &a, "a", &e), 0);
    CHECK_INT(run_meta_join_trailer(&first, "a", &b, "b", &e), 0);
    CHECK_STR(meta_get(&first, "tally"), "{\"deep\":{\"n\":7},\"x\":4,\"y\":4}");
    meta_add(&c, "sites", "abd");
    CHECK_INT(run_meta_join_trailer(&first, "a", &c, "c", &e), -1);
    CHECK(strstr(e.msg, "'abc' and 'abd'"), "%s", e.msg);
    meta_set(&c, "sites", "abc");
    meta_set(&c, "tally", "7");
    CHECK_INT(run_meta_join_trailer(&first, "a", &c, "c", &e), -1);
    CHECK(strstr(e.msg, "not a JSON object"), "%s", e.msg);
    meta_free(&a);
    meta_free(&b);
    meta_free(&c);
    meta_free(&first);
}

enum { TRACKS = 3, VALUES = 400 };

/* A state of the values i with i % of == part, in that direction, written to a buffer. */
static char *
make_state(size_t *bytes, unsigned part, unsigned of, bool backwards)
{
    struct reservoir *r = reservoir_new(NULL);
    struct track_table tracks;
    struct meta m, trailer;
    struct err e = { "" };
    char *data = NULL;
    FILE *fp = open_memstream(&data, bytes);
    struct stream_writer *w;

    meta_init(&m);
    meta_init(&trailer);
    track_table_init(&tracks);
    for (int i = 0; i < TRACKS; i++) {
        char id[8];
        struct track t = { .id = id };

        snprintf(id, sizeof id, "t%d", i);
        track_table_add(&tracks, &t, &e);
    }
    meta_add(&m, "content", STREAM_RESERVOIR);
    track_table_to_meta(&tracks, &m);
    if (of > 1)
        meta_addf(&m, "shards", "%u/%u", part + 1, of);
    meta_add(&trailer, "sites", "all");
    meta_addf(&trailer, "tally", "{\"lost\":%u}", of > 1 ? 1 : 4);
    for (unsigned i = 0; i < VALUES; i++) {
        unsigned at = backwards ? VALUES - 1 - i : i;
        double v = (double)(keyed_hash(5, at, 0) % 1000);
        struct score_block b = { .kind = at % 2 ? SCORE_PERBIN : SCORE_EFFECT, .n = 1,
                                 .score = &v };

        if (at % of == part && reservoir_add(r, &b, at % 5 % TRACKS, NULL, &e))
            CHECK(false, "%s", e.msg);
    }
    w = stream_create(fp, "state", &m, &e);
    for (int k = 0; k < SCORE_KINDS; k++) {
        for (uint32_t t = 0; t < TRACKS; t++) {
            struct value_set *s = reservoir_get(r, (enum score_kind)k, t);

            if (!s)
                continue;
            value_set_sort(s);
            CHECK_INT(state_write(w, s, &e), 0);
        }
    }
    CHECK_INT(stream_finish(w, &trailer, &e), 0);
    fclose(fp);
    meta_free(&m);
    meta_free(&trailer);
    track_table_free(&tracks);
    reservoir_free(r);
    return data;
}

static struct state_reader *
open_state(const char *data, size_t bytes, FILE **fp, struct err *e)
{
    struct stream_reader *in;

    *fp = fmemopen((void *)data, bytes, "rb");
    in = stream_open_file(*fp, "state", STREAM_RESERVOIR, e);
    return in ? state_open(in, "state", e) : NULL;
}

/* Write what a run holds the way the reservoir tool does. */
static char *
write_run(struct run *run, size_t *bytes)
{
    char *data = NULL;
    FILE *fp = open_memstream(&data, bytes);
    const struct value_set *set;
    struct stream_writer *w;
    struct meta m;
    struct err e = { "" };
    int got;

    meta_init(&m);
    meta_add(&m, "content", STREAM_RESERVOIR);
    meta_copy(&m, &run_info(run)->meta);
    shards_to_meta(&run_info(run)->shards, &m);
    w = stream_create(fp, "joined", &m, &e);
    while ((got = run_next(run, &set, &e)) > 0)
        CHECK_INT(state_write(w, set, &e), 0);
    CHECK(got == 0, "%s", e.msg);
    CHECK_INT(stream_finish(w, &run_info(run)->trailer, &e), 0);
    fclose(fp);
    meta_free(&m);
    return data;
}

/* Four shards, joined in some order, are the whole run byte for byte. */
static void
test_joining(void)
{
    static const unsigned orders[][4] = { { 0, 1, 2, 3 }, { 3, 1, 0, 2 } };
    size_t n_whole, n_back, n_joined, n_part[4];
    char *whole = make_state(&n_whole, 0, 1, false), *back = make_state(&n_back, 0, 1, true);
    char *part[4], *joined;
    struct err e = { "" };
    FILE *fp[4];

    CHECK(n_whole == n_back && memcmp(whole, back, n_whole) == 0, "input order shows");
    for (unsigned i = 0; i < 4; i++)
        part[i] = make_state(&n_part[i], i, 4, i % 2);
    for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
        struct run *run = run_new();

        for (unsigned i = 0; i < 4; i++) {
            unsigned p = orders[o][i];

            CHECK(run_add_state(run, open_state(part[p], n_part[p], &fp[i], &e), &e) == 0, "%s",
                  e.msg);
        }
        joined = write_run(run, &n_joined);
        CHECK(n_joined == n_whole && memcmp(joined, whole, n_whole) == 0, "joined differs");
        run_free(run);
        free(joined);
        for (unsigned i = 0; i < 4; i++)
            fclose(fp[i]);
    }
    free(whole);
    free(back);
    for (unsigned i = 0; i < 4; i++)
        free(part[i]);
}

/* Every byte of a state flipped, and every length: an error, never other values. */
static void
test_damage(void)
{
    size_t n;
    char *data = make_state(&n, 0, 1, false);
    struct err e = { "" };

    for (size_t i = 0; i < n; i++) {
        struct value_set s = { 0 };
        struct state_reader *r;
        FILE *fp;
        int got = -1;

        data[i] ^= 0x20;
        r = open_state(data, n, &fp, &e);
        while (r && (got = state_next(r, &s, &e)) > 0)
            ;
        CHECK(got < 0, "byte %zu", i);
        data[i] ^= 0x20;
        state_close(r);
        value_set_free(&s);
        fclose(fp);
    }
    free(data);
}

/* The bytes of a state of one track with one effect. */
static char *
state_of_one(double v, size_t *bytes)
{
    struct value_set s = { .kind = SCORE_EFFECT, .offered = 1, .n = 1, .d = &v };
    struct stream_writer *w;
    char *data = NULL;
    FILE *fp = open_memstream(&data, bytes);
    struct meta m;
    struct err e;

    meta_init(&m);
    meta_add(&m, "content", STREAM_RESERVOIR);
    meta_add(&m, "track", "{\"id\":\"t\"}");
    w = stream_create(fp, "state", &m, &e);
    CHECK_INT(state_write(w, &s, &e), 0);
    CHECK_INT(stream_finish(w, NULL, &e), 0);
    fclose(fp);
    meta_free(&m);
    return data;
}

/* What rounds to a finite float may be kept; what does not is refused, in states of others too. */
static void
test_single_precision(void)
{
    const double least = 0x1p128 - 0x1p103;
    double kept[] = { FLT_MAX, -FLT_MAX, nextafter(least, 0), 0x1p-1074, 1e-50 };
    double not[] = { least, -least, 1e39, -1e300, NAN };

    CHECK(finite_as_f32(kept, ARRAY_LEN(kept)), "numbers of single precision are refused");
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        CHECK(isfinite((float)kept[i]), "%g", kept[i]);
    for (size_t i = 0; i < ARRAY_LEN(not); i++) {
        struct score_block b = { .kind = SCORE_EFFECT, .n = 1, .score = &not[i] };
        struct reservoir *r = reservoir_new(NULL);
        struct value_set s = { 0 };
        struct state_reader *state;
        struct err e = { "" };
        size_t bytes;
        char *data = state_of_one(not[i], &bytes);
        FILE *fp;

        CHECK_INT(reservoir_add(r, &b, 0, NULL, &e), -1);
        CHECK(strstr(e.msg, "beyond single precision"), "%s", e.msg);
        state = open_state(data, bytes, &fp, &e);
        CHECK(state && state_next(state, &s, &e) == -1, "a state with %g is read", not[i]);
        CHECK(strstr(e.msg, "beyond single precision"), "%s", e.msg);
        state_close(state);
        value_set_free(&s);
        fclose(fp);
        free(data);
        reservoir_free(r);
    }
}

int
main(void)
{
    static const size_t sizes[] = { 0, 1, 2, 47, 48, 49, 1000, 5003 };

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        test_sort(sizes[i]);
    test_refusals();
    test_single_precision();
    test_shards();
    test_trailers();
    test_joining();
    test_damage();
    return check_done();
}
