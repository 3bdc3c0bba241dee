/* SPDX-License-Identifier: MIT */
/*
 * Scores, as TSV or as binary records (content "scores"), one interface for both.
 *
 * TSV: metadata lines "##pertrack_KEY=VALUE", one column line, then a row per value:
 *
 *   #chrom pos ref alt id stratum kind track part ref_value alt_value score
 *
 *   pos     1-based; of a region, the base its window is centred on
 *   kind    effect, summary or perbin
 *   part    "." or the strand "+"/"-"; of a gene "GENE" or "GENE:+"; for perbin "BIN" or "BIN:+"
 *   values  printed with %.9g (perbin) or %.17g, so that they read back unchanged; "." where a
 *           kind has none (ref_value and alt_value of summary and perbin, ref and alt of regions)
 *
 * and a last line "##pertrack_end=ROWS", without which a file that began with our metadata is
 * taken to be cut short.  A TSV without any metadata (a user's own) needs only the columns chrom,
 * pos, ref, alt, kind, track and score, in any order, named in its "#" line.
 *
 * Binary: a record holds all blocks of one site; see pertrack-stream(5).
 */
#ifndef PT_SCORE_RECORD_H
#define PT_SCORE_RECORD_H

#include <stdio.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "genome/site.h"
#include "record/track.h"
#include "stream/meta.h"
#include "stream/stream.h"

enum score_kind { SCORE_EFFECT = 0, SCORE_SUMMARY = 1, SCORE_PERBIN = 2, SCORE_KINDS = 3 };
extern const char *const score_kind_name[SCORE_KINDS];  /* "effect", "summary", "perbin" */

/* All values of one kind and track at one site; the arrays belong to the record. */
struct score_block {
    enum score_kind kind;
    uint32_t track;         /* index into the track table */
    size_t n;
    double *score;          /* n; values of perbin are exact floats */
    double *ref, *alt;      /* n, effect only, else NULL: the window numbers of the alleles, NaN
                             * where a TSV does not give them */
    uint32_t *allele;       /* n, effect only: index into site.alt */
    uint32_t *bin;          /* n, perbin only */
    uint32_t *gene;         /* n, effect and summary over genes, else NULL: index into the record's
                             * names */
    uint8_t *strand;        /* n: 0 ".", 1 "+", 2 "-" */
    uint8_t *memory;        /* where the arrays lie, with room for cap values; kept for reuse */
    size_t cap;
};

struct score_record {
    struct site site;
    struct score_block *block;
    size_t n_block, cap_block;
    char **gene;            /* names that blocks refer to */
    size_t n_gene, cap_gene;
};

void score_record_init(struct score_record *r);
void score_record_free(struct score_record *r);
void score_record_clear(struct score_record *r);    /* no blocks, no genes; the site stays */

/*
 * Append a block with zeroed arrays for n values as its kind needs them.  The pointer is valid
 * until the next call.
 */
struct score_block *score_record_add(struct score_record *r, enum score_kind kind, uint32_t track,
                                     size_t n);

/* The same with genes, for an effect or a summary; score_record_gene gives the numbers of names. */
struct score_block *score_record_add_genes(struct score_record *r, enum score_kind kind,
                                           uint32_t track, size_t n);
uint32_t score_record_gene(struct score_record *r, const char *name);

struct score_writer;
struct score_reader;

/*
 * m must hold the track table; "content" is set.  trailer as for stream_finish; finish flushes and
 * frees the writer (also on failure).  score_write refuses values that are not finite or beyond
 * single precision, perbin values that are no floats, and indices outside of the track table or the site's alleles.
 */
struct score_writer *score_create(FILE *fp, const char *name, const struct meta *m, bool text,
                                  struct err *e);
int score_write(struct score_writer *w, const struct score_record *r, struct err *e);
int score_finish(struct score_writer *w, const struct meta *trailer, struct err *e);
void score_abandon(struct score_writer *w);

/*
 * Open either form, recognised by its first byte.  Tracks that a TSV without a track table names
 * are added to score_tracks as they are met.  score_read gives 1 with a record (valid until the
 * next call; one value per record from TSV), 0 at a proper end, -1 on damage.  NaN and Inf are
 * refused with line or record number.  A TSV row's site spans one base when it is a region.
 */
struct score_reader *score_open(FILE *fp, const char *name, struct err *e);

/* The same of a stream opened already (its content known to be scores), which it takes over. */
struct score_reader *score_open_stream(struct stream_reader *in, const char *name, struct err *e);
int score_read(struct score_reader *r, const struct score_record **rec, struct err *e);

/*
 * From now on leave out of binary records what only identifies a value: ref, alt, allele, bin,
 * gene and strand are NULL, and of the site only the place is kept.  Scores alone are all that
 * exact retention looks at.
 */
void score_skip_details(struct score_reader *r);

/* From now on a TSV's score may be ".", NA or NaN, in any case, and is then NaN. */
void score_accept_nan(struct score_reader *r);

const struct meta *score_meta(const struct score_reader *r);
const struct meta *score_trailer(const struct score_reader *r);
const struct track_table *score_tracks(const struct score_reader *r);
const char *score_line(const struct score_reader *r);   /* TSV: the line just read; binary: NULL */
const char *score_columns(const struct score_reader *r);/* TSV: its "#" column line; binary: NULL */
uint64_t score_line_number(const struct score_reader *r);       /* TSV: of that line; else record */
void score_close(struct score_reader *r);

/*
 * The TSV row of value i of one of the record's blocks, and the line of column names, appended to
 * out without a line end: for tools that add columns.
 */
void score_put_row(struct buf *out, const struct track_table *tracks,
                   const struct score_record *r, const struct score_block *b, size_t i);
void score_put_columns(struct buf *out);

#endif
