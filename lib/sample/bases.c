/* SPDX-License-Identifier: MIT */
#include "sample/bases.h"

#include <stdlib.h>

#include "genome/genome.h"
#include "prog/mem.h"

static int
genome_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    return genome_fetch(arg, letter, (int)contig, pos, pos + 1, e);
}

void
bases_of_genome(struct bases *b, struct genome *g)
{
    b->n = (size_t)genome_n_contigs(g);
    b->name = mem_array(b->n, sizeof *b->name);
    b->len = mem_array(b->n, sizeof *b->len);
    for (size_t i = 0; i < b->n; i++) {
        b->name[i] = genome_contig_name(g, (int)i);
        b->len[i] = genome_contig_len(g, (int)i);
    }
    b->letter = genome_letter;
    b->arg = g;
}

void
bases_free(struct bases *b)
{
    free(b->name);
    free(b->len);
}

int
bases_code(char letter)
{
    switch (letter) {
    case 'A': return 0;
    case 'C': return 1;
    case 'G': return 2;
    case 'T': return 3;
    default: return -1;
    }
}
