/* SPDX-License-Identifier: MIT */
/*
 * Allocation that cannot return NULL: running out of memory ends the program, since no tool of
 * the suite can go on.  The one part of lib/prog/ that the rest of lib/ may use.  Sizes that come
 * from a file must be checked against the file before they get here.
 */
#ifndef PT_MEM_H
#define PT_MEM_H

#include "base/base.h"

void *mem_alloc(size_t bytes);                  /* uninitialised; 0 bytes gives a unique pointer */
void *mem_zalloc(size_t bytes);                 /* zeroed */
void *mem_array(size_t n, size_t size);         /* zeroed n x size, product checked */
void *mem_resize(void *p, size_t n, size_t size);   /* realloc, product checked */
void *mem_aligned(size_t bytes);                /* 64-byte aligned, uninitialised; plain free() */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n);
char *mem_printf(const char *fmt, ...) PT_PRINTF(1, 2)      /* caller frees */
    __attribute__((nonnull(1)));

/* Grow *p (element size bytes) so that it holds at least need elements; *cap is updated. */
void mem_grow(void *p, size_t *cap, size_t need, size_t size);

/*
 * For programs that make large arrays of others' and free those: arrays of 4 MB and more go back to
 * the system when they are freed.  The C library's own rule keeps a freed one's place for the next,
 * which networks of gigabytes, packed kernel by kernel, pay for with holes of a third of their size.
 */
void mem_return_large(void);

/*
 * What the libraries allocate (jansson, libdeflate) comes from here too, so that none of them takes
 * a lack of memory for something else.  opt_parse calls it.
 */
void mem_serve_libraries(void);

/*
 * End the program now unless some megabytes can still be had: to be called before htslib opens
 * something, which may crash where a few bytes are denied to it.
 */
void mem_headroom(void);

/*
 * For threads where addresses are scarce (ulimit -v): small blocks of all of them come from one
 * place, not from 64 MB of addresses set aside for each thread.  To be called before they start.
 */
void mem_share_arena(void);

#endif
