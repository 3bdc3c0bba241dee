/* SPDX-License-Identifier: MIT */
#include "weights/tar.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

enum { BLOCK = 512, MAX_NAME = 4096, MAX_MEMBERS = 100000 };
enum { NAME = 0, NAME_BYTES = 100, SIZE = 124, SIZE_BYTES = 12, CHECKSUM = 148, TYPE = 156,
       MAGIC = 257, PREFIX = 345, PREFIX_BYTES = 155 };

/* Octal text, or with the top bit set a big-endian number (GNU). */
static bool
parse_number(uint64_t *v, const uint8_t *p, size_t n)
{
    *v = 0;
    if (*p & 0x80) {
        for (size_t i = 0; i < n; i++) {
            if (*v >> 56)
                return false;
            *v = *v << 8 | (i ? p[i] : p[i] & 0x7f);
        }
        return true;
    }
    while (n > 0 && *p == ' ')
        p++, n--;
    for (; n > 0 && *p >= '0' && *p <= '7'; p++, n--)
        *v = *v << 3 | (uint64_t)(*p - '0');
    return n == 0 || *p == ' ' || *p == '\0';
}

static bool
is_header(const uint8_t *p)
{
    uint64_t want, sum = 0;

    if (memcmp(p + MAGIC, "ustar", 5) != 0 || !parse_number(&want, p + CHECKSUM, 8))
        return false;
    for (int i = 0; i < BLOCK; i++)
        sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : p[i];
    return sum == want;
}

bool
tar_is(const void *data, uint64_t n)
{
    return n >= BLOCK && is_header(data);
}

static char *
header_name(const uint8_t *p)
{
    const char *name = (const char *)p + NAME, *prefix = (const char *)p + PREFIX;
    int n_name = (int)strnlen(name, NAME_BYTES), n_prefix = (int)strnlen(prefix, PREFIX_BYTES);

    /* Old GNU archives have other things where ustar has the prefix. */
    if (n_prefix == 0 || memcmp(p + MAGIC, "ustar\0", 6) != 0)
        return mem_strndup(name, (size_t)n_name);
    return mem_printf("%.*s/%.*s", n_prefix, prefix, n_name, name);
}

/* Records of a pax header: "LENGTH KEY=VALUE\n"; path goes to *name, size to *size. */
static bool
parse_pax(char **name, uint64_t *size, bool *has_size, const char *p, uint64_t n)
{
    while (n > 0) {
        const char *space = memchr(p, ' ', n < 20 ? n : 20), *equals;
        uint64_t len = 0, n_value;

        for (const char *q = p; space && q < space; q++)
            len = *q >= '0' && *q <= '9' ? 10 * len + (uint64_t)(*q - '0') : UINT64_MAX / 16;
        if (!space || len > n || len < (uint64_t)(space - p) + 3 || p[len - 1] != '\n')
            return false;
        equals = memchr(space, '=', len - (uint64_t)(space - p));
        if (!equals)
            return false;
        n_value = len - (uint64_t)(equals + 1 - p) - 1;
        if (equals - space == 5 && memcmp(space, " path", 5) == 0 && n_value <= MAX_NAME) {
            free(*name);
            *name = mem_strndup(equals + 1, n_value);
        } else if (equals - space == 5 && memcmp(space, " size", 5) == 0) {
            *size = 0;
            for (const char *q = equals + 1; q < p + len - 1; q++)
                if (*q < '0' || *q > '9' || __builtin_mul_overflow(*size, 10, size) ||
                    __builtin_add_overflow(*size, (uint64_t)(*q - '0'), size))
                    return false;
            *has_size = true;
        }
        p += len;
        n -= len;
    }
    return true;
}

/* What headers before a member say of it. */
struct pending {
    char *name;
    uint64_t size;
    bool has_size;
};

static int
damaged(struct err *e, uint64_t at)
{
    return err_set(e, "damaged or cut-off tar archive: a bad header at byte %llu; copy or download "
                   "the file again", (unsigned long long)at);
}

static int
add_member(struct tar *t, struct pending *next, const uint8_t *header, uint64_t at, uint64_t n,
           struct err *e)
{
    char *name = next->name ? next->name : header_name(header);
    const char *plain = strncmp(name, "./", 2) == 0 ? name + 2 : name;

    next->name = NULL;
    if (t->n == MAX_MEMBERS || strlen(plain) == 0) {
        free(name);
        return err_set(e, "a tar archive of more than %d files, or one without a name; name an "
                       "archive of a model", MAX_MEMBERS);
    }
    mem_grow(&t->member, &t->cap, t->n + 1, sizeof *t->member);
    t->member[t->n++] = (struct tar_member){ mem_strdup(plain), at, n };
    free(name);
    return 0;
}

/* One header and what belongs to it; *at moves on. */
static int
read_member(struct tar *t, struct pending *next, const uint8_t *data, uint64_t *at, uint64_t n,
            struct err *e)
{
    const uint8_t *p = data + *at;
    uint64_t size, begin = *at + BLOCK;
    char type = (char)p[TYPE];

    if (!is_header(p) || !parse_number(&size, p + SIZE, SIZE_BYTES))
        return damaged(e, *at);
    if (next->has_size && type != 'x' && type != 'L') {
        size = next->size;
        next->has_size = false;
    }
    if (size > n - begin)
        return damaged(e, *at);
    *at = begin + (size + BLOCK - 1) / BLOCK * BLOCK;
    if (type == 'L') {
        free(next->name);
        next->name = mem_strndup((const char *)data + begin,
                                 strnlen((const char *)data + begin,
                                         size < MAX_NAME ? size : MAX_NAME));
        return 0;
    }
    if (type == 'x')
        return parse_pax(&next->name, &next->size, &next->has_size, (const char *)data + begin,
                         size) ? 0 : damaged(e, begin);
    if (type == '0' || type == '\0' || type == '7')
        return add_member(t, next, p, begin, size, e);
    free(next->name);           /* folders, links and devices are passed over */
    next->name = NULL;
    return 0;
}

int
tar_read(struct tar *t, const void *data, uint64_t n, struct err *e)
{
    struct pending next = { 0 };
    uint64_t at = 0;
    int r = 0;

    memset(t, 0, sizeof *t);
    /* A block of zeros ends the archive. */
    while (r == 0 && at <= n && n - at >= BLOCK && ((const uint8_t *)data)[at] != 0)
        r = read_member(t, &next, data, &at, n, e);
    free(next.name);
    return r;
}

void
tar_free(struct tar *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->member[i].name);
    free(t->member);
    memset(t, 0, sizeof *t);
}

const struct tar_member *
tar_find(const struct tar *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->member[i].name, name) == 0)
            return &t->member[i];
    return NULL;
}
