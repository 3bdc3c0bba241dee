/* SPDX-License-Identifier: MIT */
/*
 * Keras HDF5 files: every dataset of numbers below /model_weights is a tensor, named by its path.
 * Empty ones are passed over, and so are the optimizer's: /optimizer_weights, or /optimizer of
 * Keras 3.  Links other than plain ones are refused, as they can lead out of the file.
 */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/hdf5.h"
#include "weights/keras3.h"
#include "weights/reader.h"

/* A network of a thousand layers has some five thousand objects, at most five levels deep. */
enum { MAX_DEPTH = 32, MAX_OBJECTS = 20000 };

struct place {
    char *path;
    uint64_t address;
    int depth;
};

/* A walk through the groups: places still to visit, next one last, and addresses met. */
struct walk {
    struct weights *w;
    struct hdf5 f;
    const char *base;           /* "/model_weights" or "" */
    struct keras3 *keras3;      /* names of layers, or NULL */
    struct place *todo;
    size_t n_todo, cap_todo;
    uint64_t *seen;
    size_t n_seen, cap_seen;
    struct place at;            /* being visited */
    struct err *e;
};

static int
mark_seen(struct walk *k, uint64_t address)
{
    if (k->n_seen == MAX_OBJECTS)
        return err_set(k->e, "more than %d HDF5 objects; name a file of network weights",
                       MAX_OBJECTS);
    for (size_t i = 0; i < k->n_seen; i++)
        if (k->seen[i] == address)
            return err_set(k->e, "one HDF5 object is reached by two links; save the model again");
    mem_grow(&k->seen, &k->cap_seen, k->n_seen + 1, sizeof *k->seen);
    k->seen[k->n_seen++] = address;
    return 0;
}

static int
meet_link(struct walk *k, const struct hdf5_link *link)
{
    struct place next;

    if (k->at.path[0] == '\0' && (strcmp(link->name, "optimizer_weights") == 0 ||
                                  strcmp(link->name, "optimizer") == 0))
        return 0;
    if (link->address == HDF5_NONE)
        return err_set(k->e, "'%s/%s' is a soft or external link, which is not followed; save the "
                       "model again in one file", k->at.path, link->name);
    if (k->at.depth == MAX_DEPTH)
        return err_set(k->e, "'%s' holds groups deeper than %d; name a file of network weights",
                       k->at.path, MAX_DEPTH);
    if (mark_seen(k, link->address) < 0)
        return err_prefix(k->e, "'%s/%s'", k->at.path, link->name);
    next = (struct place){ mem_printf("%s/%s", k->at.path, link->name), link->address,
                           k->at.depth + 1 };
    mem_grow(&k->todo, &k->cap_todo, k->n_todo + 1, sizeof *k->todo);
    k->todo[k->n_todo++] = next;
    return 0;
}

/* Pushed last to first, so that names are visited in order. */
static int
visit_group(struct walk *k, const struct hdf5_object *group)
{
    struct hdf5_links links;
    int r = hdf5_links_read(&links, &k->f, group, k->e);

    for (size_t i = links.n; i-- > 0 && r == 0;)
        r = meet_link(k, &links.link[i]);
    hdf5_links_free(&links);
    if (r == 0 && k->keras3)
        r = keras3_meet_group(k->keras3, &k->f, group,
                              k->at.path + (k->at.path[0] == '/'), k->e);
    return r;
}

static int
visit(struct walk *k)
{
    const char *name = k->at.depth > 0 ? k->at.path + strlen(k->base) + 1 : "";
    struct hdf5_object o;
    int r = hdf5_object_read(&o, &k->f, k->at.address, k->e);

    if (r == 0)
        r = hdf5_is_group(&o) ? visit_group(k, &o)
                              : hdf5_add_dataset(k->w, &k->f, &o, name, k->e);
    hdf5_object_free(&o);
    if (r < 0 && k->at.path[0])
        err_prefix(k->e, "HDF5 object '%s'", k->at.path);
    return r;
}

static uint64_t
find_link(const struct hdf5_links *links, const char *name, bool *there)
{
    for (size_t i = 0; i < links->n; i++)
        if (strcmp(links->link[i].name, name) == 0) {
            *there = true;
            return links->link[i].address;
        }
    *there = false;
    return HDF5_NONE;
}

/* Where the weights are, and what the root says about the network. */
static int
start(struct walk *k)
{
    uint64_t address = k->f.root;
    struct hdf5_object root;
    struct hdf5_links links = { 0 };
    bool old, new = false;
    int r = hdf5_object_read(&root, &k->f, k->f.root, k->e);

    if (r == 0)
        r = hdf5_links_read(&links, &k->f, &root, k->e);
    if (r == 0 && !k->w->model_config)
        r = hdf5_read_text(&k->w->model_config, &k->f, &root, "model_config", k->e);
    k->base = "";
    if (r == 0) {
        address = find_link(&links, "model_weights", &old);
        if (old) {
            k->base = "/model_weights";
            if (address == HDF5_NONE)
                r = err_set(k->e, "'/model_weights' is a soft or external link, which is not "
                            "followed; save the model again in one file");
        } else {
            address = k->f.root;
            find_link(&links, "layers", &new);
        }
    }
    hdf5_links_free(&links);
    hdf5_object_free(&root);
    if (r < 0)
        return -1;
    if (new)
        k->keras3 = keras3_new();
    k->at = (struct place){ mem_strdup(k->base), address, 0 };
    return mark_seen(k, address);
}

static int
walk_groups(struct walk *k)
{
    int r = start(k);

    while (r == 0) {
        r = visit(k);
        free(k->at.path);
        k->at.path = NULL;
        if (k->n_todo == 0)
            break;
        k->at = k->todo[--k->n_todo];
    }
    free(k->at.path);
    while (k->n_todo > 0)
        free(k->todo[--k->n_todo].path);
    free(k->todo);
    free(k->seen);
    return r;
}

int
keras_hdf5_read(struct weights *w, struct span file, struct err *e)
{
    struct walk k = { .w = w, .e = e };
    int r;

    if (hdf5_open(&k.f, file, e) < 0)
        return -1;
    r = walk_groups(&k);
    if (r == 0 && k.keras3)
        r = keras3_name_tensors(k.keras3, w, e);
    keras3_free(k.keras3);
    return r;
}
