/* SPDX-License-Identifier: MIT */
#include "rng/nprandom.h"

#include <string.h>

void
nprandom_seed(struct nprandom *r, uint32_t seed)
{
    mt19937_seed(&r->mt, seed);
}

uint32_t
nprandom_interval(struct nprandom *r, uint32_t max)
{
    uint32_t mask, v;

    if (max == 0)
        return 0;
    mask = UINT32_MAX >> __builtin_clz(max);    /* smallest 2^b - 1 that is at least max */
    do
        v = mt19937_next(&r->mt) & mask;
    while (v > max);
    return v;
}

void
nprandom_permutation(struct nprandom *r, uint32_t *index, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        index[i] = i;
    for (uint32_t i = n; i-- > 1;) {
        const uint32_t j = nprandom_interval(r, i), tmp = index[i];

        index[i] = index[j];
        index[j] = tmp;
    }
}

void
nprandom_choice(struct nprandom *r, uint32_t *index, uint32_t k, uint32_t *work, uint32_t n)
{
    nprandom_permutation(r, work, n);
    memcpy(index, work, k * sizeof *index);
}
