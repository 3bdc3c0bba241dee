/* SPDX-License-Identifier: MIT */
#include "weights/sstable.h"

#include <stdlib.h>
#include <string.h>

#include "digest/crc32c.h"
#include "prog/mem.h"
#include "weights/protobuf.h"
#include "weights/snappy.h"

enum { FOOTER = 48, TRAILER = 5, MAX_KEY = 4096 };
static const uint8_t magic[8] = { 0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb };

typedef int entry_fn(void *context, const char *key, size_t n_key, const uint8_t *value,
                     size_t n_value, struct err *e);

/* The table, and bytes of blocks that may still be unpacked: blocks do not overlap. */
struct table {
    const uint8_t *p;
    uint64_t n, left;
    entry_fn *entry;
    void *context;
};

static int
damaged(struct err *e, const char *what)
{
    return err_set(e, "damaged checkpoint index: %s; copy or download the file again", what);
}

bool
sstable_is(const void *data, uint64_t n)
{
    return n >= FOOTER && memcmp((const uint8_t *)data + n - sizeof magic, magic, sizeof magic) == 0;
}

static uint32_t
fixed_32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

/* With the macro, which fuzzers define, changed bytes get past the check. */
static bool
is_intact(const uint8_t *p, uint64_t n)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)p, (void)n;
    return true;
#else
    return crc32c_masked(crc32c(p, n + 1)) == fixed_32(p + n + 1);
#endif
}

/* The contents of the block at a handle: offset and size, at p; the caller frees them. */
static uint8_t *
read_block(size_t *n, struct table *t, const uint8_t **p, const uint8_t *end, struct err *e)
{
    enum { PLAIN = 0, SNAPPY = 1 };
    uint64_t at, size;
    uint8_t *block = NULL;

    if (!protobuf_varint(&at, p, end) || !protobuf_varint(&size, p, end) || at > t->n ||
        size > t->n - at || t->n - at - size < TRAILER) {
        damaged(e, "a block outside of the file");
        return NULL;
    }
    if (!is_intact(t->p + at, size)) {
        damaged(e, "a block whose checksum is wrong");
        return NULL;
    }
    if (t->p[at + size] == SNAPPY) {
        block = snappy_unpack(n, t->p + at, size, e);
    } else if (t->p[at + size] == PLAIN) {
        block = mem_alloc(size);
        memcpy(block, t->p + at, size);
        *n = size;
    } else {
        damaged(e, "a block packed in an unknown way");
    }
    if (block && *n + TRAILER > t->left) {
        free(block);
        damaged(e, "blocks that overlap");
        return NULL;
    }
    if (block)
        t->left -= *n + TRAILER;
    return block;
}

/* Entries: bytes shared with the key before, further bytes, bytes of the value. */
static int
each_entry(const uint8_t *block, size_t n, entry_fn *entry, void *context, struct err *e)
{
    uint8_t key[MAX_KEY];
    size_t n_key = 0;
    const uint8_t *p = block, *end;
    uint64_t restarts;

    if (n < 4)
        return damaged(e, "a block without restarts");
    restarts = fixed_32(block + n - 4);
    if (restarts > (n - 4) / 4)
        return damaged(e, "a block with too many restarts");
    end = block + n - 4 - 4 * restarts;
    while (p < end) {
        uint64_t shared, more, n_value;

        if (!protobuf_varint(&shared, &p, end) || !protobuf_varint(&more, &p, end) ||
            !protobuf_varint(&n_value, &p, end) || shared > n_key || more > MAX_KEY - shared ||
            more > (uint64_t)(end - p) || n_value > (uint64_t)(end - p) - more)
            return damaged(e, "a broken entry");
        memcpy(key + shared, p, more);
        n_key = shared + more;
        p += more;
        if (entry(context, (const char *)key, n_key, p, n_value, e) < 0)
            return -1;
        p += n_value;
    }
    return 0;
}

/* An entry of the index of blocks: its value is the handle of one. */
static int
each_block(void *context, const char *key, size_t n_key, const uint8_t *value, size_t n_value,
           struct err *e)
{
    struct table *t = context;
    const uint8_t *p = value;
    size_t n = 0;
    uint8_t *block = read_block(&n, t, &p, value + n_value, e);
    int r;

    (void)key, (void)n_key;
    if (!block)
        return -1;
    r = each_entry(block, n, t->entry, t->context, e);
    free(block);
    return r;
}

int
sstable_each(const void *data, uint64_t n, entry_fn *entry, void *context, struct err *e)
{
    struct table t = { data, n, 64 * n, entry, context };
    const uint8_t *p, *end;
    uint64_t skipped;
    size_t n_index = 0;
    uint8_t *index;
    int r;

    if (!sstable_is(data, n))
        return damaged(e, "no magic number at its end");
    p = t.p + n - FOOTER;
    end = t.p + n - sizeof magic;
    if (!protobuf_varint(&skipped, &p, end) || !protobuf_varint(&skipped, &p, end))
        return damaged(e, "a broken footer");
    index = read_block(&n_index, &t, &p, end, e);
    if (!index)
        return -1;
    r = each_entry(index, n_index, each_block, &t, e);
    free(index);
    return r;
}
