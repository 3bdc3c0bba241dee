/* SPDX-License-Identifier: MIT */
/* Superblocks (section II) and object headers (section IV.A). */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/hdf5.h"

enum { SIGNATURE = 8, ADDRESS = 8 };

int
hdf5_damaged(struct err *e, const char *what, uint64_t at)
{
    return err_set(e, "damaged or cut-off HDF5 file: %s at byte %llu; copy or download the file "
                   "again", what, (unsigned long long)at);
}

uint64_t
hdf5_number(const uint8_t *p, int width)
{
    uint64_t v = 0;

    for (int i = width; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

const uint8_t *
hdf5_bytes(struct hdf5 *f, uint64_t at, uint64_t n, const char *what, struct err *e)
{
    if (at > f->file.n || n > f->file.n - at) {
        hdf5_damaged(e, what, at);
        return NULL;
    }
    if (n + 16 > f->left) {
        err_set(e, "damaged HDF5 file: structures that overlap or lead in a circle, such as %s at "
                "byte %llu; copy or download the file again", what, (unsigned long long)at);
        return NULL;
    }
    f->left -= n + 16;
    return f->file.p + at;
}

/* Section II.A: the root group's header is named by a symbol table entry. */
static int
read_superblock_0(struct hdf5 *f, int version, uint64_t *end, struct err *e)
{
    enum { FIXED = 24, MORE_IN_1 = 4, ENTRY = 40 };
    uint64_t n = FIXED + (version == 1 ? MORE_IN_1 : 0);
    const uint8_t *p = hdf5_bytes(f, 0, n + 4 * ADDRESS + ENTRY, "the superblock", e);

    if (!p)
        return -1;
    if (p[13] != ADDRESS || p[14] != ADDRESS)
        return err_set(e, "HDF5 addresses of %d and sizes of %d bytes, expected 8; write the file "
                       "again with h5py", p[13], p[14]);
    *end = hdf5_number(p + n + 2 * ADDRESS, ADDRESS);
    f->root = hdf5_number(p + n + 4 * ADDRESS + 8, ADDRESS);
    return hdf5_number(p + n, ADDRESS) ? hdf5_damaged(e, "a base address that is not 0", n) : 0;
}

/* Section II.B. */
static int
read_superblock_2(struct hdf5 *f, uint64_t *end, struct err *e)
{
    enum { FIXED = 12 };
    const uint8_t *p = hdf5_bytes(f, 0, FIXED + 4 * ADDRESS + 4, "the superblock", e);

    if (!p)
        return -1;
    if (p[9] != ADDRESS || p[10] != ADDRESS)
        return err_set(e, "HDF5 addresses of %d and sizes of %d bytes, expected 8; write the file "
                       "again with h5py", p[9], p[10]);
    *end = hdf5_number(p + FIXED + 2 * ADDRESS, ADDRESS);
    f->root = hdf5_number(p + FIXED + 3 * ADDRESS, ADDRESS);
    return hdf5_number(p + FIXED, ADDRESS) ? hdf5_damaged(e, "a base address that is not 0", FIXED)
                                           : 0;
}

int
hdf5_open(struct hdf5 *f, struct span file, struct err *e)
{
    uint64_t end = 0;
    int version, r;

    *f = (struct hdf5){ .file = file, .left = 8 * file.n + 65536, .data_left = file.n };
    if (file.n < SIGNATURE + 1)
        return hdf5_damaged(e, "no superblock", 0);
    version = file.p[SIGNATURE];
    if (version > 3)
        return err_set(e, "HDF5 superblock of version %d, expected 0 to 3; write the file again "
                       "with h5py", version);
    r = version < 2 ? read_superblock_0(f, version, &end, e) : read_superblock_2(f, &end, e);
    if (r < 0)
        return -1;
    if (end > file.n)
        return err_set(e, "cut-off HDF5 file: %llu bytes, expected %llu; copy or download the file "
                       "again", (unsigned long long)file.n, (unsigned long long)end);
    return 0;
}

/* --- object headers --- */

/* Where messages of one object are. */
struct block {
    uint64_t at, n;
};

/* An object in several pieces: those still to read are at the end of todo. */
struct pieces {
    struct block *todo;
    size_t n, cap;
    int version;
    unsigned message_head;      /* bytes before a message's own */
};

static void
push_piece(struct pieces *b, uint64_t at, uint64_t n)
{
    mem_grow(&b->todo, &b->cap, b->n + 1, sizeof *b->todo);
    b->todo[b->n++] = (struct block){ at, n };
}

static void
add_message(struct hdf5_object *o, const struct hdf5_message *m)
{
    mem_grow(&o->message, &o->cap, o->n + 1, sizeof *o->message);
    o->message[o->n++] = *m;
}

static int
continue_at(struct pieces *b, const struct hdf5_message *m, uint64_t at, struct err *e)
{
    if (m->n < 2 * ADDRESS)
        return hdf5_damaged(e, "a broken continuation", at);
    push_piece(b, hdf5_number(m->p, 8), hdf5_number(m->p + 8, 8));
    return 0;
}

/* The messages of p[0..n); those of version 1 are 8-byte aligned by their sizes. */
static int
read_messages(struct hdf5_object *o, struct pieces *b, const uint8_t *p, uint64_t n, uint64_t at,
              struct err *e)
{
    while (n >= b->message_head) {
        struct hdf5_message m = { 0 };
        unsigned flags;

        if (b->version == 1) {
            m.type = (unsigned)hdf5_number(p, 2);
            m.n = hdf5_number(p + 2, 2);
            flags = p[4];
        } else {
            m.type = p[0];
            m.n = hdf5_number(p + 1, 2);
            flags = p[3];
        }
        m.p = p + b->message_head;
        m.shared = flags & 2;
        if (m.n > n - b->message_head)
            return hdf5_damaged(e, "a message longer than its header", at);
        if (m.type == HDF5_CONTINUATION) {
            if (continue_at(b, &m, at, e) < 0)
                return -1;
        } else if (m.type != 0) {
            add_message(o, &m);
        }
        p = m.p + m.n;
        n -= b->message_head + m.n;
    }
    return 0;
}

static int
read_header_1(struct pieces *b, struct hdf5 *f, uint64_t at, struct err *e)
{
    enum { PREFIX = 16 };
    const uint8_t *p = hdf5_bytes(f, at, PREFIX, "an object header", e);

    if (!p)
        return -1;
    if (p[0] != 1)
        return hdf5_damaged(e, "no object header", at);
    b->version = 1;
    b->message_head = 8;
    push_piece(b, at + PREFIX, hdf5_number(p + 8, 4));
    return 0;
}

static int
read_header_2(struct pieces *b, struct hdf5 *f, uint64_t at, struct err *e)
{
    enum { TIMES = 16, PHASES = 4 };
    const uint8_t *p = hdf5_bytes(f, at, 6, "an object header", e);
    unsigned n_head = 6, flags, width;

    if (!p)
        return -1;
    flags = p[5];
    width = 1u << (flags & 3);
    n_head += (flags & 0x20 ? TIMES : 0) + (flags & 0x10 ? PHASES : 0);
    p = hdf5_bytes(f, at, n_head + width, "an object header", e);
    if (!p)
        return -1;
    if (p[4] != 2)
        return hdf5_damaged(e, "an object header of unknown version", at);
    b->version = 2;
    b->message_head = flags & 4 ? 6 : 4;
    push_piece(b, at + n_head + width, hdf5_number(p + n_head, (int)width));
    return 0;
}

/* Blocks of version 2 after the first have a signature before and a checksum behind. */
static int
read_piece(struct hdf5_object *o, struct pieces *b, struct hdf5 *f, bool first, struct err *e)
{
    struct block next = b->todo[--b->n];
    const uint8_t *p = hdf5_bytes(f, next.at, next.n, "a part of an object header", e);

    if (!p)
        return -1;
    if (b->version == 2 && !first) {
        if (next.n < 8 || memcmp(p, "OCHK", 4) != 0)
            return hdf5_damaged(e, "no part of an object header", next.at);
        p += 4;
        next.n -= 8;
    }
    return read_messages(o, b, p, next.n, next.at, e);
}

int
hdf5_object_read(struct hdf5_object *o, struct hdf5 *f, uint64_t address, struct err *e)
{
    struct pieces b = { 0 };
    const uint8_t *p = hdf5_bytes(f, address, 4, "an object header", e);
    int r;

    memset(o, 0, sizeof *o);
    if (!p)
        return -1;
    r = memcmp(p, "OHDR", 4) == 0 ? read_header_2(&b, f, address, e)
                                  : read_header_1(&b, f, address, e);
    for (bool first = true; r == 0 && b.n > 0; first = false)
        r = read_piece(o, &b, f, first, e);
    free(b.todo);
    return r;
}

void
hdf5_object_free(struct hdf5_object *o)
{
    free(o->message);
    memset(o, 0, sizeof *o);
}

const struct hdf5_message *
hdf5_find_message(const struct hdf5_object *o, unsigned type)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->message[i].type == type)
            return &o->message[i];
    return NULL;
}

bool
hdf5_is_group(const struct hdf5_object *o)
{
    return hdf5_find_message(o, HDF5_SYMBOL_TABLE) || hdf5_find_message(o, HDF5_LINK_INFO) ||
           hdf5_find_message(o, HDF5_LINK);
}
