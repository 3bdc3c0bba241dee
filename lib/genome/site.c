/* SPDX-License-Identifier: MIT */
#include "genome/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "prog/mem.h"
#include "rng/keyed.h"

void
site_init(struct site *s)
{
    memset(s, 0, sizeof *s);
}

void
site_free(struct site *s)
{
    free(s->chrom);
    free(s->ref);
    free(s->id);
    free(s->stratum);
    for (size_t i = 0; i < s->n_alt; i++)
        free(s->alt[i]);
    free(s->alt);
    site_init(s);
}

void
site_copy(struct site *dst, const struct site *src)
{
    struct site copy = *src;

    copy.chrom = mem_strdup(src->chrom);
    copy.ref = mem_strdup(src->ref);
    copy.id = mem_strdup(src->id);
    copy.stratum = mem_strdup(src->stratum);
    copy.alt = mem_array(src->n_alt, sizeof *copy.alt);
    for (size_t i = 0; i < src->n_alt; i++)
        copy.alt[i] = mem_strdup(src->alt[i]);
    site_free(dst);
    *dst = copy;
}

uint64_t
site_key(const struct site *s)
{
    const char *chrom = strncmp(s->chrom, "chr", 3) == 0 ? s->chrom + 3 : s->chrom;
    size_t bytes = strlen(chrom) + strlen(s->ref) + strlen(s->id) + 64;
    uint64_t key;
    char *text, *p;

    for (size_t i = 0; i < s->n_alt; i++)
        bytes += strlen(s->alt[i]) + 1;
    p = text = mem_alloc(bytes);
    p = stpcpy(p, chrom);
    *p++ = '\t';
    p = decimal_put(p, s->start);
    *p++ = '\t';
    p = decimal_put(p, s->end);
    *p++ = '\t';
    p = stpcpy(p, s->ref);
    *p++ = '\t';
    for (size_t i = 0; i < s->n_alt; i++) {
        if (i)
            *p++ = ',';
        p = stpcpy(p, s->alt[i]);
    }
    *p++ = '\t';
    p = stpcpy(p, s->id);
    key = keyed_bytes(text, (size_t)(p - text), 0);
    free(text);
    return key;
}
