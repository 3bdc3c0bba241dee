/* SPDX-License-Identifier: MIT */
/* What a report tells of a finished build. */
#ifndef PT_REPORT_H
#define PT_REPORT_H

#include <jansson.h>

#include "background/background.h"
#include "build.h"

enum { CURVE_MAX = 128 };

/* The rows of one kind, thinned to what can be drawn. */
struct curves {
    size_t n;                   /* points of a curve */
    double share[CURVE_MAX];    /* n: fraction of values that are below the point */
    float *value;               /* tracks x n */
    float *low, *middle, *high, *most;          /* tracks: least, median, 99 %, greatest */
    int64_t tail_k;             /* exact values at each end of thinned rows; 0: all are exact */
};

struct report {
    const struct build *b;
    const struct plan *p;
    const char *path;           /* of the background */
    struct background *bg;
    json_t *config;
    struct curves curve[SCORE_KINDS];
    struct timing *timing;      /* per unit; host "" when not known */
    double wall_s, cpu_s;       /* of all units */
    long memory_kb;
};

/* Points at an end of a row that are exact. */
int64_t report_exact_points(const struct report *r, int kind, size_t track);

/* {"reason": "n"} or {"reason": "least to most"} over the track sets; new reference. */
json_t *report_drops(const struct report *r, int kind);

/* The first run behind a kind, borrowed; NULL when the file does not say. */
json_t *report_run(const struct report *r, int kind);

void report_write_html(const struct report *r, FILE *fp);

#endif
