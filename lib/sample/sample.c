/* SPDX-License-Identifier: MIT */
#include "sample/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash256.h"
#include "prog/mem.h"

static const struct {
    const char *id, *text;
} reasons[SAMPLE_REASONS] = {
    [SAMPLE_KEPT] = { "kept", "kept" },
    [SAMPLE_NOT_ACGT] = { "not_acgt", "base is not A, C, G or T" },
    [SAMPLE_DUPLICATE] = { "duplicate", "position drawn before" },
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
}

static void
append(struct sample_list *list, const struct sample_site *site)
{
    mem_grow(&list->site, &list->cap, list->n + 1, sizeof *list->site);
    list->site[list->n++] = *site;
}

void
sample_add(struct sample *s, const struct sample_site *site, bool keep_rejected)
{
    s->draws++;
    if (!s->count[site->reason]++)
        s->first[site->reason] = *site;
    if (site->reason == SAMPLE_KEPT)
        append(&s->kept, site);
    else if (keep_rejected)
        append(&s->rejected, site);
}

void
sample_skip_contig(struct sample *s, size_t contig)
{
    append(&s->skipped, &(struct sample_site){ .contig = contig });
}

static int
by_place(const void *pa, const void *pb)
{
    const struct sample_site *a = pa, *b = pb;

    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    return (a->pos > b->pos) - (a->pos < b->pos);
}

size_t
sample_distinct(const struct sample *s)
{
    const size_t n = s->kept.n;
    struct sample_site *sorted = mem_array(n, sizeof *sorted);
    size_t distinct = n > 0;

    if (n) {
        memcpy(sorted, s->kept.site, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_place);
    }
    for (size_t i = 1; i < n; i++)
        distinct += by_place(&sorted[i - 1], &sorted[i]) != 0;
    free(sorted);
    return distinct;
}

void
sample_sha256(const struct sample *s, const struct bases *b, char hex[65])
{
    struct hash256 *h = hash256_new();

    for (size_t i = 0; i < s->kept.n; i++) {
        const struct sample_site *site = &s->kept.site[i];
        const char *name = b->name[site->contig];
        char text[48];
        int n = snprintf(text, sizeof text, "\t%lld", (long long)site->pos + 1);

        if (site->alt)
            n += snprintf(text + n, sizeof text - (size_t)n, "\t%c\t%c", site->ref, site->alt);
        text[n++] = '\n';
        hash256_add(h, name, strlen(name));
        hash256_add(h, text, (size_t)n);
    }
    hash256_hex(h, hex);
}
