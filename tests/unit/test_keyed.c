/* SPDX-License-Identifier: MIT */
/* BLAKE2b against RFC 7693, Python's hashlib and the tie hashes of the reference; keyed draws. */
#include "check.h"

#include "digest/blake2b.h"
#include "prog/mem.h"
#include "rng/keyed.h"

static void
check_digest(const char *want, size_t n_out, const void *data, size_t n, const void *key,
             size_t n_key)
{
    uint8_t digest[64];
    char hex[129] = "";

    blake2b(digest, n_out, data, n, key, n_key);
    for (size_t i = 0; i < n_out; i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
    CHECK_STR(hex, want);
}

static void
check_blake2b(void)
{
    uint8_t d[300];

    for (size_t i = 0; i < sizeof d; i++)
        d[i] = (uint8_t)i;
    /* RFC 7693, appendix A. */
    check_digest("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                 "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
                 64, "abc", 3, NULL, 0);
    /* hashlib.blake2b(bytes, digest_size=, key=) around the ends of blocks. */
    check_digest("e4a6a0577479b2b4", 8, d, 0, NULL, 0);
    check_digest("e6992372ab022447b34f6d6032fbab707a11adef", 20, d, 128, NULL, 0);
    check_digest("f7f3c46ba2564ff4c4c162da1f5b605f9f1c4aa6a20652a9f9a337c1a2f5b9c9", 32, d, 129,
                 NULL, 0);
    check_digest("b72071e096277edebb8ee5134dd3714996307ba3a55aa4733d412abbe28e909e"
                 "10e57e6fbfb4ef53b3b960518294ff889a90829254412e2a60b85add07a3674f",
                 64, d, 256, d, 64);
    check_digest("05", 1, d, 0, d, 1);
    check_digest("30746ecfd0729949", 8, d, 300, d, 8);
}

static void
check_blake2b_in_parts(void)
{
    uint8_t d[300] = { 1, 2, 3 };
    struct blake2b_state s;
    uint64_t whole, parts;

    blake2b(&whole, sizeof whole, d, sizeof d, NULL, 0);
    for (size_t split = 0; split <= sizeof d; split++) {
        blake2b_init(&s, sizeof parts, NULL, 0);
        blake2b_update(&s, d, split);
        blake2b_update(&s, d + split, sizeof d - split);
        blake2b_final(&s, &parts);
        CHECK(whole == parts, "split at %zu changes the digest", split);
    }
}

/* id, 0 byte, decimal text of the value: the digest that spreads ties. */
static void
check_tie_line(char *line)
{
    char *id = strtok(line, "\t"), *repr, *hex, text[256];

    strtok(NULL, "\t");
    repr = strtok(NULL, "\t");
    hex = strtok(NULL, "\t");
    CHECK(strlen(id) + strlen(repr) + 2 <= sizeof text);
    memcpy(text, id, strlen(id) + 1);
    strcpy(text + strlen(id) + 1, repr);
    check_digest(hex, 8, text, strlen(id) + 1 + strlen(repr), NULL, 0);
}

static void
check_tie_table(void)
{
    const char *shared = getenv("SHARED");
    char *path = shared ? mem_printf("%s/golden/tie_hash_blake2b.tsv", shared) : NULL;
    FILE *fp = path ? fopen(path, "r") : NULL;
    char *line = NULL;
    size_t cap = 0, n = 0;

    check_digest("cbb280821b062d74", 8, "ATAC:K562\0" "0.5", 13, NULL, 0);
    while (fp && getline(&line, &cap, fp) > 0)
        if (n++)
            check_tie_line(line);
    if (fp)
        fclose(fp);
    else
        printf("reference table of tie hashes not present: constants only\n");
    free(line);
    free(path);
}

/* Values of the definition in keyed.h, computed by an independent program. */
static void
check_keyed_words(void)
{
    struct keyed_stream s;

    CHECK(keyed_hash(0, 0, 0) == 0x568a9b0b1a2c05ec);
    CHECK(keyed_hash(42, 7, 0) == 0xb22d9c4f9568f550);
    CHECK(keyed_hash(42, 7, 1) == 0xfc7c6183e6ad2519);
    CHECK(keyed_hash(12345, UINT64_MAX, 1000) == 0xa3cadd8f2e95082e);
    keyed_stream_init(&s, 9, 10);
    for (uint64_t i = 0; i < 100; i++)
        CHECK(keyed_next(&s) == keyed_hash(9, 10, i), "word %d of the stream", (int)i);
    CHECK(keyed_bytes("abc", 3, 5) != keyed_bytes("abc", 3, 6));
    CHECK(keyed_bytes("abc", 3, 5) != keyed_bytes("ab", 2, 5));
}

/* Chi-square of 7 cells over keys 0, 1, 2, ...: 6 degrees of freedom, 0.999 quantile 22.5. */
static void
check_keyed_below(void)
{
    enum { CELLS = 7, DRAWS = 70000 };
    const uint64_t most = (uint64_t)3 << 62;    /* a third of the draws below it are refused */
    uint64_t cell[CELLS] = { 0 };
    struct keyed_stream s;
    double chi2 = 0;

    for (uint64_t key = 0; key < DRAWS; key++) {
        uint64_t v;

        keyed_stream_init(&s, 1, key);
        v = keyed_below(&s, CELLS);
        CHECK(v < CELLS);
        cell[v]++;
        CHECK(keyed_below(&s, most) < most);
        CHECK_INT(keyed_below(&s, 1), 0);
    }
    for (int i = 0; i < CELLS; i++)
        chi2 += pow((double)cell[i] - DRAWS / CELLS, 2) / (DRAWS / CELLS);
    CHECK(chi2 < 22.5, "chi-square is %g", chi2);
}

int
main(void)
{
    check_blake2b();
    check_blake2b_in_parts();
    check_tie_table();
    check_keyed_words();
    check_keyed_below();
    return check_done();
}
