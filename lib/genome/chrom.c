/* SPDX-License-Identifier: MIT */
#include "genome/chrom.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* 1..22 of a number without leading zeros, 0 for anything else. */
static int
autosome(const char *s)
{
    const int tens = s[0] && s[1] ? s[0] - '0' : 0, ones = tens ? s[1] - '0' : s[0] - '0';

    if (ones < 0 || ones > 9 || tens < 0 || tens > 2 || s[tens ? 2 : 1] != '\0')
        return 0;
    return 10 * tens + ones <= CHROM_AUTOSOMES ? 10 * tens + ones : 0;
}

int
chrom_rank(const char *name)
{
    const char *s = strncmp(name, "chr", 3) == 0 ? name + 3 : name;
    const int number = *s ? autosome(s) : 0;

    if (number)
        return number;
    if (strcmp(s, "X") == 0)
        return CHROM_X;
    if (strcmp(s, "Y") == 0)
        return CHROM_Y;
    return strcmp(s, "M") == 0 || strcmp(s, "MT") == 0 ? CHROM_M : CHROM_OTHER;
}

void
chrom_cache_init(struct chrom_cache *c, const struct chrom_finder *f)
{
    memset(c, 0, sizeof *c);
    c->finder = f;
}

void
chrom_cache_free(struct chrom_cache *c)
{
    free(c->name);
}

int
chrom_cache_find(struct chrom_cache *c, const char *name)
{
    if (c->name && strcmp(c->name, name) == 0)
        return c->contig;
    free(c->name);
    c->name = mem_strdup(name);
    c->rank = chrom_rank(name);
    c->len = 0;
    c->contig = c->finder->find(c->finder->arg, name, &c->len);
    return c->contig;
}
