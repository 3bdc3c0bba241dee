/* SPDX-License-Identifier: MIT */
/*
 * A peak network over a track that comes as segments, in bounded memory: pieces with a halo, so that
 * what comes out does not depend on how the segments are cut.
 */
#ifndef PT_PEAKCALL_SCAN_H
#define PT_PEAKCALL_SCAN_H

#include "peakcall/bedgraph.h"
#include "peakcall/network.h"

struct scan_options {
    int64_t bin;                /* bp of one position; its value is the mean over it */
    bool summits;               /* wanted */
    int64_t summit_window;      /* positions */
    bool guide;                 /* starts and ends by the guide's formula */
    int64_t seed;               /* of the denoiser; below 0: its mean */
};

/* What is known of one position. */
struct scan_position {
    const char *chrom;
    int64_t start, end;         /* bp; the last of a chromosome may be shorter than bin */
    float signal;               /* as it came, before denoising */
    float score, probability;
    double summit, peak_start, peak_end;    /* 0 when summits are not wanted */
};

struct scan;

/* done is called for every position, in order.  net stays the caller's. */
typedef void scan_done(void *context, const struct scan_position *p);
struct scan *scan_new(struct peak_net *net, const struct scan_options *o, scan_done *done,
                      void *context);
void scan_free(struct scan *s);

/* The segments of bedgraph_next in turn; then the end. */
void scan_add(struct scan *s, const struct segment *g);
void scan_end(struct scan *s);

#endif
