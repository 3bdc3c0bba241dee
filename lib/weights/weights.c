/* SPDX-License-Identifier: MIT */
#include "weights/weights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest/hash256.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "weights/bundle.h"
#include "weights/reader.h"

static const char hdf5_magic[8] = "\x89HDF\r\n\x1a\n";

static void
keep_map(struct weights *w, const struct weights_map *map)
{
    struct weights_inside *in = w->inside;

    in->map = weights_grow(in->map, in->n_map, sizeof *in->map);
    in->map[in->n_map++] = *map;
    w->bytes += map->n;
}

int
weights_map_file(struct weights *w, struct span *span, const char *path, struct err *e)
{
    struct weights_map map = { NULL, 0, false };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;
    struct stat st;

    memset(span, 0, sizeof *span);
    if (fd < 0)
        return err_sys(e, "%s: cannot open", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(e, "%s: not a plain file (weights cannot be read from a pipe); name a file",
                       path);
    }
    fio_reads(path);
    map.n = (size_t)st.st_size;
    if (map.n > 0)
        map.p = mmap(NULL, map.n, PROT_READ, MAP_PRIVATE, fd, 0);
    error = errno;
    close(fd);
    errno = error;
    if (map.p == MAP_FAILED)
        return err_sys(e, "%s: cannot read", path);
    keep_map(w, &map);
    *span = (struct span){ map.p, map.n, 0 };
    return 0;
}

void
weights_keep_zip(struct weights *w, struct zip *z)
{
    struct weights_inside *in = w->inside;

    in->zip = weights_grow(in->zip, in->n_zip, sizeof(struct zip *));
    in->zip[in->n_zip++] = z;
}

static int
read_zip(struct weights *w, struct span file, struct err *e)
{
    struct zip *z = zip_open_bytes(file.p, file.n, w->path, e);
    char *root;
    int r;

    if (!z)
        return -1;
    weights_keep_zip(w, z);
    root = torch_zip_root(z);
    if (root) {
        w->format = "torch-zip";
        r = torch_zip_read(w, z, root, e);
    } else if (zip_find(z, "model.weights.h5")) {
        w->format = "keras-archive";
        r = keras_archive_read(w, z, e);
    } else {
        w->format = "npz";
        r = weights_npz_read(w, z, e);
    }
    free(root);
    return r < 0 ? err_prefix(e, "%s", w->path) : 0;
}

/* Formats that are often tried by mistake get the sentence that helps. */
static int
refuse_format(const struct weights *w, struct span file, struct err *e)
{
    const uint8_t *p = file.p;

    if (file.n >= 2 && p[0] == 0x80 && (p[1] == 2 || p[1] == 3))
        return err_set(e, "%s: a PyTorch file from before version 1.6; load it and torch.save it "
                       "again with a newer PyTorch", w->path);
    if (file.n >= 2 && p[0] == 0x1f && p[1] == 0x8b)
        return err_set(e, "%s: compressed with gzip; unpack it with gunzip first", w->path);
    if (file.n > 8 && p[8] == '{')
        return err_set(e, "%s: looks like a safetensors file, but its header does not fit into %llu "
                       "bytes; copy or download the file again", w->path,
                       (unsigned long long)file.n);
    return err_set(e, "%s: not a weight file (expected Keras HDF5 or .keras, a PyTorch zip, NumPy "
                   "npz, safetensors or a TensorFlow checkpoint); name the file the model was saved "
                   "to", w->path);
}

static int
read_container(struct weights *w, struct span file, struct err *e)
{
    int r;

    if (file.n > 0 && zip_is_magic(file.p, file.n))
        return read_zip(w, file, e);
    if (file.n >= sizeof hdf5_magic && memcmp(file.p, hdf5_magic, sizeof hdf5_magic) == 0) {
        w->format = "keras-hdf5";
        r = keras_hdf5_read(w, file, e);
    } else if (safetensors_is_magic(file.p, file.n)) {
        w->format = "safetensors";
        r = safetensors_read(w, file, e);
    } else if (bundle_is_tar(file.p, file.n)) {
        w->format = "tensor-bundle";
        r = bundle_read_tar(w, file, e);
    } else {
        return refuse_format(w, file, e);
    }
    return r < 0 ? err_prefix(e, "%s", w->path) : 0;
}

/* A folder, a bundle's index (whose other files are beside it), or a file of its own. */
static int
read_path(struct weights *w, struct err *e)
{
    struct span file;
    struct stat st;

    if (stat(w->path, &st) == 0 && S_ISDIR(st.st_mode)) {
        w->format = "tensor-bundle";
        return bundle_read_folder(w, e);
    }
    if (weights_map_file(w, &file, w->path, e) < 0)
        return -1;
    if (bundle_is_index(file.p, file.n)) {
        w->format = "tensor-bundle";
        return bundle_read_index(w, file, e);
    }
    return read_container(w, file, e);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(struct tensor *const *)a)->name, (*(struct tensor *const *)b)->name);
}

int
weights_check_names(const struct weights *w, struct err *e)
{
    struct tensor **sorted = mem_array(w->n_tensor, sizeof *sorted);
    int r = 0;

    for (size_t i = 0; i < w->n_tensor; i++)
        sorted[i] = &w->tensor[i];
    qsort(sorted, w->n_tensor, sizeof *sorted, by_name);
    for (size_t i = 1; i < w->n_tensor && r == 0; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            r = err_set(e, "%s: two tensors are called '%s'; save the model again", w->path,
                        sorted[i]->name);
    free(sorted);
    if (r == 0 && w->n_tensor == 0)
        r = err_set(e, "%s: no weights in it (%s without tensors); name the file the model was "
                    "saved to", w->path, w->format);
    return r;
}

/* Piece by piece, and what has been read need not stay in memory. */
static void
hash_maps(struct weights *w)
{
    enum { PIECE = 1 << 24 };
    struct hash256 *h = hash256_new();

    for (size_t i = 0; i < w->inside->n_map; i++) {
        const struct weights_map *map = &w->inside->map[i];

        for (size_t at = 0; at < map->n; at += PIECE) {
            size_t n = map->n - at < PIECE ? map->n - at : PIECE;

            hash256_add(h, (uint8_t *)map->p + at, n);
            if (!map->borrowed)
                madvise((uint8_t *)map->p + at, n, MADV_DONTNEED);
        }
    }
    hash256_hex(h, w->sha256);
}

static struct weights *
new_weights(const char *path)
{
    struct weights *w = mem_zalloc(sizeof *w);

    w->path = mem_strdup(path);
    w->inside = mem_zalloc(sizeof *w->inside);
    return w;
}

/* With the result of reading, 0 or -1. */
static struct weights *
finish(struct weights *w, int r, struct err *e)
{
    if (r < 0 || weights_check_names(w, e) < 0) {
        weights_close(w);
        return NULL;
    }
    hash_maps(w);
    return w;
}

struct weights *
weights_open(const char *path, struct err *e)
{
    struct weights *w = new_weights(path);

    return finish(w, read_path(w, e), e);
}

struct weights *
weights_open_bytes(const void *data, size_t bytes, const char *name, struct err *e)
{
    struct weights *w = new_weights(name);

    keep_map(w, &(struct weights_map){ (void *)data, bytes, true });
    return finish(w, read_container(w, (struct span){ data, bytes, 0 }, e), e);
}

static void
free_inside(struct weights_inside *in)
{
    for (size_t i = 0; i < in->n_stored; i++) {
        free(in->stored[i]->owned);
        free(in->stored[i]->context);
        free(in->stored[i]);
    }
    for (size_t i = 0; i < in->n_zip; i++)
        zip_close(in->zip[i]);
    for (size_t i = 0; i < in->n_map; i++)
        if (in->map[i].p && !in->map[i].borrowed)
            munmap(in->map[i].p, in->map[i].n);
    free(in->stored);
    free(in->zip);
    free(in->map);
    free(in);
}

void
weights_close(struct weights *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n_tensor; i++)
        tensor_free(&w->tensor[i]);
    for (size_t i = 0; i < w->n_attr; i++)
        free(w->attr[i].name);
    for (size_t i = 0; i < w->n_module; i++) {
        free(w->module[i].path);
        free(w->module[i].class_name);
    }
    free_inside(w->inside);
    free(w->tensor);
    free(w->attr);
    free(w->module);
    free(w->unwrapped);
    free(w->model_config);
    free(w->class_name);
    free(w->path);
    free(w);
}

const struct tensor *
weights_find(const struct weights *w, const char *name)
{
    for (size_t i = 0; i < w->n_tensor; i++)
        if (strcmp(w->tensor[i].name, name) == 0)
            return &w->tensor[i];
    for (size_t i = 0; i < w->n_tensor; i++)
        if (w->tensor[i].path && strcmp(w->tensor[i].path, name) == 0)
            return &w->tensor[i];
    return NULL;
}

static const struct weights_attr *
find_attr(const struct weights *w, const char *name)
{
    for (size_t i = 0; i < w->n_attr; i++)
        if (strcmp(w->attr[i].name, name) == 0)
            return &w->attr[i];
    return NULL;
}

bool
weights_attr_get(const struct weights *w, const char *name, int64_t *value)
{
    const struct weights_attr *a = find_attr(w, name);

    if (!a || !a->is_whole)
        return false;
    *value = a->value;
    return true;
}

bool
weights_attr_real(const struct weights *w, const char *name, double *value)
{
    const struct weights_attr *a = find_attr(w, name);

    if (!a)
        return false;
    *value = a->real;
    return true;
}
