/* SPDX-License-Identifier: MIT */
/* What the parts of call-peaks share. */
#ifndef PT_CALL_PEAKS_H
#define PT_CALL_PEAKS_H

#include <stdio.h>

#include "peakcall/bedgraph.h"
#include "peakcall/peak.h"
#include "prog/opt.h"

enum output { OUT_NARROWPEAK, OUT_BEDGRAPH, OUT_TSV };

struct options {
    const char *in, *out, *name, *weights, *boundaries, *type;
    double cutoff, threshold, temperature;      /* NaN: not given */
    int64_t min_length, max_gap;                /* below 0: not given */
    int64_t bin, summit_window, sample;
    bool analysis, no_trackline;
    int64_t steps;
    double top;
    const char *train, *kernels;
    int64_t filters, train_steps, seed;
    double rate;

    struct peak_rule rule;                      /* of all that */
    enum output output;
};

/* By the network of --weights, from an open track to an open output. */
void call_by_network(const struct options *o, struct bedgraph *in, FILE *out);

/* Write to o->out what a network learns of a track and the peaks of o->train. */
void train_network(const struct options *o, struct bedgraph *in);

/* Print the peaks, sorted; score is of a peak's largest value. */
typedef long peak_score(const struct peak *p);
void write_peaks(const struct options *o, struct peak_list *peaks, FILE *out, const char *tag,
                 peak_score *score, bool has_signal);

#endif
