/* SPDX-License-Identifier: MIT */
/*
 * A bedGraph as a step function: chromosome by chromosome, segments without holes.
 *
 * A stretch that no line covers has the value 0, from position 0 on; neighbours of the same value
 * are one segment.  Values are kept as float, as MACS keeps them.  Lines that begin with "track",
 * "browser" or "#" are left out.
 */
#ifndef PT_PEAKCALL_BEDGRAPH_H
#define PT_PEAKCALL_BEDGRAPH_H

#include "base/base.h"
#include "base/err.h"

struct bedgraph;

struct segment {
    const char *chrom;          /* the reader's, good until bedgraph_close; one pointer for all
                                   segments of a chromosome */
    int64_t start, end;
    float value;
    bool hole;                  /* no line says so */
};

/* path "-" is standard input; plain, gzip or bgzip.  NULL with the reason in e. */
struct bedgraph *bedgraph_open(const char *path, struct err *e);
void bedgraph_close(struct bedgraph *b);

/*
 * The next segment: 1, 0 at the end, -1 with the reason in e, which names the line: one that is no
 * bedGraph, a start before the end of the line above, a chromosome that comes back, a value that is
 * not finite as float.  A file without a single segment is a failure.
 */
int bedgraph_next(struct bedgraph *b, struct segment *s, struct err *e);

uint64_t bedgraph_lines(const struct bedgraph *b);      /* read so far */
const char *bedgraph_name(const struct bedgraph *b);    /* file name, or "standard input" */

/* Stretches between two lines of a chromosome that no line covers, met so far: their value is 0
 * here, and in MACS that of the line behind. */
uint64_t bedgraph_holes(const struct bedgraph *b);

#endif
