/* SPDX-License-Identifier: MIT */
/* Which layer a track belongs to, against the reference's answers. */
#include <jansson.h>

#include "check.h"
#include "score/classify.h"

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

static const char *
name_of(const struct layer *l)
{
    return l ? l->name : "other";
}

static void
check_track(const char *assay, const char *id, const char *description, const char *want)
{
    const char *got = name_of(classify_track(id, assay, description));

    CHECK(strcmp(got, want) == 0, "%s, %s, %s: %s, expected %s", assay, id,
          description ? description : "(none)", got, want);
}

/* #122: histone or TF was decided from a field without the mark's name: 1,075 wrong windows. */
static void
j1_histone_classification(void)
{
    static const char *const marks[] = {
        "H2AFZ", "H2AZ", "H3K4me1", "H3K4me2", "H3K4me3", "H3K9ac", "H3K9me1", "H3K9me2",
        "H3K9me3", "H3K14ac", "H3K27ac", "H3K27me3", "H3K36me3", "H3K79me2", "H4K20me1"
    };
    char id[64];

    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        snprintf(id, sizeof id, "CHIP:K562:%s", marks[i]);
        check_track("CHIP", id, NULL, "histone_marks");
        check_track("CHIP", "ENCFF000AAA", id, "histone_marks");
        snprintf(id, sizeof id, "TA#K562@%s@1@x", marks[i]);
        check_track(marks[i], id, NULL, "histone_marks");
    }
    check_track("CHIP", "CHIP:K562:REST", NULL, "tf_binding");
    check_track("CHIP", "CHIP_TF/EFO:0001187 TF ChIP-seq CTCF/.", "H3K27ac", "tf_binding");
    check_track("CHIP", "CHIP_HISTONE/EFO:0001187 Histone ChIP-seq H2AK5ac/.", "CHIP:HepG2",
                "histone_marks");
    CHECK_INT(classify_track("CHIP:K562:H3K27ac", "CHIP", NULL)->window_bp, 2001);
    CHECK_INT(classify_track("CHIP:K562:REST", "CHIP", NULL)->window_bp, 501);
}

static void
test_tracks(void)
{
    json_t *rows = golden("classify_track_layer.json"), *row;
    size_t i;

    check_track("DNASE", "DNASE:K562", NULL, "chromatin_accessibility");
    check_track("SPLICE_SITE_USAGE", "s", NULL, "other");
    check_track("atac_SEQ", "TA#x", NULL, "chromatin_accessibility");
    check_track("atacseq", "TA#x", NULL, "tf_binding");
    check_track("", "", NULL, "other");
    json_array_foreach(rows, i, row)
        check_track(json_string_value(json_object_get(row, "assay_type")),
                    json_string_value(json_object_get(row, "assay_id")),
                    json_string_value(json_object_get(row, "description")),
                    json_string_value(json_object_get(row, "layer")));
    json_decref(rows);
}

static void
check_group(const char *group, const char *want)
{
    struct err e = { "" };
    const struct layer *l = classify_group(group, &e);

    if (strcmp(want, "KeyError") == 0) {
        CHECK(!l, "group '%s' has layer %s", group, name_of(l));
        CHECK(strstr(e.msg, "has no layer (known: DNASE") != NULL, "%s", e.msg);
    } else {
        CHECK(l && strcmp(l->name, want) == 0, "group '%s': %s, expected %s", group, name_of(l),
              want);
    }
}

static void
test_groups(void)
{
    json_t *all = golden("canonical_layer.json"), *want;
    const char *group;

    check_group("CHIP_HIST", "histone_marks");
    check_group("enhancer_activity", "enhancer_activity");
    check_group("LENTIMPRA", "KeyError");
    check_group("", "KeyError");
    json_object_foreach(all, group, want)
        check_group(group, json_string_value(want));
    json_decref(all);
}

int
main(void)
{
    j1_histone_classification();
    test_tracks();
    test_groups();
    return check_done();
}
