/* SPDX-License-Identifier: MIT */
#include "background/background.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "background/grid.h"
#include "base/finite.h"
#include "digest/blake2b.h"
#include "npz/utf.h"
#include "prog/mem.h"

/* CONFIG_HEAD: bytes of build_config that background_config_head unpacks, 4 a character. */
enum { KEY_MAX = 32, CONFIG_HEAD = 1 << 16 };

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

/* Code points of a cell as UTF-8 behind p, without the padding; NULL when it is not text. */
static char *
put_cell(char *p, const uint32_t *cell, size_t n)
{
    uint32_t all = 0;
    char *text;

    while (n > 0 && cell[n - 1] == 0)
        n--;
    for (size_t i = 0; i < n; i++) {
        all |= cell[i];
        p[i] = (char)cell[i];
    }
    if (all < 0x80 && !memchr(p, '\0', n)) {
        p[n] = '\0';
        return p + n + 1;
    }
    text = utf8_from_ucs4(cell, n);
    if (!text)
        return NULL;
    n = strlen(text) + 1;
    memcpy(p, text, n);
    free(text);
    return p + n;
}

/*
 * A text array in one piece of memory, the first element's: opening must stay quick for thousands
 * of tracks.  An element equal to the one before (layers mostly are) is the same string.
 */
static int
read_texts(struct background_texts *t, const struct zip *z, const char *key, struct err *e)
{
    struct npy a;
    uint32_t *wide = npz_read(z, key, 'U', 0, &a, e);
    size_t cell = wide ? a.item / 4 : 0;
    char *p;

    if (!wide)
        return -1;
    t->n = a.count;
    t->item = mem_array(a.count, sizeof *t->item);
    t->bytes = p = mem_alloc(a.count * (4 * cell + 1));
    for (size_t i = 0; p && i < a.count; i++) {
        if (i > 0 && memcmp(wide + i * cell, wide + (i - 1) * cell, a.item) == 0) {
            t->item[i] = t->item[i - 1];
            continue;
        }
        t->item[i] = p;
        p = put_cell(p, wide + i * cell, cell);
        if (!p)
            err_set(e, "%s: array '%s': element %zu is not text; the file is damaged", z->path,
                    key, i);
    }
    free(wide);
    return p ? 0 : -1;
}

static void
free_texts(struct background_texts *t)
{
    free(t->item);
    free(t->bytes);
}

/* FNV-1a, 32 bits. */
static uint32_t
hash_id(const char *id)
{
    uint32_t h = 2166136261u;

    for (; *id; id++)
        h = (h ^ (uint8_t)*id) * 16777619u;
    return h;
}

/* The slot of an id: its own, or the empty one where it belongs. */
static uint32_t *
find_slot(const struct background *b, const char *id)
{
    size_t i = hash_id(id) & (b->n_slot - 1);

    while (b->slot[i] && strcmp(b->track_id[b->slot[i] - 1], id) != 0)
        i = (i + 1) & (b->n_slot - 1);
    return &b->slot[i];
}

static int
index_ids(struct background *b, struct err *e)
{
    for (b->n_slot = 4; b->n_slot < 2 * b->n; b->n_slot *= 2)
        ;
    b->slot = mem_array(b->n_slot, sizeof *b->slot);
    for (size_t i = 0; i < b->n; i++) {
        uint32_t *slot = find_slot(b, b->track_id[i]);

        if (*slot)
            return err_set(e, "%s: track '%s' occurs twice; the file was put together wrongly",
                           b->zip->path, b->track_id[i]);
        *slot = (uint32_t)i + 1;
    }
    return 0;
}

static int
read_layers(struct background *b, struct err *e)
{
    if (!npz_has(b->zip, "layers_per_row"))
        return 0;
    if (read_texts(&b->layers, b->zip, "layers_per_row", e))
        return -1;
    if (b->layers.n != b->n)
        return err_set(e, "%s: layers_per_row has %zu elements for %zu tracks; the file is "
                       "damaged or mixed from two", b->zip->path, b->layers.n, b->n);
    b->layer = b->layers.item;
    return 0;
}

static int
read_tracks(struct background *b, struct err *e)
{
    if (read_texts(&b->ids, b->zip, "track_ids", e))
        return -1;
    b->n = b->ids.n;
    b->track_id = b->ids.item;
    if (index_ids(b, e))
        return -1;
    if (npz_has(b->zip, "signed_flags"))
        b->is_signed = npz_read_bool(b->zip, "signed_flags", b->n, e);
    else
        b->is_signed = mem_array(b->n, sizeof *b->is_signed);
    return b->is_signed ? read_layers(b, e) : -1;
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
    free_texts(&b->ids);
    free_texts(&b->layers);
    free(b->is_signed);
    free(b->slot);
    zip_close(b->zip);
    free(b);
}

ptrdiff_t
background_find(const struct background *b, const char *id)
{
    return (ptrdiff_t)*find_slot(b, id) - 1;
}

bool
background_is_alive(const struct background *b, enum score_kind kind, size_t track)
{
    const struct background_kind *k = &b->kind[kind];

    return k->present && (!k->offered || k->offered[track] > 0);
}

int
background_need_kind(const struct background *b, enum score_kind kind, struct err *e)
{
    char has[64] = "";
    size_t n = 0;

    if (b->kind[kind].present)
        return 0;
    for (int k = 0; k < SCORE_KINDS; k++)
        if (b->kind[k].present)
            n += (size_t)snprintf(has + n, sizeof has - n, "%s%s", n ? ", " : "",
                                  score_kind_name[k]);
    return err_set(e, "%s: has no %s rows (it has %s); use a background that was built with them",
                   b->zip->path, score_kind_name[kind], has);
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
    struct background_texts t = { NULL, 0, NULL };
    char *config = NULL;

    if (!npz_has(b->zip, "build_config"))
        return mem_strdup("");
    if (read_texts(&t, b->zip, "build_config", e) == 0) {
        config = t.n ? t.bytes : mem_strdup("");
        t.bytes = t.n ? NULL : t.bytes;
    }
    free_texts(&t);
    return config;
}

/* The first bytes of a member, unpacked; how many there are. */
static size_t
unpack_head(uint8_t *head, size_t room, const struct zip *z, const struct zip_member *m,
            struct err *e)
{
    z_stream s = { 0 };
    int status = Z_MEM_ERROR;

    s.next_in = (Bytef *)zip_raw(z, m, 0, m->compressed, e);
    s.avail_in = m->compressed < UINT32_MAX ? (uInt)m->compressed : UINT32_MAX;
    s.next_out = head;
    s.avail_out = (uInt)room;
    if (s.next_in && inflateInit2(&s, -15) == Z_OK) {
        status = inflate(&s, Z_SYNC_FLUSH);
        inflateEnd(&s);
    }
    return status == Z_OK || status == Z_STREAM_END ? room - s.avail_out : 0;
}

char *
background_config_head(const struct background *b, bool *whole, struct err *e)
{
    const struct zip_member *m = zip_find(b->zip, "build_config.npy");
    uint8_t *head;
    struct npy a;
    char *text = NULL, *end = NULL;
    size_t n, cells;

    *whole = true;
    if (!m || m->size <= CONFIG_HEAD || m->method != ZIP_DEFLATED)
        return background_config(b, e);
    head = mem_alloc(CONFIG_HEAD);
    n = unpack_head(head, CONFIG_HEAD, b->zip, m, e);
    if (n && npy_parse(&a, head, n, m->size, e) == 0 && a.kind == 'U' && a.count == 1) {
        cells = (n - a.header) / sizeof(uint32_t);
        memmove(head, head + a.header, n - a.header);
        text = mem_alloc(4 * cells + 1);
        end = put_cell(text, (const uint32_t *)head, cells);
    }
    free(head);
    *whole = false;
    if (end)
        return text;
    free(text);
    *whole = true;
    return background_config(b, e);     /* says what is wrong */
}

void
background_hash(char hex[BACKGROUND_HASH_MAX], const struct background *b)
{
    struct blake2b_state h;
    uint8_t digest[(BACKGROUND_HASH_MAX - 1) / 2];

    blake2b_init(&h, sizeof digest, NULL, 0);
    for (size_t i = 0; i < b->zip->n_member; i++) {
        const struct zip_member *m = &b->zip->member[i];

        blake2b_update(&h, m->name, strlen(m->name) + 1);
        blake2b_update(&h, &m->size, sizeof m->size);
        blake2b_update(&h, &m->crc32, sizeof m->crc32);
    }
    blake2b_final(&h, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
