/* SPDX-License-Identifier: MIT */
/* The hash function BLAKE2b (RFC 7693): digests of 1 to 64 bytes, with or without a key. */
#ifndef PT_RNG_BLAKE2B_H
#define PT_RNG_BLAKE2B_H

#include "base/base.h"

struct blake2b_state {
    uint64_t h[8];
    uint64_t bytes;         /* compressed so far */
    uint8_t block[128];     /* waiting: a block is compressed when more input follows it */
    size_t n_block;
    size_t n_out;
};

/* n_out 1..64; key may be NULL with n_key 0, at most 64 bytes. */
void blake2b_init(struct blake2b_state *s, size_t n_out, const void *key, size_t n_key);
void blake2b_update(struct blake2b_state *s, const void *data, size_t n);
void blake2b_final(struct blake2b_state *s, void *out);     /* writes n_out bytes */

/* All three at once. */
void blake2b(void *out, size_t n_out, const void *data, size_t n, const void *key, size_t n_key);

#endif
