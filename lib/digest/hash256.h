/* SPDX-License-Identifier: MIT */
/* SHA-256 of files and streams, for provenance (libcrypto does the arithmetic). */
#ifndef PT_HASH256_H
#define PT_HASH256_H

#include "base/base.h"
#include "base/err.h"

struct hash256;                                  /* a running digest */
struct hash256 *hash256_new(void);
void hash256_add(struct hash256 *h, const void *data, size_t bytes);
void hash256_hex(struct hash256 *h, char hex[65]);   /* finishes and frees h */

/* Digest of the first limit bytes of a file (limit < 0: the whole file). */
int hash256_file(char hex[65], const char *path, int64_t limit, struct err *e);

#endif
