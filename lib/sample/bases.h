/* SPDX-License-Identifier: MIT */
/* What a sampler needs to know of a genome: contig names, lengths and single letters. */
#ifndef PT_SAMPLE_BASES_H
#define PT_SAMPLE_BASES_H

#include "base/base.h"
#include "base/err.h"

struct genome;
struct bases_map;

struct bases {
    size_t n;                   /* contigs */
    const char **name;          /* [n] */
    int64_t *len;               /* [n], bp */

    /* The upper-case letter at a position inside the contig; -1 with e set when unreadable. */
    int (*letter)(void *arg, size_t contig, int64_t pos, char *letter, struct err *e);
    void *arg;
    struct bases_map *map;      /* NULL: letters of another source; belongs to this */
};

/*
 * Views an open genome, which must outlive it; bases_free frees the rest.  A FASTA file that is
 * not compressed is mapped into memory, since letters at random places are a hundred times
 * cheaper there than through the genome's reader.
 */
void bases_of_genome(struct bases *b, struct genome *g);
void bases_free(struct bases *b);

/* Is the contig, whose length places were drawn by, where the genome's index says? */
int bases_check(const struct bases *b, size_t contig, struct err *e) PT_MUST_USE;

/* Number of the letter in ACGT, or -1 for any other letter. */
int bases_code(char letter);

#endif
