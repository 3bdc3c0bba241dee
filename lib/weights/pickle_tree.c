/* SPDX-License-Identifier: MIT */
/* The values of a pickle: where they are kept, and how they are looked at. */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/pickle.h"

enum { CHUNK = 1024 };
struct pickle_chunk {
    struct pickle_chunk *next;
    size_t n;
    struct pickle_value value[CHUNK];
};

struct pickle_value *
pickle_new_value(struct pickle *p, enum pickle_type type)
{
    struct pickle_chunk *c = p->chunk;
    struct pickle_value *v;

    if (!c || c->n == CHUNK) {
        c = mem_alloc(sizeof *c);
        c->n = 0;
        c->next = p->chunk;
        p->chunk = c;
    }
    v = &c->value[c->n++];
    memset(v, 0, sizeof *v);
    v->type = type;
    return v;
}

void
pickle_add_item(struct pickle_value *v, struct pickle_value *item)
{
    if (v->n == v->cap) {
        v->cap = v->cap ? 2 * v->cap : 4;
        v->item = mem_resize(v->item, v->cap, sizeof *v->item);
    }
    v->item[v->n++] = item;
}

void
pickle_set_items(struct pickle_value *v, struct pickle_value *const *item, size_t n)
{
    if (n == 0)
        return;
    v->item = mem_array(n, sizeof *v->item);
    v->n = v->cap = (uint32_t)n;
    memcpy(v->item, item, n * sizeof *item);
}

static bool
has_items(const struct pickle_value *v)
{
    return v->type >= PICKLE_TUPLE;
}

void
pickle_free(struct pickle *p)
{
    if (!p)
        return;
    for (struct pickle_chunk *c = p->chunk, *next; c; c = next) {
        next = c->next;
        for (size_t i = 0; i < c->n; i++)
            if (has_items(&c->value[i]))
                free(c->value[i].item);
        free(c);
    }
    free(p);
}

/* Where the pairs begin among the items. */
static size_t
first_pair(const struct pickle_value *v)
{
    return v->type == PICKLE_OBJECT ? 3 : 0;
}

size_t
pickle_n_pairs(const struct pickle_value *v)
{
    if (v->type != PICKLE_DICT && v->type != PICKLE_OBJECT)
        return 0;
    return (v->n - first_pair(v)) / 2;
}

const struct pickle_value *
pickle_key(const struct pickle_value *v, size_t i)
{
    return v->item[first_pair(v) + 2 * i];
}

const struct pickle_value *
pickle_at(const struct pickle_value *v, size_t i)
{
    return v->item[first_pair(v) + 2 * i + 1];
}

const struct pickle_value *
pickle_get(const struct pickle_value *v, const char *key)
{
    for (size_t i = pickle_n_pairs(v); i-- > 0;)
        if (pickle_is_text(pickle_key(v, i), key))
            return pickle_at(v, i);
    return NULL;
}

bool
pickle_is_text(const struct pickle_value *v, const char *s)
{
    return v->type == PICKLE_TEXT && v->n == strlen(s) && memcmp(v->text, s, v->n) == 0;
}

bool
pickle_is_global(const struct pickle_value *v, const char *module, const char *name)
{
    return v->type == PICKLE_GLOBAL && pickle_is_text(v->item[0], module) &&
           pickle_is_text(v->item[1], name);
}

bool
pickle_is_object(const struct pickle_value *v, const char *module, const char *name)
{
    return v->type == PICKLE_OBJECT && pickle_is_global(v->item[0], module, name);
}
