/* SPDX-License-Identifier: MIT */
/*
 * Reader of sites: VCF (plain, gzip or bgzip), BCF, or BED (plain or compressed), recognised by
 * content, from a file or standard input.  A binary stream of this suite at the same place is
 * recognised too, and handed on byte by byte.
 *
 *   VCF, BCF   variants; stratum from INFO/STRATUM; every ALT as it stands (upper case letters,
 *              symbolic alleles and "*" included: genome/window.h says which can be scored)
 *   BED        regions; stratum from column 4; "#", "track", "browser" and empty lines skipped
 *
 * A text that is neither, as a table of variants, is an error that says what it looks like
 * (genome/lookalike.h); so is BED with alleles behind the region, unless the caller asks for BED.
 * Line ends may be LF or CRLF.  A file that was cut short is an error where the format shows it.
 */
#ifndef PT_SITES_H
#define PT_SITES_H

#include <sys/types.h>

#include "base/base.h"
#include "base/err.h"
#include "genome/alias.h"
#include "genome/genome.h"
#include "genome/site.h"
#include "stream/meta.h"

enum sites_kind { SITES_AUTO, SITES_VCF, SITES_BED };

struct sites;

/*
 * Open path (NULL or "-": standard input) and read its header.  kind other than SITES_AUTO says
 * what a text without "##fileformat=VCF" is.  Empty input is an error; a header without records
 * is not.  Silences htslib's own messages for the whole program.
 */
struct sites *sites_open(const char *path, enum sites_kind kind, struct err *e);
void sites_close(struct sites *s);

/* Next site into *site (initialised by the caller): 1, 0 at the end, -1 with "FILE:LINE: ...". */
int sites_next(struct sites *s, struct site *site, struct err *e);

/* Our metadata and bcftools' command lines found in the header. */
const struct meta *sites_meta(const struct sites *s);

bool sites_is_variants(const struct sites *s);  /* VCF or BCF, not BED */
const char *sites_name(const struct sites *s);  /* file name, or "standard input" */

/* "FILE:LINE" of the site just read ("FILE: record N" of BCF); valid until the next call. */
const char *sites_where(struct sites *s);
uint64_t sites_count(const struct sites *s);    /* sites read so far */

/* Length of a contig by the VCF header, or 0 when the header does not say. */
int64_t sites_contig_len(const struct sites *s, const char *name);

/*
 * Compare the contig lengths of a VCF header with the genome's (names resolved as in alias.h): a
 * contradiction is an error with both lengths and, where chromosome 1 tells, the assemblies.
 * Without lengths in the header there is nothing to compare.  Names are added to a (may be NULL).
 */
int sites_check_genome(const struct sites *s, const struct genome *g, struct alias_map *a,
                       struct err *e) PT_MUST_USE;

/*
 * True when the input is a binary stream.  Then only sites_read may be used: it has the contract
 * of read(2) and fits stream_open(sites_read, s, sites_name(s), ...).
 */
bool sites_is_stream(const struct sites *s);
ssize_t sites_read(void *sites, void *buffer, size_t bytes);

#endif
