/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "annotate.h"
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

char *
variant_key(const char *chrom, int64_t start, const char *ref, const char *alt)
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
