/* SPDX-License-Identifier: MIT */
/* Drawing and printing of percentiles, against the recorded results of the reference. */
#include "lookup/display.h"

#include <jansson.h>

#include "check.h"
#include "lookup/render.h"
#include "prog/mem.h"

enum { WIDTH = 10000 };

/* The rows of display_rescale.json, by the descriptions it gives of them. */
static void
make_row(float *row, const char *name)
{
    for (size_t i = 0; i < WIDTH; i++) {
        double step = (double)i;

        if (strcmp(name, "LIN") == 0)
            row[i] = (float)(step / 100);
        else if (strcmp(name, "SIGNED") == 0)
            row[i] = (float)(-2 + step * (3.0 / (WIDTH - 1)));
        else if (strcmp(name, "NEGTAIL") == 0)
            row[i] = i + 1 < WIDTH ? -1e-6f : 5;
        else if (i < 9400)
            row[i] = 0.001f;
        else if (i < 9900)
            row[i] = (float)(0.005 + (step - 9400) * ((0.04 - 0.005) / 499));
        else
            row[i] = (float)(0.0405 * pow(852 / 0.0405, (step - 9900) / 99));
    }
}

static void
check_values(const struct display *d, const json_t *golden, const char *what)
{
    const json_t *values = json_object_get(golden, "values");
    const json_t *out = json_object_get(golden, "out");
    const json_t *cfg = json_object_get(golden, "cfg");

    CHECK_INT(d->rescaled, json_is_true(json_object_get(cfg, "rescaled")));
    CHECK(d->max == json_number_value(json_object_get(cfg, "display_max")), "%s", what);
    for (size_t i = 0; i < json_array_size(values); i++) {
        double v = json_number_value(json_array_get(values, i));
        double want = json_number_value(json_array_get(out, i)), got = display_value(d, v);

        CHECK(fabs(got - want) <= 1e-6 * fabs(want), "%s: %g drawn as %.17g, expected %.17g", what,
              v, got, want);
    }
}

static void
test_golden_values(const json_t *all)
{
    float *row = mem_array(WIDTH, sizeof *row);
    const json_t *golden;
    struct display d;
    size_t i;

    json_array_foreach(json_object_get(all, "unsigned"), i, golden) {
        const char *track = json_string_value(json_object_get(golden, "track"));
        const char *layer = json_string_value(json_object_get(golden, "layer"));
        const json_t *cfg = json_object_get(golden, "cfg");
        bool is_log = json_is_true(json_object_get(golden, "log"));
        double floor_share = is_log ? DISPLAY_LOG_FLOOR : display_layer_floor(layer);
        double peak_share = is_log ? DISPLAY_LOG_PEAK : DISPLAY_PEAK;

        CHECK(floor_share == json_number_value(json_object_get(cfg, "floor_pctile")), "%s", layer);
        CHECK(peak_share == json_number_value(json_object_get(cfg, "peak_pctile")), "%s", layer);
        make_row(row, track);
        display_unsigned(&d, row, WIDTH, floor_share, peak_share, is_log, DISPLAY_MAX);
        check_values(&d, golden, track);
    }
    CHECK(i >= 50, "%zu cases", i);
    json_array_foreach(json_object_get(all, "signed"), i, golden) {
        const char *track = json_string_value(json_object_get(golden, "track"));

        make_row(row, track);
        display_signed(&d, row, WIDTH, DISPLAY_PEAK, DISPLAY_MAX);
        check_values(&d, golden, track);
    }
    free(row);
}

static void
test_golden_anchors(const json_t *all)
{
    float *row = mem_array(WIDTH, sizeof *row);
    json_t *track, *value;
    const char *name, *key;

    json_object_foreach(json_object_get(all, "anchors"), name, track) {
        make_row(row, name);
        json_object_foreach(track, key, value) {
            struct display d;

            if (*key != 'p')
                continue;
            display_unsigned(&d, row, WIDTH, strtod(key + 1, NULL), 1, false, 1);
            CHECK_NEAR(d.floor, json_number_value(value), 1e-6 * fabs(d.floor));
        }
    }
    free(row);
}

static void
test_golden_bins(const json_t *all)
{
    const json_t *golden;
    size_t i;

    json_array_foreach(json_object_get(all, "bin_size"), i, golden) {
        const char *oracle = json_string_value(json_object_get(golden, "oracle"));
        const json_t *want = json_object_get(golden, "result");
        const char *pool = json_string_value(json_array_get(want, 1));

        CHECK_INT(display_bin_bp(oracle,
                                 json_integer_value(json_object_get(golden, "resolution")),
                                 json_integer_value(json_object_get(golden, "window_bp"))),
                  json_integer_value(json_array_get(want, 0)));
        CHECK_STR(display_pool_of(oracle) == DISPLAY_POOL_MAX ? "max" : "mean", pool);
    }
    CHECK(i >= 9, "%zu cases", i);
}

/* The file names its cases but not their values; these are values of that kind. */
static void
test_golden_pools(const json_t *all)
{
    double *v = mem_array(2000, sizeof *v);
    const json_t *golden;
    size_t i;

    json_array_foreach(json_object_get(all, "aggregation"), i, golden) {
        const char *name = json_string_value(json_object_get(golden, "case"));
        const char *want = json_string_value(json_object_get(golden, "choice"));
        size_t n = (size_t)json_integer_value(json_object_get(golden, "n"));
        size_t bins_per = (size_t)json_integer_value(json_object_get(golden, "bins_per"));
        enum display_pool choice;

        for (size_t j = 0; j < n; j++)
            v[j] = strcmp(name, "flat_low") == 0 ? 0.1
                   : strcmp(name, "spiky") == 0 ? j % 10 == 3 : 0.5;
        choice = display_choose_pool(v, n, bins_per);
        CHECK(strcmp(choice == DISPLAY_POOL_MAX ? "max" : "mean", want) == 0, "%s", name);
    }
    CHECK_INT(i, 5);
    CHECK_INT(display_choose_pool(v, 2000, 0), DISPLAY_POOL_MAX);
    free(v);
}

/*
 * A reference of which 12 of every 100 bins, up to 800, are above the linear peak: 12, 20 and
 * 100 % of the pooled values are saturated at 1, 10 and 100 bins a piece, as in the file.
 */
static void
test_golden_escalation(const json_t *all)
{
    float *row = mem_array(WIDTH, sizeof *row);
    double *raw = mem_array(10000, sizeof *raw);
    struct display linear, logarithmic;
    const json_t *golden;
    size_t i;

    make_row(row, "SPIKE");
    display_unsigned(&linear, row, WIDTH, 0.95, DISPLAY_PEAK, false, DISPLAY_MAX);
    display_unsigned(&logarithmic, row, WIDTH, DISPLAY_LOG_FLOOR, DISPLAY_LOG_PEAK, true,
                     DISPLAY_MAX);
    for (i = 0; i < 10000; i++)
        raw[i] = i % 100 < 12 ? 20 + 65 * (double)(i % 100 + 1) : 0.001;
    json_array_foreach(json_object_get(all, "escalation"), i, golden) {
        size_t bins_per = (size_t)json_integer_value(json_object_get(golden, "bins_per"));
        const json_t *before = json_object_get(golden, "linear_saturation_peak");
        const json_t *after = json_object_get(golden, "after");
        struct display_load load = display_load_of(&linear, raw, 10000, bins_per,
                                                   DISPLAY_POOL_MAX);

        CHECK_NEAR(load.saturation, json_number_value(json_array_get(before, 0)), 1e-12);
        CHECK_NEAR(load.peak, json_number_value(json_array_get(before, 1)), 1e-12);
        CHECK_INT(display_escalates(&linear, &logarithmic, raw, 10000, bins_per,
                                    DISPLAY_POOL_MAX),
                  json_is_true(json_object_get(golden, "used_log")));
        load = display_load_of(&logarithmic, raw, 10000, bins_per, DISPLAY_POOL_MAX);
        CHECK_NEAR(load.saturation, json_number_value(json_array_get(after, 0)), 1e-12);
        CHECK_NEAR(load.peak, json_number_value(json_array_get(after, 1)), 2e-5);
    }
    CHECK_INT(i, 3);
    /* A reference that shows only two values by logarithm stays linear. */
    for (i = 0; i < 10000; i++)
        raw[i] = i % 100 < 12 ? 800 : 0.001;
    CHECK(!display_escalates(&linear, &logarithmic, raw, 10000, 1, DISPLAY_POOL_MAX), "flat");
    /* One that is not saturated does too. */
    for (i = 0; i < 10000; i++)
        raw[i] = i % 100 < 7 ? 20 + 65 * (double)(i % 100 + 1) : 0.001;
    CHECK(!display_escalates(&linear, &logarithmic, raw, 10000, 1, DISPLAY_POOL_MAX), "fine");
    free(row);
    free(raw);
}

static void
test_built_in(void)
{
    static const float flat[] = { 0, 0, 0, 0 }, row[] = { -3, -1, 0, 1, 2 };
    struct display d;

    display_signed(&d, flat, 4, 0.99, 4);
    CHECK(!d.rescaled && display_value(&d, 7) == 7, "a flat row draws values as they are");
    display_signed(&d, row, 5, 0.99, 4);
    CHECK(d.unit == 3 && display_value(&d, -6) == -2 && display_value(&d, -60) == -4, "signed");
    display_unsigned(&d, row, 5, 0.5, 0.99, false, 3);
    CHECK(d.floor == 0 && d.peak == 2 && display_value(&d, 1) == 0.5, "unsigned");
    CHECK(display_value(&d, -1) == 0 && display_value(&d, 100) == 3, "cut off");
    CHECK(display_floor("legnet", "promoter_activity") == 0.85 &&
          display_floor("no such", "histone_marks") == 0.90, "by the layer");
    CHECK(display_layer_floor("") == 0.95 && display_layer_floor("new") == 0.95, "default");
}

static void
check_render(double q, bool is_signed, double exceedance, const char *want)
{
    char text[RENDER_MAX];

    render_percentile(text, q, is_signed, exceedance);
    CHECK_STR(text, want);
}

/* J.1 (signed display): a negative signed percentile is no "first percentile". */
static void
j1_signed_display(void)
{
    check_render(-0.5, true, NAN, "-0.50");
    check_render(-0.02, true, NAN, "-0.02");
    check_render(-0.995, true, NAN, "-0.9950");
    check_render(-1, true, 1.5, "\u22641st (1.50\u00d7 null min)");
    check_render(1, true, 1.234, "\u226599th (1.23\u00d7 null max)");
}

static void
test_render(void)
{
    check_render(NAN, false, NAN, "near-zero");
    check_render(0.5, false, NAN, "0.50");
    check_render(0.99, false, NAN, "0.9900");
    check_render(0.9899, false, NAN, "0.99");
    check_render(0.01, false, NAN, "0.0100");
    check_render(0.0101, false, NAN, "0.01");
    check_render(1, false, NAN, "1.0000");
    check_render(1, false, 12, "\u226599th (12.00\u00d7 null max)");
    check_render(0.99, true, NAN, "0.9900");
}

int
main(void)
{
    const char *shared = getenv("SHARED");

    test_built_in();
    test_render();
    j1_signed_display();
    if (shared) {
        char *path = mem_printf("%s/golden/display_rescale.json", shared);
        json_t *all = json_load_file(path, 0, NULL);

        CHECK(all, "%s cannot be read", path);
        test_golden_values(all);
        test_golden_anchors(all);
        test_golden_bins(all);
        test_golden_pools(all);
        test_golden_escalation(all);
        json_decref(all);
        free(path);
    }
    if (!shared && !check_done())
        puts("no golden vectors here (SHARED): only built-in numbers were checked");
    return check_done() ? 1 : shared ? 0 : 77;
}
