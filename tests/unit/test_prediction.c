/* SPDX-License-Identifier: MIT */
/* Prediction records: round trip, and every kind of damage. */
#include "check.h"
#include "prog/mem.h"
#include "record/prediction.h"
#include "record/site_codec.h"
#include "stream/stream.h"

/* Two tracks, the second with two strands and two segments; n_alt alternates. */
static void
make_prediction(struct prediction *p, size_t n_alt)
{
    prediction_init(p);
    p->site = (struct site){ .kind = n_alt ? SITE_VARIANT : SITE_REGION,
                             .chrom = mem_strdup("chr1"), .start = 99, .end = 100,
                             .ref = mem_strdup(n_alt ? "A" : ""), .id = mem_strdup("rs1"),
                             .stratum = mem_strdup("."), .n_alt = n_alt, .ordinal = 7,
                             .alt = mem_array(n_alt, sizeof (char *)) };
    for (size_t i = 0; i < n_alt; i++)
        p->site.alt[i] = mem_strdup(i ? "GG" : "C");
    p->n_alleles = 1 + n_alt;
    p->n_tracks = 2;
    p->track = mem_array(2, sizeof *p->track);
    for (size_t i = 0; i < 2; i++) {
        struct prediction_track *t = &p->track[i];
        size_t n;

        t->n_strands = (uint32_t)i + 1;
        t->n_seg = i + 1;
        t->seg = mem_array(t->n_seg, sizeof *t->seg);
        t->seg[0] = (struct bin_segment){ 5, 3 };
        if (i)
            t->seg[1] = (struct bin_segment){ 8, 1 };
        t->n_values = 3 + i;
        n = p->n_alleles * t->n_strands * t->n_values;
        t->log_count = mem_array(p->n_alleles, sizeof (float));
        t->values = mem_array(n, sizeof (float));
        for (size_t j = 0; j < n; j++)
            t->values[j] = (float)j + 0.5f;
        for (size_t j = 0; j < p->n_alleles; j++)
            t->log_count[j] = -(float)j;
    }
}

static void
encode(struct buf *b, size_t n_alt)
{
    struct prediction p;

    buf_clear(b);
    make_prediction(&p, n_alt);
    prediction_encode(b, &p);
    prediction_free(&p);
}

static void
test_round_trip(void)
{
    static const size_t n_alt[] = { 2, 0, 1, 2 };
    struct prediction p, want;
    struct buf b = { 0 }, again = { 0 };
    struct err e = { "" };

    prediction_init(&p);
    for (size_t i = 0; i < ARRAY_LEN(n_alt); i++) {
        encode(&b, n_alt[i]);
        make_prediction(&want, n_alt[i]);
        CHECK(prediction_decode(&p, b.p, b.n, 2, &e) == 0, "%s", e.msg);
        CHECK_INT(p.n_alleles, 1 + n_alt[i]);
        CHECK_INT(p.site.ordinal, 7);
        CHECK_INT(p.track[1].n_values, 4);
        CHECK(memcmp(prediction_values(&p, 1, n_alt[i], 1),
                     prediction_values(&want, 1, n_alt[i], 1), 4 * sizeof (float)) == 0,
              "last values");
        buf_clear(&again);
        prediction_encode(&again, &p);
        CHECK(again.n == b.n && memcmp(again.p, b.p, b.n) == 0, "second encoding");
        prediction_free(&want);
    }
    prediction_free(&p);
    buf_free(&b);
    buf_free(&again);
}

static void
check_refused(const struct buf *b, size_t n_tracks, const char *message)
{
    uint8_t *copy = mem_alloc(b->n);    /* of exact size, so that overruns are seen */
    struct prediction p;
    struct err e = { "" };

    memcpy(copy, b->p, b->n);
    prediction_init(&p);
    CHECK_INT(prediction_decode(&p, copy, b->n, n_tracks, &e), -1);
    CHECK(strstr(e.msg, message) != NULL, "'%s' lacks '%s'", e.msg, message);
    prediction_free(&p);
    free(copy);
}

static void
put_u32(struct buf *b, size_t at, uint32_t v)
{
    memcpy(b->p + at, &v, sizeof v);
}

/* A region's record ends: counts, then track 1 (strands 1, 1 segment), then track 2. */
static void
test_damage(void)
{
    struct buf b = { 0 };
    size_t counts, track1, track2;

    encode(&b, 0);
    track2 = b.n - (4 + 4 + 16 + 4 + 2 * 4 * 4);
    track1 = track2 - (4 + 4 + 8 + 4 + 3 * 4);
    counts = track1 - 8;
    check_refused(&b, 3, "2 tracks, but the header lists 3");
    for (size_t n = 0; n < b.n; n++) {
        struct buf cut = { b.p, n, n };

        check_refused(&cut, 2, "");
    }
    buf_put_u8(&b, 0);
    check_refused(&b, 2, "longer than its contents");
    encode(&b, 0);
    put_u32(&b, counts, 3);
    check_refused(&b, 2, "predictions of 3 alleles, expected 1");
    encode(&b, 0);
    put_u32(&b, track1, 3);
    check_refused(&b, 2, "strands is neither");
    encode(&b, 0);
    put_u32(&b, track1 + 4, UINT32_MAX);
    check_refused(&b, 2, "inside the list of bins");
    encode(&b, 0);
    put_u32(&b, track1 + 12, UINT32_MAX);
    check_refused(&b, 2, "32 bits");
    encode(&b, 0);
    put_u32(&b, track2 + 16, 7);
    check_refused(&b, 2, "site chr1:100: track number 2: bins are not in ascending");
    encode(&b, 0);
    put_u32(&b, track1 + 12, 4);
    check_refused(&b, 2, "damaged");
    encode(&b, 0);
    put_u32(&b, b.n - 4, 0x7fc00000);
    check_refused(&b, 2, "site chr1:100: track number 2: the prediction is NaN");
    put_u32(&b, b.n - 4, 0xff800000);
    check_refused(&b, 2, "NaN or infinite");
    encode(&b, 0);
    put_u32(&b, track1 + 16, 0x7f800000);
    check_refused(&b, 2, "track number 1: the prediction is NaN or infinite");
    buf_free(&b);
}

/* Any byte may hold anything: decoding ends, within bounds (the sanitizers look on). */
static void
test_changed_bytes(void)
{
    static const uint8_t change[] = { 0x01, 0x80, 0xff };
    struct prediction p;
    struct buf b = { 0 };
    struct err e;
    uint8_t *copy;

    prediction_init(&p);
    encode(&b, 2);
    copy = mem_alloc(b.n);
    memcpy(copy, b.p, b.n);
    for (size_t i = 0; i < b.n; i++) {
        for (size_t j = 0; j < ARRAY_LEN(change); j++) {
            copy[i] = b.p[i] ^ change[j];
            if (prediction_decode(&p, copy, b.n, 2, &e) == 0)
                CHECK(p.n_alleles == 3 && p.track[0].n_values + p.track[1].n_values == 7,
                      "byte %zu: %zu alleles", i, p.n_alleles);
        }
        copy[i] = b.p[i];
    }
    CHECK_INT(prediction_decode(&p, copy, b.n, 2, &e), 0);
    prediction_free(&p);
    buf_free(&b);
    free(copy);
}

/* Sites of few and many alleles in turn, with texts that grow, shrink and stay. */
static void
make_site(struct site *s, unsigned i)
{
    static const char *const texts[] = { "A", "C", "GATTACA", "" };
    static const char *const chroms[] = { "chr1", "chr1", "chr10", "chrUn_KI270742v1" };
    size_t n_alt = i * 7 % 4;
    struct site made = { .kind = n_alt ? SITE_VARIANT : SITE_REGION, .start = i, .end = i + 1,
                         .chrom = (char *)chroms[i % 4], .ref = (char *)texts[n_alt ? i % 3 : 3],
                         .id = (char *)(i % 5 ? "." : "rs123"), .stratum = (char *)texts[i % 3],
                         .ordinal = i };
    char *alt[3];

    for (size_t j = 0; j < n_alt; j++)
        alt[j] = (char *)texts[(i + j) % 3];
    made.alt = alt;
    made.n_alt = n_alt;
    site_copy(s, &made);
}

static void
test_sites(void)
{
    struct site want, got, place;
    struct buf b = { 0 };
    struct err e;

    site_init(&want);
    site_init(&got);
    site_init(&place);
    for (unsigned i = 0; i < 60; i++) {
        struct cur c, d;

        make_site(&want, i * i);
        buf_clear(&b);
        site_encode(&b, &want);
        for (size_t cut = 0; cut < b.n && i < 8; cut++) {
            c = d = (struct cur){ b.p, b.p + cut, false };
            CHECK(site_decode(&got, &c, &e) == -1, "cut after %zu", cut);
            CHECK(site_decode_place(&place, &d, &e) == -1 && !place.chrom, "cut after %zu", cut);
        }
        c = d = (struct cur){ b.p, b.p + b.n, false };
        CHECK_INT(site_decode(&got, &c, &e), 0);
        CHECK_INT(site_decode_place(&place, &d, &e), 0);
        CHECK(c.p == c.end && d.p == d.end, "all bytes read");
        CHECK(site_key(&got) == site_key(&want) && got.kind == want.kind, "site %u", i);
        CHECK_STR(got.stratum, want.stratum);
        CHECK_INT(got.ordinal, want.ordinal);
        CHECK_STR(place.chrom, want.chrom);
        CHECK(place.start == want.start && place.end == want.end && place.kind == want.kind &&
              place.ordinal == want.ordinal, "place %u", i);
        CHECK(place.n_alt == 0 && !*place.ref && strcmp(place.id, ".") == 0, "no details");
        if (i % 7 == 0)
            site_copy(&place, &want);   /* as one that was filled otherwise */
    }
    site_free(&want);
    site_free(&got);
    site_free(&place);
    buf_free(&b);
}

/* Every prefix of a whole stream must be refused, whatever the cut hits. */
static void
test_cut_stream(void)
{
    struct buf b = { 0 };
    struct stream_writer *w;
    struct meta m;
    struct err e;
    char *bytes = NULL;
    size_t n = 0;
    FILE *fp = open_memstream(&bytes, &n);

    meta_init(&m);
    meta_add(&m, "content", STREAM_PREDICTIONS);
    w = stream_create(fp, "memory", &m, &e);
    encode(&b, 1);
    for (int i = 0; i < 2; i++)
        CHECK_INT(stream_write(w, b.p, b.n, &e), 0);
    CHECK_INT(stream_finish(w, NULL, &e), 0);
    fclose(fp);
    for (size_t cut = 1; cut <= n; cut++) {
        FILE *in = fmemopen(bytes, cut, "r");
        struct stream_reader *r = stream_open_file(in, "memory", STREAM_PREDICTIONS, &e);
        const uint8_t *payload;
        size_t size;
        int got = -1;

        while (r && (got = stream_next(r, &payload, &size, &e)) > 0)
            ;
        CHECK(got == (cut == n ? 0 : -1), "cut after %zu of %zu bytes", cut, n);
        stream_close(r);
        fclose(in);
    }
    meta_free(&m);
    buf_free(&b);
    free(bytes);
}

int
main(void)
{
    test_round_trip();
    test_damage();
    test_changed_bytes();
    test_sites();
    test_cut_stream();
    return check_done();
}
