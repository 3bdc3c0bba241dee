/* SPDX-License-Identifier: MIT */
#include "weights/bundle_graph.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/protobuf.h"

/* Ways that lead to a variable: a layer, and a list of all variables; more are not kept. */
enum { MAX_NAME = 1024, MAX_WAYS = 8 };

/* An attribute of object from, the object to. */
struct edge {
    uint64_t from, to;
    const uint8_t *name;
    size_t n;
};

struct variable {
    uint64_t node;
    struct tensor *tensor;
};

/* Tensors by their keys, which are sorted when they come. */
struct graph {
    struct weights *w;
    struct tensor **by_key;
    uint64_t node;              /* the one that is being read */
    struct edge *edge;
    size_t n_edges, cap_edges;
    struct variable *variable;
    size_t n_variables, cap_variables;
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
read_attribute(struct graph *g, const uint8_t *p, size_t n)
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
        t->variable = mem_strndup((const char *)name, n_name);
        mem_grow(&g->variable, &g->cap_variables, g->n_variables + 1, sizeof *g->variable);
        g->variable[g->n_variables++] = (struct variable){ g->node, t };
    }
    return !m.broken;
}

/* ObjectReference: a child and what it is called. */
static bool
read_child(struct graph *g, const uint8_t *p, size_t n)
{
    enum { NODE_ID = 1, LOCAL_NAME = 2 };
    struct edge edge = { .from = g->node };
    struct protobuf m;

    for (protobuf_init(&m, p, n); protobuf_next(&m);) {
        if (m.field == NODE_ID && !m.bytes) {
            edge.to = m.number;
        } else if (m.field == LOCAL_NAME && m.bytes) {
            edge.name = m.bytes;
            edge.n = m.n;
        }
    }
    if (edge.name && is_name(edge.name, edge.n)) {
        mem_grow(&g->edge, &g->cap_edges, g->n_edges + 1, sizeof *g->edge);
        g->edge[g->n_edges++] = edge;
    }
    return !m.broken;
}

/* TrackableObject: its attributes are variables. */
static bool
read_node(struct graph *g, const uint8_t *p, size_t n)
{
    enum { CHILDREN = 1, ATTRIBUTES = 2 };
    struct protobuf m;

    for (protobuf_init(&m, p, n); protobuf_next(&m);) {
        if (m.field == CHILDREN && m.bytes && !read_child(g, m.bytes, m.n))
            return false;
        if (m.field == ATTRIBUTES && m.bytes && !read_attribute(g, m.bytes, m.n))
            return false;
    }
    g->node++;
    return !m.broken;
}

static int
by_target(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;

    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* The first of the edges to a node; they stand together. */
static size_t
first_edge(const struct graph *g, uint64_t to)
{
    size_t lo = 0, hi = g->n_edges;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (g->edge[mid].to < to)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void
note_way(struct tensor *t, const struct edge *up, const struct edge *own)
{
    char *way = mem_printf("%s%s%.*s/%.*s", t->held_as ? t->held_as : "", t->held_as ? "\n" : "",
                           (int)up->n, (const char *)up->name, (int)own->n,
                           (const char *)own->name);

    free(t->held_as);
    t->held_as = way;
}

/* By what attributes every variable is held. */
static void
note_ways(struct graph *g)
{
    if (g->n_edges)
        qsort(g->edge, g->n_edges, sizeof *g->edge, by_target);
    for (size_t i = 0; i < g->n_variables; i++) {
        const struct variable *v = &g->variable[i];
        int n = 0;

        for (size_t k = first_edge(g, v->node); k < g->n_edges && g->edge[k].to == v->node; k++) {
            uint64_t owner = g->edge[k].from;

            for (size_t u = first_edge(g, owner);
                 u < g->n_edges && g->edge[u].to == owner && n < MAX_WAYS; u++, n++)
                note_way(v->tensor, &g->edge[u], &g->edge[k]);
        }
    }
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
    struct graph g = { .w = w };
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
    note_ways(&g);
    drop_doubles(&g);
    free(g.by_key);
    free(g.edge);
    free(g.variable);
    return good && !m.broken ? 0 : damaged(e);
}
