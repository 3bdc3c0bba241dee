/* SPDX-License-Identifier: MIT */
/* Hash tables of htslib/khash.h with memory that cannot be NULL (prog/mem.h): include this instead. */
#ifndef PT_TABLE_H
#define PT_TABLE_H

#include "prog/mem.h"

#define kcalloc(n, size) mem_array(n, size)
#define kmalloc(bytes) mem_alloc(bytes)
#define krealloc(p, bytes) mem_resize(p, bytes, 1)

#include <htslib/khash.h>

#endif
