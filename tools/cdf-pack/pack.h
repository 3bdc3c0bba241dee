/* SPDX-License-Identifier: MIT */
/*
 * What cdf-pack puts together.  A background is a list of parts, each some rows: those of another
 * background, or those gridded from states.  Rows go to the file as they are made; the rest, a few
 * numbers per row, is gathered here and written behind them.
 */
#ifndef PT_PACK_H
#define PT_PACK_H

#include <jansson.h>

#include "background/background.h"
#include "base/base.h"
#include "npz/npz_write.h"
#include "record/track.h"
#include "reservoir/run.h"
#include "score/record.h"

struct options {
    const char *out, *oracle, *genome_name;
    const char *append, *replace, *changed_model, *held_out;
    bool merge, other_sites, allow_thinned;
    int64_t width, threads;     /* width 0: not given */
    char **input;
    size_t n_input;
};

struct part_kind {
    bool present;
    int64_t *offered, *kept;    /* n; NULL when a file does not record them */
    int64_t tail_k;             /* exact values at each end of thinned rows; 0: none */
    float *least;               /* n, states only: first point of each row */
    char **source;              /* n, states only: the state a row came from, or NULL */
    json_t *runs;               /* states only, array: how each run of this kind was made */
};

struct part {
    const char *name;           /* of the file, or of what the states are */
    size_t n, first;            /* rows, and where they begin in the output */
    char **id, **layer;         /* n; layer is NULL when a file does not record it */
    bool *is_signed;
    struct part_kind kind[SCORE_KINDS];
    json_t *config;             /* object; complete when all rows are made */
    struct background *file;    /* or NULL: from states */
};

struct pack {
    const struct options *o;
    size_t width, n;            /* of a row; rows in all */
    struct part *part;
    size_t n_part;
    struct npz_writer *w;
    const char *name;           /* of the output, for messages */
    bool begun[SCORE_KINDS];    /* the kind's matrix was begun, the files' rows are in it */
    size_t matrix[SCORE_KINDS];
};

/* Begin the matrix of a kind, with the rows of the files; if it is begun already do nothing. */
void pack_begin_kind(struct pack *p, int kind);
void pack_put_row(struct pack *p, int kind, size_t row, const float *values);

/* From states: states.c. */
struct states;
struct states *states_open(const struct options *o, struct part *part);
void states_put_rows(struct states *s, struct pack *p, struct part *part);
void states_close(struct states *s);

/* From files: files.c.  Opening checks a file in itself; files_check checks all parts together. */
void files_open(struct part *part, const char *path);
void files_check(const struct pack *p);
void files_put_rows(struct pack *p, const struct part *part, int kind);
void files_put_arrays(struct pack *p);      /* arrays that are none of cdf-pack's own */
void part_free(struct part *part);

/* build_config: config.c has that of states, join.c joins those of parts. */
struct state_config;
struct state_config *config_new(void);
void config_add_run(struct state_config *c, const struct run_info *info);
json_t *config_run(const struct run_info *info, size_t n_tracks);
int config_layer_sign(const struct state_config *c, const char *layer);     /* -1: not known */
json_t *config_finish(struct state_config *c, const struct options *o, const struct part *part,
                      const struct track_table *tracks);
void config_free(struct state_config *c);
json_t *join_configs(const struct pack *p);
void config_set_counts(json_t *config, const struct pack *p);
char *config_text(const json_t *config);

/* Refuse, with what is wrong, to put the file `staged` in the place of `old`: replace.c. */
void replace_check(const struct pack *p, const char *staged, const char *old);

#endif
