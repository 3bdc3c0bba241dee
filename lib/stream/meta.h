/* SPDX-License-Identifier: MIT */
/*
 * The ordered key=value lines every pertrack stream and file carries: what made it (provenance),
 * what is in it (track table), what it was made from (genome, sites, weights).
 *
 * In text they are header lines "##pertrack_KEY=VALUE" (VCF, BED and TSV alike, so bcftools keeps
 * them); in binary streams they are lines "KEY=VALUE" of the header.  A value is one line of
 * UTF-8; structured values (keys "prov" and "track") are JSON objects with sorted keys.
 * A key may occur several times ("prov" once per program, "track" once per track).
 */
#ifndef PT_META_H
#define PT_META_H

#include <stdio.h>

#include "base/base.h"
#include "base/err.h"

struct meta_line {
    char *key, *value;
};

struct meta {
    struct meta_line *line;
    size_t n, cap;
};

void meta_init(struct meta *m);
void meta_free(struct meta *m);                 /* frees the lines, not m itself */
void meta_copy(struct meta *dst, const struct meta *src);       /* dst must be initialised; appends */

/* Append a line; line ends inside value become blanks. */
void meta_add(struct meta *m, const char *key, const char *value);
void meta_addf(struct meta *m, const char *key, const char *fmt, ...) PT_PRINTF(3, 4);

/* Replace the first line of that key, or append. */
void meta_set(struct meta *m, const char *key, const char *value);
void meta_remove(struct meta *m, const char *key);      /* every line of that key */

/* Value of the first line of that key, or NULL. */
const char *meta_get(const struct meta *m, const char *key);

/* Value of the i-th (from 0) line of that key, or NULL past the last. */
const char *meta_get_nth(const struct meta *m, const char *key, size_t i);

/* "KEY=VALUE\n" of all lines as one string; caller frees.  The inverse refuses a line without '='. */
char *meta_format(const struct meta *m);
int meta_parse(struct meta *m, const char *text, size_t bytes, struct err *e);

/*
 * One header line of a text file: if it is "##pertrack_KEY=VALUE" append it and return true.
 * bcftools' "##bcftools_viewCommand=..." lines are kept too, as a "prov" entry without the date
 * (a date would make equal runs differ).
 */
bool meta_parse_text(struct meta *m, const char *line);

/* Write every line in that form; errors stay in fp for whoever closes it. */
void meta_write_text(FILE *fp, const struct meta *m);

#define META_TEXT_PREFIX "##pertrack_"

#endif
