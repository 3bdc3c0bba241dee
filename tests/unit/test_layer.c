/* SPDX-License-Identifier: MIT */
/* Layer table, windows and effects, against values of the reference implementation. */
#include <jansson.h>

#include "check.h"
#include "score/layer.h"

static json_t *
golden(const char *name)
{
    const char *shared = getenv("SHARED");
    char path[4096];

    if (!shared)
        return NULL;
    snprintf(path, sizeof path, "%s/golden/%s", shared, name);
    return json_load_file(path, 0, NULL);
}

static void
test_table(void)
{
    json_t *all = golden("layer_configs.json"), *want;
    const char *name;

    CHECK(layer_find("nothing") == NULL, "unknown layer");
    CHECK_INT(layer_find("histone_marks")->window_bp, 2001);
    CHECK(layer_find("gene_expression")->is_signed, "gene expression is signed");
    json_object_foreach(all, name, want) {
        const struct layer *l = layer_find(name);

        CHECK(l != NULL, "layer %s", name);
        if (!l)
            continue;
        CHECK(strstr(layer_names(), name) != NULL, "%s is listed", name);
        CHECK_INT(l->window_bp, json_integer_value(json_object_get(want, "window_bp")));
        CHECK_STR(layer_aggregation_name(l),
                  json_string_value(json_object_get(want, "aggregation")));
        CHECK_STR(layer_formula_name(l), json_string_value(json_object_get(want, "formula")));
        CHECK_NEAR(l->pseudocount, json_number_value(json_object_get(want, "pseudocount")), 0);
        CHECK_INT(l->is_signed, json_is_true(json_object_get(want, "signed")));
    }
    json_decref(all);
}

static void
check_span(uint32_t n_bins, int32_t window_bp, uint32_t bin_bp, uint32_t start, uint32_t end)
{
    struct layer l = *layer_find("tf_binding");
    uint32_t lo, hi;

    l.window_bp = window_bp;
    layer_span(&l, n_bins, bin_bp, &lo, &hi);
    CHECK(lo == start && hi == end, "%u bins of %u bp, window %d: [%u, %u), expected [%u, %u)",
          n_bins, bin_bp, window_bp, lo, hi, start, end);
}

/* Bins by ceil(window / bin) around the middle bin, as AlphaGenome's authors have it. */
static void
test_ceil_spans(void)
{
    static const struct {
        const char *layer;
        uint32_t n_bins, bin_bp, lo, hi;
    } row[] = {
        { "tf_binding", 8192, 128, 4094, 4098 },            /* 4 bins, not 3 */
        { "histone_marks", 8192, 128, 4088, 4104 },         /* 16, not 15 */
        { "tf_binding", 6144, 32, 3064, 3080 },             /* 16, not 15 */
        { "tf_binding", 1048576, 1, 524038, 524539 },       /* 501 either way */
        { "tf_binding", 3, 128, 0, 3 },
        { "tf_binding", 1, 128, 0, 1 },
        { "gene_expression", 6144, 32, 0, 6144 },
    };

    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const struct layer *l = layer_find(row[i].layer), *ceil = layer_with_ceil(l);
        uint32_t lo, hi;

        CHECK(!l->ceil_bins && ceil->ceil_bins, "%s", l->name);
        CHECK_STR(ceil->name, l->name);
        CHECK_INT(ceil->window_bp, l->window_bp);
        layer_span(ceil, row[i].n_bins, row[i].bin_bp, &lo, &hi);
        CHECK(lo == row[i].lo && hi == row[i].hi, "%s on %u bins of %u bp: [%u, %u)", l->name,
              row[i].n_bins, row[i].bin_bp, lo, hi);
    }
}

static void
test_spans(void)
{
    const char *shared = getenv("SHARED");
    char path[4096], line[256];
    FILE *fp;

    check_span(1000, 501, 1, 250, 751);
    check_span(1000, 2001, 1, 0, 1000);
    check_span(1000, 500, 1, 250, 751);
    check_span(896, 501, 128, 447, 450);
    check_span(896, 2001, 128, 441, 456);
    check_span(6144, 501, 32, 3065, 3080);
    check_span(6144, 2001, 32, 3041, 3104);
    check_span(1000, 0, 1, 0, 1000);
    check_span(1, 501, 1, 0, 1);
    check_span(UINT32_MAX, INT32_MAX, 1, 1073741824, 3221225471);
    if (!shared)
        return;
    snprintf(path, sizeof path, "%s/golden/window_centered_bin_span.tsv", shared);
    fp = fopen(path, "r");
    CHECK(fp != NULL, "%s", path);
    while (fp && fgets(line, sizeof line, fp)) {
        unsigned n_bins, bin_bp, start, end;
        int window = 0;

        /* Rows with a centre of their own are the query side's; ours is always the middle bin. */
        if (strstr(line, "\t\t") && sscanf(line, "%u %d %u %u %u", &n_bins, &window, &bin_bp,
                                             &start, &end) == 5)
            check_span(n_bins, window, bin_bp, start, end);
    }
    if (fp)
        fclose(fp);
}

static void
test_aggregate(void)
{
    static const float v[] = { 1, 2, 3.5, 16777216, 1 };

    CHECK_NEAR(layer_aggregate(layer_find("tf_binding"), v, 5, LAYER_DOUBLE), 16777223.5, 0);
    CHECK_NEAR(layer_aggregate(layer_find("promoter_activity"), v, 3, LAYER_DOUBLE), 6.5 / 3, 0);
    CHECK_NEAR(layer_aggregate(layer_find("tf_binding"), v, 0, LAYER_DOUBLE), 0, 0);
}

/* x_i = float32(((i * 2654435761) mod 2^32) / 2^32), the data of the golden sums. */
static void
test_pairwise(void)
{
    const struct layer *sum = layer_find("tf_binding"), *mean = layer_find("gene_expression");
    json_t *all = golden("numpy_float32_sum.json"), *row;
    static float v[6144];
    size_t i;

    for (i = 0; i < ARRAY_LEN(v); i++)
        v[i] = (float)((double)(uint32_t)(i * 2654435761u) / 4294967296.0);
    CHECK_NEAR(layer_aggregate(sum, v, 501, LAYER_F32_PAIRWISE), 0x1.f38382p+7, 0);
    CHECK_NEAR(layer_aggregate(sum, v, 2001, LAYER_F32_PAIRWISE), 0x1.f400f6p+9, 0);
    CHECK_NEAR(layer_aggregate(mean, v, 2001, LAYER_F32_PAIRWISE), 0x1.ffbf7ap-2, 0);
    CHECK_NEAR(layer_aggregate(mean, v, 0, LAYER_F32_PAIRWISE), 0, 0);
    json_array_foreach(json_object_get(all, "cases"), i, row) {
        size_t n = (size_t)json_integer_value(json_object_get(row, "n"));
        const char *f32 = json_string_value(json_object_get(row, "sum_f32_pairwise_hex"));
        const char *f32_mean = json_string_value(json_object_get(row, "mean_f32_hex"));
        const char *f64 = json_string_value(json_object_get(row, "sum_f64_hex"));

        CHECK_NEAR(layer_aggregate(sum, v, n, LAYER_F32_PAIRWISE), strtod(f32, NULL), 0);
        CHECK_NEAR(layer_aggregate(mean, v, n, LAYER_F32_PAIRWISE), strtod(f32_mean, NULL), 0);
        CHECK_NEAR(layer_aggregate(sum, v, n, LAYER_DOUBLE), strtod(f64, NULL), 0);
    }
    json_decref(all);
}

static void
test_summaries(void)
{
    const struct layer *tss = layer_find("tss_activity"), *other = layer_find("splicing");

    CHECK(!layer_takes_summary(tss, "ccre") && !layer_takes_summary(tss, "ccre_pls"), "cCREs");
    CHECK(layer_takes_summary(tss, "tss") && layer_takes_summary(tss, "ccres"), "others");
    CHECK(layer_takes_summary(other, "ccre"), "only tss_activity");
}

/* want is NaN where the effect is undefined. */
static void
check_effect(enum layer_formula formula, double pseudocount, double ref, double alt, double want)
{
    struct layer l = { "test", 0, LAYER_SUM, formula, pseudocount, true, false };
    double got = NAN;
    struct err e = { "" };
    int status = layer_effect(&got, &l, ref, alt, &e);

    if (isnan(want)) {
        CHECK_INT(status, -1);
        CHECK(strstr(e.msg, "effect undefined") != NULL, "message '%s'", e.msg);
        return;
    }
    CHECK_INT(status, 0);
    CHECK(got == want && !signbit(got) == !(want < 0), "ref %.9g alt %.9g: %.17g, expected %.17g",
          ref, alt, got, want);
    l.is_signed = false;
    CHECK(layer_effect(&got, &l, ref, alt, &e) == 0 && got == fabs(want), "%.17g", got);
}

static void
test_effects(void)
{
    json_t *rows = golden("effect_formulas.json"), *row;
    size_t i;

    check_effect(LAYER_LOG2FC, 1, 48.57, 100.2, 0x1.0798761d51015p+0);
    check_effect(LAYER_LOGFC, 0.001, 0, 1, 0x1.ba2909ce4f864p+2);
    check_effect(LAYER_LOGFC, 0.001, 1, 0, -0x1.ba2909ce4f864p+2);
    check_effect(LAYER_DIFF, 0, 1e-06, 3.3, 0x1.a6665e02ea960p+1);
    check_effect(LAYER_DIFF, 0, 0.0, -0.0, 0);
    check_effect(LAYER_LOGFC, 0.001, -0.4, 0.9, NAN);
    check_effect(LAYER_LOG2FC, 1, -3, -5, NAN);
    check_effect(LAYER_LOG2FC, 1, 3, -1, NAN);
    check_effect(LAYER_LOG2FC, 1, NAN, 1, NAN);
    check_effect(LAYER_DIFF, 0, -1e308, 1e308, NAN);
    json_array_foreach(rows, i, row) {
        const char *formula = json_string_value(json_object_get(row, "formula"));
        const char *hex = json_string_value(json_object_get(row, "effect_hex"));

        check_effect(strcmp(formula, "log2fc") == 0 ? LAYER_LOG2FC :
                     strcmp(formula, "logfc") == 0 ? LAYER_LOGFC : LAYER_DIFF,
                     json_number_value(json_object_get(row, "pseudocount")),
                     json_number_value(json_object_get(row, "ref")),
                     json_number_value(json_object_get(row, "alt")), hex ? strtod(hex, NULL) : NAN);
    }
    json_decref(rows);
}

int
main(void)
{
    test_table();
    test_spans();
    test_ceil_spans();
    test_aggregate();
    test_pairwise();
    test_summaries();
    test_effects();
    return check_done();
}
