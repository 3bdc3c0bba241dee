/* SPDX-License-Identifier: MIT */
#include "cdf/background.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdf/grid.h"
#include "prog/mem.h"
#include "score/finite.h"

enum { KEY_MAX = 32 };

static void
make_key(char key[KEY_MAX], int kind, const char *what)
{
    snprintf(key, KEY_MAX, "%s_%s", score_kind_name[kind], what);
}

/* An optional array of counts; *v stays NULL when it is absent. */
static int
read_counts(int64_t **v, const struct background *b, int kind, const char *what, struct err *e)
{
    char key[KEY_MAX];

    make_key(key, kind, what);
    if (!npz_has(b->zip, key))
        return 0;
    *v = npz_read_int64(b->zip, key, b->n, e);
    return *v ? 0 : -1;
}

static int
read_kind(struct background *b, int kind, struct err *e)
{
    struct background_kind *k = &b->kind[kind];
    char key[KEY_MAX];

    make_key(key, kind, "cdfs");
    if (!npz_has(b->zip, key))
        return 0;
    if (npz_matrix_open(&k->matrix, b->zip, key, e))
        return -1;
    if (k->matrix.rows != b->n)
        return err_set(e, "%s: array '%s' has %zu rows for %zu tracks; the file is damaged or "
                       "mixed from two", b->zip->path, key, k->matrix.rows, b->n);
    k->width = k->matrix.width;
    k->present = true;
    if (read_counts(&k->offered, b, kind, "counts", e))
        return -1;
    return read_counts(&k->retained, b, kind, "retained", e);
}

static int
compare_ids(const void *a, const void *b, void *ids)
{
    char *const *id = ids;

    return strcmp(id[*(const uint32_t *)a], id[*(const uint32_t *)b]);
}

static int
index_ids(struct background *b, struct err *e)
{
    b->by_id = mem_array(b->n, sizeof *b->by_id);
    for (size_t i = 0; i < b->n; i++)
        b->by_id[i] = (uint32_t)i;
    qsort_r(b->by_id, b->n, sizeof *b->by_id, compare_ids, b->track_id);
    for (size_t i = 1; i < b->n; i++)
        if (strcmp(b->track_id[b->by_id[i - 1]], b->track_id[b->by_id[i]]) == 0)
            return err_set(e, "%s: track '%s' occurs twice; the file was put together wrongly",
                           b->zip->path, b->track_id[b->by_id[i]]);
    return 0;
}

static int
read_tracks(struct background *b, struct err *e)
{
    size_t n_layer = 0;

    b->track_id = npz_read_text(b->zip, "track_ids", &b->n, e);
    if (!b->track_id)
        return -1;
    if (index_ids(b, e))
        return -1;
    if (npz_has(b->zip, "signed_flags"))
        b->is_signed = npz_read_bool(b->zip, "signed_flags", b->n, e);
    else
        b->is_signed = mem_array(b->n, sizeof *b->is_signed);
    if (!b->is_signed)
        return -1;
    if (!npz_has(b->zip, "layers_per_row"))
        return 0;
    b->layer = npz_read_text(b->zip, "layers_per_row", &n_layer, e);
    if (b->layer && n_layer != b->n) {
        npz_free_text(b->layer, n_layer);
        b->layer = NULL;
        return err_set(e, "%s: layers_per_row has %zu elements for %zu tracks; the file is "
                       "damaged or mixed from two", b->zip->path, n_layer, b->n);
    }
    return b->layer ? 0 : -1;
}

static int
read_all(struct background *b, struct err *e)
{
    bool any = false;

    if (read_tracks(b, e))
        return -1;
    for (int k = 0; k < SCORE_KINDS; k++) {
        if (read_kind(b, k, e))
            return -1;
        any |= b->kind[k].present;
    }
    if (!any)
        return err_set(e, "%s: holds none of effect_cdfs, summary_cdfs and perbin_cdfs; is it a "
                       "background file?", b->zip->path);
    return 0;
}

struct background *
background_open(const char *path, struct err *e)
{
    struct background *b = mem_zalloc(sizeof *b);

    b->zip = zip_open(path, e);
    if (b->zip && read_all(b, e) == 0)
        return b;
    background_close(b);
    return NULL;
}

void
background_close(struct background *b)
{
    if (!b)
        return;
    for (int k = 0; k < SCORE_KINDS; k++) {
        free(b->kind[k].offered);
        free(b->kind[k].retained);
        npz_matrix_close(&b->kind[k].matrix);
    }
    npz_free_text(b->track_id, b->n);
    npz_free_text(b->layer, b->n);
    free(b->is_signed);
    free(b->by_id);
    zip_close(b->zip);
    free(b);
}

ptrdiff_t
background_find(const struct background *b, const char *id)
{
    size_t lo = 0, hi = b->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = strcmp(id, b->track_id[b->by_id[mid]]);

        if (order == 0)
            return (ptrdiff_t)b->by_id[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return -1;
}

bool
background_is_alive(const struct background *b, enum score_kind kind, size_t track)
{
    const struct background_kind *k = &b->kind[kind];

    return k->present && (!k->offered || k->offered[track] > 0);
}

int
background_row(struct background *b, float *row, enum score_kind kind, size_t track,
               struct err *e)
{
    struct background_kind *k = &b->kind[kind];

    if (npz_matrix_row(&k->matrix, row, track, e))
        return -1;
    if (!finite_f32(row, k->width))
        return err_set(e, "%s: %s row of track '%s' holds NaN or infinity; the file is damaged, "
                       "build it again", b->zip->path, score_kind_name[kind], b->track_id[track]);
    if (grid_first_descent(row, k->width) >= 0)
        return err_set(e, "%s: %s row of track '%s' is not ascending; the file is damaged, build "
                       "it again", b->zip->path, score_kind_name[kind], b->track_id[track]);
    return 0;
}

char *
background_config(const struct background *b, struct err *e)
{
    char **text, *config;
    size_t n;

    if (!npz_has(b->zip, "build_config"))
        return mem_strdup("");
    text = npz_read_text(b->zip, "build_config", &n, e);
    if (!text)
        return NULL;
    config = mem_strdup(n ? text[0] : "");
    npz_free_text(text, n);
    return config;
}
