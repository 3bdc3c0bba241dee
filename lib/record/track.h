/* SPDX-License-Identifier: MIT */
/*
 * The track table: one entry per output track of a run, in the order of the rows of a background.
 * It travels as the metadata lines "track" (JSON, one per track) of predictions, scores and
 * reservoir states; position i of the table is what records call track i.
 */
#ifndef PT_TRACK_H
#define PT_TRACK_H

#include "base/base.h"
#include "base/err.h"
#include "stream/meta.h"

struct track {
    char *id;               /* row key of the background: "DNASE:K562"; unique, no white space */
    char *assay;            /* "DNASE", "CHIP", ...; "" when not given */
    char *biosample;        /* "K562"; "" when not given */
    char *layer;            /* scoring layer, a name of score/layer.h */
    char *oracle;           /* "chrombpnet", "bpnet" */
    char *weights_sha256;   /* of the file(s) behind the track: what a lookup compares */
    uint32_t n_bins;        /* output bins of one strand */
    uint32_t bin_bp;        /* bases per bin */
    uint32_t n_strands;     /* 1 (unstranded) or 2 (+ then -) */
};

struct track_table {
    struct track *track;
    size_t n, cap;
    uint32_t *slot;         /* index of the ids, kept by track_table_add */
    size_t n_slot;
};

void track_table_init(struct track_table *t);
void track_table_free(struct track_table *t);

/*
 * Append a copy (texts that are NULL become ""); -1 when the id is empty, has white space or is in
 * the table already, when a text is not UTF-8, or when there are more than two strands.
 */
int track_table_add(struct track_table *t, const struct track *track, struct err *e);

/* Index of a track id, or -1. */
ptrdiff_t track_table_find(const struct track_table *t, const char *id);

/* To and from the metadata lines "track".  Reading none gives an empty table. */
void track_table_to_meta(const struct track_table *t, struct meta *m);
int track_table_from_meta(struct track_table *t, const struct meta *m, struct err *e);

#endif
