/* SPDX-License-Identifier: MIT */
/* Attributes (section IV.A.2.m) of one text, which may be in the global heap (III.E). */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/hdf5.h"

/* A search for one attribute among an object's. */
struct search {
    struct hdf5 *f;
    const char *name;
    char *text;
    bool found;
};

/* The pieces of an attribute message. */
struct attribute {
    const uint8_t *name, *type, *space, *data;
    size_t n_name, n_type, n_space, n_data;
};

static int
damaged(struct err *e)
{
    return err_set(e, "damaged HDF5 attribute; copy or download the file again");
}

/* In version 1 the pieces are padded to 8 bytes. */
static int
split(struct attribute *a, const uint8_t *p, size_t n, struct err *e)
{
    size_t head = 8, pad, *const length[] = { &a->n_name, &a->n_type, &a->n_space };
    const uint8_t **const piece[] = { &a->name, &a->type, &a->space };

    if (n < 9 || p[0] < 1 || p[0] > 3)
        return damaged(e);
    if (p[0] == 3)
        head = 9;
    pad = p[0] == 1 ? 7 : 0;
    p += head;
    n -= head;
    for (size_t i = 0; i < ARRAY_LEN(piece); i++) {
        size_t room;

        *length[i] = hdf5_number(p - head + 2 + 2 * i, 2);
        room = (*length[i] + pad) & ~pad;
        if (room > n)
            return damaged(e);
        *piece[i] = p;
        p += room;
        n -= room;
        head += room;
    }
    a->data = p;
    a->n_data = n;
    return 0;
}

static char *
copy_text(const uint8_t *p, size_t n)
{
    return mem_strndup((const char *)p, strnlen((const char *)p, n));
}

/* Object number index of the collection at an address. */
static int
read_global(char **text, struct hdf5 *f, uint64_t at, uint64_t index, uint64_t length,
            struct err *e)
{
    enum { HEAD = 16, OBJECT = 16 };
    const uint8_t *p = hdf5_bytes(f, at, HEAD, "a global heap", e);
    uint64_t left;

    if (!p)
        return -1;
    left = hdf5_number(p + 8, 8);
    if (memcmp(p, "GCOL", 4) != 0 || left < HEAD)
        return hdf5_damaged(e, "no global heap", at);
    p = hdf5_bytes(f, at, left, "a global heap", e);
    if (!p)
        return -1;
    for (p += HEAD, left -= HEAD; left >= OBJECT;) {
        uint64_t n = hdf5_number(p + 8, 8), room;

        if (n > left - OBJECT)
            break;
        if (hdf5_number(p, 2) == 0)
            break;
        if (hdf5_number(p, 2) == index && length <= n) {
            *text = copy_text(p + OBJECT, length);
            return 0;
        }
        room = (n + 7) / 8 * 8;
        if (room > left - OBJECT)
            break;
        p += OBJECT + room;
        left -= OBJECT + room;
    }
    return hdf5_damaged(e, "a text that is not in the global heap", at);
}

/* One text: scalar, or an array of one. */
static bool
is_single(const struct attribute *a)
{
    size_t head = a->n_space && a->space[0] == 1 ? 8 : 4;

    if (a->n_space < 4 || (a->space[0] == 2 && a->space[3] == 2))
        return false;
    if (a->n_space < head + 8 * (size_t)a->space[1])
        return false;
    for (size_t i = 0; i < a->space[1]; i++)
        if (hdf5_number(a->space + head + 8 * i, 8) != 1)
            return false;
    return true;
}

static int
read_value(struct search *s, const struct attribute *a, struct err *e)
{
    enum { STRING = 3, VARIABLE = 9, OF_TEXT = 1 };
    unsigned class = a->n_type >= 8 ? a->type[0] & 15 : 0;
    uint64_t n;

    if (class == STRING && is_single(a)) {
        n = hdf5_number(a->type + 4, 4);
        if (n > a->n_data)
            return damaged(e);
        s->text = copy_text(a->data, n);
        return 0;
    }
    if (class == VARIABLE && (a->type[1] & 15) == OF_TEXT && is_single(a)) {
        if (a->n_data < 16)
            return damaged(e);
        n = hdf5_number(a->data, 4);
        if (n == 0) {
            s->text = mem_strdup("");
            return 0;
        }
        return read_global(&s->text, s->f, hdf5_number(a->data + 4, 8),
                           hdf5_number(a->data + 12, 4), n, e);
    }
    return err_set(e, "HDF5 attribute '%s' is not one text; save the model again", s->name);
}

/* An attribute message, in a header or a heap. */
static int
meet(void *context, const uint8_t *p, size_t n, struct err *e)
{
    struct search *s = context;
    struct attribute a;
    size_t n_wanted = strlen(s->name);

    if (split(&a, p, n, e) < 0)
        return -1;
    if (s->found || a.n_name < n_wanted + 1 || memcmp(a.name, s->name, n_wanted + 1) != 0)
        return 0;
    if (p[0] != 1 && p[1] & 3)
        return err_set(e, "HDF5 attribute '%s' has a named type, which is not supported; save the "
                       "model again", s->name);
    s->found = true;
    return read_value(s, &a, e);
}

/* Many attributes are kept in a heap, which the attribute info message names. */
static int
meet_heap(struct search *s, const struct hdf5_message *m, struct err *e)
{
    size_t at = m->n >= 2 && m->p[1] & 1 ? 4 : 2;

    if (m->n < at + 16)
        return damaged(e);
    if (hdf5_number(m->p + at, 8) == HDF5_NONE)
        return 0;
    return hdf5_dense_each(s->f, hdf5_number(m->p + at, 8), hdf5_number(m->p + at + 8, 8), 0, meet,
                           s, e);
}

int
hdf5_read_text(char **text, struct hdf5 *f, const struct hdf5_object *o, const char *name,
               struct err *e)
{
    struct search s = { .f = f, .name = name };
    int r = 0;

    *text = NULL;
    for (size_t i = 0; i < o->n && r == 0; i++) {
        const struct hdf5_message *m = &o->message[i];

        if (m->type == HDF5_ATTRIBUTE)
            r = m->shared ? err_set(e, "a shared HDF5 attribute, which is not supported; save the "
                                    "model again") : meet(&s, m->p, m->n, e);
        else if (m->type == HDF5_ATTRIBUTE_INFO)
            r = meet_heap(&s, m, e);
    }
    if (r < 0) {
        free(s.text);
        return -1;
    }
    *text = s.text;
    return 0;
}
