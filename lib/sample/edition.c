/* SPDX-License-Identifier: MIT */
#include "sample/edition.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

static const struct {
    const char *class;
    struct edition_range rows;
} ccre_rows[] = {
    { "PLS", { 47480, 47495 } },        { "dELS", { 1467136, 1468788 } },
    { "pELS", { 249185, 250087 } },     { "CA-CTCF", { 125819, 125955 } },
    { "CA-TF", { 26020, 26092 } },      { "TF", { 105043, 105254 } },
    { "CA-H3K4me3", { 79151, 79174 } }, { "CA", { 243651, 245023 } },
};

/* Protein-coding genes that begin farther than a margin from the ends of their contig. */
static const struct {
    int64_t margin;
    struct edition_range rows;
} tss_rows[] = { { 5000000, { 17568, 17571 } }, { 100000, { 20048, 20049 } } };

/* SHA-256 that the index's publishers give for DHS_Index_and_Vocabulary_hg38_WM20190703.txt.gz. */
#define DHS_SHA256 "0a4d215026744780ce7f562244e6f46b6387bab9875ca56ad543d30a024c1c48"

const struct edition_range *
edition_ccre(const char *class)
{
    for (size_t i = 0; i < ARRAY_LEN(ccre_rows); i++)
        if (strcmp(ccre_rows[i].class, class) == 0)
            return &ccre_rows[i].rows;
    return NULL;
}

static bool
is_hg38(const struct bases *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (chrom_rank(b->name[i]) == 1) {
            const char *assembly = genome_assembly(b->len[i]);

            return assembly && strcmp(assembly, "hg38") == 0;
        }
    return false;
}

static char *
ccre_edition(const struct ccre *c, size_t i)
{
    for (size_t k = 0; k < ARRAY_LEN(ccre_rows); k++) {
        const int class = ccre_class(c, ccre_rows[k].class);
        const size_t n = class < 0 ? 0 : c->count[class];

        if (n >= ccre_rows[k].rows.low && n <= ccre_rows[k].rows.high)
            continue;
        if (i-- == 0)
            return mem_printf("%s: has %zu elements of class %s where the edition of the published "
                              "positions has %zu to %zu; positions will differ from them", c->file,
                              n, ccre_rows[k].class, ccre_rows[k].rows.low, ccre_rows[k].rows.high);
    }
    return NULL;
}

static char *
gtf_edition(const struct gtf *g, const struct bases *b, int64_t margin)
{
    for (size_t k = 0; k < ARRAY_LEN(tss_rows); k++) {
        size_t n = 0;

        if (tss_rows[k].margin != margin)
            continue;
        for (size_t i = 0; i < g->n_genes; i++) {
            const struct gtf_row *gene = &g->gene[i];

            n += gene->coding && gene->contig >= 0 && gtf_tss1(gene) >= margin &&
                 b->len[gene->contig] > 2 * margin &&
                 gtf_tss1(gene) <= b->len[gene->contig] - margin;
        }
        if (n < tss_rows[k].rows.low || n > tss_rows[k].rows.high)
            return mem_printf("%s: has %zu protein-coding genes inside the margin of %lld bp where "
                              "the edition of the published positions (GENCODE v48 basic) has %zu "
                              "to %zu; positions will differ from them", g->file, n,
                              (long long)margin, tss_rows[k].rows.low, tss_rows[k].rows.high);
    }
    return NULL;
}

char *
edition_difference(const struct sample_inputs *in, const struct recipe *r, const struct bases *b,
                   size_t i)
{
    char *text;

    if (!is_hg38(b))
        return NULL;
    if (in->dhs && strcmp(in->dhs->sha256, DHS_SHA256) != 0 && i-- == 0)
        return mem_printf("%s: is not the published DHS index (SHA-256 %.16s..., expected "
                          "%.16s...); positions will differ from the published ones", in->dhs->file,
                          in->dhs->sha256, DHS_SHA256);
    if (in->gtf && r->anchored && (text = gtf_edition(in->gtf, b, r->margin)) != NULL) {
        if (i-- == 0)
            return text;
        free(text);
    }
    return in->ccre ? ccre_edition(in->ccre, i) : NULL;
}
