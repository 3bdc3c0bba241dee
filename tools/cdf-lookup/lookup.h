/* SPDX-License-Identifier: MIT */
/* The parts of cdf-lookup: what is asked, the background asked, and the forms of input. */
#ifndef PT_LOOKUP_H
#define PT_LOOKUP_H

#include <stdio.h>

#include "background/background.h"
#include "base/base.h"
#include "base/buf.h"
#include "lookup/match.h"
#include "lookup/query.h"
#include "lookup/targets.h"
#include "prog/opt.h"
#include "score/record.h"
#include "stream/meta.h"

struct options {
    const char *background, *out, *track, *kind, *ties, *match, *alias, *scale, *on_nan, *compat;
    const char *bedgraph, *rescale;
    struct opt_list expect;
    double ci, near_zero, display_floor, display_peak, display_max;
    bool list, status, summary, skip_unknown, strip_strand, support, activity, render, allow_old, allow_empty;
    const char *vcf;            /* never set: cdf-annotate takes over before options are read */
    bool annotate_tsv;
    char **arg;
    size_t n_arg;
};

/* The texts of all percentiles of one row width, made as they are needed. */
struct rank_text;

struct lookup {
    const struct options *o;
    const char *path;           /* of the background */
    struct background *bg;
    struct match match;
    struct query *query;
    struct targets *targets;    /* of the score file, while there is one */
    struct rank_text *texts;
    bool nan_is_na, render;
};

/* Open what the options name, checked; dies with what to do. */
void lookup_open(struct lookup *l, const struct options *o);
void lookup_close(struct lookup *l);

/* The background's build_config; caller frees. */
char *lookup_config(const struct lookup *l);

/* Row number of a track, or -1; dies with what to do when the track must be there. */
ptrdiff_t lookup_track(const struct lookup *l, const char *id);
size_t lookup_need_track(const struct lookup *l, const char *id);

/* Dies when the file has no rows of a kind. */
void lookup_need_kind(const struct lookup *l, enum score_kind kind);

/* The row of a kind that is there; warns of one without answers when it is first met. */
struct query_row *lookup_row(struct lookup *l, enum score_kind kind, size_t track);

/*
 * A score file: opened and found to fit the background; its records, false at the end; the row of
 * a block, NULL (counted) when its track is unknown and may be; after the last record what was
 * left out is said, and no value at all is an error.
 */
struct score_reader *lookup_open_scores(struct lookup *l, FILE *fp, const char *name);
bool lookup_next_scores(const struct score_record **rec, struct score_reader *in);
struct query_row *lookup_block(struct lookup *l, const struct score_block *b);
void lookup_report_scores(const struct lookup *l);
void lookup_close_scores(struct lookup *l, struct score_reader *in);

/* query_answer that dies; NaN is no answer under --on-nan na. */
void lookup_answer(struct query_answer *a, struct lookup *l, const struct query_row *row,
                   const char *name, double v, double ref);

/*
 * A value from text: finite, of single precision's range, or else what the options allow.  False when it is none; *v is then
 * undefined.
 */
bool lookup_parse_value(double *v, const struct lookup *l, const char *text);

/* The columns of an answer, each with a tab before it: their names, and the fields. */
void output_columns(struct buf *out, const struct options *o);
void output_answer(struct buf *out, struct lookup *l, const struct query_row *row,
                   const struct query_answer *a);
void output_free(struct lookup *l);

/* Text, metadata lines, this program's provenance with the background's hash. */
void output_text(struct buf *out, const char *s);
void output_meta(struct buf *out, const struct meta *m);
void output_provenance(struct buf *out, const struct lookup *l, const struct meta *input);

/* Write out and clear what has gathered, always or when it is much; dies. */
void output_flush(struct buf *out, FILE *fp, const struct options *o);
void output_flush_full(struct buf *out, FILE *fp, const struct options *o);

/* The forms of input. */
void lookup_values(struct lookup *l);
void lookup_scores(struct lookup *l);
void lookup_summary(struct lookup *l);
void lookup_bedgraph(struct lookup *l);

/* The tables of --list and --status. */
void lookup_list(const struct lookup *l);
void lookup_status(const struct lookup *l);

/* The kind of that name; dies. */
enum score_kind lookup_kind(const char *name);

#endif
