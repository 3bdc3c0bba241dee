/* SPDX-License-Identifier: MIT */
/*
 * Sorted tables of keys and values as LevelDB and TensorFlow write them (google/leveldb,
 * doc/table_format.md): blocks with a checksum each, perhaps packed by Snappy.
 */
#ifndef PT_WEIGHTS_SSTABLE_H
#define PT_WEIGHTS_SSTABLE_H

#include "base/base.h"
#include "base/err.h"

/* By the magic number at the end. */
bool sstable_is(const void *data, uint64_t n);

/*
 * Call entry for every key, in order; it returns 0 to go on or -1 with a reason in e.  What it is
 * given lives during the call.  -1 with the reason in e for a damaged table.
 */
int sstable_each(const void *data, uint64_t n,
                 int (*entry)(void *context, const char *key, size_t n_key, const uint8_t *value,
                              size_t n_value, struct err *e),
                 void *context, struct err *e);

#endif
