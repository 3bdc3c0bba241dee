/* SPDX-License-Identifier: MIT */
/*
 * NumPy's legacy RandomState(seed), bit for bit (its stream is frozen by NEP 19).  Unrelated to
 * CPython's stream of the same seed.  Named in metadata as NPRANDOM_NAME.
 */
#ifndef PT_RNG_NPRANDOM_H
#define PT_RNG_NPRANDOM_H

#include "base/base.h"
#include "rng/mt19937.h"

#define NPRANDOM_NAME "mt19937-numpy/1"

struct nprandom {
    struct mt19937 mt;
};

void nprandom_seed(struct nprandom *r, uint32_t seed);

/* Uniform integer in [0, max]; max 0 consumes nothing. */
uint32_t nprandom_interval(struct nprandom *r, uint32_t max);

/* permutation(n) into index[0..n). */
void nprandom_permutation(struct nprandom *r, uint32_t *index, uint32_t n);

/*
 * choice(n, k, replace=False) into index[0..k), k <= n; choice(array, k, replace=False) is the
 * array at these indices.  The whole permutation is made, in work[0..n), whatever k is.
 */
void nprandom_choice(struct nprandom *r, uint32_t *index, uint32_t k, uint32_t *work, uint32_t n);

#endif
