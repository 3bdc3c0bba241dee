/* SPDX-License-Identifier: MIT */
#include "genome/normalise.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* Bases of genome that alleles are extended by at a time. */
enum { STEP = 64 };

/* All alleles of a site, REF first, as strings in one piece of memory each. */
struct alleles {
    char **text;
    size_t *len;
    size_t n;
    int64_t start;
};

static bool
is_bases(const char *s)
{
    return *s && s[strspn(s, "ACGTN")] == '\0';
}

static bool
can_normalise(const struct site *s)
{
    if (s->kind != SITE_VARIANT || s->n_alt == 0 || s->start < 0 || !is_bases(s->ref))
        return false;
    for (size_t i = 0; i < s->n_alt; i++)
        if (!is_bases(s->alt[i]) || strcmp(s->alt[i], s->ref) == 0)
            return false;
    return true;
}

static int
ref_agrees(const struct site *s, struct genome *g, int contig, struct err *e)
{
    const size_t n = strlen(s->ref);
    char *letters;
    int same;

    if (s->start + (int64_t)n > genome_contig_len(g, contig))
        return 0;
    letters = mem_alloc(n);
    same = genome_fetch(g, letters, contig, s->start, s->start + (int64_t)n, e) ? -1
           : memcmp(letters, s->ref, n) == 0;
    free(letters);
    return same;
}

static size_t
shortest(const struct alleles *a)
{
    size_t least = a->len[0];

    for (size_t i = 1; i < a->n; i++)
        least = a->len[i] < least ? a->len[i] : least;
    return least;
}

static bool
end_alike(const struct alleles *a)
{
    for (size_t i = 1; i < a->n; i++)
        if (a->text[i][a->len[i] - 1] != a->text[0][a->len[0] - 1])
            return false;
    return true;
}

static bool
begin_alike(const struct alleles *a, size_t at)
{
    for (size_t i = 1; i < a->n; i++)
        if (a->text[i][at] != a->text[0][at])
            return false;
    return true;
}

/* Put up to STEP bases of genome before every allele; 0 at the contig's beginning, -1 unreadable. */
static int
extend(struct alleles *a, struct genome *g, int contig, struct err *e)
{
    const int64_t from = a->start > STEP ? a->start - STEP : 0;
    const size_t n = (size_t)(a->start - from);
    char bases[STEP];

    if (n == 0)
        return 0;
    if (genome_fetch(g, bases, contig, from, a->start, e))
        return -1;
    for (size_t i = 0; i < a->n; i++) {
        a->text[i] = mem_resize(a->text[i], a->len[i] + n + 1, 1);
        memmove(a->text[i] + n, a->text[i], a->len[i]);
        memcpy(a->text[i], bases, n);
        a->len[i] += n;
    }
    a->start = from;
    return 1;
}

static int
trim_right(struct alleles *a, struct genome *g, int contig, struct err *e)
{
    while (end_alike(a)) {
        if (shortest(a) == 1) {
            const int rc = extend(a, g, contig, e);

            if (rc <= 0)
                return rc;
        }
        for (size_t i = 0; i < a->n; i++)
            a->len[i]--;
    }
    return 0;
}

static void
trim_left(struct alleles *a)
{
    const size_t least = shortest(a);
    size_t cut = 0;

    while (cut + 1 < least && begin_alike(a, cut))
        cut++;
    for (size_t i = 0; i < a->n; i++) {
        a->len[i] -= cut;
        memmove(a->text[i], a->text[i] + cut, a->len[i]);
        a->text[i][a->len[i]] = '\0';
    }
    a->start += (int64_t)cut;
}

static struct alleles
take_alleles(struct site *s)
{
    struct alleles a = { .n = s->n_alt + 1, .start = s->start };

    a.text = mem_array(a.n, sizeof *a.text);
    a.len = mem_array(a.n, sizeof *a.len);
    a.text[0] = s->ref;
    memcpy(a.text + 1, s->alt, s->n_alt * sizeof *s->alt);
    for (size_t i = 0; i < a.n; i++)
        a.len[i] = strlen(a.text[i]);
    return a;
}

static void
give_alleles(struct site *s, struct alleles *a)
{
    s->ref = a->text[0];
    memcpy(s->alt, a->text + 1, s->n_alt * sizeof *s->alt);
    s->start = a->start;
    s->end = a->start + (int64_t)a->len[0];
    free(a->text);
    free(a->len);
}

/* Is there anything to do?  For one ALT and, since less is alike of more, for several. */
static bool
would_change(const struct alleles *a)
{
    const size_t least = shortest(a);

    return least > 1 ? end_alike(a) || begin_alike(a, 0) : a->start > 0 && end_alike(a);
}

int
normalise_site(struct site *s, struct genome *g, int contig, struct err *e)
{
    int agrees = can_normalise(s) ? ref_agrees(s, g, contig, e) : 0, rc = 0;
    struct alleles a;

    if (agrees <= 0)
        return agrees;
    a = take_alleles(s);
    if (would_change(&a)) {
        rc = trim_right(&a, g, contig, e) ? -1 : 1;
        trim_left(&a);
    }
    give_alleles(s, &a);
    return rc;
}

bool
normalise_would(int64_t start, const char *ref, const char *alt)
{
    char *text[] = { (char *)ref, (char *)alt };
    size_t len[] = { strlen(ref), strlen(alt) };
    const struct alleles a = { text, len, 2, start };

    return len[0] && len[1] && strcmp(ref, alt) != 0 && would_change(&a);
}

/* s with the allele i alone. */
static void
copy_one(struct site *one, const struct site *s, size_t i)
{
    struct site part = *s;

    part.alt = s->alt + i;
    part.n_alt = 1;
    site_copy(one, &part);
}

/* Move the only allele of one to the site it belongs to, or make one a site of its own. */
static void
join(struct normalised *p, struct site *one)
{
    for (size_t i = 0; i < p->n; i++) {
        struct site *s = &p->site[i];

        if (s->start != one->start || strcmp(s->ref, one->ref) != 0)
            continue;
        s->alt = mem_resize(s->alt, s->n_alt + 1, sizeof *s->alt);
        s->alt[s->n_alt++] = one->alt[0];
        one->n_alt = 0;
        site_free(one);
        return;
    }
    mem_grow(&p->site, &p->cap, p->n + 1, sizeof *p->site);
    p->site[p->n++] = *one;
}

static void
empty(struct normalised *p)
{
    for (size_t i = 0; i < p->n; i++)
        site_free(&p->site[i]);
    p->n = 0;
    p->n_changed = 0;
}

static void
add_whole(struct normalised *p, const struct site *s)
{
    struct site copy;

    site_init(&copy);
    site_copy(&copy, s);
    mem_grow(&p->site, &p->cap, p->n + 1, sizeof *p->site);
    p->site[p->n++] = copy;
}

int
normalise_split(struct normalised *p, const struct site *s, struct genome *g, int contig,
                struct err *e)
{
    empty(p);
    if (s->kind != SITE_VARIANT || s->n_alt == 0) {
        add_whole(p, s);
        return 0;
    }
    for (size_t i = 0; i < s->n_alt; i++) {
        struct site one;
        int rc;

        site_init(&one);
        copy_one(&one, s, i);
        rc = normalise_site(&one, g, contig, e);
        if (rc < 0) {
            site_free(&one);
            return -1;
        }
        p->n_changed += (uint64_t)rc;
        join(p, &one);
    }
    return 0;
}

void
normalised_free(struct normalised *p)
{
    empty(p);
    free(p->site);
    memset(p, 0, sizeof *p);
}
