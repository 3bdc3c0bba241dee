/* SPDX-License-Identifier: MIT */
/* Growing byte buffer to write a record into, and a bounds-checked cursor to read one from. */
#ifndef PT_BUF_H
#define PT_BUF_H

#include <string.h>

#include "base/base.h"

struct buf {
    uint8_t *p;
    size_t n, cap;
};

void buf_free(struct buf *b);
static inline void buf_clear(struct buf *b) { b->n = 0; }
void buf_put(struct buf *b, const void *data, size_t bytes);
void *buf_room(struct buf *b, size_t bytes);    /* appends that many bytes to be filled in */
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16(struct buf *b, uint16_t v);
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_put_f64(struct buf *b, double v);
void buf_put_str(struct buf *b, const char *s);         /* u32 length, bytes, no terminator */

/* All getters return 0 (or NULL) and set bad once the end is passed; check bad when done. */
struct cur {
    const uint8_t *p, *end;
    bool bad;
};

/* Inline: a stream of one value per record spends most of its time here. */
static inline const uint8_t *
cur_bytes(struct cur *c, size_t bytes)          /* not aligned: memcpy from it */
{
    const uint8_t *p = c->p;

    if (c->bad || (size_t)(c->end - p) < bytes) {
        c->bad = true;
        return NULL;
    }
    c->p += bytes;
    return p;
}

static inline uint32_t
cur_u32(struct cur *c)
{
    const uint8_t *p = cur_bytes(c, 4);
    uint32_t v = 0;

    if (p)
        memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t
cur_u64(struct cur *c)
{
    const uint8_t *p = cur_bytes(c, 8);
    uint64_t v = 0;

    if (p)
        memcpy(&v, p, sizeof v);
    return v;
}

uint8_t cur_u8(struct cur *c);
uint16_t cur_u16(struct cur *c);
double cur_f64(struct cur *c);
char *cur_str(struct cur *c);                           /* malloc'd; NULL when bad */

#endif
