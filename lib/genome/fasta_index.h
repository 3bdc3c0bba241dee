/* SPDX-License-Identifier: MIT */
/*
 * The index of a FASTA file (.fai, as samtools faidx makes it): where the bases of each contig are
 * in the file.  Line ends may be LF or CRLF.
 */
#ifndef PT_FASTA_INDEX_H
#define PT_FASTA_INDEX_H

#include "base/base.h"
#include "base/err.h"

struct fasta_contig {
    const char *name;           /* belongs to the index */
    int64_t len;                /* bp */
    int64_t offset;             /* of the first base, in bytes of the uncompressed file */
    int64_t line_bases, line_bytes;     /* of a full line: without and with its end */
};

struct fasta_index {
    struct fasta_contig *contig;        /* n, in the order of the file */
    size_t n;
    char *text;
};

/*
 * Every contig's last base has a place below 2^63; names differ.  -1 with line and fault when the
 * file is no such index or lists no contigs.
 */
int fasta_index_read(struct fasta_index *x, const char *path, struct err *e);
void fasta_index_free(struct fasta_index *x);

/* Place in the file of the base at pos, 0 <= pos < len. */
static inline int64_t
fasta_contig_byte(const struct fasta_contig *c, int64_t pos)
{
    return c->offset + pos / c->line_bases * c->line_bytes + pos % c->line_bases;
}

#endif
