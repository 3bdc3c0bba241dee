/* SPDX-License-Identifier: MIT */
#include "score/classify.h"

#include <string.h>
#include <strings.h>

/* What an assay type or group name means. */
struct word {
    const char *name, *layer;
};

static const struct word assays[] = {
    { "DNASE", "chromatin_accessibility" },
    { "ATAC", "chromatin_accessibility" },
    { "CAGE", "tss_activity" },
    { "PRO_CAP", "tss_activity" },
    { "RNA", "gene_expression" },
    { "LentiMPRA", "promoter_activity" },
    { "Enhancer_DNase", "enhancer_activity" },
    { "Enhancer_H3K27ac", "enhancer_activity" },
    { "Enhancer_H3K27ac_DNase", "enhancer_activity" },
    { "SPLICE_SITES", "splicing" },
    { "sequence-class", "regulatory_classification" },
};

static const struct word groups[] = {
    { "DNASE", "chromatin_accessibility" },
    { "dnase", "chromatin_accessibility" },
    { "ATAC", "chromatin_accessibility" },
    { "CHIP_TF", "tf_binding" },
    { "CHIP_HIST", "histone_marks" },
    { "CHIP_HISTONE", "histone_marks" },
    { "CAGE", "tss_activity" },
    { "PRO_CAP", "tss_activity" },
    { "PROCAP", "tss_activity" },
    { "RNA", "gene_expression" },
    { "RNA_SEQ", "gene_expression" },
    { "SPLICE", "splicing" },
    { "SPLICE_SITES", "splicing" },
    { "SPLICE_SITE_USAGE", "splicing" },
    { "LentiMPRA", "promoter_activity" },
};

/*
 * The fifteen marks chorus looks for.  Other acetylations (about 105 tracks of each of Enformer
 * and Borzoi) are thereby scored as tf_binding, in its backgrounds and so here.
 */
static const char *const marks[] = {
    "H2AFZ", "H2AZ", "H3K4me1", "H3K4me2", "H3K4me3", "H3K9ac", "H3K9me1", "H3K9me2", "H3K9me3",
    "H3K14ac", "H3K27ac", "H3K27me3", "H3K36me3", "H3K79me2", "H4K20me1"
};

static const struct layer *
find_word(const struct word *words, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i].name, name) == 0)
            return layer_find(words[i].layer);
    return NULL;
}

static bool
begins_with(const char *s, const char *start)
{
    return strncmp(s, start, strlen(start)) == 0;
}

/* ASCII letters only, so that no locale can change a layer. */
static bool
contains(const char *text, const char *mark)
{
    size_t n = strlen(mark);

    for (; *text; text++)
        if (strncasecmp(text, mark, n) == 0)
            return true;
    return false;
}

static bool
names_mark(const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (contains(text, marks[i]))
            return true;
    return false;
}

/* The id decides where it names the experiment, else any histone mark in id or description. */
static const struct layer *
chip_layer(const char *id, const char *description)
{
    if (begins_with(id, "CHIP_HISTONE/"))
        return layer_find("histone_marks");
    if (begins_with(id, "CHIP_TF/"))
        return layer_find("tf_binding");
    return layer_find(names_mark(id) || names_mark(description) ? "histone_marks" : "tf_binding");
}

/* "DNase", "ATAC-seq", "atac_seq": accessibility, whatever the case and with or without -seq. */
static bool
is_accessibility(const char *assay)
{
    static const char *const names[] = { "dnase", "atac" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t n = strlen(names[i]);

        if (strncasecmp(assay, names[i], n) == 0 &&
            (!assay[n] || strcasecmp(assay + n, "-seq") == 0 ||
             strcasecmp(assay + n, "_seq") == 0))
            return true;
    }
    return false;
}

const struct layer *
classify_track(const char *id, const char *assay, const char *description)
{
    if (begins_with(id, "TA#"))
        return is_accessibility(assay) ? layer_find("chromatin_accessibility")
                                       : chip_layer(id, assay);
    if (strcmp(assay, "CHIP") == 0)
        return chip_layer(id, description ? description : "");
    return find_word(assays, ARRAY_LEN(assays), assay);
}

const struct layer *
classify_group(const char *group, struct err *e)
{
    const struct layer *l = find_word(groups, ARRAY_LEN(groups), group);

    if (!l)
        l = layer_find(group);
    if (!l)
        err_set(e, "group '%s' has no layer (known: DNASE, ATAC, CHIP_TF, CHIP_HISTONE, CAGE, "
                "PRO_CAP, RNA, SPLICE, LentiMPRA, %s)", group, layer_names());
    return l;
}
