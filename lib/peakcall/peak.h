/* SPDX-License-Identifier: MIT */
/*
 * Peaks of a step function by the rule of MACS3's bdgpeakcall (MACS3/Signal/BedGraph.py of release
 * 3.0, call_peaks and cutoff_analysis).
 *
 * A segment qualifies when its value is at least the cutoff.  Qualifying segments join when the gap
 * between them is at most max_gap; what they span is a peak when it is at least min_length long.
 * Its summit is the middle, rounded down, of the segment with the largest value; of n such the one
 * of rank (n + 1) / 2, counted from 1.
 */
#ifndef PT_PEAKCALL_PEAK_H
#define PT_PEAKCALL_PEAK_H

#include "base/base.h"
#include "peakcall/bedgraph.h"

struct peak_rule {
    float cutoff;
    int64_t min_length, max_gap;        /* bp; min_length at least 1 */
};

struct peak {
    const char *chrom;          /* whoever named it keeps it */
    int64_t start, end, summit;
    float value;                /* at the summit */
    double signal;              /* mean signal, where the caller gives one; else 0 */
};

struct peak_list {
    struct peak *peak;
    size_t n, cap;
};

void peak_list_free(struct peak_list *l);

/* By bytes of the chromosome's name, those of one in the order they were found. */
void peak_list_sort(struct peak_list *l);

/* Calls peaks from segments given in turn. */
struct peak_caller;

struct peak_caller *peak_caller_new(const struct peak_rule *rule, struct peak_list *out);
void peak_caller_free(struct peak_caller *c);

/*
 * The next segment, behind those before it: with a hole between them, the hole does not qualify.
 * signal is the sum of another track over the segment, from which a peak's mean is made (over the
 * whole peak, gaps included: give every segment); 0 where there is none.
 */
void peak_caller_add(struct peak_caller *c, const struct segment *s, double signal);
void peak_caller_end(struct peak_caller *c);    /* of a chromosome, and of the whole */

#endif
