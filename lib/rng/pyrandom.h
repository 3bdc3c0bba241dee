/* SPDX-License-Identifier: MIT */
/*
 * CPython's random module, bit for bit: random.Random(seed) and, for the module-level functions,
 * random.seed(seed).  The numbers are the same in every CPython from 3.6 to 3.13.  Named in
 * metadata as PYRANDOM_NAME.
 */
#ifndef PT_RNG_PYRANDOM_H
#define PT_RNG_PYRANDOM_H

#include "base/base.h"
#include "rng/mt19937.h"

#define PYRANDOM_NAME "mt19937-cpython/1"

struct pyrandom {
    struct mt19937 mt;      /* mt.words counts what was consumed */
};

/* seed(s) of a non-negative integer (Python replaces a negative one by its absolute value). */
void pyrandom_seed(struct pyrandom *r, uint64_t seed);

uint64_t pyrandom_bits(struct pyrandom *r, int k);      /* getrandbits(k), k 1..64 */
double pyrandom_random(struct pyrandom *r);             /* random(): [0, 1), 53 bits */

/* randrange(n), n >= 1; choice(seq) is seq[pyrandom_below(r, len)]. */
uint64_t pyrandom_below(struct pyrandom *r, uint64_t n);

/* randint(a, b), both ends included, a <= b. */
int64_t pyrandom_int(struct pyrandom *r, int64_t a, int64_t b);

/* shuffle(list): n elements of size bytes each, in place. */
void pyrandom_shuffle(struct pyrandom *r, void *list, size_t n, size_t size);

/*
 * sample(range(n), k), k <= n, into index[0..k).  A sample of a list is the list at these
 * indices.  The two algorithms of CPython, chosen as it chooses, consume different words; the
 * memory is 8 n bytes for the one and n / 8 bytes for the other.
 */
void pyrandom_sample(struct pyrandom *r, size_t *index, size_t n, size_t k);

/* sample() copies the population when n is at most this, else it remembers what was drawn. */
size_t pyrandom_sample_setsize(size_t k);

#endif
