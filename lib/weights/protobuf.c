/* SPDX-License-Identifier: MIT */
#include "weights/protobuf.h"

#include <string.h>

enum wire { VARINT = 0, FIXED_64 = 1, BYTES = 2, FIXED_32 = 5 };

void
protobuf_init(struct protobuf *m, const void *data, size_t bytes)
{
    memset(m, 0, sizeof *m);
    m->p = data;
    m->end = m->p + bytes;
}

bool
protobuf_varint(uint64_t *v, const uint8_t **p, const uint8_t *end)
{
    *v = 0;
    for (int shift = 0; *p < end && shift < 70; shift += 7) {
        uint8_t byte = *(*p)++;

        if (shift < 64)
            *v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return true;
    }
    return false;
}

static bool
take_fixed(struct protobuf *m, size_t width)
{
    if ((size_t)(m->end - m->p) < width)
        return false;
    memcpy(&m->number, m->p, width);
    m->p += width;
    return true;
}

static bool
take_bytes(struct protobuf *m)
{
    uint64_t n;

    if (!protobuf_varint(&n, &m->p, m->end) || n > (uint64_t)(m->end - m->p))
        return false;
    m->bytes = m->p;
    m->n = n;
    m->p += n;
    return true;
}

bool
protobuf_next(struct protobuf *m)
{
    uint64_t key;
    bool good;

    if (m->p == m->end || m->broken)
        return false;
    m->number = 0;
    m->bytes = NULL;
    m->n = 0;
    good = protobuf_varint(&key, &m->p, m->end) && key >> 3 > 0 && key >> 3 < 1u << 29;
    if (good) {
        m->field = (unsigned)(key >> 3);
        switch (key & 7) {
        case VARINT:   good = protobuf_varint(&m->number, &m->p, m->end); break;
        case FIXED_64: good = take_fixed(m, 8); break;
        case BYTES:    good = take_bytes(m); break;
        case FIXED_32: good = take_fixed(m, 4); break;
        default:       good = false;
        }
    }
    m->broken = !good;
    return good;
}
