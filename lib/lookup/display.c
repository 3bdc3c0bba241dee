/* SPDX-License-Identifier: MIT */
#include "lookup/display.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "family/declare.h"
#include "prog/mem.h"

/* Panels have at most so many drawn bins, and oracles of long windows so many by design. */
enum { PANEL_MAX = 4000, PANEL_BINS = 3000, POOL_LEAST = 100 };

double
display_layer_floor(const char *layer)
{
    static const struct {
        const char *layer;
        double floor;
    } table[] = {
        { "chromatin_accessibility", 0.90 }, { "histone_marks", 0.90 },
        { "gene_expression", 0.90 }, { "promoter_activity", 0.85 }
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(layer, table[i].layer) == 0)
            return table[i].floor;
    return 0.95;
}

double
display_floor(const char *oracle, const char *layer)
{
    const struct declaration *d = declaration_find(oracle);

    return d && d->display.floor > 0 ? d->display.floor : display_layer_floor(layer);
}

/* The product is truncated, as the reference does. */
static double
slot_of(const float *row, size_t width, double share)
{
    size_t i = (size_t)(share * (double)width);

    return row[i < width ? i : width - 1];
}

static double
log_of(double v)
{
    return log1p(v > 0 ? v : 0);
}

void
display_unsigned(struct display *d, const float *row, size_t width, double floor_share,
                 double peak_share, bool is_log, double max)
{
    double floor_value = slot_of(row, width, floor_share);
    double peak_value = slot_of(row, width, peak_share);

    *d = (struct display){ .rescaled = true, .is_log = is_log, .max = max };
    d->floor = is_log ? log_of(floor_value) : floor_value;
    d->peak = is_log ? log_of(peak_value) : peak_value;
}

static int
compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

void
display_signed(struct display *d, const float *row, size_t width, double peak_share, double max)
{
    float *size = mem_array(width, sizeof *size);

    for (size_t i = 0; i < width; i++)
        size[i] = fabsf(row[i]);
    qsort(size, width, sizeof *size, compare_floats);
    *d = (struct display){ .is_signed = true, .max = max };
    d->unit = slot_of(size, width, peak_share);
    d->rescaled = d->unit >= 1e-9;
    free(size);
}

static double
clip(double v, double lo, double hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

double
display_value(const struct display *d, double v)
{
    double span = d->peak - d->floor;

    if (!d->rescaled)
        return v;
    if (d->is_signed)
        return clip(v / d->unit, -d->max, d->max);
    if (d->is_log)
        v = log_of(v);
    return clip((v - d->floor) / (span > 1e-9 ? span : 1e-9), 0, d->max);
}

int64_t
display_bin_bp(const char *oracle, int64_t resolution, int64_t window_bp)
{
    const struct declaration *d = declaration_find(oracle);
    int64_t bin = window_bp / PANEL_BINS, least = (window_bp + PANEL_MAX - 1) / PANEL_MAX;

    if (d && d->display.bin_bp)
        bin = d->display.bin_bp;
    else if (d && d->display.native_bins)
        bin = resolution;
    bin = bin > least ? bin : least;
    return bin > resolution ? bin : resolution;
}

enum display_pool
display_pool_of(const char *oracle)
{
    const struct declaration *d = declaration_find(oracle);

    return d && d->display.pool_mean ? DISPLAY_POOL_MEAN : DISPLAY_POOL_MAX;
}

size_t
display_pool_max(double *out, const double *v, size_t n, size_t bins_per)
{
    size_t n_out = n / bins_per;

    for (size_t i = 0; i < n_out; i++) {
        out[i] = v[i * bins_per];
        for (size_t j = 1; j < bins_per; j++)
            out[i] = fmax(out[i], v[i * bins_per + j]);
    }
    return n_out;
}

static void
pool_mean(double *out, const double *v, size_t n_out, size_t bins_per)
{
    for (size_t i = 0; i < n_out; i++) {
        double sum = 0;

        for (size_t j = 0; j < bins_per; j++)
            sum += v[i * bins_per + j];
        out[i] = sum / (double)bins_per;
    }
}

static int
compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts v. */
static double
median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, compare_doubles);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

enum display_pool
display_choose_pool(const double *v, size_t n, size_t bins_per)
{
    enum display_pool choice = DISPLAY_POOL_MAX;
    double *pooled;

    if (bins_per <= 1 || n / bins_per < POOL_LEAST)
        return DISPLAY_POOL_MAX;
    pooled = mem_array(n / bins_per, sizeof *pooled);
    if (median(pooled, display_pool_max(pooled, v, n, bins_per)) > DISPLAY_POOL_FLOOR)
        choice = DISPLAY_POOL_MEAN;
    free(pooled);
    return choice;
}

struct display_load
display_load_of(const struct display *d, const double *raw, size_t n, size_t bins_per,
                enum display_pool pool)
{
    double *drawn = mem_array(n, sizeof *drawn), *pooled;
    struct display_load load = { 0, 0 };
    size_t n_pooled = n / bins_per, full = 0;

    for (size_t i = 0; i < n; i++)
        drawn[i] = display_value(d, raw[i]);
    pooled = mem_array(n_pooled, sizeof *pooled);
    if (pool == DISPLAY_POOL_MAX)
        display_pool_max(pooled, drawn, n, bins_per);
    else
        pool_mean(pooled, drawn, n_pooled, bins_per);
    for (size_t i = 0; i < n_pooled; i++) {
        full += pooled[i] >= d->max - 1e-3;
        load.peak = i == 0 ? pooled[i] : fmax(load.peak, pooled[i]);
    }
    load.saturation = n_pooled ? (double)full / (double)n_pooled : 0;
    free(drawn);
    free(pooled);
    return load;
}

static bool
has_three_values(const struct display *d, const double *raw, size_t n)
{
    double seen[2];
    size_t n_seen = 0;

    for (size_t i = 0; i < n; i++) {
        double v = display_value(d, raw[i]);

        if ((n_seen > 0 && v == seen[0]) || (n_seen > 1 && v == seen[1]))
            continue;
        if (n_seen == 2)
            return true;
        seen[n_seen++] = v;
    }
    return false;
}

bool
display_escalates(const struct display *linear, const struct display *logarithmic,
                  const double *raw, size_t n, size_t bins_per, enum display_pool pool)
{
    double before = display_load_of(linear, raw, n, bins_per, pool).saturation;
    struct display_load after;

    if (linear->is_signed || before <= DISPLAY_SATURATION)
        return false;
    after = display_load_of(logarithmic, raw, n, bins_per, pool);
    return after.peak >= 1 &&
           (after.saturation <= DISPLAY_SATURATION || after.saturation <= before / 2) &&
           has_three_values(logarithmic, raw, n);
}
