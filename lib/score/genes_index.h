/* SPDX-License-Identifier: MIT */
/* Inside of the gene index: what genes.c builds and genes_mask.c selects from. */
#ifndef PT_GENES_INDEX_H
#define PT_GENES_INDEX_H

#include "prog/table.h"
#include "score/genes.h"

KHASH_MAP_INIT_STR(gene_contig, uint32_t)

struct interval {
    int64_t start, end;
};

struct gene_unit {
    int32_t contig;
    uint32_t name;
    bool is_coding, plus;
    int64_t start, end;         /* selected when this overlaps the output */
    int64_t reach;              /* largest end of the contig's units up to this one */
    int64_t middle2;            /* nearby: 1-based first plus last base, twice the midpoint */
    size_t exon, n_exon;
};

struct contig_units {
    size_t first, n;
};

struct gene_index {
    enum gene_rule rule;
    bool chorus;
    char **name;                /* of genes */
    size_t n_names;
    char **contig_key;
    khash_t(gene_contig) *contig_of;    /* number of a key; keys are those above */
    struct contig_units *contig;
    size_t n_contigs;
    struct interval *exon;      /* a unit's lie together, by start and end */
    struct gene_unit *unit;     /* by contig and start */
    size_t n_unit, cap_unit;
};

/* "chr1" and "1" are one key, as are chrM, M, chrMT and MT. */
const char *gene_contig_key(const char *chrom);

#endif
