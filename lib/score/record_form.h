/* SPDX-License-Identifier: MIT */
/* Inside of the score reader and writer: what record.c shares with the two forms behind it. */
#ifndef PT_SCORE_RECORD_FORM_H
#define PT_SCORE_RECORD_FORM_H

#include "base/buf.h"
#include "score/record.h"
#include "stream/stream.h"

/* Codes of score_block.strand, as the TSV prints them. */
enum { STRAND_NONE, STRAND_PLUS, STRAND_MINUS, STRANDS };

struct score_writer {
    FILE *fp;
    char *name;
    struct track_table tracks;
    struct stream_writer *stream;       /* binary form; NULL for text */
    struct buf out;                     /* a record to be, or text not yet written */
    uint64_t n_rows;                    /* text */
};

/* What the columns of a TSV mean to the reader. */
enum score_column {
    COL_CHROM, COL_POS, COL_REF, COL_ALT, COL_ID, COL_STRATUM, COL_KIND, COL_TRACK, COL_PART,
    COL_REF_VALUE, COL_ALT_VALUE, COL_SCORE, SCORE_COLUMNS, COL_OTHER = SCORE_COLUMNS
};

extern const char *const score_column_name[SCORE_COLUMNS];

struct score_reader {
    FILE *fp;
    char *name;
    struct track_table tracks;
    struct score_record rec;
    bool skip_details, accept_nan;
    struct stream_reader *stream;       /* binary form; NULL for text */

    /* Text form. */
    struct meta meta, trailer;
    char *line, *columns;
    size_t line_cap;
    uint64_t line_number, n_rows;
    uint8_t *role;                      /* n_columns: enum score_column of each column */
    size_t n_columns;
    bool ours;                          /* began with our metadata, so it must have the end line */
    bool own_tracks;                    /* no track table: names are collected */
    bool ended;
};

/* What a block has beside its scores. */
enum { BLOCK_DETAILS = 1, BLOCK_GENES = 2 };

/*
 * Make r's next block without zeroing its arrays.  Without BLOCK_DETAILS, allele, bin, strand, ref
 * and alt are NULL and have no room; without BLOCK_GENES, gene is.
 */
struct score_block *score_record_shape(struct score_record *r, enum score_kind kind,
                                       uint32_t track, size_t n, unsigned parts);

/* Append a name of n bytes to the record's genes, without looking for it among them. */
void score_record_name(struct score_record *r, const char *name, size_t n);

/* A field of a TSV line; no terminator. */
struct score_field {
    const char *p;
    size_t n;
};

/* "." or nothing at all. */
static inline bool
score_field_is_dot(struct score_field f)
{
    return f.n == 0 || (f.n == 1 && *f.p == '.');
}

/* Digits only, up to max, from *p on, which is moved behind them; -1 when there are none. */
int score_parse_whole(uint64_t *v, const char **p, const char *end, uint64_t max);

/*
 * Make the only block of r, of one value, from a row's part: ".", "+", "-", "GENE", "GENE:+" or
 * "GENE:-"; of perbin "BIN", "BIN:+" or "BIN:-"; absent is ".".
 */
int score_parse_part(struct score_block **block, struct score_record *r, enum score_kind kind,
                     uint32_t track, struct score_field part, struct err *e);

int score_text_create(struct score_writer *w, const struct meta *m, struct err *e);
int score_text_write(struct score_writer *w, const struct score_record *r, struct err *e);
int score_text_finish(struct score_writer *w, const struct meta *trailer, struct err *e);
int score_text_open(struct score_reader *r, struct err *e);
int score_text_read(struct score_reader *r, struct err *e);

int score_binary_write(struct score_writer *w, const struct score_record *r, struct err *e);
int score_binary_read(struct score_reader *r, struct err *e);

#endif
