/* SPDX-License-Identifier: MIT */
/*
 * Genes and exons of a GENCODE GTF file, plain or compressed.
 *
 * The order of records is visible in what is drawn from them, and tools sort such files
 * differently; so both tables are sorted here by chromosome (chrom_rank), start and line number,
 * whatever the order of the file.
 */
#ifndef PT_GTF_H
#define PT_GTF_H

#include "base/base.h"
#include "base/err.h"
#include "genome/chrom.h"

struct gtf_row {
    int32_t contig;             /* or CHROM_ABSENT */
    int16_t rank;               /* chrom_rank */
    bool plus;                  /* strand; anything but "+" counts as minus */
    bool coding;                /* of a gene: gene_type is protein_coding; of an exon: its gene's
                                   name is the name of a protein-coding gene */
    uint32_t name;              /* number of the gene name */
    uint32_t line;
    uint64_t transcript;        /* of an exon: hash of its transcript_id (FNV-1a, 64 bits) */
    int64_t start, end;         /* 0-based, half-open */
};

struct gtf {
    struct gtf_row *gene, *exon;
    size_t n_genes, n_exons;
    char **name;                /* [n_names] gene names; where there is none, the gene id */
    size_t n_names;
    uint64_t n_short, first_short;      /* lines with fewer than 9 columns, left out; number of
                                           the first */
    char *file;                 /* as messages call it */
    char sha256[65];            /* of the file */

    /* SHA-256 of the sorted genes: chromosome, start (from 1), end, strand, gene_name, gene_id and
       gene_type, joined by tabs and ended by a line end. */
    char genes_sha256[65];
};

/*
 * Read the lines with feature gene or exon.  gene_type and gene_name are taken from the
 * attributes; of a repeated attribute the last value counts; gene_biotype stands in for a missing
 * gene_type.  Lines with fewer than nine columns are left out and counted.  An interval beyond the
 * end of its contig, or a file without genes or exons, is an error.
 */
struct gtf *gtf_read(const char *path, const struct chrom_finder *f, struct err *e);
void gtf_free(struct gtf *g);

/* The 1-based position where transcription of a gene starts. */
int64_t gtf_tss1(const struct gtf_row *gene);

#endif
