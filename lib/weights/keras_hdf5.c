/* SPDX-License-Identifier: MIT */
/*
 * Keras HDF5 files: every float dataset below /model_weights is a tensor, named by its path.
 * Integer datasets (seeds of random layers) and empty ones are passed over, and so is
 * /optimizer_weights.  Links other than plain ones are refused, as they can lead out of the file.
 */
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/hdf5_data.h"
#include "weights/reader.h"

/* A network of a thousand layers has some five thousand objects, at most five levels deep. */
enum { MAX_DEPTH = 16, MAX_OBJECTS = 20000 };

struct place {
    char *path;
    int depth;
};

/* A walk through the groups: places still to visit, next one last, and addresses met. */
struct walk {
    struct weights *w;
    hid_t file;
    const char *base;           /* "/model_weights" or "" */
    struct place *todo;
    size_t n_todo, cap_todo;
    haddr_t *seen;
    size_t n_seen, cap_seen;
    struct place at;            /* being visited */
    struct err *e;
};

static int
mark_seen(struct walk *k, haddr_t address)
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

static void
push_place(struct walk *k, const char *name)
{
    struct place next = { mem_printf("%s/%s", k->at.path, name), k->at.depth + 1 };

    mem_grow(&k->todo, &k->cap_todo, k->n_todo + 1, sizeof *k->todo);
    k->todo[k->n_todo++] = next;
}

static herr_t
meet_link(hid_t group, const char *name, const H5L_info_t *info, void *walk)
{
    struct walk *k = walk;

    (void)group;
    if (k->at.path[0] == '\0' && strcmp(name, "optimizer_weights") == 0)
        return 0;
    if (info->type != H5L_TYPE_HARD)
        return err_set(k->e, "'%s/%s' is a soft or external link, which is not followed; save the "
                       "model again in one file", k->at.path, name);
    if (k->at.depth == MAX_DEPTH)
        return err_set(k->e, "'%s' holds groups deeper than %d; name a file of network weights",
                       k->at.path, MAX_DEPTH);
    if (mark_seen(k, info->u.address) < 0)
        return err_prefix(k->e, "'%s/%s'", k->at.path, name);
    push_place(k, name);
    return 0;
}

/* Reverse what was pushed, so that names are visited in order. */
static void
reverse(struct place *p, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        struct place swap = p[i];

        p[i] = p[n - 1 - i];
        p[n - 1 - i] = swap;
    }
}

static int
visit_group(struct walk *k, hid_t group)
{
    size_t first = k->n_todo;

    /* Stands unless meet_link has a better reason. */
    err_set(k->e, "damaged HDF5 group '%s'; copy or download the file again", k->at.path);
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, meet_link, k) < 0)
        return -1;
    reverse(k->todo + first, k->n_todo - first);
    return 0;
}

static int
visit(struct walk *k)
{
    const char *path = k->at.path[0] ? k->at.path : "/";
    const char *name = k->at.depth > 0 ? path + strlen(k->base) + 1 : "";
    hid_t object = H5Oopen(k->file, path, H5P_DEFAULT);
    H5I_type_t type = object < 0 ? H5I_BADID : H5Iget_type(object);
    int r = 0;

    if (object < 0)
        return err_set(k->e, "damaged HDF5 object '%s'; copy or download the file again", path);
    if (type == H5I_GROUP)
        r = visit_group(k, object);
    else if (type == H5I_DATASET)
        r = hdf5_add_dataset(k->w, object, name, k->e);
    H5Oclose(object);
    return r;
}

static int
start(struct walk *k)
{
    H5L_info_t link;
    H5O_info_t info;

    k->base = "";
    if (H5Lexists(k->file, "model_weights", H5P_DEFAULT) > 0) {
        k->base = "/model_weights";
        if (H5Lget_info(k->file, "model_weights", &link, H5P_DEFAULT) < 0 ||
            link.type != H5L_TYPE_HARD)
            return err_set(k->e, "'/model_weights' is a soft or external link, which is not "
                           "followed; save the model again in one file");
    }
    if (H5Oget_info_by_name(k->file, k->base[0] ? k->base : "/", &info, H5P_DEFAULT) < 0)
        return err_set(k->e, "damaged HDF5 root group; copy or download the file again");
    k->at = (struct place){ mem_strdup(k->base), 0 };
    return mark_seen(k, info.addr);
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

static hid_t
open_file(const char *path)
{
    hid_t file, access = H5Pcreate(H5P_FILE_ACCESS);

    /* Nothing else writes here, and read-only network disks often cannot lock. */
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access, 0, 1);
#endif
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return file;
}

int
keras_hdf5_read(struct weights *w, struct err *e)
{
    struct walk k = { .w = w, .e = e };
    int r;

    /* No filter plugin may be loaded on a file's behalf, and messages are the caller's to print. */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0);
    k.file = open_file(w->path);
    if (k.file < 0)
        return err_set(e, "damaged or cut-off HDF5 file; copy or download the file again");
    r = walk_groups(&k);
    if (r == 0)
        r = hdf5_read_text(&w->model_config, k.file, "model_config", e);
    H5Fclose(k.file);
    return r;
}
