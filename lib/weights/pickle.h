/* SPDX-License-Identifier: MIT */
/*
 * Python pickles (protocols 2 to 5) as a tree of values.  Nothing is ever called or imported:
 * what a pickle would call stays a record of the callee's name, its arguments and its state.
 *
 * Memory is proportional to the pickle: an opcode makes at most three values and text stays in
 * the caller's buffer.  Values may be shared, and cycles can be made; whoever walks the tree must
 * bound depth and steps.
 */
#ifndef PT_WEIGHTS_PICKLE_H
#define PT_WEIGHTS_PICKLE_H

#include "base/base.h"
#include "base/err.h"

enum pickle_type {
    PICKLE_NONE,
    PICKLE_BOOL,                /* integer 0 or 1 */
    PICKLE_INT,                 /* integer */
    PICKLE_BIG,                 /* an integer beyond 64 bits; its value is not kept */
    PICKLE_FLOAT,               /* real */
    PICKLE_TEXT,                /* text: str or bytes */
    PICKLE_TUPLE,               /* item: elements */
    PICKLE_LIST,
    PICKLE_SET,
    PICKLE_DICT,                /* item: key, value, key, value, ... */
    PICKLE_GLOBAL,              /* item: module, name */
    PICKLE_OBJECT,              /* item: callee, arguments, state or NULL, then as for a dict */
    PICKLE_STORAGE              /* item: the persistent id */
};

struct pickle_value {
    enum pickle_type type;
    uint32_t n, cap;            /* bytes of text, or length of item */
    union {
        int64_t integer;
        double real;
        const char *text;       /* in the pickle, not terminated */
        struct pickle_value **item;
    };
};

struct pickle {
    struct pickle_value *root;
    struct pickle_chunk *chunk; /* owns every value */
};

/* Parse data, which must outlive the tree.  NULL with the reason in e. */
struct pickle *pickle_load(const void *data, size_t bytes, struct err *e);
void pickle_free(struct pickle *p);

/* What pickle_load builds with; values live until pickle_free. */
struct pickle_value *pickle_new_value(struct pickle *p, enum pickle_type type);
void pickle_add_item(struct pickle_value *v, struct pickle_value *item);
void pickle_set_items(struct pickle_value *v, struct pickle_value *const *item, size_t n);

/* Keys and values of a dict or an object that was filled like one (OrderedDict). */
size_t pickle_n_pairs(const struct pickle_value *v);
const struct pickle_value *pickle_key(const struct pickle_value *v, size_t i);
const struct pickle_value *pickle_at(const struct pickle_value *v, size_t i);

/* The last value under that key, or NULL. */
const struct pickle_value *pickle_get(const struct pickle_value *v, const char *key);

/* True for text equal to s. */
bool pickle_is_text(const struct pickle_value *v, const char *s);

/* True for the global module.name. */
bool pickle_is_global(const struct pickle_value *v, const char *module, const char *name);

/* True for an object made by calling module.name. */
bool pickle_is_object(const struct pickle_value *v, const char *module, const char *name);

#endif
