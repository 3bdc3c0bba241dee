/* SPDX-License-Identifier: MIT */
#include "record/track.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

void
track_table_init(struct track_table *t)
{
    memset(t, 0, sizeof *t);
}

void
track_table_free(struct track_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->track[i].id);
        free(t->track[i].assay);
        free(t->track[i].biosample);
        free(t->track[i].layer);
        free(t->track[i].oracle);
        free(t->track[i].weights_sha256);
    }
    free(t->track);
    free(t->slot);
    track_table_init(t);
}

/* FNV-1a, 64 bits: ids are short, and nothing depends on the order of the slots. */
static size_t
hash_id(const char *id)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *id; id++)
        h = (h ^ (uint8_t)*id) * 0x100000001b3u;
    return (size_t)(h ^ h >> 32);
}

/* The slot that holds id, or the empty one where it belongs (a slot holds index + 1). */
static size_t
find_slot(const struct track_table *t, const char *id)
{
    size_t i = hash_id(id) & (t->n_slot - 1);

    while (t->slot[i] && strcmp(t->track[t->slot[i] - 1].id, id) != 0)
        i = (i + 1) & (t->n_slot - 1);
    return i;
}

ptrdiff_t
track_table_find(const struct track_table *t, const char *id)
{
    return t->n ? (ptrdiff_t)t->slot[find_slot(t, id)] - 1 : -1;
}

/* Keep the index at most half full. */
static void
grow_index(struct track_table *t)
{
    if (2 * (t->n + 1) <= t->n_slot)
        return;
    t->n_slot = t->n_slot ? 2 * t->n_slot : 64;
    free(t->slot);
    t->slot = mem_array(t->n_slot, sizeof *t->slot);
    for (size_t i = 0; i < t->n; i++)
        t->slot[find_slot(t, t->track[i].id)] = (uint32_t)i + 1;
}

static const char *
or_empty(const char *s)
{
    return s ? s : "";
}

/* jansson refuses to make a string of what is not UTF-8, and the table travels as JSON. */
static bool
is_utf8(const char *s)
{
    json_t *j = json_string(or_empty(s));

    json_decref(j);
    return j != NULL;
}

static int
check_track(const struct track_table *t, const struct track *track, struct err *e)
{
    const char *id = or_empty(track->id);

    if (!*id)
        return err_set(e, "track %zu has no id", t->n + 1);
    if (id[strcspn(id, " \t\n\v\f\r")])
        return err_set(e, "track id '%s' contains white space; use '_'", id);
    if (!is_utf8(id) || !is_utf8(track->assay) || !is_utf8(track->biosample) ||
        !is_utf8(track->layer) || !is_utf8(track->oracle) || !is_utf8(track->weights_sha256))
        return err_set(e, "track %zu is described by text that is not UTF-8", t->n + 1);
    if (track->n_strands > 2)
        return err_set(e, "track '%s' has %u strands, expected 1 or 2", id, track->n_strands);
    if (track_table_find(t, id) >= 0)
        return err_set(e, "track id '%s' occurs twice; ids must be unique", id);
    return 0;
}

int
track_table_add(struct track_table *t, const struct track *track, struct err *e)
{
    struct track copy = *track;

    if (check_track(t, track, e))
        return -1;
    copy.id = mem_strdup(track->id);
    copy.assay = mem_strdup(or_empty(track->assay));
    copy.biosample = mem_strdup(or_empty(track->biosample));
    copy.layer = mem_strdup(or_empty(track->layer));
    copy.oracle = mem_strdup(or_empty(track->oracle));
    copy.weights_sha256 = mem_strdup(or_empty(track->weights_sha256));
    grow_index(t);
    mem_grow(&t->track, &t->cap, t->n + 1, sizeof *t->track);
    t->track[t->n++] = copy;
    t->slot[find_slot(t, copy.id)] = (uint32_t)t->n;
    return 0;
}

void
track_table_to_meta(const struct track_table *t, struct meta *m)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct track *k = &t->track[i];
        json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "id", k->id,
                              "assay", k->assay, "biosample", k->biosample, "layer", k->layer,
                              "oracle", k->oracle, "weights_sha256", k->weights_sha256, "n_bins",
                              (json_int_t)k->n_bins, "bin_bp", (json_int_t)k->bin_bp, "n_strands",
                              (json_int_t)k->n_strands);
        char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);

        meta_add(m, "track", text);
        free(text);
        json_decref(j);
    }
}

/* A member that is absent is ""; one that is no string is an error. */
static int
get_text(char **out, const json_t *j, const char *key, struct err *e)
{
    json_t *v = json_object_get(j, key);

    if (v && !json_is_string(v))
        return err_set(e, "member \"%s\" is not a string", key);
    *out = (char *)(v ? json_string_value(v) : "");
    return 0;
}

static int
get_u32(uint32_t *out, const json_t *j, const char *key, struct err *e)
{
    json_t *v = json_object_get(j, key);
    json_int_t n = json_integer_value(v);

    if ((v && !json_is_integer(v)) || n < 0 || n > UINT32_MAX)
        return err_set(e, "member \"%s\" is not a whole number from 0 to %u", key, UINT32_MAX);
    *out = (uint32_t)n;
    return 0;
}

/* The texts of *k point into j. */
static int
track_from_json(struct track *k, const json_t *j, struct err *e)
{
    if (!json_is_object(j))
        return err_set(e, "is not a JSON object");
    return get_text(&k->id, j, "id", e) || get_text(&k->assay, j, "assay", e) ||
           get_text(&k->biosample, j, "biosample", e) || get_text(&k->layer, j, "layer", e) ||
           get_text(&k->oracle, j, "oracle", e) ||
           get_text(&k->weights_sha256, j, "weights_sha256", e) ||
           get_u32(&k->n_bins, j, "n_bins", e) || get_u32(&k->bin_bp, j, "bin_bp", e) ||
           get_u32(&k->n_strands, j, "n_strands", e) ? -1 : 0;
}

int
track_table_from_meta(struct track_table *t, const struct meta *m, struct err *e)
{
    for (size_t i = 0; i < m->n; i++) {
        struct track k;
        json_t *j;
        int status;

        if (strcmp(m->line[i].key, "track") != 0)
            continue;
        j = json_loads(m->line[i].value, 0, NULL);
        status = track_from_json(&k, j, e);
        if (status == 0)
            status = track_table_add(t, &k, e);
        json_decref(j);
        if (status)
            return err_prefix(e, "metadata line \"track\" number %zu", t->n + 1);
    }
    return 0;
}
