/* SPDX-License-Identifier: MIT */
/*
 * Signals of different tracks on one scale for drawing: 0 where a track's own background is quiet,
 * 1 where it is strong, cut off at a maximum.  Rules and constants: G.6 of the scoring
 * specification (the reference implementation's tracks are drawn so).
 */
#ifndef PT_DISPLAY_H
#define PT_DISPLAY_H

#include "base/base.h"

#define DISPLAY_MAX 4.0             /* where drawn values are cut off */
#define DISPLAY_PEAK 0.99           /* share of the background below what is drawn as 1 */
#define DISPLAY_LOG_FLOOR 0.995     /* the same of the logarithmic variant, for 0 and 1 */
#define DISPLAY_LOG_PEAK 0.999
#define DISPLAY_SATURATION 0.075    /* share of drawn values at the maximum that is still fine */
#define DISPLAY_POOL_FLOOR 0.15     /* median of pooled values above which means are drawn */

/* Share of the background that is drawn as 0 in a layer ("" or unknown: the default, 0.95). */
double display_layer_floor(const char *layer);

/* Likewise of the tracks of an oracle, which may have a floor of its own (family/declare.h). */
double display_floor(const char *oracle, const char *layer);

/* How values of one track are drawn. */
struct display {
    bool rescaled;              /* false: the row is flat, values are drawn as they are */
    bool is_signed, is_log;
    double floor, peak;         /* of unsigned tracks: the row's values drawn as 0 and 1; in the
                                 * logarithmic variant their log1p */
    double unit;                /* of signed tracks: drawn as 1 */
    double max;
};

/*
 * From a row of width ascending slots.  Unsigned: floor and peak are row[(int)(share * width)],
 * at most the last.  With is_log of log1p of everything, negative taken as 0.
 */
void display_unsigned(struct display *d, const float *row, size_t width, double floor_share,
                      double peak_share, bool is_log, double max);

/* Signed: unit is slot (int)(peak_share * width) of the sorted absolute values of the row. */
void display_signed(struct display *d, const float *row, size_t width, double peak_share,
                    double max);

/* v as it is drawn: 0 to max, of signed tracks -max to max. */
double display_value(const struct display *d, double v);

enum display_pool { DISPLAY_POOL_MAX, DISPLAY_POOL_MEAN };

/* Base pairs per drawn bin of a window, and how bins are pooled into it unless measured. */
int64_t display_bin_bp(const char *oracle, int64_t resolution, int64_t window_bp);
enum display_pool display_pool_of(const char *oracle);

/* Values pooled by maximum into whole groups of bins_per; out has room for n / bins_per. */
size_t display_pool_max(double *out, const double *v, size_t n, size_t bins_per);

/*
 * How to pool n drawn (display_value) values into bins of bins_per: by mean when the median of
 * the pooled maxima is above DISPLAY_POOL_FLOOR, so that a lively track is not drawn as a wall;
 * by maximum when fewer than 100 pooled values tell.
 */
enum display_pool display_choose_pool(const double *v, size_t n, size_t bins_per);

/* What pooling gave: share of values at the maximum, and the largest. */
struct display_load {
    double saturation, peak;
};

/* Of n raw values drawn by d and pooled as said. */
struct display_load display_load_of(const struct display *d, const double *raw, size_t n,
                                    size_t bins_per, enum display_pool pool);

/*
 * True when a panel of an unsigned track is to be drawn by the logarithmic variant: the linear one
 * is saturated beyond DISPLAY_SATURATION, and the logarithmic one still peaks at 1 or more, is
 * fine or at most half as saturated, and shows at least three distinct values.
 */
bool display_escalates(const struct display *linear, const struct display *logarithmic,
                       const double *raw, size_t n, size_t bins_per, enum display_pool pool);

#endif
