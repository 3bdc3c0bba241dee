/* SPDX-License-Identifier: MIT */
/*
 * For tests: HDF5 files as Keras has the library write them (superblock 0, symbol tables, version 1
 * headers, contiguous data), made in memory from the leaves up.  HDF5 File Format Specification 3.0.
 */
#ifndef PT_HDF5_WRITE_H
#define PT_HDF5_WRITE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* Half the entries of a symbol table node and of a B-tree node; larger groups are not written. */
enum { H5W_LEAF_K = 96, H5W_TREE_K = 16 };

struct h5w {
    uint8_t *p;
    size_t n, cap;
};

/* A member of a group; an attribute message. */
struct h5w_member {
    char *name;
    uint64_t address;
};

struct h5w_group {
    struct h5w_member member[2 * H5W_LEAF_K];
    size_t n;
    struct h5w attributes;      /* messages, one after the other */
    unsigned n_attributes;
};

static inline void
h5w_bytes(struct h5w *f, const void *bytes, size_t n)
{
    mem_grow(&f->p, &f->cap, f->n + n + 1, 1);
    if (bytes)
        memcpy(f->p + f->n, bytes, n);
    else
        memset(f->p + f->n, 0, n);
    f->n += n;
}

static inline void
h5w_number(struct h5w *f, uint64_t v, int width)
{
    for (int i = 0; i < width; i++) {
        uint8_t byte = (uint8_t)(v >> 8 * i);

        h5w_bytes(f, &byte, 1);
    }
}

static inline void
h5w_align(struct h5w *f)
{
    h5w_bytes(f, NULL, -f->n & 7);
}

/* A message of a header, padded to 8 bytes. */
static inline void
h5w_message(struct h5w *f, unsigned type, const struct h5w *body)
{
    size_t room = (body->n + 7) & ~(size_t)7;

    h5w_number(f, type, 2);
    h5w_number(f, room, 2);
    h5w_number(f, 0, 4);
    h5w_bytes(f, body->p, body->n);
    h5w_bytes(f, NULL, room - body->n);
}

/* An object header of n messages; its address. */
static inline uint64_t
h5w_header(struct h5w *f, const struct h5w *messages, unsigned n)
{
    uint64_t at;

    h5w_align(f);
    at = f->n;
    h5w_number(f, 1, 2);
    h5w_number(f, n, 2);
    h5w_number(f, 1, 4);
    h5w_number(f, messages->n, 8);
    h5w_bytes(f, messages->p, messages->n);
    return at;
}

static inline void
h5w_space(struct h5w *f, int ndim, const size_t *shape)
{
    h5w_number(f, 1, 1);
    h5w_number(f, (uint64_t)ndim, 1);
    h5w_number(f, 0, 6);
    for (int i = 0; i < ndim; i++)
        h5w_number(f, shape[i], 8);
}

/* IEEE 754, little-endian, of 4 or 8 bytes. */
static inline void
h5w_float(struct h5w *f, unsigned bytes)
{
    h5w_bytes(f, "\x11\x20", 2);
    h5w_number(f, 8 * bytes - 1, 2);
    h5w_number(f, bytes, 4);
    h5w_number(f, 0, 2);
    h5w_number(f, 8 * bytes, 2);
    h5w_bytes(f, bytes == 4 ? "\x17\x08\0\x17\x7f\0\0" : "\x34\x0b\0\x34\xff\x03\0", 8);
}

/* Fixed-length text, padded with NUL. */
static inline void
h5w_text_type(struct h5w *f, size_t bytes)
{
    h5w_bytes(f, "\x13\x01\0\0", 4);
    h5w_number(f, bytes, 4);
}

static inline uint64_t
h5w_dataset(struct h5w *f, int ndim, const size_t *shape, const float *values)
{
    struct h5w space = { 0 }, type = { 0 }, layout = { 0 }, all = { 0 };
    size_t bytes = sizeof *values;
    uint64_t data, at;

    for (int i = 0; i < ndim; i++)
        bytes *= shape[i];
    h5w_align(f);
    data = f->n;
    h5w_bytes(f, values, bytes);
    h5w_space(&space, ndim, shape);
    h5w_float(&type, 4);
    h5w_bytes(&layout, "\x03\x01", 2);
    h5w_number(&layout, data, 8);
    h5w_number(&layout, bytes, 8);
    h5w_message(&all, 1, &space);
    h5w_message(&all, 3, &type);
    h5w_message(&all, 8, &layout);
    at = h5w_header(f, &all, 3);
    free(space.p);
    free(type.p);
    free(layout.p);
    free(all.p);
    return at;
}

static inline void
h5w_add(struct h5w_group *g, const char *name, uint64_t address)
{
    if (g->n == 2 * H5W_LEAF_K)
        abort();
    g->member[g->n++] = (struct h5w_member){ mem_strdup(name), address };
}

/* An attribute from its type, space and data, each of which is padded to 8 bytes and freed. */
static inline void
h5w_attribute(struct h5w_group *g, const char *name, struct h5w *type, struct h5w *space,
              struct h5w *data)
{
    struct h5w m = { 0 };

    h5w_number(&m, 1, 2);
    h5w_number(&m, strlen(name) + 1, 2);
    h5w_number(&m, type->n, 2);
    h5w_number(&m, space->n, 2);
    h5w_bytes(&m, name, strlen(name) + 1);
    h5w_align(&m);
    h5w_bytes(&m, type->p, type->n);
    h5w_align(&m);
    h5w_bytes(&m, space->p, space->n);
    h5w_align(&m);
    h5w_bytes(&m, data->p, data->n);
    h5w_message(&g->attributes, 12, &m);
    g->n_attributes++;
    free(m.p);
    free(type->p);
    free(space->p);
    free(data->p);
}

/* A scalar text of variable length, in a global heap of its own, as h5py stores str. */
static inline void
h5w_text(struct h5w *f, struct h5w_group *g, const char *name, const char *value)
{
    struct h5w type = { 0 }, space = { 0 }, data = { 0 };
    size_t n = strlen(value), room = (n + 7) & ~(size_t)7, all = 16 + 16 + room + 16;

    all = all < 4096 ? 4096 : (all + 7) & ~(size_t)7;
    h5w_align(f);
    h5w_number(&data, n, 4);
    h5w_number(&data, f->n, 8);
    h5w_number(&data, 1, 4);
    h5w_bytes(f, "GCOL\1\0\0\0", 8);
    h5w_number(f, all, 8);
    h5w_number(f, 1, 2);
    h5w_number(f, 1, 2);
    h5w_number(f, 0, 4);
    h5w_number(f, n, 8);
    h5w_bytes(f, value, n);
    h5w_bytes(f, NULL, room - n);
    h5w_number(f, 0, 8);        /* object 0: the free space, its header included */
    h5w_number(f, all - 32 - room, 8);
    h5w_bytes(f, NULL, all - 48 - room);
    h5w_bytes(&type, "\x19\x01\0\0", 4);
    h5w_number(&type, 16, 4);
    h5w_text_type(&type, 1);
    h5w_space(&space, 0, NULL);
    h5w_attribute(g, name, &type, &space, &data);
}

static inline int
h5w_by_name(const void *a, const void *b)
{
    return strcmp(((const struct h5w_member *)a)->name, ((const struct h5w_member *)b)->name);
}

/* The group's names, its node of links and the B-tree above it; the symbol table message. */
static inline void
h5w_links(struct h5w *f, struct h5w_group *g, struct h5w *message)
{
    struct h5w names = { 0 }, node = { 0 };
    uint64_t heap, table, tree, last = 0;

    qsort(g->member, g->n, sizeof *g->member, h5w_by_name);
    h5w_number(&names, 0, 8);
    for (size_t i = 0; i < g->n; i++) {
        last = names.n;
        h5w_number(&node, names.n, 8);
        h5w_number(&node, g->member[i].address, 8);
        h5w_bytes(&node, NULL, 24);
        h5w_bytes(&names, g->member[i].name, strlen(g->member[i].name) + 1);
        h5w_align(&names);
        free(g->member[i].name);
    }
    h5w_align(f);
    heap = f->n;
    h5w_bytes(f, "HEAP\0\0\0\0", 8);
    h5w_number(f, names.n, 8);
    h5w_number(f, 1, 8);        /* no free block */
    h5w_number(f, heap + 32, 8);
    h5w_bytes(f, names.p, names.n);
    table = f->n;
    h5w_bytes(f, "SNOD\1\0", 6);
    h5w_number(f, g->n, 2);
    h5w_bytes(f, node.p, node.n);
    h5w_bytes(f, NULL, (2 * H5W_LEAF_K - g->n) * 40);
    tree = f->n;
    h5w_bytes(f, "TREE\0\0", 6);
    h5w_number(f, g->n > 0, 2);
    h5w_number(f, UINT64_MAX, 8);
    h5w_number(f, UINT64_MAX, 8);
    h5w_number(f, 0, 8);
    h5w_number(f, g->n ? table : 0, 8);
    h5w_number(f, last, 8);
    h5w_bytes(f, NULL, (4 * H5W_TREE_K + 1 - 3) * 8);
    h5w_number(message, tree, 8);
    h5w_number(message, heap, 8);
    free(names.p);
    free(node.p);
}

/* Write the group, whose members and attributes are freed; its address. */
static inline uint64_t
h5w_group(struct h5w *f, struct h5w_group *g)
{
    struct h5w link = { 0 }, all = { 0 };
    uint64_t at;

    h5w_links(f, g, &link);
    h5w_message(&all, 17, &link);
    h5w_bytes(&all, g->attributes.p, g->attributes.n);
    at = h5w_header(f, &all, 1 + g->n_attributes);
    free(link.p);
    free(all.p);
    free(g->attributes.p);
    memset(g, 0, sizeof *g);
    return at;
}

enum { H5W_SUPERBLOCK = 96 };

/* Begin with room for the superblock; end by filling it in. */
static inline void
h5w_begin(struct h5w *f)
{
    memset(f, 0, sizeof *f);
    h5w_bytes(f, NULL, H5W_SUPERBLOCK);
}

static inline void
h5w_end(struct h5w *f, uint64_t root)
{
    struct h5w s = { 0 };

    h5w_align(f);
    h5w_bytes(&s, "\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0", 16);
    h5w_number(&s, H5W_LEAF_K, 2);
    h5w_number(&s, H5W_TREE_K, 2);
    h5w_number(&s, 0, 4);
    h5w_number(&s, 0, 8);
    h5w_number(&s, UINT64_MAX, 8);
    h5w_number(&s, f->n, 8);
    h5w_number(&s, UINT64_MAX, 8);
    h5w_number(&s, 0, 8);
    h5w_number(&s, root, 8);
    h5w_bytes(&s, NULL, 24);
    memcpy(f->p, s.p, H5W_SUPERBLOCK);
    free(s.p);
}

#endif
