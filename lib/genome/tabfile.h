/* SPDX-License-Identifier: MIT */
/*
 * Lines of a tab-separated annotation file, plain or compressed by gzip or bgzip, and the SHA-256
 * of the file as it was read: every byte once, so that a pipe can be hashed too.
 */
#ifndef PT_TABFILE_H
#define PT_TABFILE_H

#include "base/base.h"
#include "base/err.h"

struct tabfile;

/*
 * path "-" is standard input.  what is the format in messages: "GTF".  With strict, a file that is
 * not compressed must end with a line end: it is the only sign by which one that was cut short
 * within its last line may be known.
 */
struct tabfile *tabfile_open(const char *path, const char *what, bool strict, struct err *e);

/*
 * Next line, without its end (LF or CRLF), that is not empty: 1, 0 at the end, -1 on failure.  A
 * file without a single such line is a failure.
 */
int tabfile_next(struct tabfile *t, char **line, struct err *e);

/* "FILE:LINE" of the line just read; valid until the next call. */
const char *tabfile_where(struct tabfile *t);
uint64_t tabfile_number(const struct tabfile *t);       /* LINE alone */
const char *tabfile_name(const struct tabfile *t);      /* file name, or "standard input" */

/*
 * Close.  After the last line, hex gets the SHA-256 of the whole file, and a failure to read it
 * to its end is reported; hex NULL abandons the file.
 */
int tabfile_close(struct tabfile *t, char hex[65], struct err *e);

/* Cut a line at its tabs; returns the number of columns, of which at most max are stored. */
size_t tabfile_split(char **field, size_t max, char *line);

#endif
