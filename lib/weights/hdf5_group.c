/* SPDX-License-Identifier: MIT */
/* Links of groups: symbol tables (sections III.A to III.D) and link messages (IV.A.2.g). */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/hdf5.h"

/* A B-tree of 16-way nodes has a few levels. */
enum { MAX_LEVEL = 12, MAX_LINKS = 1 << 20 };

static int
add_link(struct hdf5_links *links, const char *name, size_t n, uint64_t address, struct err *e)
{
    if (links->n == MAX_LINKS)
        return err_set(e, "more than %d names in one HDF5 group; name a file of network weights",
                       MAX_LINKS);
    if (memchr(name, 0, n) || memchr(name, '/', n) || n == 0)
        return err_set(e, "an HDF5 link without a proper name; copy or download the file again");
    mem_grow(&links->link, &links->cap, links->n + 1, sizeof *links->link);
    links->link[links->n++] = (struct hdf5_link){ mem_strndup(name, n), address };
    return 0;
}

/* --- symbol tables --- */

/* The names of a group's members, in its local heap. */
struct names {
    const char *p;
    uint64_t n;
};

static int
read_heap(struct names *names, struct hdf5 *f, uint64_t at, struct err *e)
{
    const uint8_t *p = hdf5_bytes(f, at, 32, "a local heap", e);

    if (!p)
        return -1;
    if (memcmp(p, "HEAP", 4) != 0 || p[4] != 0)
        return hdf5_damaged(e, "no local heap", at);
    names->n = hdf5_number(p + 8, 8);
    names->p = (const char *)hdf5_bytes(f, hdf5_number(p + 24, 8), names->n, "names", e);
    return names->p ? 0 : -1;
}

static int
read_symbols(struct hdf5_links *links, struct hdf5 *f, const struct names *names, uint64_t at,
             struct err *e)
{
    enum { HEAD = 8, ENTRY = 40, SOFT_LINK = 2 };
    const uint8_t *p = hdf5_bytes(f, at, HEAD, "a symbol table node", e);
    unsigned n;

    if (!p)
        return -1;
    if (memcmp(p, "SNOD", 4) != 0 || p[4] != 1)
        return hdf5_damaged(e, "no symbol table node", at);
    n = (unsigned)hdf5_number(p + 6, 2);
    p = hdf5_bytes(f, at + HEAD, (uint64_t)n * ENTRY, "a symbol table node", e);
    if (!p)
        return -1;
    for (unsigned i = 0; i < n; i++, p += ENTRY) {
        uint64_t name = hdf5_number(p, 8), address = hdf5_number(p + 8, 8);
        const char *end = name < names->n ? memchr(names->p + name, 0, names->n - name) : NULL;

        if (!end)
            return hdf5_damaged(e, "a name beyond its heap", at);
        if (hdf5_number(p + 16, 4) == SOFT_LINK)
            address = HDF5_NONE;
        if (add_link(links, names->p + name, (size_t)(end - (names->p + name)), address, e) < 0)
            return -1;
    }
    return 0;
}

/* Levels count down to 0, whose children are symbol table nodes; level -1: any. */
static int
read_tree(struct hdf5_links *links, struct hdf5 *f, const struct names *names, uint64_t at,
          int level, struct err *e)
{
    enum { HEAD = 24, KEY = 8, CHILD = 8 };
    const uint8_t *p = hdf5_bytes(f, at, HEAD, "a B-tree node", e);
    unsigned n;

    if (!p)
        return -1;
    if (memcmp(p, "TREE", 4) != 0 || p[4] != 0 || p[5] > MAX_LEVEL ||
        (level >= 0 && p[5] != level))
        return hdf5_damaged(e, "no B-tree node of a group", at);
    level = p[5];
    n = (unsigned)hdf5_number(p + 6, 2);
    p = hdf5_bytes(f, at + HEAD, (uint64_t)n * (KEY + CHILD), "a B-tree node", e);
    if (!p)
        return -1;
    for (unsigned i = 0; i < n; i++, p += KEY + CHILD) {
        uint64_t child = hdf5_number(p + KEY, 8);
        int r = level ? read_tree(links, f, names, child, level - 1, e)
                      : read_symbols(links, f, names, child, e);

        if (r < 0)
            return -1;
    }
    return 0;
}

static int
read_symbol_table(struct hdf5_links *links, struct hdf5 *f, const struct hdf5_message *m,
                  struct err *e)
{
    struct names names;

    if (m->n < 16)
        return err_set(e, "damaged HDF5 group; copy or download the file again");
    if (read_heap(&names, f, hdf5_number(m->p + 8, 8), e) < 0)
        return -1;
    return read_tree(links, f, &names, hdf5_number(m->p, 8), -1, e);
}

/* --- link messages --- */

/* A link message, in a header or a heap. */
static int
read_link(void *context, const uint8_t *p, size_t n, struct err *e)
{
    enum { TYPE = 8, ORDER = 4, CHARSET = 16, HARD = 0 };
    struct hdf5_links *links = context;
    size_t at = 2, width;
    unsigned flags, type = HARD;
    uint64_t n_name;

    if (n < at || p[0] != 1)
        return err_set(e, "damaged HDF5 link; copy or download the file again");
    flags = p[1];
    if (flags & TYPE && n > at)
        type = p[at];
    at += (flags & TYPE ? 1u : 0u) + (flags & ORDER ? 8u : 0u) + (flags & CHARSET ? 1u : 0u);
    width = (size_t)1 << (flags & 3);
    if (n < at + width)
        return err_set(e, "damaged HDF5 link; copy or download the file again");
    n_name = hdf5_number(p + at, (int)width);
    at += width;
    if (n_name > n - at || (type == HARD && n - at - n_name < 8))
        return err_set(e, "damaged HDF5 link; copy or download the file again");
    return add_link(links, (const char *)p + at, n_name,
                    type == HARD ? hdf5_number(p + at + n_name, 8) : HDF5_NONE, e);
}

/* Many links are kept in a heap, which the link info message names. */
static int
read_link_info(struct hdf5_links *links, struct hdf5 *f, const struct hdf5_message *m,
               struct err *e)
{
    size_t at = m->n >= 2 && m->p[1] & 1 ? 10 : 2;

    if (m->n < at + 16 || m->p[0] != 0)
        return err_set(e, "damaged HDF5 group; copy or download the file again");
    if (hdf5_number(m->p + at, 8) == HDF5_NONE)
        return 0;
    return hdf5_dense_each(f, hdf5_number(m->p + at, 8), hdf5_number(m->p + at + 8, 8), 4,
                           read_link, links, e);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct hdf5_link *)a)->name, ((const struct hdf5_link *)b)->name);
}

int
hdf5_links_read(struct hdf5_links *links, struct hdf5 *f, const struct hdf5_object *group,
                struct err *e)
{
    int r = 0;

    memset(links, 0, sizeof *links);
    for (size_t i = 0; i < group->n && r == 0; i++) {
        const struct hdf5_message *m = &group->message[i];

        if (m->type == HDF5_SYMBOL_TABLE)
            r = read_symbol_table(links, f, m, e);
        else if (m->type == HDF5_LINK_INFO)
            r = read_link_info(links, f, m, e);
        else if (m->type == HDF5_LINK)
            r = m->shared ? err_set(e, "a shared HDF5 link, which is not supported; save the model "
                                    "again") : read_link(links, m->p, m->n, e);
    }
    if (links->n)
        qsort(links->link, links->n, sizeof *links->link, by_name);
    return r;
}

void
hdf5_links_free(struct hdf5_links *links)
{
    for (size_t i = 0; i < links->n; i++)
        free(links->link[i].name);
    free(links->link);
    memset(links, 0, sizeof *links);
}
