/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a FASTA file, plain or compressed by bgzip, at random places, and whether they are
 * what an index says of them.
 */
#ifndef PT_FASTA_FILE_H
#define PT_FASTA_FILE_H

#include "base/base.h"
#include "base/err.h"
#include "genome/fasta_index.h"

struct fasta_file;

/* gzi is the index of a file compressed by bgzip, NULL of a plain one. */
struct fasta_file *fasta_file_open(const char *path, const char *gzi, struct err *e);
void fasta_file_close(struct fasta_file *f);

/*
 * Copy up to n bytes of the uncompressed file from offset on.  How many there were, fewer only at
 * the end of the file; -1 when it cannot be read, or a compressed block is not where gzi says.
 */
int64_t fasta_file_read(struct fasta_file *f, char *dst, int64_t offset, int64_t n,
                        struct err *e);

/*
 * Is this contig where its index says?  In front of its first base must be a line ">NAME", behind
 * its last the next contig or the end of the file.  The lines between show when they are read.
 */
int fasta_file_check(struct fasta_file *f, const struct fasta_contig *c, struct err *e);

#endif
