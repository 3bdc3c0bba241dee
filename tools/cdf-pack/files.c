/* SPDX-License-Identifier: MIT */
/*
 * Rows from backgrounds that exist: --append and --merge.  Every array of every file is carried
 * over, or the file is refused; rows that are compressed one by one stay as they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "background/guard.h"
#include "pack.h"
#include "prog/die.h"
#include "prog/mem.h"

/* Arrays that cdf-pack makes itself. */
static bool
is_own_key(const char *key)
{
    static const char *const what[] = { "retained", "tail_k", "cdfs", "counts" };

    if (strcmp(key, "track_ids") == 0 || strcmp(key, "signed_flags") == 0 ||
        strcmp(key, "layers_per_row") == 0 || strcmp(key, "build_config") == 0)
        return true;
    for (int k = 0; k < SCORE_KINDS; k++) {
        const size_t n = strlen(score_kind_name[k]);

        for (size_t i = 0; i < ARRAY_LEN(what); i++)
            if (strncmp(key, score_kind_name[k], n) == 0 && key[n] == '_' &&
                strcmp(key + n + 1, what[i]) == 0)
                return true;
    }
    return false;
}

/* The key of a member "key.npy"; NULL for one that is no array.  Caller frees. */
static char *
key_of(const struct zip_member *m)
{
    const size_t n = strlen(m->name);

    return n > 4 && strcmp(m->name + n - 4, ".npy") == 0 ? mem_strndup(m->name, n - 4) : NULL;
}

static void
read_tail(struct part *part, int kind)
{
    const struct zip *zip = part->file->zip;
    char *key = mem_printf("%s_tail_k", score_kind_name[kind]);
    struct npy a;
    struct err e;
    void *v;

    if (npz_has(zip, key)) {
        v = npz_read(zip, key, 'i', sizeof(int64_t), &a, &e);
        if (!v || a.count != 1)
            die("%s: %s is not a number", part->name, key);
        memcpy(&part->kind[kind].tail_k, v, sizeof(int64_t));
        free(v);
    }
    free(key);
}

static int64_t *
copy_counts(const int64_t *v, size_t n)
{
    int64_t *copy = v ? mem_array(n, sizeof *copy) : NULL;

    if (v)
        memcpy(copy, v, n * sizeof *copy);
    return copy;
}

static void
read_config(struct part *part)
{
    struct err e;
    char *text = background_config(part->file, &e);

    if (!text)
        die_err(&e);
    part->config = *text ? json_loads(text, 0, NULL) : json_object();
    if (!json_is_object(part->config))
        die("%s: build_config is not a JSON object; the file is damaged", part->name);
    free(text);
}

void
files_open(struct part *part, const char *path)
{
    struct background *b;
    struct err e;

    part->name = path;
    part->file = b = background_open(path, &e);
    if (!b)
        die_err(&e);
    part->n = b->n;
    part->id = mem_array(b->n, sizeof *part->id);
    part->is_signed = mem_array(b->n, sizeof *part->is_signed);
    for (size_t i = 0; i < b->n; i++)
        part->id[i] = mem_strdup(b->track_id[i]);
    memcpy(part->is_signed, b->is_signed, b->n * sizeof *part->is_signed);
    if (b->layer) {
        part->layer = mem_array(b->n, sizeof *part->layer);
        for (size_t i = 0; i < b->n; i++)
            part->layer[i] = mem_strdup(b->layer[i]);
    }
    for (int k = 0; k < SCORE_KINDS; k++) {
        part->kind[k].present = b->kind[k].present;
        part->kind[k].offered = copy_counts(b->kind[k].offered, b->n);
        part->kind[k].kept = copy_counts(b->kind[k].retained, b->n);
        if (b->kind[k].present)
            read_tail(part, k);
    }
    read_config(part);
}

static void
free_texts(char **text, size_t n)
{
    for (size_t i = 0; text && i < n; i++)
        free(text[i]);
    free(text);
}

void
part_free(struct part *part)
{
    for (int k = 0; k < SCORE_KINDS; k++) {
        struct part_kind *kind = &part->kind[k];

        free_texts(kind->source, part->n);
        free(kind->offered);
        free(kind->kept);
        free(kind->least);
        json_decref(kind->runs);
    }
    free_texts(part->id, part->n);
    free_texts(part->layer, part->n);
    free(part->is_signed);
    json_decref(part->config);
    background_close(part->file);
}

/* A row of one part, for finding ids that occur twice. */
struct place {
    const char *id;
    const struct part *part;
};

static int
by_id(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    const int order = strcmp(x->id, y->id);

    /* Parts lie in one array, in order. */
    return order ? order : (x->part > y->part) - (x->part < y->part);
}

static void
check_ids(const struct pack *p)
{
    struct place *place = mem_array(p->n, sizeof *place);
    const struct place *first = NULL;
    size_t n = 0, n_twice = 0;

    for (size_t j = 0; j < p->n_part; j++)
        for (size_t i = 0; i < p->part[j].n; i++)
            place[n++] = (struct place){ p->part[j].id[i], &p->part[j] };
    qsort(place, n, sizeof *place, by_id);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(place[i].id, place[i - 1].id) != 0)
            continue;
        first = first ? first : &place[i];
        n_twice++;
    }
    if (first)
        die("%zu tracks occur twice (first: '%s', in %s and %s); leave them out of one, or rename "
            "them", n_twice, first->id, first[-1].part->name, first->part->name);
    free(place);
}

static void
check_widths(const struct pack *p)
{
    for (size_t j = 0; j < p->n_part; j++) {
        const struct background *b = p->part[j].file;

        for (int k = 0; b && k < SCORE_KINDS; k++)
            if (b->kind[k].present && b->kind[k].width != p->width)
                die("%s: %s rows have %zu points, expected %zu; rows of one background are of one "
                    "width", p->part[j].name, score_kind_name[k], b->kind[k].width, p->width);
    }
}

/* Whether a part has something must be the same in all files. */
static void
check_has(const struct pack *p, bool first, bool other, const struct part *part, const char *kind,
          const char *what)
{
    if (first != other)
        die("%s has %s%s, but %s has none; only files with the same arrays can be joined",
            (first ? &p->part[0] : part)->name, kind, what, (first ? part : &p->part[0])->name);
}

static void
check_arrays(const struct pack *p, const struct part *b)
{
    const struct part *a = &p->part[0];

    for (int k = 0; k < SCORE_KINDS; k++) {
        const struct part_kind *x = &a->kind[k], *y = &b->kind[k];
        const char *kind = score_kind_name[k];

        check_has(p, x->present, y->present, b, kind, "_cdfs");
        check_has(p, x->offered != NULL, y->offered != NULL, b, kind, "_counts");
        check_has(p, x->kept != NULL, y->kept != NULL, b, kind, "_retained");
        if (x->tail_k && y->tail_k && x->tail_k != y->tail_k)
            die("%s and %s have different %s_tail_k (%lld and %lld); the file has one for all rows",
                a->name, b->name, kind, (long long)x->tail_k, (long long)y->tail_k);
    }
    check_has(p, a->layer != NULL, b->layer != NULL, b, "", "layers_per_row");
}

void
files_check(const struct pack *p)
{
    check_ids(p);
    check_widths(p);
    for (size_t j = 1; j < p->n_part; j++)
        if (p->part[j].file)
            check_arrays(p, &p->part[j]);
}

/* Read every row, which checks it, and copy its compressed bytes if they can stay. */
void
files_put_rows(struct pack *p, const struct part *part, int kind)
{
    struct npz_matrix *m = &part->file->kind[kind].matrix;
    const size_t group = npz_group(p->w, p->matrix[kind]);
    const int64_t *count = part->kind[kind].offered;
    float *row = mem_array(p->width, sizeof *row);
    size_t n_padded = 0;
    struct err e;

    for (size_t i = 0; i < part->n; i++) {
        const uint8_t *packed = NULL;
        size_t bytes = 0;
        uint32_t crc = 0;

        if (background_row(part->file, row, (enum score_kind)kind, i, &e))
            die_err(&e);
        n_padded += count && guard_looks_padded(row, p->width, count[i]);
        if (group == 1 && m->group == 1) {
            packed = npz_matrix_piece(m, i + 1, &bytes, &crc, &e);
            if (!packed || npz_put_piece(p->w, p->matrix[kind], part->first + i + 1, packed, bytes,
                                         crc, &e))
                die_err(&e);
        } else {
            pack_put_row(p, kind, part->first + i, row);
        }
    }
    if (n_padded)
        warn("%s: %zu %s rows look padded to their width, not spread over it: percentiles there "
             "are too low", part->name, n_padded, score_kind_name[kind]);
    free(row);
}

/* An array of the first part that cdf-pack does not know, as it is put together. */
struct extra {
    const char *key;
    struct npy type;            /* of the result */
    bool per_row;
    struct buf data;
};

static bool
is_per_row(const struct npy *a, size_t rows)
{
    return a->ndim >= 1 && a->shape[0] == rows && !a->fortran;
}

/* Elements of text widen to a common width by zeros. */
static void
append_elements(struct buf *out, const uint8_t *v, size_t count, size_t from, size_t to)
{
    for (size_t i = 0; i < count; i++) {
        buf_put(out, v + i * from, from);
        memset(buf_room(out, to - from), 0, to - from);
    }
}

static void
widen(struct extra *x, size_t item)
{
    struct buf wide = { 0 };

    append_elements(&wide, x->data.p, x->data.n / x->type.item, x->type.item, item);
    buf_free(&x->data);
    x->data = wide;
    x->type.item = item;
}

static bool
same_shape_behind_rows(const struct npy *a, const struct npy *b)
{
    if (a->kind != b->kind || a->ndim != b->ndim || (a->kind != 'U' && a->item != b->item))
        return false;
    for (int d = 1; d < a->ndim; d++)
        if (a->shape[d] != b->shape[d])
            return false;
    return true;
}

/* Put another file's array behind it, or see that it is the same. */
static void
extend_extra(struct extra *x, const struct part *part, const char *first)
{
    struct npy a;
    struct err e;
    uint8_t *v;

    if (!part->file || !npz_has(part->file->zip, x->key))
        die("%s has an array '%s'%s, %s has none; it would be lost", first, x->key,
            x->per_row ? " with a value per track" : "", part->name);
    v = npz_read_any(part->file->zip, x->key, &a, &e);
    if (!v)
        die_err(&e);
    if (x->per_row) {
        if (!is_per_row(&a, part->n) || !same_shape_behind_rows(&x->type, &a))
            die("%s: array '%s' is of another type or shape than in %s", part->name, x->key, first);
        if (a.item > x->type.item)
            widen(x, a.item);
        append_elements(&x->data, v, a.count, a.item, x->type.item);
        x->type.shape[0] += a.shape[0];
    } else if (a.count * a.item != x->data.n || memcmp(v, x->data.p, x->data.n) != 0) {
        die("array '%s' differs between %s and %s, and is not one per track; it would be lost",
            x->key, first, part->name);
    }
    free(v);
}

/* One array per track in every file, else one for the whole file. */
static bool
is_per_row_everywhere(const struct pack *p, const char *key)
{
    struct npy a;
    struct err e;

    for (size_t j = 0; j < p->n_part; j++) {
        bool per_row;
        void *v;

        if (!p->part[j].file || !npz_has(p->part[j].file->zip, key))
            continue;
        v = npz_read_any(p->part[j].file->zip, key, &a, &e);
        if (!v)
            die_err(&e);
        per_row = is_per_row(&a, p->part[j].n);
        free(v);
        if (!per_row)
            return false;
    }
    return true;
}

static void
put_extra(struct pack *p, const char *key)
{
    const struct part *a = &p->part[0];
    struct extra x = { .key = key, .per_row = is_per_row_everywhere(p, key) };
    struct err e;
    uint8_t *v = npz_read_any(a->file->zip, key, &x.type, &e);

    if (!v)
        die_err(&e);
    buf_put(&x.data, v, x.type.count * x.type.item);
    free(v);
    for (size_t j = 1; j < p->n_part; j++)
        if (p->part[j].file || x.per_row)
            extend_extra(&x, &p->part[j], a->name);
    x.type.count = x.data.n / x.type.item;
    if (npz_add(p->w, key, &x.type, x.data.p, &e))
        die_err(&e);
    buf_free(&x.data);
}

void
files_put_arrays(struct pack *p)
{
    for (size_t j = 0; j < p->n_part; j++) {
        const struct background *b = p->part[j].file;

        for (size_t i = 0; b && i < b->zip->n_member; i++) {
            char *key = key_of(&b->zip->member[i]);

            if (!key)
                die("%s: member '%s' is no array; it would be lost", p->part[j].name,
                    b->zip->member[i].name);
            if (!is_own_key(key) && j == 0)
                put_extra(p, key);
            else if (!is_own_key(key) && !npz_has(p->part[0].file->zip, key))
                die("%s has an array '%s', %s has none; it would be lost", p->part[j].name, key,
                    p->part[0].name);
            free(key);
        }
    }
}
