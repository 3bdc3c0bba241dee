/* SPDX-License-Identifier: MIT */
#include "reservoir/run_meta.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* Longest part of a value shown in a message; two must fit. */
enum { SHOWN = 400 };

static bool
is_compared(const char *key)
{
    return strcmp(key, "content") != 0 && strcmp(key, "shard") != 0 &&
        strcmp(key, "shards") != 0 && strcmp(key, "tally") != 0;
}

static const struct meta_line *
next_compared(const struct meta *m, size_t *i)
{
    while (*i < m->n && !is_compared(m->line[*i].key))
        (*i)++;
    return *i < m->n ? &m->line[(*i)++] : NULL;
}

static int
differ(const char *name_a, const char *a, const char *name_b, const char *b, const char *key,
       struct err *e)
{
    return err_set(e, "%s and %s are not parts of one run: %s is '%.*s' and '%.*s'; join only "
                   "parts made with the same programs, options and files; cdf-pack takes the "
                   "states of different runs", name_a, name_b, key,
                   SHOWN, a ? a : "(absent)", SHOWN, b ? b : "(absent)");
}

int
run_meta_compare(const struct meta *a, const char *name_a, const struct meta *b,
                 const char *name_b, struct err *e)
{
    size_t i = 0, j = 0;

    for (;;) {
        const struct meta_line *x = next_compared(a, &i), *y = next_compared(b, &j);

        if (!x && !y)
            return 0;
        if (!x || !y)
            return differ(name_a, x ? x->value : NULL, name_b, y ? y->value : NULL,
                          x ? x->key : y->key, e);
        if (strcmp(x->key, y->key) != 0)
            return differ(name_a, x->key, name_b, y->key, "a metadata line", e);
        if (strcmp(x->value, y->value) != 0)
            return differ(name_a, x->value, name_b, y->value, x->key, e);
    }
}

/* True when everything in two tally objects agrees that is not a count or an object of counts. */
static bool
same_texts(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *v;

    json_object_foreach((json_t *)a, key, v) {
        json_t *other = json_object_get(b, key);

        if (json_is_object(v) ? other && !json_is_object(other)
                              : !json_is_integer(v) && !json_equal(v, other))
            return false;
    }
    return true;
}

/* Add the integers of b to those of a, into nested objects too. */
static void
add_counts(json_t *a, const json_t *b)
{
    const char *key;
    json_t *v;

    json_object_foreach((json_t *)b, key, v) {
        json_t *mine = json_object_get(a, key);

        if (!mine)
            json_object_set_new(a, key, json_deep_copy(v));
        else if (json_is_integer(mine) && json_is_integer(v))
            json_integer_set(mine, json_integer_value(mine) + json_integer_value(v));
        else if (json_is_object(mine) && json_is_object(v))
            add_counts(mine, v);
    }
}

/* Add a tally object to the list, into the one it belongs to if there is one. */
static void
join_tally(json_t *list, json_t *object)
{
    size_t i;
    json_t *old;

    json_array_foreach(list, i, old) {
        if (same_texts(old, object) && same_texts(object, old)) {
            add_counts(old, object);
            json_decref(object);
            return;
        }
    }
    json_array_append_new(list, object);
}

static int
collect_tallies(json_t *list, const struct meta *m, const char *name, struct err *e)
{
    const char *text;

    for (size_t i = 0; (text = meta_get_nth(m, "tally", i)) != NULL; i++) {
        json_t *object = json_loads(text, 0, NULL);

        if (!json_is_object(object)) {
            json_decref(object);
            return err_set(e, "%s: tally line '%.*s' is not a JSON object; the file is damaged",
                           name, SHOWN, text);
        }
        join_tally(list, object);
    }
    return 0;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Replace the tally lines of m by those of the list, sorted. */
static void
set_tallies(struct meta *m, const json_t *list)
{
    size_t n = json_array_size(list);
    char **text = mem_array(n, sizeof *text);

    for (size_t i = 0; i < n; i++)
        text[i] = json_dumps(json_array_get(list, i), JSON_COMPACT | JSON_SORT_KEYS);
    qsort(text, n, sizeof *text, by_text);
    meta_remove(m, "tally");
    for (size_t i = 0; i < n; i++) {
        meta_add(m, "tally", text[i]);
        free(text[i]);
    }
    free(text);
}

int
run_meta_join_trailer(struct meta *a, const char *name_a, const struct meta *b,
                      const char *name_b, struct err *e)
{
    json_t *list = json_array();
    int status = run_meta_compare(a, name_a, b, name_b, e);

    if (status == 0)
        status = collect_tallies(list, a, name_a, e);
    if (status == 0)
        status = collect_tallies(list, b, name_b, e);
    if (status == 0)
        set_tallies(a, list);
    json_decref(list);
    return status;
}

int
run_meta_first_trailer(struct meta *dst, const struct meta *src, const char *name, struct err *e)
{
    json_t *list = json_array();
    int status = collect_tallies(list, src, name, e);

    if (status == 0) {
        meta_copy(dst, src);
        set_tallies(dst, list);
    }
    json_decref(list);
    return status;
}
