/* SPDX-License-Identifier: MIT */
#include "rng/mt19937.h"

enum { N = MT19937_N, M = 397 };

#define MATRIX_A   0x9908b0dfu
#define UPPER_MASK 0x80000000u
#define LOWER_MASK 0x7fffffffu

void
mt19937_seed(struct mt19937 *mt, uint32_t seed)
{
    uint32_t *s = mt->state;

    s[0] = seed;
    for (uint32_t i = 1; i < N; i++)
        s[i] = 1812433253u * (s[i - 1] ^ s[i - 1] >> 30) + i;   /* Knuth, TAOCP 2, 3.3.4 */
    mt->next = N;
    mt->words = 0;
}

void
mt19937_seed_array(struct mt19937 *mt, const uint32_t *key, size_t n)
{
    uint32_t *s = mt->state;
    size_t i = 1, j = 0;

    mt19937_seed(mt, 19650218u);
    for (size_t left = n > N ? n : N; left; left--) {
        s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1664525u) + key[j] + (uint32_t)j;
        if (++i == N) {
            s[0] = s[N - 1];
            i = 1;
        }
        if (++j == n)
            j = 0;
    }
    for (size_t left = N - 1; left; left--) {
        s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1566083941u) - (uint32_t)i;
        if (++i == N) {
            s[0] = s[N - 1];
            i = 1;
        }
    }
    s[0] = 0x80000000u;     /* the state is never all zero */
}

static uint32_t
twist(uint32_t hi, uint32_t lo)
{
    const uint32_t y = (hi & UPPER_MASK) | (lo & LOWER_MASK);

    return y >> 1 ^ (y & 1 ? MATRIX_A : 0);
}

static void
refill(struct mt19937 *mt)
{
    uint32_t *s = mt->state;

    for (size_t i = 0; i < N; i++)
        s[i] = s[(i + M) % N] ^ twist(s[i], s[(i + 1) % N]);
    mt->next = 0;
}

uint32_t
mt19937_next(struct mt19937 *mt)
{
    uint32_t y;

    if (mt->next >= N)
        refill(mt);
    y = mt->state[mt->next++];
    mt->words++;
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}
