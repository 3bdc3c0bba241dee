/* SPDX-License-Identifier: MIT */
/*
 * A reference genome: a FASTA file with its index (.fai), plain or compressed by bgzip.
 *
 * Contigs are numbered in the order of the .fai file.  A handle keeps the block around the last
 * request, so neighbouring windows cost one read; it serves one thread at a time.
 *
 * No index is believed: a contig's place is checked against the file when it is first used, the
 * ends of lines and every letter as they are read.
 */
#ifndef PT_GENOME_H
#define PT_GENOME_H

#include "base/base.h"
#include "base/err.h"
#include "genome/fasta_index.h"
#include "stream/meta.h"

struct genome;

/*
 * Open a FASTA file.  A missing .fai (and .gzi of a bgzip file) is built beside it when the
 * directory is writable; otherwise, and for a file compressed by plain gzip, the message says
 * which command to run.  Of a file newer than its index every contig is checked at once.  Silences
 * htslib's own messages for the whole program.
 */
struct genome *genome_open(const char *path, struct err *e);
void genome_close(struct genome *g);

/* What the user is to be warned of (an index older than its file), or NULL. */
const char *genome_warning(const struct genome *g);

const char *genome_path(const struct genome *g);
const char *genome_name(const struct genome *g);        /* base name of the file */
int genome_n_contigs(const struct genome *g);
const char *genome_contig_name(const struct genome *g, int contig);
int64_t genome_contig_len(const struct genome *g, int contig);
int64_t genome_length(const struct genome *g);          /* of all contigs */
const struct fasta_contig *genome_contig(const struct genome *g, int contig);

/* Is the contig where the index says?  The file is looked at once; fetching asks by itself. */
int genome_check_contig(struct genome *g, int contig, struct err *e) PT_MUST_USE;

/* Number of the contig of exactly that name, or -1.  Aliases: genome/alias.h. */
int genome_contig_find(const struct genome *g, const char *name);

/*
 * Copy the letters of [start, end) to dst, upper-cased, without a terminator: A, C, G, T, N and the
 * IUPAC ambiguity letters.  The range must be inside the contig.  0, or -1 when the file cannot be
 * read, does not fit its index or has something else there.
 */
int genome_fetch(struct genome *g, char *dst, int contig, int64_t start, int64_t end,
                 struct err *e) PT_MUST_USE;

/* The message of a letter at pos (0-based) that is no base; always -1. */
int genome_not_a_base(const struct genome *g, int contig, int64_t pos, char letter,
                      struct err *e);

/*
 * Set the metadata line "genome": a JSON object with name, n_contigs, length, fai_sha256 and
 * fasta_sha256_prefix64mb (of the first 64 MiB of the FASTA file, as background files record it).
 */
int genome_to_meta(struct genome *g, struct meta *m, struct err *e) PT_MUST_USE;

/*
 * The second of these checksums, behind the state of the file that it is of (device, inode, size,
 * times of modification and change): where $PERTRACK_FASTA_ID holds this and the state is still
 * the same, genome_to_meta does not hash again.  The caller frees it; NULL on failure.
 */
char *genome_fasta_id(const struct genome *g, struct err *e);

/*
 * Does the "genome" line of other metadata describe this genome?  True without such a line;
 * otherwise contig number and total length decide, so that a recompressed copy still matches.
 */
bool genome_matches_meta(const struct genome *g, const struct meta *m);

/* "hg38", "hg19", "mm39", "mm10" or "mm9" by the length of chromosome 1, or NULL. */
const char *genome_assembly(int64_t chr1_length);

#endif
