/* SPDX-License-Identifier: MIT */
/*
 * Reader of sequences: FASTA, or plain text with one sequence per line; either plain or
 * compressed, from a file or standard input.
 */
#ifndef PT_SEQS_H
#define PT_SEQS_H

#include "base/base.h"
#include "base/err.h"

/* One sequence; the strings belong to the reader and last until the next call. */
struct seq {
    const char *name;           /* first word of the FASTA header; "seq1", "seq2", ... of text */
    const char *letters;        /* upper case; A, C, G, T, N and the IUPAC ambiguity letters */
    size_t length;              /* at least 1 */
};

struct seqs;

/* NULL or "-" is standard input.  Sites (VCF, BED) and empty input are refused. */
struct seqs *seqs_open(const char *path, struct err *e);
void seqs_close(struct seqs *s);

/* 1, 0 at the end, -1 with file and line in the message. */
int seqs_next(struct seqs *s, struct seq *seq, struct err *e);

const char *seqs_name(const struct seqs *s);    /* file name, or "standard input" */

#endif
