/* SPDX-License-Identifier: MIT */
/* Protocol buffer messages, field by field (protobuf.dev, "Encoding"). */
#ifndef PT_WEIGHTS_PROTOBUF_H
#define PT_WEIGHTS_PROTOBUF_H

#include "base/base.h"

struct protobuf {
    const uint8_t *p, *end;
    bool broken;                /* set by protobuf_next */
    unsigned field;             /* of what was read last */
    uint64_t number;            /* a varint or fixed number; 0 for bytes */
    const uint8_t *bytes;       /* text or message, n bytes; NULL for a number */
    size_t n;
};

void protobuf_init(struct protobuf *m, const void *data, size_t bytes);

/* Read the next field; false at the end, or where the message is broken. */
bool protobuf_next(struct protobuf *m);

/* A number of seven bits a byte at *p, which moves on; false when it is cut off. */
bool protobuf_varint(uint64_t *v, const uint8_t **p, const uint8_t *end);

#endif
