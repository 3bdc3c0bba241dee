/* SPDX-License-Identifier: MIT */
/*
 * safetensors: 8 bytes with the length of a JSON header, the header, and the values, to which it
 * points (huggingface/safetensors, README.md, "Format").  As the original does, holes, overlaps,
 * bytes behind the last tensor, names given twice and headers above 100 MB are refused.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/reader.h"

enum { PREFIX = 8, MAX_HEADER = 100000000 };

/* Where a tensor's values are, behind the header. */
struct piece {
    uint64_t begin, end;
};

struct reading {
    struct weights *w;
    struct stored *stored;      /* all values */
    uint64_t first;             /* byte of the file where they begin */
    struct piece *piece;
    size_t n;
};

static uint64_t
header_bytes(const uint8_t *p)
{
    uint64_t n = 0;

    for (int i = PREFIX; i-- > 0;)
        n = n << 8 | p[i];
    return n;
}

bool
safetensors_is_magic(const void *data, size_t bytes)
{
    const uint8_t *p = data;

    return bytes > PREFIX && p[PREFIX] == '{' && header_bytes(p) <= bytes - PREFIX;
}

static int
find_element(enum element *type, const char *name, struct err *e)
{
    static const struct { const char *name; enum element type; } known[] = {
        { "F16", ELEMENT_F2 }, { "BF16", ELEMENT_BF2 }, { "F32", ELEMENT_F4 }, { "F64", ELEMENT_F8 },
        { "I8", ELEMENT_I1 }, { "I16", ELEMENT_I2 }, { "I32", ELEMENT_I4 }, { "I64", ELEMENT_I8 },
        { "U8", ELEMENT_U1 }, { "U16", ELEMENT_U2 }, { "U32", ELEMENT_U4 }, { "U64", ELEMENT_U8 },
        { "BOOL", ELEMENT_BOOL },
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].name, name) == 0) {
            *type = known[i].type;
            return 0;
        }
    return err_set(e, "values of type '%.20s', expected F32, F16, BF16, F64 or integers; convert "
                   "the tensor and save again", name);
}

/* Array of integers, none negative, into out[max]; how many, or -1. */
static int
read_sizes(uint64_t *out, int max, const json_t *array)
{
    const json_t *v;
    size_t i;

    if (!json_is_array(array) || json_array_size(array) > (size_t)max)
        return -1;
    json_array_foreach(array, i, v) {
        if (!json_is_integer(v) || json_integer_value(v) < 0)
            return -1;
        out[i] = (uint64_t)json_integer_value(v);
    }
    return (int)json_array_size(array);
}

static int
add_tensor(struct reading *r, const char *name, size_t n_name, const json_t *entry, struct err *e)
{
    struct tensor_spec spec = { .name = name, .n_name = n_name };
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    struct piece p = { 0, 0 };
    uint64_t shape[TENSOR_MAX_DIM], range[2];
    size_t count;

    if (!dtype || json_object_size(entry) != 3)
        return err_set(e, "not described by dtype, shape and data_offsets; save it again");
    spec.ndim = read_sizes(shape, TENSOR_MAX_DIM, json_object_get(entry, "shape"));
    if (spec.ndim < 0)
        return err_set(e, "its shape is not a list of at most %d sizes; save it again",
                       TENSOR_MAX_DIM);
    if (read_sizes(range, 2, json_object_get(entry, "data_offsets")) != 2)
        return err_set(e, "its data_offsets are not two positions; save it again");
    p = (struct piece){ range[0], range[1] };
    if (find_element(&spec.dtype, dtype, e) < 0 || tensor_count(&count, spec.ndim, shape, e) < 0)
        return -1;
    if (p.begin > p.end || p.end > r->stored->n ||
        p.end - p.begin != count * element_bytes(spec.dtype))
        return err_set(e, "data_offsets %llu to %llu of %llu bytes do not hold %zu values of %zu "
                       "bytes; copy or download the file again", (unsigned long long)p.begin,
                       (unsigned long long)p.end, (unsigned long long)r->stored->n, count,
                       element_bytes(spec.dtype));
    spec.shape = shape;
    spec.first = p.begin;
    spec.offset = r->first + p.begin;
    r->piece[r->n++] = p;
    return weights_add_tensor(r->w, r->stored, &spec, e) ? 0 : -1;
}

/* Whole numbers, which are strings as everything there, become attributes. */
static void
add_metadata(struct weights *w, json_t *metadata)
{
    const char *key;
    json_t *v;

    json_object_foreach(metadata, key, v) {
        const char *text = json_string_value(v);
        char *end = NULL;
        long long number;

        if (!text || !*text || strlen(text) > 18 || strlen(key) > 200)
            continue;
        number = strtoll(text, &end, 10);
        if (*end == '\0' && (*text == '-' || (*text >= '0' && *text <= '9')))
            weights_add_attr(w, key, strlen(key), number);
    }
}

static int
by_begin(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int
check_pieces(struct reading *r, struct err *e)
{
    uint64_t at = 0;

    qsort(r->piece, r->n, sizeof *r->piece, by_begin);
    for (size_t i = 0; i < r->n; i++) {
        if (r->piece[i].begin != at)
            return err_set(e, "tensors %s at byte %llu of the values; save the file again",
                           r->piece[i].begin < at ? "overlap" : "leave a hole",
                           (unsigned long long)r->piece[i].begin);
        at = r->piece[i].end;
    }
    if (at != r->stored->n)
        return err_set(e, "%llu bytes of values, but tensors for %llu; copy or download the file "
                       "again", (unsigned long long)r->stored->n, (unsigned long long)at);
    return 0;
}

static int
read_entries(struct reading *r, json_t *root, struct err *e)
{
    const char *name;
    json_t *entry;

    r->piece = mem_array(json_object_size(root), sizeof *r->piece);
    json_object_foreach(root, name, entry) {
        if (strcmp(name, "__metadata__") == 0)
            add_metadata(r->w, entry);
        else if (add_tensor(r, name, strlen(name), entry, e) < 0)
            return err_prefix(e, "tensor '%.200s'", name);
    }
    return check_pieces(r, e);
}

int
safetensors_read(struct weights *w, struct span file, struct err *e)
{
    struct reading r = { .w = w };
    uint64_t n = header_bytes(file.p);
    json_error_t why;
    json_t *root;
    int status;

    if (n > MAX_HEADER)
        return err_set(e, "a safetensors header of %llu bytes, expected at most %d; copy or "
                       "download the file again", (unsigned long long)n, MAX_HEADER);
    root = json_loadb((const char *)file.p + PREFIX, n, JSON_REJECT_DUPLICATES, &why);
    if (!root || !json_is_object(root)) {
        json_decref(root);
        return err_set(e, "safetensors header is not valid JSON (%s at byte %d); copy or download "
                       "the file again", root ? "no object" : why.text, root ? 0 : why.position);
    }
    r.first = PREFIX + n;
    r.stored = weights_store_bytes(w, file.p + r.first, file.n - r.first);
    status = read_entries(&r, root, e);
    free(r.piece);
    json_decref(root);
    return status;
}
