/* SPDX-License-Identifier: MIT */
#include "weights/keras3.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* Models in models; jansson itself bounds how deep JSON may nest. */
enum { MAX_NESTING = 16, MAX_LAYERS = 20000, MAX_FULL_NAME = 900 };

/* A layer by its place, "layers/functional/layers/conv1d". */
struct layer {
    char *place, *name;
    const char *class_name;     /* "Conv1D", in the JSON, or NULL */
    const json_t *config;       /* or NULL */
};

struct keras3 {
    struct layer *layer;        /* sorted by place when names are made */
    size_t n, cap;
    json_t *root;
};

struct keras3 *
keras3_new(void)
{
    return mem_zalloc(sizeof(struct keras3));
}

void
keras3_free(struct keras3 *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->n; i++) {
        free(k->layer[i].place);
        free(k->layer[i].name);
    }
    free(k->layer);
    json_decref(k->root);
    free(k);
}

static void
add_layer(struct keras3 *k, char *place, char *name, const char *class_name, const json_t *config)
{
    mem_grow(&k->layer, &k->cap, k->n + 1, sizeof *k->layer);
    k->layer[k->n++] = (struct layer){ place, name, class_name, config };
}

int
keras3_meet_group(struct keras3 *k, struct hdf5 *f, const struct hdf5_object *group,
                  const char *path, struct err *e)
{
    static const char leaf[] = "/vars";
    size_t n = strlen(path), n_leaf = sizeof leaf - 1;
    char *name;

    if (n <= n_leaf || strcmp(path + n - n_leaf, leaf) != 0)
        return 0;
    if (hdf5_read_text(&name, f, group, "name", e) < 0)
        return -1;
    if (name)
        add_layer(k, mem_strndup(path, n - n_leaf), name, NULL, NULL);
    return 0;
}

/*
 * keras/src/utils/naming.py, to_snake_case: an underscore goes before a capital that begins a word
 * ("MaxPooling1D" gives max_pooling1d, "LSTMCell" lstm_cell).
 */
static char *
snake_case(const char *class_name)
{
    size_t n = strlen(class_name), out = 0;
    char *s = mem_alloc(2 * n + 1);

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)class_name[i], next = (unsigned char)class_name[i + 1];
        unsigned char last = i ? (unsigned char)class_name[i - 1] : '_';

        if (i && isupper(c) && last != '_' && (islower(next) || islower(last)))
            s[out++] = '_';
        s[out++] = (char)tolower(c);
    }
    s[out] = '\0';
    return s;
}

/* "conv1d", "conv1d_1", ... : how many of this class came before among the n siblings. */
static size_t
count_before(char *const *class_key, size_t n, const char *key)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += class_key[i] && strcmp(class_key[i], key) == 0;
    return count;
}

static int add_model(struct keras3 *k, const json_t *config, const char *place, int depth,
                     struct err *e);

static int
add_json_layer(struct keras3 *k, const json_t *layer, const char *place, char **key, size_t n,
               int depth, struct err *e)
{
    const json_t *config = json_object_get(layer, "config");
    const char *class_name = json_string_value(json_object_get(layer, "class_name"));
    const char *name = json_string_value(json_object_get(config, "name"));
    size_t before;
    char *own, *inner;
    int r = 0;

    if (!class_name || !name)
        return 0;
    if (k->n >= MAX_LAYERS)
        return err_set(e, "more than %d layers in the architecture; name a file of a network",
                       MAX_LAYERS);
    key[n] = snake_case(class_name);
    before = count_before(key, n, key[n]);
    own = before ? mem_printf("%slayers/%s_%zu", place, key[n], before)
                 : mem_printf("%slayers/%s", place, key[n]);
    add_layer(k, own, mem_strdup(name), class_name, config);
    if (json_object_get(config, "layers")) {
        inner = mem_printf("%s/", own);
        r = add_model(k, config, inner, depth + 1, e);
        free(inner);
    }
    return r;
}

/* Layers of a model's config, whose places begin with place. */
static int
add_model(struct keras3 *k, const json_t *config, const char *place, int depth, struct err *e)
{
    const json_t *layers = json_object_get(config, "layers");
    size_t n = json_array_size(layers);
    char **key;
    int r = 0;

    if (depth > MAX_NESTING || n > MAX_LAYERS)
        return err_set(e, "an architecture of models nested deeper than %d or of more than %d "
                       "layers; name a file of a network", MAX_NESTING, MAX_LAYERS);
    key = mem_array(n + 1, sizeof *key);
    for (size_t i = 0; i < n && r == 0; i++)
        r = add_json_layer(k, json_array_get(layers, i), place, key, i, depth, e);
    for (size_t i = 0; i < n; i++)
        free(key[i]);
    free(key);
    return r;
}

/* The layer at a place, by what has a name of its own if both have. */
static const struct layer *
find_place(const struct keras3 *k, const char *place, size_t n, bool from_config)
{
    for (size_t i = 0; i < k->n; i++)
        if ((k->layer[i].config != NULL) == from_config &&
            strlen(k->layer[i].place) == n && memcmp(k->layer[i].place, place, n) == 0)
            return &k->layer[i];
    return NULL;
}

/* What the architecture says of a layer: at its place, or, where that differs, of its name. */
static const struct layer *
find_config(const struct keras3 *k, const char *place, size_t n, const char *name)
{
    const struct layer *l = find_place(k, place, n, true);

    if (l && (!name || strcmp(l->name, name) == 0))
        return l;
    for (size_t i = 0; name && i < k->n; i++)
        if (k->layer[i].config && strcmp(k->layer[i].name, name) == 0)
            return &k->layer[i];
    return NULL;
}

/* What variables are called, in the order of their indices; optional: the config key that says no. */
static const struct variables {
    const char *class_key;
    struct {
        const char *name, *optional;
    } variable[4];
} known[] = {
    { "conv1d", { { "kernel", NULL }, { "bias", "use_bias" } } },
    { "conv2d", { { "kernel", NULL }, { "bias", "use_bias" } } },
    { "conv1d_transpose", { { "kernel", NULL }, { "bias", "use_bias" } } },
    { "depthwise_conv1d", { { "kernel", NULL }, { "bias", "use_bias" } } },
    { "dense", { { "kernel", NULL }, { "bias", "use_bias" } } },
    { "einsum_dense", { { "kernel", NULL }, { "bias", "bias_axes" } } },
    { "separable_conv1d", { { "depthwise_kernel", NULL }, { "pointwise_kernel", NULL },
                            { "bias", "use_bias" } } },
    { "batch_normalization", { { "gamma", "scale" }, { "beta", "center" },
                               { "moving_mean", NULL }, { "moving_variance", NULL } } },
    { "sync_batch_normalization", { { "gamma", "scale" }, { "beta", "center" },
                                    { "moving_mean", NULL }, { "moving_variance", NULL } } },
    { "layer_normalization", { { "gamma", "scale" }, { "beta", "center" } } },
    { "embedding", { { "embeddings", NULL } } },
};

/* The last part of a place without its number: "layers/conv1d_12" gives conv1d. */
static size_t
class_of_place(const char **class_key, const char *place, size_t n)
{
    size_t from = n, to = n;

    while (from > 0 && place[from - 1] != '/')
        from--;
    while (to > from && isdigit((unsigned char)place[to - 1]))
        to--;
    if (to == n || to <= from + 1 || place[to - 1] != '_')
        to = n;
    else
        to--;
    *class_key = place + from;
    return to - from;
}

static bool
is_absent(const struct layer *l, const char *optional)
{
    const json_t *v = l && optional ? json_object_get(l->config, optional) : NULL;

    return v && (json_is_false(v) || json_is_null(v));
}

/* The name of variable number index of the layer at place, or NULL. */
static const char *
variable_name(const struct layer *l, const char *place, size_t n, size_t index, size_t n_vars)
{
    char *from_config = l && l->class_name ? snake_case(l->class_name) : NULL;
    const char *key = from_config, *name = NULL, *last = "";
    size_t n_key = key ? strlen(key) : class_of_place(&key, place, n), at = 0, present = 0;
    const struct variables *v = NULL;

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strlen(known[i].class_key) == n_key && memcmp(known[i].class_key, key, n_key) == 0)
            v = &known[i];
    /* The projections of attention are dense, whatever they are called. */
    if (!v && n_key > 6 && memcmp(key + n_key - 6, "_dense", 6) == 0)
        v = &known[4];
    for (size_t i = 0; v && i < ARRAY_LEN(v->variable) && v->variable[i].name; i++) {
        if (is_absent(l, v->variable[i].optional))
            continue;
        last = v->variable[i].name;
        if (at++ == index)
            name = last;
        present++;
    }
    free(from_config);
    /* Without the architecture only a bias, the last, can be missing unnoticed. */
    if (v && !l && n_vars != present && !(n_vars + 1 == present && strcmp(last, "bias") == 0))
        return NULL;
    return name;
}

/* Names of a place's layers, outermost first; a part without one stands for itself. */
static char *
name_of_place(const struct keras3 *k, const char *place, size_t n)
{
    char *full = mem_strdup("");

    for (size_t from = 0, to; from < n; from = to + 1) {
        const struct layer *l;
        char *longer;

        for (to = from; to < n && place[to] != '/'; to++)
            ;
        if (to - from == 6 && memcmp(place + from, "layers", 6) == 0)
            continue;
        l = find_place(k, place, to, false);
        if (!l)
            l = find_place(k, place, to, true);
        longer = mem_printf("%s%s%.*s", full, *full ? "/" : "",
                            (int)(l ? strlen(l->name) : to - from), l ? l->name : place + from);
        free(full);
        full = longer;
    }
    return full;
}

/* Splits "PLACE/vars/INDEX"; the length of PLACE, or 0 for another name. */
static size_t
split_path(const char *path, size_t *index)
{
    static const char middle[] = "/vars/";
    const char *slash = strrchr(path, '/'), *vars;
    char *end;

    if (!slash || !isdigit((unsigned char)slash[1]))
        return 0;
    *index = strtoul(slash + 1, &end, 10);
    vars = slash - (sizeof middle - 2);
    if (*end || vars <= path || memcmp(vars, middle, sizeof middle - 1) != 0)
        return 0;
    return (size_t)(vars - path);
}

/* Tensors of the place, which stand together. */
static size_t
count_variables(const struct weights *w, const char *place, size_t n)
{
    size_t count = 0, index;

    for (size_t i = 0; i < w->n_tensor; i++) {
        const char *path = w->tensor[i].path ? w->tensor[i].path : w->tensor[i].name;

        count += split_path(path, &index) == n && memcmp(path, place, n) == 0;
    }
    return count;
}

static void
rename_tensor(const struct keras3 *k, const struct weights *w, struct tensor *t)
{
    size_t index, n = split_path(t->name, &index);
    const struct layer *named, *config;
    const char *variable;
    char *full, *name;

    if (!n)
        return;
    named = find_place(k, t->name, n, false);
    config = find_config(k, t->name, n, named ? named->name : NULL);
    full = name_of_place(k, t->name, n);
    variable = variable_name(config, t->name, n, index, count_variables(w, t->name, n));
    name = variable ? mem_printf("%s/%s:0", full, variable) : mem_printf("%s/%zu", full, index);
    free(full);
    if (strlen(name) > MAX_FULL_NAME) {
        free(name);
        return;
    }
    t->path = t->name;
    t->name = name;
}

int
keras3_name_tensors(struct keras3 *k, struct weights *w, struct err *e)
{
    json_error_t why;

    if (w->model_config) {
        k->root = json_loads(w->model_config, 0, &why);
        if (!k->root)
            return err_set(e, "config.json is not valid JSON (line %d: %s); the file is damaged",
                           why.line, why.text);
        if (add_model(k, json_object_get(k->root, "config"), "", 0, e) < 0)
            return -1;
    }
    if (w->n_tensor > MAX_LAYERS)
        return 0;
    for (size_t i = 0; i < w->n_tensor; i++)
        rename_tensor(k, w, &w->tensor[i]);
    return 0;
}
