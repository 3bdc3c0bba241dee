/* SPDX-License-Identifier: MIT */
#include "prog/mem.h"

#include <jansson.h>
#include <libdeflate.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "prog/die.h"

enum { HUGE_PAGE = 1 << 21 };

static void *
check(void *p, size_t bytes)
{
    if (!p)
        die("out of memory: %.1f MB more were needed; use fewer --threads, raise the limit (ulimit "
            "-v), or run on a larger machine", (double)bytes / 1e6);
    return p;
}

static size_t
product(size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        die("out of memory: an array of %zu elements of %zu bytes was asked for", n, size);
    return bytes;
}

void *
mem_alloc(size_t bytes)
{
    return check(malloc(bytes ? bytes : 1), bytes);
}

void *
mem_zalloc(size_t bytes)
{
    return check(calloc(1, bytes ? bytes : 1), bytes);
}

void *
mem_array(size_t n, size_t size)
{
    return mem_zalloc(product(n, size));
}

void *
mem_resize(void *p, size_t n, size_t size)
{
    size_t bytes = product(n, size);

    return check(realloc(p, bytes ? bytes : 1), bytes);
}

/*
 * Large arrays are put on huge pages where the system has them: touching 80 MB of packed weights for
 * the first time, page by page, takes longer than packing them.
 */
void *
mem_aligned(size_t bytes)
{
    size_t align = bytes >= HUGE_PAGE ? HUGE_PAGE : 64;
    void *p;

    /* aligned_alloc wants whole multiples of the alignment, up to 2 MB more. */
    if (posix_memalign(&p, align, bytes ? bytes : 1))
        p = NULL;
    check(p, bytes);
#if defined(MADV_HUGEPAGE)
    if (bytes >= HUGE_PAGE)
        (void)madvise(p, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
    return p;
}

char *
mem_strdup(const char *s)
{
    return mem_strndup(s, strlen(s));
}

char *
mem_strndup(const char *s, size_t n)
{
    char *copy = mem_alloc(n + 1);

    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *
mem_printf(const char *fmt, ...)
{
    va_list ap, again;
    char *s;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    s = mem_alloc((size_t)n + 1);
    vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}

void
mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
    void **pp = p;
    size_t n;

    if (need <= *cap)
        return;
    n = *cap ? *cap + *cap / 2 : need;     /* many arrays never grow */
    if (*cap && n < 16)
        n = 16;
    if (n < need)
        n = need;
    *pp = mem_resize(*pp, n, size);
    *cap = n;
}

void
mem_return_large(void)
{
#ifdef __GLIBC__
    enum { LARGE = 4 << 20 };

    mallopt(M_MMAP_THRESHOLD, LARGE);
    mallopt(M_TRIM_THRESHOLD, LARGE);
#endif
}

void
mem_serve_libraries(void)
{
    json_set_alloc_funcs(mem_alloc, free);
    libdeflate_set_memory_allocator(mem_alloc, free);
}

void
mem_headroom(void)
{
    enum { HEADROOM = 16 << 20 };

    free(mem_alloc(HEADROOM));
}

void
mem_share_arena(void)
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
#endif
}
