/* SPDX-License-Identifier: MIT */
/*
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally
 * equidistributed uniform pseudo-random number generator", ACM TOMACS 8(1), 1998; initialisation
 * of 2002).  CPython's random and NumPy's RandomState share it and differ in how they seed it and
 * how they make bounded integers of its words: see pyrandom.h and nprandom.h.
 */
#ifndef PT_RNG_MT19937_H
#define PT_RNG_MT19937_H

#include "base/base.h"

enum { MT19937_N = 624 };

struct mt19937 {
    uint32_t state[MT19937_N];
    size_t next;            /* word of state to hand out; MT19937_N: make new ones first */
    uint64_t words;         /* handed out since seeding */
};

/* The authors' init_genrand: fills the state from one word. */
void mt19937_seed(struct mt19937 *mt, uint32_t seed);

/* The authors' init_by_array: key has n >= 1 words. */
void mt19937_seed_array(struct mt19937 *mt, const uint32_t *key, size_t n);

/* The next tempered word. */
uint32_t mt19937_next(struct mt19937 *mt);

#endif
