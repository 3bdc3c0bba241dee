/* SPDX-License-Identifier: MIT */
#include "weights/snappy.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* The best an element does: 64 bytes copied for a tag and a two-byte offset. */
enum { MAX_RATIO = 32 };
enum tag { LITERAL = 0, COPY_1 = 1, COPY_2 = 2, COPY_4 = 3 };

struct unpacking {
    const uint8_t *p, *end;
    uint8_t *out;
    size_t n, at;
};

/* The number of bytes to come: seven bits at a time. */
static bool
take_length(struct unpacking *u)
{
    for (int shift = 0; u->p < u->end && shift <= 28; shift += 7) {
        u->n |= (size_t)(*u->p & 127) << shift;
        if (*u->p++ < 128)
            return u->n <= UINT32_MAX;
    }
    return false;
}

static bool
take_number(struct unpacking *u, size_t *v, size_t width)
{
    if ((size_t)(u->end - u->p) < width)
        return false;
    *v = 0;
    for (size_t i = 0; i < width; i++)
        *v |= (size_t)*u->p++ << 8 * i;
    return true;
}

static bool
take_literal(struct unpacking *u, size_t n)
{
    if (n >= 60 && !take_number(u, &n, n - 59))
        return false;
    n++;
    if (n > (size_t)(u->end - u->p) || n > u->n - u->at)
        return false;
    memcpy(u->out + u->at, u->p, n);
    u->p += n;
    u->at += n;
    return true;
}

/* Byte by byte: source and target may overlap. */
static bool
take_copy(struct unpacking *u, size_t offset, size_t n)
{
    if (offset == 0 || offset > u->at || n > u->n - u->at)
        return false;
    for (; n > 0; n--, u->at++)
        u->out[u->at] = u->out[u->at - offset];
    return true;
}

static bool
take_element(struct unpacking *u)
{
    unsigned tag = *u->p++;
    size_t offset;

    switch (tag & 3) {
    case LITERAL:
        return take_literal(u, tag >> 2);
    case COPY_1:
        return take_number(u, &offset, 1) &&
               take_copy(u, (size_t)(tag >> 5) << 8 | offset, (tag >> 2 & 7) + 4);
    case COPY_2:
        return take_number(u, &offset, 2) && take_copy(u, offset, (tag >> 2) + 1);
    default:
        return take_number(u, &offset, 4) && take_copy(u, offset, (tag >> 2) + 1);
    }
}

uint8_t *
snappy_unpack(size_t *n, const uint8_t *in, size_t bytes, struct err *e)
{
    struct unpacking u = { .p = in, .end = in + bytes };

    if (!take_length(&u) || u.n / MAX_RATIO > bytes) {
        err_set(e, "Snappy data of %zu bytes that says it unpacks to %zu; copy or download the "
                "file again", bytes, u.n);
        return NULL;
    }
    u.out = mem_alloc(u.n);
    while (u.p < u.end)
        if (!take_element(&u))
            break;
    if (u.p == u.end && u.at == u.n) {
        *n = u.n;
        return u.out;
    }
    free(u.out);
    err_set(e, "damaged Snappy data; copy or download the file again");
    return NULL;
}
