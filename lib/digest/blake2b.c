/* SPDX-License-Identifier: MIT */
#include "digest/blake2b.h"

#include <string.h>

enum { BLOCK = 128, ROUNDS = 12 };

/* RFC 7693 section 2.6: the fractional parts of the square roots of the first eight primes. */
static const uint64_t iv[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* RFC 7693 section 2.7: order of the message words; rounds 10 and 11 repeat rows 0 and 1. */
static const uint8_t sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint64_t
rotr(uint64_t x, int by)
{
    return x >> by | x << (64 - by);
}

static inline __attribute__((always_inline)) void
quarter(uint64_t *a, uint64_t *b, uint64_t *c, uint64_t *d, uint64_t x, uint64_t y)
{
    *a += *b + x;
    *d = rotr(*d ^ *a, 32);
    *c += *d;
    *b = rotr(*b ^ *c, 24);
    *a += *b + y;
    *d = rotr(*d ^ *a, 16);
    *c += *d;
    *b = rotr(*b ^ *c, 63);
}

static void
compress(struct blake2b_state *s, bool last)
{
    uint64_t v[16], m[16];

    memcpy(m, s->block, sizeof m);
    memcpy(v, s->h, sizeof s->h);
    memcpy(v + 8, iv, sizeof iv);
    v[12] ^= s->bytes;
    if (last)
        v[14] = ~v[14];
    /* Unrolled, so that the order is known to the compiler and v stays in registers. */
    UNROLL(12)
    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t *p = sigma[round % 10];

        UNROLL(4)
        for (int i = 0; i < 4; i++)
            quarter(v + i, v + 4 + i, v + 8 + i, v + 12 + i, m[p[2 * i]], m[p[2 * i + 1]]);
        UNROLL(4)
        for (int i = 0; i < 4; i++)
            quarter(v + i, v + 4 + (i + 1) % 4, v + 8 + (i + 2) % 4, v + 12 + (i + 3) % 4,
                    m[p[8 + 2 * i]], m[p[9 + 2 * i]]);
    }
    for (int i = 0; i < 8; i++)
        s->h[i] ^= v[i] ^ v[i + 8];
}

void
blake2b_update(struct blake2b_state *s, const void *data, size_t n)
{
    const uint8_t *p = data;

    while (n) {
        size_t take = BLOCK - s->n_block < n ? BLOCK - s->n_block : n;

        if (take == 0) {
            s->bytes += BLOCK;
            compress(s, false);
            s->n_block = 0;
            continue;
        }
        memcpy(s->block + s->n_block, p, take);
        s->n_block += take;
        p += take;
        n -= take;
    }
}

void
blake2b_init(struct blake2b_state *s, size_t n_out, const void *key, size_t n_key)
{
    memset(s, 0, sizeof *s);
    memcpy(s->h, iv, sizeof iv);
    s->h[0] ^= 0x01010000 ^ n_key << 8 ^ n_out;     /* fan-out 1, depth 1 */
    s->n_out = n_out;
    if (n_key) {
        memcpy(s->block, key, n_key);
        s->n_block = BLOCK;
    }
}

void
blake2b_final(struct blake2b_state *s, void *out)
{
    s->bytes += s->n_block;
    memset(s->block + s->n_block, 0, BLOCK - s->n_block);
    compress(s, true);
    memcpy(out, s->h, s->n_out);
}

void
blake2b(void *out, size_t n_out, const void *data, size_t n, const void *key, size_t n_key)
{
    struct blake2b_state s;

    blake2b_init(&s, n_out, key, n_key);
    blake2b_update(&s, data, n);
    blake2b_final(&s, out);
}
