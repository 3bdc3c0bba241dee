/* SPDX-License-Identifier: MIT */
#include "npz/utf.h"

#include "prog/mem.h"

enum { MAX_POINT = 0x10ffff, SURROGATE_FIRST = 0xd800, SURROGATE_LAST = 0xdfff };

static bool
is_point(uint32_t c)
{
    return c <= MAX_POINT && !(c >= SURROGATE_FIRST && c <= SURROGATE_LAST);
}

/* The code point at *s, which is moved behind it; UINT32_MAX when there is none. */
static uint32_t
next_point(const unsigned char **s)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *p = *s;
    unsigned more = *p < 0x80 ? 0 : *p < 0xc0 ? 4 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2
                    : *p < 0xf8 ? 3 : 4;
    uint32_t c;

    if (more == 4)
        return UINT32_MAX;
    c = more == 0 ? *p : *p & (0x3fu >> more);
    p++;
    for (unsigned i = 0; i < more; i++, p++) {
        if ((*p & 0xc0) != 0x80)
            return UINT32_MAX;
        c = c << 6 | (*p & 0x3f);
    }
    *s = p;
    return c >= least[more] && is_point(c) ? c : UINT32_MAX;
}

ptrdiff_t
utf8_length(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    ptrdiff_t n = 0;

    while (*p) {
        if (next_point(&p) == UINT32_MAX)
            return -1;
        n++;
    }
    return n;
}

size_t
utf8_to_ucs4(uint32_t *out, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t n = 0;

    while (*p)
        out[n++] = next_point(&p);
    return n;
}

static char *
put_point(char *p, uint32_t c)
{
    if (c < 0x80) {
        *p++ = (char)c;
        return p;
    }
    if (c < 0x800) {
        *p++ = (char)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *p++ = (char)(0xe0 | c >> 12);
        } else {
            *p++ = (char)(0xf0 | c >> 18);
            *p++ = (char)(0x80 | (c >> 12 & 0x3f));
        }
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *p++ = (char)(0x80 | (c & 0x3f));
    return p;
}

char *
utf8_from_ucs4(const uint32_t *cell, size_t n)
{
    char *text, *p;

    while (n > 0 && cell[n - 1] == 0)
        n--;
    for (size_t i = 0; i < n; i++)
        if (cell[i] == 0 || !is_point(cell[i]))
            return NULL;
    p = text = mem_alloc(4 * n + 1);
    for (size_t i = 0; i < n; i++)
        p = put_point(p, cell[i]);
    *p = '\0';
    return text;
}
