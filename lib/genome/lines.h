/* SPDX-License-Identifier: MIT */
/* Lines of a text, plain or compressed by gzip or bgzip, with their numbers. */
#ifndef PT_LINES_H
#define PT_LINES_H

#include "base/base.h"
#include "base/err.h"

struct hFILE;
struct lines;

/* Takes hf over, also on failure; name is for messages and is copied. */
struct lines *lines_open(struct hFILE *hf, const char *name, struct err *e);
void lines_close(struct lines *l);

/*
 * Next line without its end (LF or CRLF): 1 with *line, which the caller may write into until the
 * next call; 0 at the end; -1 when reading fails, the compressed data is cut short, or the text
 * holds a NUL byte.
 */
int lines_next(struct lines *l, char **line, struct err *e);

uint64_t lines_number(const struct lines *l);   /* of the line just read, from 1 */

#endif
