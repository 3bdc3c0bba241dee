/* SPDX-License-Identifier: MIT */
/* Genomes for tests of the samplers: contigs of a list, letters of a formula. */
#ifndef PT_FIXTURE_H
#define PT_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genome/chrom.h"
#include "prog/mem.h"
#include "sample/bases.h"

/* h = (p * 2654435761 + c * 97531) mod 2^32; N if h / 256 mod 25 is 0, else ACGT[h / 2^30]. */
static inline int
fixture_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    const uint32_t h = (uint32_t)pos * 2654435761u + (uint32_t)(contig + 1) * 97531u;

    (void)arg, (void)e;
    *letter = h / 256 % 25 == 0 ? 'N' : "ACGT"[h >> 30];
    return 0;
}

/* Contigs of the lines "name TAB length"; false when the file cannot be read. */
static inline bool
fixture_bases(struct bases *b, const char *path)
{
    FILE *fp = fopen(path, "r");
    char name[300], rest[300];
    long long len;

    memset(b, 0, sizeof *b);
    b->letter = fixture_letter;
    b->name = mem_array(1000, sizeof *b->name);
    b->len = mem_array(1000, sizeof *b->len);
    while (fp && b->n < 1000 && fscanf(fp, "%299s %lld", name, &len) >= 1) {
        if (strcmp(name, "chrom") != 0) {
            b->name[b->n] = mem_strdup(name);
            b->len[b->n++] = len;
        }
        if (!fgets(rest, sizeof rest, fp))
            break;
    }
    if (fp)
        fclose(fp);
    return fp && b->n;
}

static inline void
fixture_free(struct bases *b)
{
    for (size_t i = 0; i < b->n; i++)
        free((char *)b->name[i]);
    bases_free(b);
}

/* Chromosomes up to a rank, by their exact names. */
struct fixture_finder {
    const struct bases *b;
    int max_rank;
};

static inline int
fixture_find(void *arg, const char *name, int64_t *len)
{
    const struct fixture_finder *f = arg;

    if (chrom_rank(name) > f->max_rank)
        return CHROM_SKIP;
    for (size_t i = 0; i < f->b->n; i++)
        if (strcmp(f->b->name[i], name) == 0) {
            *len = f->b->len[i];
            return (int)i;
        }
    return CHROM_ABSENT;
}

#endif
