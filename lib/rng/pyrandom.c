/* SPDX-License-Identifier: MIT */
#include "rng/pyrandom.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

void
pyrandom_seed(struct pyrandom *r, uint64_t seed)
{
    const uint32_t key[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) };

    mt19937_seed_array(&r->mt, key, key[1] ? 2 : 1);
}

uint64_t
pyrandom_bits(struct pyrandom *r, int k)
{
    uint64_t low;

    if (k <= 32)
        return mt19937_next(&r->mt) >> (32 - k);
    low = mt19937_next(&r->mt);
    return low | (uint64_t)(mt19937_next(&r->mt) >> (64 - k)) << 32;
}

double
pyrandom_random(struct pyrandom *r)
{
    const uint32_t a = mt19937_next(&r->mt) >> 5, b = mt19937_next(&r->mt) >> 6;

    return (a * 67108864.0 + b) / 9007199254740992.0;   /* (a * 2^26 + b) / 2^53 */
}

uint64_t
pyrandom_below(struct pyrandom *r, uint64_t n)
{
    /* The bit length of n, not of n - 1: for a power of two half of the draws are refused. */
    const int k = 64 - __builtin_clzll(n);
    uint64_t v;

    do
        v = pyrandom_bits(r, k);
    while (v >= n);
    return v;
}

int64_t
pyrandom_int(struct pyrandom *r, int64_t a, int64_t b)
{
    return a + (int64_t)pyrandom_below(r, (uint64_t)(b - a) + 1);
}

void
pyrandom_shuffle(struct pyrandom *r, void *list, size_t n, size_t size)
{
    char *item = list, *tmp = mem_alloc(size);

    for (size_t i = n; i-- > 1;) {
        const size_t j = pyrandom_below(r, i + 1);

        if (i == j)
            continue;
        memcpy(tmp, item + i * size, size);
        memcpy(item + i * size, item + j * size, size);
        memcpy(item + j * size, tmp, size);
    }
    free(tmp);
}

size_t
pyrandom_sample_setsize(size_t k)
{
    size_t power = 1;

    if (k <= 5)
        return 21;
    while (power < 3 * k)       /* 4 ^ ceil(log4(3 k)); 3 k is never a power of four */
        power *= 4;
    return 21 + power;
}

static void
sample_from_pool(struct pyrandom *r, size_t *index, size_t n, size_t k)
{
    size_t *pool = mem_array(n, sizeof *pool);

    for (size_t i = 0; i < n; i++)
        pool[i] = i;
    for (size_t i = 0; i < k; i++) {
        const size_t j = pyrandom_below(r, n - i);

        index[i] = pool[j];
        pool[j] = pool[n - i - 1];
    }
    free(pool);
}

static void
sample_with_set(struct pyrandom *r, size_t *index, size_t n, size_t k)
{
    uint8_t *drawn = mem_zalloc(n / 8 + 1);

    for (size_t i = 0; i < k; i++) {
        size_t j;

        do
            j = pyrandom_below(r, n);
        while (drawn[j / 8] >> j % 8 & 1);
        drawn[j / 8] |= (uint8_t)(1 << j % 8);
        index[i] = j;
    }
    free(drawn);
}

void
pyrandom_sample(struct pyrandom *r, size_t *index, size_t n, size_t k)
{
    if (n <= pyrandom_sample_setsize(k))
        sample_from_pool(r, index, n, k);
    else
        sample_with_set(r, index, n, k);
}
