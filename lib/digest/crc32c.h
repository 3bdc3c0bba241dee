/* SPDX-License-Identifier: MIT */
/* CRC-32C (Castagnoli, RFC 3720 appendix B.4), as LevelDB tables and TensorFlow bundles carry it. */
#ifndef PT_CRC32C_H
#define PT_CRC32C_H

#include "base/base.h"

uint32_t crc32c(const void *data, size_t bytes);

/* Continue: crc32c_more(crc32c(a), b) is that of a and b in one. */
uint32_t crc32c_more(uint32_t crc, const void *data, size_t bytes);

/* How LevelDB stores one (table/format.h, crc32c::Mask): rotated right by 15, a constant added. */
uint32_t crc32c_masked(uint32_t crc);

#endif
