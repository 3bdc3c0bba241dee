/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

void
buf_free(struct buf *b)
{
    free(b->p);
    memset(b, 0, sizeof *b);
}

void *
buf_room(struct buf *b, size_t bytes)
{
    void *room;

    mem_grow(&b->p, &b->cap, b->n + bytes, 1);
    room = b->p + b->n;
    b->n += bytes;
    return room;
}

void
buf_put(struct buf *b, const void *data, size_t bytes)
{
    if (bytes)
        memcpy(buf_room(b, bytes), data, bytes);
}

void
buf_put_u8(struct buf *b, uint8_t v)
{
    buf_put(b, &v, sizeof v);
}

void
buf_put_u16(struct buf *b, uint16_t v)
{
    buf_put(b, &v, sizeof v);
}

void
buf_put_u32(struct buf *b, uint32_t v)
{
    buf_put(b, &v, sizeof v);
}

void
buf_put_u64(struct buf *b, uint64_t v)
{
    buf_put(b, &v, sizeof v);
}

void
buf_put_f64(struct buf *b, double v)
{
    buf_put(b, &v, sizeof v);
}

void
buf_put_str(struct buf *b, const char *s)
{
    size_t n = strlen(s);

    buf_put_u32(b, (uint32_t)n);
    buf_put(b, s, n);
}

static void
get(struct cur *c, void *v, size_t bytes)
{
    const uint8_t *p = cur_bytes(c, bytes);

    if (p)
        memcpy(v, p, bytes);
}

uint8_t
cur_u8(struct cur *c)
{
    uint8_t v = 0;

    get(c, &v, sizeof v);
    return v;
}

uint16_t
cur_u16(struct cur *c)
{
    uint16_t v = 0;

    get(c, &v, sizeof v);
    return v;
}

double
cur_f64(struct cur *c)
{
    double v = 0;

    get(c, &v, sizeof v);
    return v;
}

char *
cur_str(struct cur *c)
{
    uint32_t n = cur_u32(c);
    const uint8_t *p = cur_bytes(c, n);

    if (!p || memchr(p, '\0', n)) {
        c->bad = true;
        return NULL;
    }
    return mem_strndup((const char *)p, n);
}
