/* SPDX-License-Identifier: MIT */
/* Small background files for unit tests. */
#ifndef PT_BACKGROUND_BUILD_H
#define PT_BACKGROUND_BUILD_H

#include <stdio.h>

#include "background/background.h"
#include "check.h"
#include "npz/npz_write.h"
#include "prog/mem.h"

/* What goes into a file; members that are NULL are left out. */
struct background_build {
    char **id;
    size_t n, width;
    const float *slots[SCORE_KINDS];    /* n x width */
    const int64_t *offered[SCORE_KINDS], *retained[SCORE_KINDS];
    const bool *is_signed;
    char **layer;
    const char *config;
    bool scalar_config;                 /* shape () instead of (1,) */
};

static inline void
background_build_scalar(struct npz_writer *w, const char *config, struct err *e)
{
    size_t n = strlen(config);
    uint32_t *wide = mem_array(n, sizeof *wide);
    struct npy a = { .kind = 'U', .item = n * sizeof *wide, .count = 1 };

    for (size_t i = 0; i < n; i++)
        wide[i] = (uint8_t)config[i];
    CHECK(npz_add(w, "build_config", &a, wide, e) == 0, "%s", e->msg);
    free(wide);
}

/* Write and open; NULL with the reason in e when it cannot be opened. */
static inline struct background *
background_build(const char *path, const struct background_build *b, struct err *e)
{
    FILE *fp = fopen(path, "wb");
    struct npz_writer *w = npz_create(fp, path, 1);
    char key[64], *config[1] = { (char *)b->config };

    CHECK(npz_add_text(w, "track_ids", b->id, b->n, e) == 0, "%s", e->msg);
    for (int k = 0; k < SCORE_KINDS; k++) {
        snprintf(key, sizeof key, "%s_cdfs", score_kind_name[k]);
        if (b->slots[k])
            CHECK(npz_add_matrix(w, key, b->slots[k], b->n, b->width, e) == 0, "%s", e->msg);
        snprintf(key, sizeof key, "%s_counts", score_kind_name[k]);
        if (b->offered[k])
            CHECK(npz_add_int64(w, key, b->offered[k], b->n, e) == 0, "%s", e->msg);
        snprintf(key, sizeof key, "%s_retained", score_kind_name[k]);
        if (b->retained[k])
            CHECK(npz_add_int64(w, key, b->retained[k], b->n, e) == 0, "%s", e->msg);
    }
    if (b->is_signed)
        CHECK(npz_add_bool(w, "signed_flags", b->is_signed, b->n, e) == 0, "%s", e->msg);
    if (b->layer)
        CHECK(npz_add_text(w, "layers_per_row", b->layer, b->n, e) == 0, "%s", e->msg);
    if (b->config && b->scalar_config)
        background_build_scalar(w, b->config, e);
    else if (b->config)
        CHECK(npz_add_text(w, "build_config", config, 1, e) == 0, "%s", e->msg);
    CHECK(npz_finish(w, e) == 0, "%s", e->msg);
    fclose(fp);
    return background_open(path, e);
}

#endif
