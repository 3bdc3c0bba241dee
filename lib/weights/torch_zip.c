/* SPDX-License-Identifier: MIT */
/*
 * PyTorch's zip format: which tensors data.pkl holds.  Its value is a state dict, a dict with
 * state dicts or modules in it, or a whole module, for which the names its state_dict() would have
 * are made (torch/nn/modules/module.py, _save_to_state_dict).  A dict in a dict adds its key and a
 * dot to the names: which of them is the network is unwrap.h's business.
 */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/pickle.h"
#include "weights/reader.h"
#include "weights/torch_tensor.h"

/* Shared modules can make a walk exponential, and cycles endless: bounds far above any network. */
enum { MAX_DEPTH = 64, MAX_STEPS = 1 << 22, MAX_PATH = 1024 };

/* Dicts in dicts: a checkpoint's, its state dict's, and two to spare. */
enum { MAX_DICTS = 4 };

char *
torch_zip_root(const struct zip *z)
{
    static const char leaf[] = "data.pkl";

    for (size_t i = 0; i < z->n_member; i++) {
        const char *name = z->member[i].name;
        size_t n = strlen(name), n_leaf = sizeof leaf - 1;

        if (n >= n_leaf && strcmp(name + n - n_leaf, leaf) == 0 &&
            (n == n_leaf || name[n - n_leaf - 1] == '/'))
            return mem_strndup(name, n - n_leaf);
    }
    return NULL;
}

/* Charge n steps to the walk. */
static int
walk(struct torch_archive *a, size_t n, struct err *e)
{
    a->steps += n;
    if (a->steps <= MAX_STEPS)
        return 0;
    return err_set(e, "modules that contain each other without end; save the state_dict() instead");
}

/* prefix + key, bounded; the caller frees it.  NULL for what cannot be part of a tensor's name. */
static char *
join_name(const char *prefix, const struct pickle_value *key, const char *suffix, struct err *e)
{
    size_t n_prefix = strlen(prefix);

    if (key->type != PICKLE_TEXT || key->n + n_prefix > MAX_PATH || memchr(key->text, 0, key->n)) {
        err_set(e, "below '%.80s': a name that is no text of at most %d bytes; save the "
                "state_dict() again", prefix, MAX_PATH);
        return NULL;
    }
    return mem_printf("%s%.*s%s", prefix, (int)key->n, key->text, suffix);
}

/* The elements of a set, which protocol 2 pickles as a call of set() on a list; or NULL. */
static const struct pickle_value *
set_elements(const struct pickle_value *v)
{
    if (v && v->type == PICKLE_OBJECT && v->item[1]->type == PICKLE_TUPLE && v->item[1]->n == 1)
        v = v->item[1]->item[0];
    return v && (v->type == PICKLE_SET || v->type == PICKLE_LIST) ? v : NULL;
}

static bool
is_skipped(const struct pickle_value *skip, const struct pickle_value *key)
{
    if (!skip)
        return false;
    for (uint32_t i = 0; i < skip->n; i++)
        if (skip->item[i]->type == PICKLE_TEXT && key->type == PICKLE_TEXT &&
            skip->item[i]->n == key->n && memcmp(skip->item[i]->text, key->text, key->n) == 0)
            return true;
    return false;
}

/* Every tensor of a dict, as prefix + key; what is no tensor is passed over. */
static int
add_tensors(struct torch_archive *a, const char *prefix, const struct pickle_value *dict,
            const struct pickle_value *skip, struct err *e)
{
    for (size_t i = 0; i < pickle_n_pairs(dict); i++) {
        const struct pickle_value *tensor = torch_unwrap_parameter(pickle_at(dict, i));
        char *name;
        int r;

        if (walk(a, 1 + (skip ? skip->n : 0), e) < 0)
            return -1;
        if (!torch_is_tensor(tensor) || is_skipped(skip, pickle_key(dict, i)))
            continue;
        if (*prefix && pickle_key(dict, i)->type == PICKLE_INT)
            continue;           /* an optimizer's state of parameter number i */
        name = join_name(prefix, pickle_key(dict, i), "", e);
        if (!name)
            return -1;
        r = torch_add_tensor(a, name, tensor, e);
        if (r < 0)
            err_prefix(e, "tensor '%s'", name);
        free(name);
        if (r < 0)
            return -1;
    }
    return 0;
}

/* The attributes of a pickled instance, or NULL; with __slots__ the state is (dict, slots). */
static const struct pickle_value *
attributes(const struct pickle_value *v)
{
    const struct pickle_value *state = v->type == PICKLE_OBJECT ? v->item[2] : NULL;

    if (state && state->type == PICKLE_TUPLE && state->n > 0)
        state = state->item[0];
    return state && state->type == PICKLE_DICT ? state : NULL;
}

static void
add_number(struct weights *w, const char *name, const struct pickle_value *v)
{
    if (v->type == PICKLE_INT)
        weights_add_attr(w, name, strlen(name), v->integer);
    else if (v->type == PICKLE_FLOAT)
        weights_add_real(w, name, strlen(name), v->real);
}

/* The numbers of a list, as name.0, name.1, ... */
static int
add_list(struct torch_archive *a, const char *name, const struct pickle_value *list, struct err *e)
{
    if (walk(a, list->n, e) < 0)
        return -1;
    for (uint32_t i = 0; i < list->n; i++) {
        char *element = mem_printf("%s.%u", name, i);

        add_number(a->w, element, list->item[i]);
        free(element);
    }
    return 0;
}

/* Plain numbers of a dict, and lists of them, as prefix + key. */
static int
add_attrs(struct torch_archive *a, const char *prefix, const struct pickle_value *dict,
          struct err *e)
{
    for (size_t i = 0; i < pickle_n_pairs(dict); i++) {
        const struct pickle_value *v = pickle_at(dict, i);
        int status = 0;
        char *name;

        if (v->type != PICKLE_INT && v->type != PICKLE_FLOAT && v->type != PICKLE_LIST)
            continue;
        name = join_name(prefix, pickle_key(dict, i), "", e);
        if (!name)
            return -1;
        if (v->type == PICKLE_LIST)
            status = add_list(a, name, v, e);
        else
            add_number(a->w, name, v);
        free(name);
        if (status)
            return -1;
    }
    return 0;
}

static char *
class_name(const struct pickle_value *callee)
{
    const struct pickle_value *module, *name;

    if (callee->type != PICKLE_GLOBAL)
        return NULL;
    module = callee->item[0];
    name = callee->item[1];
    if (module->type != PICKLE_TEXT || name->type != PICKLE_TEXT)
        return NULL;
    return mem_printf("%.*s.%.*s", (int)module->n, module->text, (int)name->n, name->text);
}

/* prefix: its place with a dot behind, or "". */
static void
note_module(struct weights *w, const char *prefix, const struct pickle_value *module)
{
    char *class = class_name(module->item[0]), *path = mem_strdup(prefix);
    size_t n = strlen(path);

    if (n)
        path[n - 1] = '\0';
    weights_add_module(w, path, class ? class : mem_strdup("(unknown)"));
    free(path);
}

/* In the order of state_dict(): parameters, persistent buffers, then the children. */
static int
add_module(struct torch_archive *a, const char *prefix, const struct pickle_value *module,
           int depth, struct err *e)
{
    const struct pickle_value *state = attributes(module), *part, *skip;

    if (!state)
        return 0;
    if (walk(a, 1 + pickle_n_pairs(state), e) < 0)
        return -1;
    if (depth > MAX_DEPTH)
        return err_set(e, "modules nested deeper than %d; save the state_dict() instead",
                       MAX_DEPTH);
    note_module(a->w, prefix, module);
    if (add_attrs(a, prefix, state, e) < 0)
        return -1;
    part = pickle_get(state, "_parameters");
    if (part && add_tensors(a, prefix, part, NULL, e) < 0)
        return -1;
    part = pickle_get(state, "_buffers");
    skip = set_elements(pickle_get(state, "_non_persistent_buffers_set"));
    if (part && add_tensors(a, prefix, part, skip, e) < 0)
        return -1;
    part = pickle_get(state, "_modules");
    for (size_t i = 0; part && i < pickle_n_pairs(part); i++) {
        char *below;
        int r;

        if (walk(a, 1, e) < 0)
            return -1;
        below = join_name(prefix, pickle_key(part, i), ".", e);
        if (!below)
            return -1;
        r = add_module(a, below, pickle_at(part, i), depth + 1, e);
        free(below);
        if (r < 0)
            return -1;
    }
    return 0;
}

static bool
is_dict(const struct pickle_value *v)
{
    return v->type == PICKLE_DICT || pickle_is_object(v, "collections", "OrderedDict");
}

static int add_dict(struct torch_archive *a, const char *prefix, const struct pickle_value *dict,
                    int depth, struct err *e);

/* What a dict holds besides its tensors: dicts and modules, and the numbers of a dict "config". */
static int
add_inner(struct torch_archive *a, const char *prefix, const struct pickle_value *key,
          const struct pickle_value *v, int depth, struct err *e)
{
    bool dict = is_dict(v);
    char *below;
    int r;

    if (key->type != PICKLE_TEXT || torch_is_tensor(torch_unwrap_parameter(v)) ||
        !(dict || attributes(v)))
        return 0;
    if (dict && pickle_is_text(key, "config") && add_attrs(a, prefix, v, e) < 0)
        return -1;
    below = join_name(prefix, key, ".", e);
    if (!below)
        return -1;
    r = dict ? add_dict(a, below, v, depth + 1, e) : add_module(a, below, v, depth, e);
    free(below);
    return r;
}

/* Tensors of a dict and of those in it; prefix, which ends in a dot, stands before their keys. */
static int
add_dict(struct torch_archive *a, const char *prefix, const struct pickle_value *dict, int depth,
         struct err *e)
{
    if (depth > MAX_DICTS)
        return 0;
    if (add_tensors(a, prefix, dict, NULL, e) < 0)
        return -1;
    for (size_t i = 0; i < pickle_n_pairs(dict); i++)
        if (walk(a, 1, e) < 0 ||
            add_inner(a, prefix, pickle_key(dict, i), pickle_at(dict, i), depth, e) < 0)
            return -1;
    return 0;
}

static int
add_root(struct torch_archive *a, const struct pickle_value *root, struct err *e)
{
    if (is_dict(root))
        return add_dict(a, "", root, 0, e);
    if (!attributes(root))
        return 0;
    a->w->class_name = class_name(root->item[0]);
    return add_module(a, "", root, 0, e);
}

/* Members beside data.pkl that say whether the rest can be read. */
static int
check_archive(const struct torch_archive *a, struct err *e)
{
    const struct zip_member *m = torch_find_member(a, "", "byteorder", strlen("byteorder"));
    char *order;
    bool little;

    if (torch_find_member(a, "", "constants.pkl", strlen("constants.pkl")))
        return err_set(e, "a TorchScript archive (a program), expected weights; torch.save the "
                       "module's state_dict()");
    if (!m)
        return 0;
    order = zip_read(a->z, m, e);
    if (!order)
        return -1;
    little = strcmp(order, "little") == 0;
    free(order);
    if (!little)
        return err_set(e, "byte order is not 'little'; save the model on a little-endian machine");
    return 0;
}

static int
read_pickle(struct torch_archive *a, struct err *e)
{
    const struct zip_member *m = torch_find_member(a, "", "data.pkl", strlen("data.pkl"));
    struct pickle *p;
    void *text;
    int r = -1;

    text = zip_read(a->z, m, e);
    if (!text)
        return -1;
    p = pickle_load(text, m->size, e);
    if (p)
        r = add_root(a, p->root, e);
    pickle_free(p);
    free(text);
    return r;
}

int
torch_zip_read(struct weights *w, const struct zip *z, const char *root, struct err *e)
{
    struct torch_archive a = { .w = w, .z = z, .root = root };
    char *folder = mem_printf("%sdata/", root);
    int r;

    /* Tensors may share storages, yet never so much that values outnumber the stored bytes. */
    for (size_t i = 0; i < z->n_member; i++)
        if (strncmp(z->member[i].name, folder, strlen(folder)) == 0)
            a.budget += z->member[i].size;
    free(folder);
    a.storage = mem_array(z->n_member, sizeof(struct stored *));
    r = check_archive(&a, e) < 0 ? -1 : read_pickle(&a, e);
    free(a.storage);
    return r;
}
