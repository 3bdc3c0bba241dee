/* SPDX-License-Identifier: MIT */
/* What cdf-pack gathers from its states before it writes: rows, counts, tracks, how it was made. */
#ifndef PT_PACK_H
#define PT_PACK_H

#include <jansson.h>

#include "base.h"
#include "cdf/run.h"
#include "score/record.h"
#include "track.h"

struct pack_kind {
    bool present;
    float *row;                 /* n_tracks x width */
    int64_t *offered, *kept;    /* n_tracks */
    char **source;              /* n_tracks: name of the state the row came from, or NULL */
    json_t *runs;               /* array: how each run of this kind was made */
};

struct pack {
    size_t width;
    struct track_table tracks;  /* union of the states', in order of first appearance */
    const char *oracle, *genome_name;           /* as given, or NULL */
    char *genome;               /* metadata line of the first run, or NULL */
    char *genome_from;          /* name of that run */
    json_t *input_length;       /* bases of a model's input; null when runs differ or do not say */
    json_t *layers;             /* by name: statistics of the scoring layers */
    bool *is_signed;            /* n_tracks */
    struct pack_kind kind[SCORE_KINDS];
};

/* The scoring layers' statistics that a run's header states, into p->layers; dies when they differ
 * from those of a run before. */
void pack_add_layers(struct pack *p, const struct run_info *info);

/* The length of the models' input that a run's header states, into p->input_length. */
void pack_add_window(struct pack *p, const struct run_info *info);

/* What a run's header and trailer tell about how it was made; new reference. */
json_t *pack_run_json(const struct run_info *info, size_t n_tracks);

/* Fill p->is_signed: by layer, or for tracks of no known layer by whether an effect is negative. */
void pack_set_signed(struct pack *p);

/* The build_config of the file: JSON with sorted keys; caller frees. */
char *pack_config(const struct pack *p);

#endif
