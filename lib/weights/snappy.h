/* SPDX-License-Identifier: MIT */
/* Unpacking of Snappy's raw format (google/snappy, format_description.txt). */
#ifndef PT_WEIGHTS_SNAPPY_H
#define PT_WEIGHTS_SNAPPY_H

#include "base/base.h"
#include "base/err.h"

/* Unpacked bytes, *n of them, which the caller frees; NULL with the reason in e. */
uint8_t *snappy_unpack(size_t *n, const uint8_t *in, size_t bytes, struct err *e);

#endif
