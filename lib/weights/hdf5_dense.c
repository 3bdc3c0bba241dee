/* SPDX-License-Identifier: MIT */
/*
 * Fractal heaps (section III.G) and version 2 B-trees (III.A.2): how newer files keep the links of
 * large groups and many attributes.
 */
#include <string.h>

#include "weights/hdf5.h"

enum { MAX_DEPTH = 8, OVERHEAD = 10 };      /* signature, version, type and checksum of a node */

struct heap {
    struct hdf5 *f;
    uint64_t address, root;
    unsigned id_bytes, offset_bytes, length_bytes;
    unsigned width, rows;       /* of the doubling table; of the root, 0 for a direct block */
    unsigned start_bits, direct_bits, width_bits;
    bool checksums;
};

struct tree {
    struct heap *heap;
    unsigned node_bytes, record_bytes, depth;
    size_t at;                                  /* of the heap id in a record */
    unsigned count_bytes;                       /* of a child's number of records */
    unsigned total_bytes[MAX_DEPTH + 1];        /* of the records below a node of that depth */
    int (*found)(void *context, const uint8_t *p, size_t n, struct err *e);
    void *context;
};

/* Largest b with 2^b <= v; v > 0. */
static unsigned
log_floor(uint64_t v)
{
    return 63 - (unsigned)__builtin_clzll(v);
}

/* Bytes that hold any number up to v. */
static unsigned
limit_bytes(uint64_t v)
{
    return v ? log_floor(v) / 8 + 1 : 1;
}

static bool
is_power(uint64_t v)
{
    return v && (v & (v - 1)) == 0;
}

static int
open_heap(struct heap *h, struct hdf5 *f, uint64_t at, struct err *e)
{
    const uint8_t *p = hdf5_bytes(f, at, 146, "a fractal heap", e);
    uint64_t start, direct;
    unsigned bits, longest;

    if (!p)
        return -1;
    if (memcmp(p, "FRHP", 4) != 0 || p[4] != 0)
        return hdf5_damaged(e, "no fractal heap", at);
    if (hdf5_number(p + 7, 2) != 0)
        return err_set(e, "an HDF5 group or attributes kept compressed, which is not supported; "
                       "save the model again");
    h->f = f;
    h->address = at;
    h->id_bytes = (unsigned)hdf5_number(p + 5, 2);
    h->checksums = p[9] & 2;
    h->width = (unsigned)hdf5_number(p + 110, 2);
    start = hdf5_number(p + 112, 8);
    direct = hdf5_number(p + 120, 8);
    bits = (unsigned)hdf5_number(p + 128, 2);
    h->root = hdf5_number(p + 132, 8);
    h->rows = (unsigned)hdf5_number(p + 140, 2);
    if (!is_power(h->width) || !is_power(start) || !is_power(direct) || start > direct ||
        direct > UINT32_MAX || bits == 0 || bits > 64 || h->rows > 64)
        return hdf5_damaged(e, "a broken fractal heap", at);
    h->start_bits = log_floor(start);
    h->direct_bits = log_floor(direct);
    h->width_bits = log_floor(h->width);
    h->offset_bytes = (bits + 7) / 8;
    longest = limit_bytes(hdf5_number(p + 10, 4));
    h->length_bytes = (h->direct_bits + 7) / 8 < longest ? (h->direct_bits + 7) / 8 : longest;
    if (h->length_bytes == 0 || h->id_bytes < 1 + h->offset_bytes + h->length_bytes)
        return hdf5_damaged(e, "a fractal heap with short ids", at);
    return 0;
}

static unsigned
row_bits(const struct heap *h, unsigned row)
{
    return h->start_bits + (row ? row - 1 : 0);
}

/* One level down: the block in an indirect block of that many rows that holds heap offset *at. */
static int
descend(const struct heap *h, uint64_t *block, unsigned *rows, uint64_t *at, uint64_t *size,
        struct err *e)
{
    unsigned first_bits = h->start_bits + h->width_bits, row, bits;
    uint64_t begin, entry;
    const uint8_t *p;

    row = *at >> first_bits ? log_floor(*at) - first_bits + 1 : 0;
    bits = row_bits(h, row);
    begin = row ? (uint64_t)1 << log_floor(*at) : 0;
    entry = (*at - begin) >> bits;
    if (row >= *rows || bits >= 63)
        return hdf5_damaged(e, "an object beyond its fractal heap", *block);
    p = hdf5_bytes(h->f, *block, 5, "a fractal heap block", e);
    if (!p)
        return -1;
    if (memcmp(p, "FHIB", 4) != 0)
        return hdf5_damaged(e, "no fractal heap block", *block);
    p = hdf5_bytes(h->f, *block + 13 + h->offset_bytes + 8 * (row * h->width + entry), 8,
                   "a fractal heap block", e);
    if (!p)
        return -1;
    *at -= begin + (entry << bits);
    *block = hdf5_number(p, 8);
    *size = (uint64_t)1 << bits;
    *rows = bits <= h->direct_bits ? 0 : bits - first_bits + 1;
    return 0;
}

/* Objects are addressed by their place in the heap, block headers included. */
static int
take_object(struct tree *t, const uint8_t *id, struct err *e)
{
    struct heap *h = t->heap;
    unsigned rows = h->rows;
    uint64_t at, n, block = h->root, size = (uint64_t)1 << h->start_bits;
    const uint8_t *p;

    if (id[0] >> 4 & 3)
        return err_set(e, "a very large HDF5 attribute or link, which is not supported; save the "
                       "model again without libver='latest'");
    at = hdf5_number(id + 1, (int)h->offset_bytes);
    n = hdf5_number(id + 1 + h->offset_bytes, (int)h->length_bytes);
    for (int depth = 0; rows > 0; depth++)
        if (depth == MAX_DEPTH || descend(h, &block, &rows, &at, &size, e) < 0)
            return depth == MAX_DEPTH ? hdf5_damaged(e, "a fractal heap too deep", block) : -1;
    p = hdf5_bytes(h->f, block, 4, "a fractal heap block", e);
    if (!p)
        return -1;
    if (memcmp(p, "FHDB", 4) != 0 || at > size || n > size - at)
        return hdf5_damaged(e, "no fractal heap block", block);
    if (at > h->f->file.n)
        return hdf5_damaged(e, "an object beyond its fractal heap", block);
    p = hdf5_bytes(h->f, block + at, n, "an object in a fractal heap", e);
    return p ? t->found(t->context, p, n, e) : -1;
}

static int
open_tree(struct tree *t, struct hdf5 *f, uint64_t at, uint64_t *root, unsigned *n, struct err *e)
{
    const uint8_t *p = hdf5_bytes(f, at, 38, "a B-tree", e);
    uint64_t most, below;

    if (!p)
        return -1;
    if (memcmp(p, "BTHD", 4) != 0 || p[4] != 0)
        return hdf5_damaged(e, "no B-tree", at);
    t->node_bytes = (unsigned)hdf5_number(p + 6, 4);
    t->record_bytes = (unsigned)hdf5_number(p + 10, 2);
    t->depth = (unsigned)hdf5_number(p + 12, 2);
    *root = hdf5_number(p + 16, 8);
    *n = (unsigned)hdf5_number(p + 24, 2);
    if (t->depth > MAX_DEPTH || t->node_bytes <= OVERHEAD || t->node_bytes > 1u << 24 ||
        t->record_bytes < t->at + t->heap->id_bytes)
        return hdf5_damaged(e, "a broken B-tree", at);
    most = (t->node_bytes - OVERHEAD) / t->record_bytes;
    t->count_bytes = limit_bytes(most);
    below = most;
    for (unsigned d = 1; d <= t->depth; d++) {
        unsigned pointer = 8 + t->count_bytes + (d > 1 ? t->total_bytes[d - 1] : 0);

        if (t->node_bytes < OVERHEAD + pointer)
            return hdf5_damaged(e, "a broken B-tree", at);
        most = (t->node_bytes - OVERHEAD - pointer) / (t->record_bytes + pointer);
        if (below > UINT32_MAX)
            return hdf5_damaged(e, "a broken B-tree", at);
        below = (most + 1) * below + most;
        t->total_bytes[d] = limit_bytes(below);
    }
    return 0;
}

/* Order does not matter to callers: a node's records, then its children. */
static int
read_node(struct tree *t, uint64_t at, unsigned depth, unsigned n, struct err *e)
{
    struct hdf5 *f = t->heap->f;
    unsigned pointer = 8 + t->count_bytes + (depth > 1 ? t->total_bytes[depth - 1] : 0);
    uint64_t size = 6 + (uint64_t)n * t->record_bytes + (depth ? (n + 1) * (uint64_t)pointer : 0);
    const uint8_t *p = hdf5_bytes(f, at, size, "a B-tree node", e);

    if (!p)
        return -1;
    if (memcmp(p, depth ? "BTIN" : "BTLF", 4) != 0)
        return hdf5_damaged(e, "no B-tree node", at);
    p += 6;
    for (unsigned i = 0; i < n; i++, p += t->record_bytes)
        if (take_object(t, p + t->at, e) < 0)
            return -1;
    for (unsigned i = 0; depth && i <= n; i++, p += pointer)
        if (read_node(t, hdf5_number(p, 8), depth - 1,
                      (unsigned)hdf5_number(p + 8, (int)t->count_bytes), e) < 0)
            return -1;
    return 0;
}

int
hdf5_dense_each(struct hdf5 *f, uint64_t heap, uint64_t tree, size_t at,
                int (*found)(void *context, const uint8_t *p, size_t n, struct err *e),
                void *context, struct err *e)
{
    struct heap h = { 0 };
    struct tree t = { .heap = &h, .at = at, .found = found, .context = context };
    uint64_t root = 0;
    unsigned n = 0;

    if (open_heap(&h, f, heap, e) < 0 || open_tree(&t, f, tree, &root, &n, e) < 0)
        return -1;
    return n ? read_node(&t, root, t.depth, n, e) : 0;
}
