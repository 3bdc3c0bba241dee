/* SPDX-License-Identifier: MIT */
#include "weights/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest/crc32c.h"
#include "prog/mem.h"
#include "weights/bundle_graph.h"
#include "weights/protobuf.h"
#include "weights/sstable.h"
#include "weights/tar.h"

/* Shard numbers have five digits. */
enum { MAX_SHARDS = 99999, MAX_KEY = 1024 };

/* A key's entry (BundleEntryProto). */
struct entry {
    char *key;
    unsigned dtype;             /* enum DataType of tensorflow/core/framework/types.proto */
    int ndim;
    uint64_t shape[TENSOR_MAX_DIM];
    uint64_t shard, offset, size;
    uint32_t crc;               /* masked */
    bool sliced, deep;          /* a part of a larger variable; of too many dimensions */
};

struct bundle {
    struct weights *w;
    struct entry *entry;
    size_t n, cap;
    uint64_t n_shards;          /* 0: no header met */
    struct span *shard;         /* p is NULL until opened */
    char *prefix;               /* files are PREFIX.index and PREFIX.data-... */
    const struct tar *tar;      /* NULL: they are files beside each other */
    struct span tar_file;
    uint64_t used;              /* bytes of values that entries have claimed */
};

bool
bundle_is_index(const void *data, uint64_t n)
{
    return sstable_is(data, n);
}

bool
bundle_is_tar(const void *data, uint64_t n)
{
    return tar_is(data, n);
}

static int
damaged(struct err *e, const char *what)
{
    return err_set(e, "damaged checkpoint index: %s; copy or download the file again", what);
}

/* --- the index --- */

/* BundleHeaderProto: shards, byte order (0: little), version. */
static int
read_header(struct bundle *b, const uint8_t *value, size_t n, struct err *e)
{
    enum { NUM_SHARDS = 1, ENDIANNESS = 2 };
    struct protobuf m;
    uint64_t order = 0;

    b->n_shards = 0;
    for (protobuf_init(&m, value, n); protobuf_next(&m);) {
        if (m.field == NUM_SHARDS)
            b->n_shards = m.number;
        else if (m.field == ENDIANNESS)
            order = m.number;
    }
    if (m.broken || b->n_shards == 0 || b->n_shards > MAX_SHARDS)
        return damaged(e, "a broken header");
    if (order != 0)
        return err_set(e, "a checkpoint in big-endian byte order; save the model on a little-endian "
                       "machine");
    b->shard = mem_array(b->n_shards, sizeof *b->shard);
    return 0;
}

/* TensorShapeProto: dimensions, each a message with its size. */
static bool
read_shape(struct entry *x, const uint8_t *p, size_t n)
{
    enum { DIM = 2, UNKNOWN_RANK = 3, SIZE = 1 };
    struct protobuf m, dim;

    for (protobuf_init(&m, p, n); protobuf_next(&m);) {
        if (m.field == UNKNOWN_RANK && m.number)
            return false;
        if (m.field != DIM || !m.bytes)
            continue;
        if (x->ndim == TENSOR_MAX_DIM) {
            x->deep = true;
            return true;
        }
        x->shape[x->ndim] = 0;
        for (protobuf_init(&dim, m.bytes, m.n); protobuf_next(&dim);)
            if (dim.field == SIZE)
                x->shape[x->ndim] = dim.number;
        if (dim.broken)
            return false;
        x->ndim++;
    }
    return !m.broken;
}

static int
read_entry(struct entry *x, const uint8_t *value, size_t n, struct err *e)
{
    enum { DTYPE = 1, SHAPE = 2, SHARD = 3, OFFSET = 4, SIZE = 5, CRC = 6, SLICES = 7 };
    struct protobuf m;
    bool good = true;

    for (protobuf_init(&m, value, n); protobuf_next(&m);)
        switch (m.field) {
        case DTYPE:  x->dtype = (unsigned)m.number; break;
        case SHAPE:  good &= m.bytes && read_shape(x, m.bytes, m.n); break;
        case SHARD:  x->shard = m.number; break;
        case OFFSET: x->offset = m.number; break;
        case SIZE:   x->size = m.number; break;
        case CRC:    x->crc = (uint32_t)m.number; break;
        case SLICES: x->sliced = true; break;
        default:     break;
        }
    return m.broken || !good ? damaged(e, "a broken entry") : 0;
}

/* The first key, of no bytes, is the header's. */
static int
meet_entry(void *context, const char *key, size_t n_key, const uint8_t *value, size_t n_value,
           struct err *e)
{
    struct bundle *b = context;
    struct entry *x;

    if (b->n_shards == 0)
        return n_key == 0 ? read_header(b, value, n_value, e) : damaged(e, "no header");
    if (n_key == 0)
        return damaged(e, "two headers");
    if (n_key > MAX_KEY || memchr(key, 0, n_key))
        return damaged(e, "a key that cannot be a name");
    mem_grow(&b->entry, &b->cap, b->n + 1, sizeof *b->entry);
    x = &b->entry[b->n++];
    memset(x, 0, sizeof *x);
    x->key = mem_strndup(key, n_key);
    return read_entry(x, value, n_value, e);
}

/* --- the files of values --- */

static int
open_shard(struct bundle *b, uint64_t i, struct err *e)
{
    char *name = mem_printf("%s.data-%05llu-of-%05llu", b->prefix, (unsigned long long)i,
                            (unsigned long long)b->n_shards);
    const struct tar_member *m;
    int r = 0;

    if (b->tar) {
        m = tar_find(b->tar, name);
        if (m)
            b->shard[i] = (struct span){ b->tar_file.p + m->at, m->n, m->at };
        else
            r = err_set(e, "'%.300s' is not in the archive; pack the whole folder", name);
    } else {
        r = weights_map_file(b->w, &b->shard[i], name, e);
    }
    if (r == 0 && !b->shard[i].p)
        r = err_set(e, "'%.300s' is empty; copy the checkpoint again", name);
    free(name);
    return r;
}

/* Checking a tensor's bytes before they are used. */
struct check {
    uint32_t crc;
};

static int
check_bytes(struct stored *s, struct err *e)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)s, (void)e;
    return 0;
#else
    const struct check *c = s->context;

    if (crc32c_masked(crc32c(s->bytes, s->n)) == c->crc)
        return 0;
    return err_set(e, "its checksum is not that of its values: damaged; copy or download the "
                   "checkpoint again");
#endif
}

/* The bytes of an entry, in *span. */
static int
find_bytes(struct span *span, struct bundle *b, const struct entry *x, struct err *e)
{
    const struct span *shard;

    if (x->shard >= b->n_shards)
        return damaged(e, "a file of values that there is not");
    if (!b->shard[x->shard].p && open_shard(b, x->shard, e) < 0)
        return -1;
    shard = &b->shard[x->shard];
    if (x->offset > shard->n || x->size > shard->n - x->offset)
        return err_set(e, "bytes %llu to %llu of a file of %llu; copy or download the checkpoint "
                       "again", (unsigned long long)x->offset,
                       (unsigned long long)(x->offset + x->size), (unsigned long long)shard->n);
    *span = (struct span){ shard->p + x->offset, x->size, shard->file + x->offset };
    return 0;
}

/* False for what is not numbers: text, quantised and complex values. */
static bool
find_element(enum element *type, unsigned dtype)
{
    static const struct { unsigned dtype; enum element type; } known[] = {
        { 1, ELEMENT_F4 }, { 2, ELEMENT_F8 }, { 3, ELEMENT_I4 }, { 4, ELEMENT_U1 },
        { 5, ELEMENT_I2 }, { 6, ELEMENT_I1 }, { 9, ELEMENT_I8 }, { 10, ELEMENT_BOOL },
        { 14, ELEMENT_BF2 }, { 17, ELEMENT_U2 }, { 19, ELEMENT_F2 }, { 22, ELEMENT_U4 },
        { 23, ELEMENT_U8 },
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].dtype == dtype) {
            *type = known[i].type;
            return true;
        }
    return false;
}

/* What training keeps beside the variables: the optimizer's, counters, metrics. */
static bool
is_of_training(const char *key)
{
    static const char *const begin[] = {
        "optimizer/", "save_counter/", "keras_api/metrics/", "loss_tracker/"
    };

    for (size_t i = 0; i < ARRAY_LEN(begin); i++)
        if (strncmp(key, begin[i], strlen(begin[i])) == 0)
            return true;
    return strstr(key, "/.OPTIMIZER_SLOT/") != NULL;
}

static int
add_tensor(struct bundle *b, const struct entry *x, struct err *e)
{
    struct tensor_spec spec = { .name = x->key, .n_name = strlen(x->key), .ndim = x->ndim,
                                .shape = x->shape };
    struct check *check;
    struct stored *s;
    struct span span;
    size_t count;

    if (is_of_training(x->key) || !find_element(&spec.dtype, x->dtype))
        return 0;
    if (x->sliced)
        return err_set(e, "stored in slices, which is not supported; save the model again without "
                       "partitioned variables");
    if (x->deep)
        return err_set(e, "more than %d dimensions; name a file of network weights",
                       TENSOR_MAX_DIM);
    if (tensor_count(&count, x->ndim, x->shape, e) < 0 || find_bytes(&span, b, x, e) < 0)
        return -1;
    if (x->size != count * element_bytes(spec.dtype))
        return err_set(e, "%llu bytes for %zu values of %zu; copy or download the checkpoint again",
                       (unsigned long long)x->size, count, element_bytes(spec.dtype));
    b->used += x->size;
    if (b->used > b->w->bytes)
        return damaged(e, "tensors that share their bytes");
    check = mem_alloc(sizeof *check);
    check->crc = x->crc;
    s = weights_store(b->w, &(struct stored){ .bytes = span.p, .n = span.n, .make = check_bytes,
                                              .context = check });
    spec.offset = span.file;
    return weights_add_tensor(b->w, s, &spec, e) ? 0 : -1;
}

/* Variables' own names, when the checkpoint has an object graph. */
static int
name_tensors(struct bundle *b, struct err *e)
{
    static const char graph[] = "_CHECKPOINTABLE_OBJECT_GRAPH";
    struct span span;

    for (size_t i = 0; i < b->n; i++) {
        if (strcmp(b->entry[i].key, graph) != 0)
            continue;
        if (find_bytes(&span, b, &b->entry[i], e) < 0 ||
            bundle_graph_name(b->w, span.p, span.n, e) < 0)
            return err_prefix(e, "'%s'", graph);
    }
    return 0;
}

static int
read_bundle(struct bundle *b, struct span index, struct err *e)
{
    int r = sstable_each(index.p, index.n, meet_entry, b, e);

    if (r == 0 && b->n_shards == 0)
        r = damaged(e, "no header");
    for (size_t i = 0; i < b->n && r == 0; i++) {
        r = add_tensor(b, &b->entry[i], e);
        if (r < 0)
            err_prefix(e, "tensor '%.300s'", b->entry[i].key);
    }
    if (r == 0)
        r = name_tensors(b, e);
    for (size_t i = 0; i < b->n; i++)
        free(b->entry[i].key);
    free(b->entry);
    free(b->shard);
    free(b->prefix);
    return r;
}

/* --- where the index is --- */

static bool
has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), n_suffix = strlen(suffix);

    return n > n_suffix && strcmp(name + n - n_suffix, suffix) == 0;
}

static char *
without_suffix(const char *name)
{
    return mem_strndup(name, strlen(name) - strlen(".index"));
}

int
bundle_read_index(struct weights *w, struct span index, struct err *e)
{
    struct bundle b = { .w = w };

    if (!has_suffix(w->path, ".index"))
        return err_set(e, "%s: the index of a TensorFlow checkpoint, whose name should end in "
                       ".index; name it so, beside its files .data-00000-of-...", w->path);
    b.prefix = without_suffix(w->path);
    if (read_bundle(&b, index, e) == 0)
        return 0;
    return strncmp(e->msg, w->path, strlen(w->path) - strlen("index")) == 0
               ? -1 : err_prefix(e, "%s", w->path);
}

/* The one *.index of a folder, which the caller frees; NULL there when there is none. */
static int
find_index(char **path, const char *folder, struct err *e)
{
    DIR *dir = opendir(folder);
    int r = 0;

    *path = NULL;
    if (!dir)
        return errno == ENOENT ? 0 : err_sys(e, "%s: cannot open", folder);
    for (struct dirent *d; r == 0 && (d = readdir(dir)) != NULL;) {
        if (!has_suffix(d->d_name, ".index"))
            continue;
        if (*path)
            r = err_set(e, "%s: more than one checkpoint (*.index); name the one to use", folder);
        else
            *path = mem_printf("%s/%s", folder, d->d_name);
    }
    closedir(dir);
    if (r < 0) {
        free(*path);
        *path = NULL;
    }
    return r;
}

int
bundle_read_folder(struct weights *w, struct err *e)
{
    struct bundle b = { .w = w };
    char *inner = mem_printf("%s/variables", w->path), *path = NULL;
    struct span index;
    int r = find_index(&path, inner, e);

    if (r == 0 && !path)
        r = find_index(&path, w->path, e);
    free(inner);
    if (r < 0)
        return -1;
    if (!path)
        return err_set(e, "%s: a folder without a TensorFlow checkpoint (*.index, or "
                       "variables/*.index); name the file the model was saved to", w->path);
    r = weights_map_file(w, &index, path, e);
    if (r == 0) {
        b.prefix = without_suffix(path);
        r = read_bundle(&b, index, e);
        if (r < 0 && strncmp(e->msg, w->path, strlen(w->path)) != 0)
            err_prefix(e, "%s", path);
    }
    free(path);
    return r;
}

int
bundle_read_tar(struct weights *w, struct span file, struct err *e)
{
    struct bundle b = { .w = w, .tar_file = file };
    const struct tar_member *index = NULL;
    struct tar tar;
    int r = tar_read(&tar, file.p, file.n, e);

    for (size_t i = 0; i < tar.n && r == 0; i++) {
        const struct tar_member *m = &tar.member[i];

        if (!has_suffix(m->name, ".index") || !sstable_is(file.p + m->at, m->n))
            continue;
        if (index)
            r = err_set(e, "more than one checkpoint in the archive ('%.200s', '%.200s'); unpack "
                        "it and name the one to use", index->name, m->name);
        index = m;
    }
    if (r == 0 && !index)
        r = err_set(e, "a tar archive without a TensorFlow checkpoint (*.index); unpack it and name "
                    "the file the model was saved to");
    if (r == 0) {
        b.tar = &tar;
        b.prefix = without_suffix(index->name);
        r = read_bundle(&b, (struct span){ file.p + index->at, index->n, index->at }, e);
    }
    tar_free(&tar);
    return r;
}
