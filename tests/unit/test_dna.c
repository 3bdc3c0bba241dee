/* SPDX-License-Identifier: MIT */
/* Letters, codes, strands and one-hot columns. */
#include "genome/dna.h"

#include "check.h"

static void
test_letters(void)
{
    char text[] = "ACGTacgtNnRYU-.*", back[sizeof text] = "";
    uint8_t code[sizeof text];

    dna_encode(code, text, sizeof text - 1);
    dna_decode(back, code, sizeof text - 1);
    CHECK_STR(back, "ACGTACGTNNNNNNNN");
    for (int i = 0; i < 256; i++) {
        const char *at = i ? strchr("AaCcGgTt", i) : NULL;

        CHECK_INT(dna_code[i], at ? (at - "AaCcGgTt") / 2 : 4);
    }
}

static void
test_reverse_complement(void)
{
    static const char *const pair[][2] = {
        { "", "" }, { "A", "T" }, { "AC", "GT" }, { "GATTACAN", "NTGTAATC" }, { "GGN", "NCC" }
    };

    for (size_t i = 0; i < ARRAY_LEN(pair); i++) {
        size_t n = strlen(pair[i][0]);
        uint8_t code[16], other[16];
        char text[16] = "";

        dna_encode(code, pair[i][0], n);
        dna_reverse_complement(other, code, n);
        dna_decode(text, other, n);
        CHECK_STR(text, pair[i][1]);
        dna_reverse_complement(code, code, n);
        CHECK_INT(memcmp(code, other, n), 0);
    }
}

static void
test_channels(void)
{
    static const char *const wrong[] = { "", "ACG", "ACGG", "ACGN", "acgt", "ACGTA" };
    struct dna_channels c;
    struct err e;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_INT(dna_channels_parse(&c, wrong[i], 0, &e), -1);
    CHECK_INT(dna_channels_parse(&c, "AGCT", 0.25f, &e), 0);
    CHECK_INT(c.channel[DNA_C], 2);
    CHECK_INT(c.code[1], DNA_G);
}

/* C is the third channel of AGCT; N is 0.25 everywhere. */
static void
test_onehot(void)
{
    static const float want[] = { 1, 0, 0, 0, 0, 0, 1, 0, .25f, .25f, .25f, .25f, 0, 0, 0, 1 };
    struct dna_channels c;
    uint8_t code[4], back[4], bytes[16];
    float x[16];
    struct err e;

    CHECK_INT(dna_channels_parse(&c, "AGCT", 0.25f, &e), 0);
    dna_encode(code, "ACNT", 4);
    dna_onehot(x, code, 4, &c);
    CHECK_INT(memcmp(x, want, sizeof want), 0);
    CHECK_INT(dna_from_onehot(back, x, 4, &c), 4);
    CHECK_INT(memcmp(back, code, 4), 0);
    c.n_value = 0;
    dna_onehot(x, code, 4, &c);
    CHECK_NEAR(x[8] + x[9] + x[10] + x[11], 0, 0);
    dna_onehot_u8(bytes, code, 4, &c);
    for (int i = 0; i < 16; i++)
        CHECK_INT(bytes[i], x[i]);
    CHECK_INT(dna_from_onehot_u8(back, bytes, 4, &c), 4);
    CHECK_INT(memcmp(back, code, 4), 0);
}

static void
test_mixture(void)
{
    static const float mixed[][4] = {
        { .5f, .5f, 0, 0 }, { 1, 1, 0, 0 }, { 1, 0, 0, .25f }, { NAN, 0, 0, 0 }, { -1, 0, 0, 0 }
    };
    struct dna_channels c;
    uint8_t code;
    struct err e;

    CHECK_INT(dna_channels_parse(&c, "ACGT", 0, &e), 0);
    for (size_t i = 0; i < ARRAY_LEN(mixed); i++)
        CHECK_INT(dna_from_onehot(&code, mixed[i], 1, &c), 0);
}

int
main(void)
{
    test_letters();
    test_reverse_complement();
    test_channels();
    test_onehot();
    test_mixture();
    return check_done();
}
