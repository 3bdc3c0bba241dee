/* SPDX-License-Identifier: MIT */
/* One-hot records and the site at their head: round trips, and damage at every byte. */
#include "record/onehot.h"

#include "check.h"
#include "record/site_codec.h"

static char alt0[] = "C", alt1[] = "TT", *alts[] = { alt0, alt1 };

static const struct site example = {
    .kind = SITE_VARIANT, .chrom = (char[]){ "chr1" }, .start = 99, .end = 100,
    .ref = (char[]){ "A" }, .alt = alts, .n_alt = 2, .id = (char[]){ "rs1" },
    .stratum = (char[]){ "random" }, .ordinal = 7,
};

static void
test_site(void)
{
    struct site s = { 0 }, in;
    struct buf b = { 0 };
    struct cur c;
    struct err e = { "" };

    in = (struct site){ .kind = SITE_REGION, .chrom = (char[]){ "X" }, .start = 5,
                        .end = INT64_MAX, .ref = (char[]){ "" }, .id = (char[]){ "." },
                        .stratum = (char[]){ "" } };
    site_encode(&b, &in);
    c = (struct cur){ b.p, b.p + b.n, false };
    CHECK(site_decode(&s, &c, &e) == 0, "%s", e.msg);
    CHECK(c.p == c.end, "all bytes used");
    CHECK_INT(s.kind, SITE_REGION);
    CHECK_STR(s.chrom, "X");
    CHECK_INT(s.end, INT64_MAX);
    CHECK_INT(s.n_alt, 0);
    for (size_t cut = 0; cut < b.n; cut++) {
        c = (struct cur){ b.p, b.p + cut, false };
        CHECK_INT(site_decode(&s, &c, &e), -1);
        CHECK(!s.chrom && !s.alt, "empty after failure");
    }
    b.p[0] = 2;
    c = (struct cur){ b.p, b.p + b.n, false };
    CHECK_INT(site_decode(&s, &c, &e), -1);
    buf_free(&b);
    site_free(&s);
}

static void
check_record(const char *order, float n_value, enum onehot_type type)
{
    static const uint8_t ref[] = { 0, 1, 4, 3, 2 }, one[] = { 0, 1, 1, 3, 2 },
                         two[] = { 4, 4, 4, 4, 4 };
    const uint8_t *const code[] = { ref, one, two };
    struct dna_channels c;
    struct onehot o;
    struct buf b = { 0 };
    struct err e = { "" };
    uint8_t back[5];

    CHECK_INT(dna_channels_parse(&c, order, n_value, &e), 0);
    onehot_init(&o);
    /* At an odd address, as a record in a stream may be. */
    buf_put_u8(&b, 0);
    onehot_encode(&b, &example, code, 3, 5, &c);
    CHECK(onehot_decode(&o, b.p + 1, b.n - 1, &e) == 0, "%s", e.msg);
    CHECK_INT(o.type, type);
    CHECK_INT(o.n_alleles, 3);
    CHECK_INT(o.length, 5);
    CHECK_STR(o.site.alt[1], "TT");
    CHECK_INT(o.site.ordinal, 7);
    for (size_t i = 0; i < 3; i++) {
        CHECK(onehot_codes(back, &o, i, &c, &e) == 0, "%s", e.msg);
        CHECK_INT(memcmp(back, code[i], 5), 0);
    }
    for (size_t cut = 0; cut < b.n - 1; cut++)
        CHECK_INT(onehot_decode(&o, b.p + 1, cut, &e), -1);
    CHECK_INT(onehot_decode(&o, b.p + 1, b.n - 1, &e), 0);
    b.p[b.n - 1] ^= 3;
    CHECK_INT(onehot_codes(back, &o, 2, &c, &e), -1);
    CHECK(strstr(e.msg, "column 5 of allele 2 at chr1:100"), "%s", e.msg);
    onehot_free(&o);
    buf_free(&b);
}

static void
test_encoding(void)
{
    static const char *const wrong[] = {
        "", "{}", "[", "{\"channels\":\"ACGG\",\"length\":5,\"n_value\":0,"
        "\"reverse_complement\":false}", "{\"channels\":\"ACGT\",\"length\":-5,\"n_value\":0,"
        "\"reverse_complement\":false}", "{\"channels\":\"ACGT\",\"length\":5,\"n_value\":0.5,"
        "\"reverse_complement\":false}"
    };
    struct onehot_encoding x = { "AGCT", 0.25f, true, 230 }, y;
    struct meta m;
    struct err e;

    meta_init(&m);
    CHECK_INT(onehot_encoding_from_meta(&y, &m, &e), -1);
    onehot_encoding_to_meta(&m, &x);
    CHECK_STR(meta_get(&m, "encoding"), "{\"channels\":\"AGCT\",\"length\":230,\"n_value\":0.25,"
              "\"reverse_complement\":true}");
    CHECK_INT(onehot_encoding_from_meta(&y, &m, &e), 0);
    CHECK_STR(y.order, "AGCT");
    CHECK(y.n_value == 0.25f && y.reverse_complement && y.length == 230, "values");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        meta_set(&m, "encoding", wrong[i]);
        CHECK_INT(onehot_encoding_from_meta(&y, &m, &e), -1);
    }
    meta_free(&m);
}

int
main(void)
{
    test_site();
    check_record("ACGT", 0, ONEHOT_U8);
    check_record("AGCT", 0.25f, ONEHOT_F32);
    test_encoding();
    return check_done();
}
