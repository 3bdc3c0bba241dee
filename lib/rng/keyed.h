/* SPDX-License-Identifier: MIT */
/*
 * Random numbers by identity: what is drawn for a thing depends on a seed and on the thing's own
 * key, never on what was drawn before it, so that order, shards and threads cannot matter.
 *
 * Results depend on the exact definition, which is therefore fixed (all arithmetic modulo 2^64):
 *
 *   gamma         = 0x9e3779b97f4a7c15
 *   mix(z)        : z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
 *                   z = (z ^ z >> 27) * 0x94d049bb133111eb;  z ^ z >> 31
 *   base          = mix(mix(seed + gamma) ^ key)
 *   word number c = mix(base + (c + 1) * gamma),  c from 0
 *
 * Words 0, 1, 2, ... of one (seed, key) are the output of SplitMix64 started at base (Steele, Lea
 * and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the constants of the
 * finaliser are Stafford's variant 13).
 */
#ifndef PT_RNG_KEYED_H
#define PT_RNG_KEYED_H

#include "base/base.h"

/* Word number counter of (seed, key). */
uint64_t keyed_hash(uint64_t seed, uint64_t key, uint64_t counter);

/* The words of one (seed, key) in turn: the i-th keyed_next equals keyed_hash(seed, key, i). */
struct keyed_stream {
    uint64_t state;
};

void keyed_stream_init(struct keyed_stream *s, uint64_t seed, uint64_t key);
uint64_t keyed_next(struct keyed_stream *s);

/*
 * Unbiased integer in [0, n), n >= 1: the high 64 bits of word * n, redrawn while the low 64 bits
 * are below 2^64 mod n (Lemire, "Fast random integer generation in an interval", ACM TOMACS 2019).
 * Takes one word, very rarely more.
 */
uint64_t keyed_below(struct keyed_stream *s, uint64_t n);

/*
 * 64-bit hash of n bytes: BLAKE2b with an 8-byte digest read as little-endian, keyed with the 8
 * bytes of seed, little-endian.
 */
uint64_t keyed_bytes(const void *data, size_t n, uint64_t seed);

#endif
