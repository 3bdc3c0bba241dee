/* SPDX-License-Identifier: MIT */
/*
 * The records of a ZIP archive as Python's zipfile writes them for numpy, with the private extra
 * field of npz/npz_write.h.
 */
#ifndef PT_NPZ_RECORD_H
#define PT_NPZ_RECORD_H

#include "base/base.h"
#include "base/buf.h"

struct npz_record {
    char *name;
    uint32_t crc;                       /* of the unpacked bytes */
    uint64_t compressed, size, offset;
    struct buf index;                   /* content of the private extra field; may be empty */
};

enum { NPZ_CENTRAL_MAX = 65535 };       /* one record with name and extra field (4.4.10) */

/* Append the local header; the entry of the central directory; and what ends the archive, whose
 * central directory of n entries has that many bytes and begins at offset. */
void npz_put_local(struct buf *b, const struct npz_record *r);
void npz_put_central(struct buf *b, const struct npz_record *r);
void npz_put_end(struct buf *b, uint64_t n, uint64_t bytes, uint64_t offset);

#endif
