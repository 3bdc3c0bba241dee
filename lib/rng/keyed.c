/* SPDX-License-Identifier: MIT */
#include "rng/keyed.h"

#include "digest/blake2b.h"

#define GAMMA 0x9e3779b97f4a7c15u       /* 2^64 / golden ratio, odd: SplitMix64's step */

static uint64_t
mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void
keyed_stream_init(struct keyed_stream *s, uint64_t seed, uint64_t key)
{
    s->state = mix(mix(seed + GAMMA) ^ key);
}

uint64_t
keyed_next(struct keyed_stream *s)
{
    s->state += GAMMA;
    return mix(s->state);
}

uint64_t
keyed_hash(uint64_t seed, uint64_t key, uint64_t counter)
{
    struct keyed_stream s;

    keyed_stream_init(&s, seed, key);
    s.state += counter * GAMMA;
    return keyed_next(&s);
}

uint64_t
keyed_below(struct keyed_stream *s, uint64_t n)
{
    unsigned __int128 product = (unsigned __int128)keyed_next(s) * n;

    if ((uint64_t)product < n) {
        const uint64_t biased = -n % n;     /* 2^64 mod n */

        while ((uint64_t)product < biased)
            product = (unsigned __int128)keyed_next(s) * n;
    }
    return (uint64_t)(product >> 64);
}

uint64_t
keyed_bytes(const void *data, size_t n, uint64_t seed)
{
    uint64_t h;

    blake2b(&h, sizeof h, data, n, &seed, sizeof seed);
    return h;
}
