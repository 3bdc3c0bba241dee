/* SPDX-License-Identifier: MIT */
#include "weights/bundle_graph.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/protobuf.h"

enum { MAX_NAME = 1024 };

/* Tensors by their keys, which are sorted when they come. */
struct graph {
    struct weights *w;
    struct tensor **by_key;
};

static int
damaged(struct err *e)
{
    return err_set(e, "damaged object graph; copy or download the checkpoint again");
}

/* A text is stored as its length, a checksum of the length, and its bytes. */
static bool
find_text(struct protobuf *m, const uint8_t *p, uint64_t n)
{
    enum { CHECKSUM = 4 };
    const uint8_t *end = p + n;
    uint64_t length;

    if (!protobuf_varint(&length, &p, end) || end - p < CHECKSUM ||
        length != (uint64_t)(end - p) - CHECKSUM)
        return false;
    protobuf_init(m, p + CHECKSUM, length);
    return true;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(struct tensor *const *)a)->name, (*(struct tensor *const *)b)->name);
}

/* A tensor's key is its name until it has another, and its path from then on. */
static struct tensor *
find_key(const struct graph *g, const uint8_t *key, size_t n)
{
    size_t lo = 0, hi = g->w->n_tensor;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        struct tensor *t = g->by_key[mid];
        const char *own = t->path ? t->path : t->name;
        size_t n_own = strlen(own);
        int order = memcmp(key, own, n < n_own ? n : n_own);

        if (order == 0 && n == n_own)
            return t;
        if (order < 0 || (order == 0 && n < n_own))
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

static bool
is_name(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < ' ' || p[i] == 127)
            return false;
    return n > 0 && n <= MAX_NAME;
}

/* SerializedTensor: what attribute it is, the variable's name, and its key. */
static bool
read_attribute(const struct graph *g, const uint8_t *p, size_t n)
{
    enum { FULL_NAME = 2, KEY = 3 };
    const uint8_t *name = NULL, *key = NULL;
    size_t n_name = 0, n_key = 0;
    struct protobuf m;
    struct tensor *t;

    for (protobuf_init(&m, p, n); protobuf_next(&m);) {
        if (m.field == FULL_NAME && m.bytes) {
            name = m.bytes;
            n_name = m.n;
        } else if (m.field == KEY && m.bytes) {
            key = m.bytes;
            n_key = m.n;
        }
    }
    t = name && key && is_name(name, n_name) ? find_key(g, key, n_key) : NULL;
    if (t && !t->path) {
        t->path = t->name;
        t->name = mem_strndup((const char *)name, n_name);
    }
    return !m.broken;
}

/* TrackableObject: its children are of no interest, its attributes are variables. */
static bool
read_node(const struct graph *g, const uint8_t *p, size_t n)
{
    enum { ATTRIBUTES = 2 };
    struct protobuf m;

    for (protobuf_init(&m, p, n); protobuf_next(&m);)
        if (m.field == ATTRIBUTES && m.bytes && !read_attribute(g, m.bytes, m.n))
            return false;
    return !m.broken;
}

static void
forget_name(struct tensor *t)
{
    if (!t->path)
        return;
    free(t->name);
    t->name = t->path;
    t->path = NULL;
}

/* Names that occur twice give way to the keys. */
static void
drop_doubles(const struct graph *g)
{
    size_t n = g->w->n_tensor, end;

    qsort(g->by_key, n, sizeof(struct tensor *), by_name);
    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && strcmp(g->by_key[i]->name, g->by_key[end]->name) == 0; end++)
            ;
        for (size_t k = i; k < end && end - i > 1; k++)
            forget_name(g->by_key[k]);
    }
}

int
bundle_graph_name(struct weights *w, const void *data, uint64_t bytes, struct err *e)
{
    enum { NODES = 1 };
    struct graph g = { w, NULL };
    struct protobuf m;
    bool good = true;

    if (!find_text(&m, data, bytes))
        return damaged(e);
    g.by_key = mem_array(w->n_tensor, sizeof(struct tensor *));
    for (size_t i = 0; i < w->n_tensor; i++)
        g.by_key[i] = &w->tensor[i];
    qsort(g.by_key, w->n_tensor, sizeof(struct tensor *), by_name);
    while (good && protobuf_next(&m))
        if (m.field == NODES && m.bytes)
            good = read_node(&g, m.bytes, m.n);
    drop_doubles(&g);
    free(g.by_key);
    return good && !m.broken ? 0 : damaged(e);
}
