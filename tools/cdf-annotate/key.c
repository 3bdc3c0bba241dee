/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "annotate.h"
#include "genome/alias.h"
#include "genome/normalise.h"
#include "genome/sites_parse.h"
#include "prog/die.h"
#include "prog/mem.h"

static bool
is_bases(const char *s)
{
    return *s && s[strspn(s, "ACGTNacgtn")] == '\0';
}

static const char *
plain_contig(const char *chrom)
{
    if (strncmp(chrom, "chr", 3) == 0 && chrom[3])
        chrom += 3;
    return strcmp(chrom, "M") == 0 ? "MT" : chrom;
}

/* Without the bases common to both ends, upper case. */
static char *
trimmed_key(const char *chrom, int64_t start, const char *ref, const char *alt)
{
    size_t n = strlen(ref), m = strlen(alt), skip = 0;
    char *place, *key;

    if (!is_bases(ref) || !is_bases(alt))
        return mem_printf("%s:%lld:%s:%s", plain_contig(chrom), (long long)start, ref, alt);
    while (n > 1 && m > 1 && toupper(ref[n - 1]) == toupper(alt[m - 1])) {
        n--;
        m--;
    }
    while (skip + 1 < n && skip + 1 < m && toupper(ref[skip]) == toupper(alt[skip]))
        skip++;
    place = mem_printf("%s:%lld:", plain_contig(chrom), (long long)start + (long long)skip);
    key = mem_printf("%s%.*s:%.*s", place, (int)(n - skip), ref + skip, (int)(m - skip),
                     alt + skip);
    for (char *p = key + strlen(place); *p; p++)
        *p = (char)toupper((unsigned char)*p);
    free(place);
    return key;
}

/* The same of the alleles as they are after left alignment. */
static char *
normalised_key(struct genome *g, int contig, const char *chrom, int64_t start, const char *ref,
               const char *alt)
{
    char *alts[] = { mem_strdup(alt) };
    struct site one = { .kind = SITE_VARIANT, .start = start, .ref = mem_strdup(ref),
                        .alt = alts, .n_alt = 1 };
    struct err e;
    char *key;

    sites_upper(one.ref);
    sites_upper(alts[0]);
    if (normalise_site(&one, g, contig, &e) < 0)
        die_err(&e);
    key = trimmed_key(chrom, one.start, one.ref, alts[0]);
    free(one.ref);
    free(alts[0]);
    return key;
}

char *
variant_key(struct genome *g, const char *chrom, int64_t start, const char *ref, const char *alt)
{
    const int contig = g ? alias_resolve(g, chrom, NULL) : -1;

    return contig < 0 ? trimmed_key(chrom, start, ref, alt)
                      : normalised_key(g, contig, chrom, start, ref, alt);
}
