/* SPDX-License-Identifier: MIT */
#include "weights/unwrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/reader.h"

/* First parts of a name that are a wrapper's, not the network's. */
static const char *const wrappers[] = {
    "model", "module", "net", "network", "weights", "params", "ema", "ema_model", "model_ema",
    "shadow", "state_dict", "model_state_dict", "model_state", "ema_state_dict", "_orig_mod",
    "_forward_module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
};

/* PyTorch's own, which stand around a part of a network as well: "bias.module.iconv.weight". */
static const char *const inner_wrappers[] = {
    "module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
};

static bool
is_among(const char *const *word, size_t n_words, const char *text, size_t n)
{
    for (size_t i = 0; i < n_words; i++)
        if (strlen(word[i]) == n && memcmp(word[i], text, n) == 0)
            return true;
    return false;
}

/* Bytes of a name that are wrappers, with their dots; something is left behind them. */
static size_t
wrapped(const char *name)
{
    size_t at = 0, n;

    while (n = strcspn(name + at, "."), name[at + n] == '.' && name[at + n + 1] &&
           is_among(wrappers, ARRAY_LEN(wrappers), name + at, n))
        at += n + 1;
    return at;
}

/* Take inner wrappers out of a name, in place; the last part stays whatever it is. */
static void
drop_inner(char *name)
{
    char *to = name;

    for (const char *at = name; *at;) {
        size_t n = strcspn(at, "."), with_dot = n + (at[n] == '.');

        if (at[n] != '.' || !is_among(inner_wrappers, ARRAY_LEN(inner_wrappers), at, n)) {
            memmove(to, at, with_dot);
            to += with_dot;
        }
        at += with_dot;
    }
    *to = '\0';
}

/* Places of the file that hold a network: wrappers in front of at least one kernel or matrix. */
enum { MAX_PLACES = 32 };
struct places {
    char **prefix;              /* "model.module.", or "" */
    size_t n;
};

static bool
has_place(const struct places *p, const char *prefix, size_t n)
{
    for (size_t i = 0; i < p->n; i++)
        if (strlen(p->prefix[i]) == n && memcmp(p->prefix[i], prefix, n) == 0)
            return true;
    return false;
}

/*
 * Of names whose first n_key bytes are the user's key.  Scalars and vectors alone are no network:
 * counters, the state of a generator.
 */
static struct places
find_places(const struct weights *w, size_t n_key)
{
    struct places p = { NULL, 0 };

    for (size_t i = 0; i < w->n_tensor && p.n < MAX_PLACES; i++) {
        const struct tensor *t = &w->tensor[i];
        size_t n = n_key + wrapped(t->name + n_key);

        if (t->ndim < 2 || has_place(&p, t->name, n))
            continue;
        p.prefix = weights_grow(p.prefix, p.n, sizeof(char *));
        p.prefix[p.n++] = mem_strndup(t->name, n);
    }
    return p;
}

static void
free_places(struct places *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->prefix[i]);
    free(p->prefix);
}

/* "'model', 'ema'": places as --weights-key takes them. */
static char *
list_places(const struct places *p)
{
    char *text = mem_strdup("");

    for (size_t i = 0; i < p->n; i++) {
        size_t n = strlen(p->prefix[i]);
        char *more = mem_printf("%s%s'%.*s'", text, i ? ", " : "", n ? (int)(n - 1) : 1,
                                n ? p->prefix[i] : ".");

        free(text);
        text = more;
    }
    return text;
}

static int
refuse_places(const struct weights *w, const struct places *p, const char *key, struct err *e)
{
    char *list = list_places(p);

    if (key)
        err_set(e, "%s: holds nothing at '%s'; --weights-key takes one of %s", w->path, key, list);
    else
        err_set(e, "%s: holds a network at each of %s; say which with --weights-key NAME", w->path,
                list);
    free(list);
    return -1;
}

/* Bytes of a name that lead to key, "ema." of "ema.iconv.weight"; -1 when it is elsewhere. */
static ptrdiff_t
at_key(const char *name, const char *key)
{
    size_t n = strlen(key);

    if (strcmp(key, ".") == 0)
        return wrapped(name) ? -1 : 0;
    if (strncmp(name, key, n) != 0 || name[n] != '.' || !name[n + 1])
        return -1;
    return (ptrdiff_t)n + 1;
}

/* Drop what is not at key; -1 when nothing is left, with w as it was, else bytes to leave out. */
static ptrdiff_t
keep_at(struct weights *w, const char *key)
{
    ptrdiff_t n_key = -1;
    size_t n = 0;

    for (size_t i = 0; i < w->n_tensor && n_key < 0; i++)
        n_key = at_key(w->tensor[i].name, key);
    for (size_t i = 0; i < w->n_tensor && n_key >= 0; i++) {
        if (at_key(w->tensor[i].name, key) >= 0)
            w->tensor[n++] = w->tensor[i];
        else
            tensor_free(&w->tensor[i]);
    }
    if (n_key >= 0)
        w->n_tensor = n;
    return n_key;
}

static void
rename_tensor(struct tensor *t, size_t n)
{
    char *name = mem_strdup(t->name + n);

    drop_inner(name);
    if (strcmp(name, t->name) == 0) {
        free(name);
        return;
    }
    if (t->path)
        free(t->name);
    else
        t->path = t->name;
    t->name = name;
}

/* Text without prefix (text itself without its dot: the place's own module) and inner wrappers. */
static void
rename_text(char *text, const char *prefix)
{
    size_t n = strlen(prefix);

    if (n && strncmp(text, prefix, n) == 0)
        memmove(text, text + n, strlen(text + n) + 1);
    else if (n && strlen(text) == n - 1 && memcmp(text, prefix, n - 1) == 0)
        *text = '\0';
    drop_inner(text);
}

/*
 * The module that was wrapped is the one that counts: its class becomes the file's, and what is
 * known of the wrappers themselves is forgotten.
 */
static void
rename_modules(struct weights *w, const char *prefix)
{
    size_t n_prefix = strlen(prefix), n = 0;

    for (size_t i = 0; i < w->n_module; i++) {
        struct weights_module *m = &w->module[i];

        if (n_prefix && strlen(m->path) < n_prefix - 1 && strncmp(m->path, prefix,
                                                                 strlen(m->path)) == 0) {
            free(m->path);
            free(m->class_name);
            continue;
        }
        rename_text(m->path, prefix);
        if (n_prefix && !*m->path) {
            free(w->class_name);
            w->class_name = mem_strdup(m->class_name);
        }
        w->module[n++] = *m;
    }
    w->n_module = n;
}

static int
unwrap_place(struct weights *w, const char *prefix, struct err *e)
{
    size_t n = strlen(prefix);

    for (size_t i = 0; i < w->n_tensor; i++)
        rename_tensor(&w->tensor[i], strncmp(w->tensor[i].name, prefix, n) == 0 ? n : 0);
    for (size_t i = 0; i < w->n_attr; i++)
        rename_text(w->attr[i].name, prefix);
    rename_modules(w, prefix);
    if (n)
        w->unwrapped = mem_strndup(prefix, n - 1);
    return weights_check_names(w, e);     /* two can have become one by losing an inner wrapper */
}

int
weights_unwrap(struct weights *w, const char *key, struct err *e)
{
    struct places all = find_places(w, 0), left = { NULL, 0 };
    ptrdiff_t n_key = key ? keep_at(w, key) : 0;
    int status = 0;

    if (n_key < 0)
        status = refuse_places(w, &all, key, e);
    else
        left = find_places(w, (size_t)n_key);
    if (left.n > 1)
        status = refuse_places(w, &left, NULL, e);
    else if (left.n)
        status = unwrap_place(w, left.prefix[0], e);
    free_places(&all);
    free_places(&left);
    return status;
}
