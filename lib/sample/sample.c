/* SPDX-License-Identifier: MIT */
#include "sample/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest/hash256.h"
#include "prog/mem.h"

static const struct {
    const char *id, *text;
} reasons[SAMPLE_REASONS] = {
    [SAMPLE_KEPT] = { "kept", "kept" },
    [SAMPLE_NOT_ACGT] = { "not_acgt", "base is not A, C, G or T" },
    [SAMPLE_DUPLICATE] = { "duplicate", "position drawn before" },
    [SAMPLE_MARGIN] = { "margin", "nearer to a contig end than the margin" },
    [SAMPLE_OTHER_REF] = { "other_ref", "REF differs from the genome" },
};

const char *
sample_reason_text(enum sample_reason reason)
{
    return reasons[reason].text;
}

const char *
sample_reason_id(enum sample_reason reason)
{
    return reasons[reason].id;
}

void
sample_init(struct sample *s)
{
    memset(s, 0, sizeof *s);
}

void
sample_free(struct sample *s)
{
    free(s->kept.site);
    free(s->rejected.site);
    free(s->skipped.site);
    free(s->stratum);
}

static struct sample_count *
find_stratum(struct sample *s, const char *name)
{
    for (size_t i = 0; i < s->n_strata; i++)
        if (s->stratum[i].stratum == name || strcmp(s->stratum[i].stratum, name) == 0)
            return &s->stratum[i];
    mem_grow(&s->stratum, &s->cap_strata, s->n_strata + 1, sizeof *s->stratum);
    s->stratum[s->n_strata] = (struct sample_count){ .stratum = name };
    return &s->stratum[s->n_strata++];
}

void
sample_want(struct sample *s, const char *stratum, int64_t n)
{
    find_stratum(s, stratum)->wanted += n;
}

void
sample_pool(struct sample *s, const char *name, size_t n)
{
    if (s->n_pools < ARRAY_LEN(s->pool)) {
        s->pool[s->n_pools].name = name;
        s->pool[s->n_pools++].n = n;
    }
}

static void
append(struct sample_list *list, const struct sample_site *site)
{
    mem_grow(&list->site, &list->cap, list->n + 1, sizeof *list->site);
    list->site[list->n++] = *site;
}

static void
count(struct sample *s, const struct sample_site *site)
{
    if (!s->count[site->reason]++)
        s->first[site->reason] = *site;
}

void
sample_add(struct sample *s, const struct sample_site *site, bool keep_rejected)
{
    struct sample_count *stratum = find_stratum(s, site->stratum);

    s->draws++;
    stratum->draws++;
    stratum->kept += site->reason == SAMPLE_KEPT;
    count(s, site);
    if (site->reason == SAMPLE_KEPT)
        append(&s->kept, site);
    else if (keep_rejected)
        append(&s->rejected, site);
}

static void
filter(struct sample_list *list, const char *stratum)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->site[i].stratum, stratum) == 0)
            list->site[n++] = list->site[i];
    list->n = n;
}

/* The rejected sites must have been kept: their reasons are counted again. */
void
sample_only(struct sample *s, const char *stratum)
{
    const struct sample_count one = *find_stratum(s, stratum);

    filter(&s->kept, stratum);
    filter(&s->rejected, stratum);
    s->stratum[0] = one;
    s->n_strata = 1;
    s->draws = one.draws;
    memset(s->count, 0, sizeof s->count);
    for (size_t i = 0; i < s->kept.n; i++)
        count(s, &s->kept.site[i]);
    for (size_t i = 0; i < s->rejected.n; i++)
        count(s, &s->rejected.site[i]);
}

void
sample_skip_contig(struct sample *s, size_t contig)
{
    append(&s->skipped, &(struct sample_site){ .contig = contig });
}

/* A kept site by its place; the rank of its contig is above the position. */
struct place {
    uint64_t key;
    size_t site;
};

enum { RADIX_BITS = 11, RADIX = 1 << RADIX_BITS };

/* One pass of a stable sort by RADIX_BITS bits of the key; false when they are all the same. */
static bool
sort_bits(struct place *to, const struct place *from, size_t n, int shift)
{
    size_t at[RADIX] = { 0 }, sum = 0;

    for (size_t i = 0; i < n; i++)
        at[from[i].key >> shift & (RADIX - 1)]++;
    if (at[from[0].key >> shift & (RADIX - 1)] == n)
        return false;
    for (size_t k = 0; k < RADIX; k++) {
        const size_t count = at[k];

        at[k] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[at[from[i].key >> shift & (RADIX - 1)]++] = from[i];
    return true;
}

/* The kept sites sorted by contig (by rank unless it is NULL) and position; the caller frees. */
static struct place *
sort_places(const struct sample *s, const size_t *rank)
{
    const size_t n = s->kept.n;
    struct place *sorted = mem_array(n, sizeof *sorted), *other = mem_array(n, sizeof *other);

    for (size_t i = 0; i < n; i++) {
        const struct sample_site *site = &s->kept.site[i];
        const uint64_t contig = rank ? rank[site->contig] : site->contig;

        sorted[i] = (struct place){ contig << 32 | (uint64_t)site->pos, i };
    }
    for (int shift = 0; shift < 64 && n; shift += RADIX_BITS)
        if (sort_bits(other, sorted, n, shift)) {
            struct place *swap = sorted;

            sorted = other;
            other = swap;
        }
    free(other);
    return sorted;
}

size_t
sample_distinct(const struct sample *s, struct sample_site *most, size_t *times)
{
    const size_t n = s->kept.n;
    struct place *sorted = sort_places(s, NULL);
    size_t distinct = 0, run = 0, longest = 0;

    for (size_t i = 0; i < n; i++) {
        const bool same = i && sorted[i - 1].key == sorted[i].key;

        distinct += !same;
        run = same ? run + 1 : 1;
        if (run > longest) {
            longest = run;
            if (most)
                *most = s->kept.site[sorted[i].site];
        }
    }
    if (times)
        *times = longest;
    free(sorted);
    return distinct;
}

/* Appends a number to text; returns the end. */
static char *
put_number(char *text, int64_t value)
{
    char digits[20];
    int n = 0;

    do
        digits[n++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (n)
        *text++ = digits[--n];
    return text;
}

void
sample_sha256(const struct sample *s, const struct bases *b, char hex[65])
{
    struct hash256 *h = hash256_new();

    for (size_t i = 0; i < s->kept.n; i++) {
        const struct sample_site *site = &s->kept.site[i];
        const char *name = b->name[site->contig];
        char text[48] = "\t", *p = put_number(text + 1, site->pos + 1);

        if (site->alt) {
            memcpy(p, (char[4]){ '\t', site->ref, '\t', site->alt }, 4);
            p += 4;
        }
        *p++ = '\n';
        hash256_add(h, name, strlen(name));
        hash256_add(h, text, (size_t)(p - text));
    }
    hash256_hex(h, hex);
}

struct by_name {
    const char *name;
    size_t contig;
};

static int
by_bytes(const void *pa, const void *pb)
{
    return strcmp(((const struct by_name *)pa)->name, ((const struct by_name *)pb)->name);
}

/* Place of every contig in the order of the names' bytes. */
static size_t *
name_ranks(const struct bases *b)
{
    struct by_name *order = mem_array(b->n, sizeof *order);
    size_t *rank = mem_array(b->n, sizeof *rank);

    for (size_t i = 0; i < b->n; i++)
        order[i] = (struct by_name){ b->name[i], i };
    if (b->n)
        qsort(order, b->n, sizeof *order, by_bytes);
    for (size_t i = 0; i < b->n; i++)
        rank[order[i].contig] = i;
    free(order);
    return rank;
}

/* For sites at the same place. */
static int
by_fields(const void *pa, const void *pb, void *arg)
{
    const struct sample *s = arg;
    const struct sample_site *a = &s->kept.site[((const struct place *)pa)->site];
    const struct sample_site *b = &s->kept.site[((const struct place *)pb)->site];

    if (a->ref != b->ref)
        return a->ref < b->ref ? -1 : 1;
    if (a->alt != b->alt)
        return a->alt < b->alt ? -1 : 1;
    return strcmp(a->stratum, b->stratum);
}

static void
sort_fields(struct place *sorted, const struct sample *s)
{
    for (size_t i = 0, n; i < s->kept.n; i += n) {
        for (n = 1; i + n < s->kept.n && sorted[i + n].key == sorted[i].key;)
            n++;
        if (n > 1)
            qsort_r(&sorted[i], n, sizeof *sorted, by_fields, (void *)s);
    }
}

static void
hash_fields(struct hash256 *h, const struct sample_site *site, const char *name)
{
    char text[48] = "|", *p = put_number(text + 1, site->pos + 1);

    if (site->alt) {
        memcpy(p, (char[4]){ '|', site->ref, '|', site->alt }, 4);
        p += 4;
    }
    *p++ = '|';
    hash256_add(h, name, strlen(name));
    hash256_add(h, text, (size_t)(p - text));
    hash256_add(h, site->stratum, strlen(site->stratum));
    hash256_add(h, "\n", 1);
}

void
sample_set_sha256(const struct sample *s, const struct bases *b, char hex[65])
{
    size_t *rank = name_ranks(b);
    struct place *sorted = sort_places(s, rank);
    struct hash256 *h = hash256_new();

    sort_fields(sorted, s);
    for (size_t i = 0; i < s->kept.n; i++) {
        const struct sample_site *site = &s->kept.site[sorted[i].site];

        hash_fields(h, site, b->name[site->contig]);
    }
    hash256_hex(h, hex);
    free(sorted);
    free(rank);
}
