/* SPDX-License-Identifier: MIT */
#include "sample/uniform.h"

#include "rng/keyed.h"
#include "sample/seen.h"

/* Reason to reject the drawn base, after filling in the site; -1 when it cannot be read. */
static int
judge(struct sample_site *site, const struct bases *b, const struct intervals *iv, uint64_t index,
      const struct seen *seen, struct err *e)
{
    site->pos = intervals_at(iv, index, &site->contig);
    if (b->letter(b->arg, site->contig, site->pos, &site->ref, e))
        return -1;
    if (seen_has(seen, index))
        return SAMPLE_DUPLICATE;
    return bases_code(site->ref) < 0 ? SAMPLE_NOT_ACGT : SAMPLE_KEPT;
}

/* rejected is how many draws the sample has rejected before the first of these. */
static int
draw_site(struct sample *s, struct seen *seen, uint64_t rejected, const struct bases *b,
          const struct sample_params *p, uint64_t ordinal, struct err *e)
{
    const uint64_t limit = 1000 * (uint64_t)p->n + 100000;
    const char *stratum = p->n_strata ? p->stratum->name : "uniform";
    struct keyed_stream stream;

    keyed_stream_init(&stream, p->seed, ordinal);
    while (s->draws - s->kept.n - rejected <= limit) {
        const uint64_t index = keyed_below(&stream, p->within->total);
        struct sample_site site = { .stratum = stratum };
        const int reason = judge(&site, b, p->within, index, seen, e);

        if (reason < 0)
            return -1;
        site.reason = (enum sample_reason)reason;
        if (reason == SAMPLE_KEPT) {
            const uint64_t alt = keyed_below(&stream, 3);

            seen_add(seen, index);
            if (p->kind == SAMPLE_SNPS)
                site.alt = "ACGT"[alt + (alt >= (uint64_t)bases_code(site.ref))];
        }
        sample_add(s, &site, p->keep_rejected);
        if (reason == SAMPLE_KEPT)
            return 0;
    }
    return err_set(e, "only %zu of %llu drawn positions could be kept, nearly all others are not "
                   "A, C, G or T; name the places with known sequence with --within",
                   s->kept.n, (unsigned long long)s->draws);
}

int
uniform_sites(struct sample *s, const struct bases *b, const struct sample_params *p,
              struct err *e)
{
    const uint64_t n = (uint64_t)p->n, rejected = s->draws - s->kept.n;
    struct seen seen;
    int status = 0;

    if (n > p->within->total / 2)
        return err_set(e, "%llu distinct positions are too many for %llu bases (at most half of "
                       "them); give a smaller -n or more sequence",
                       (unsigned long long)n, (unsigned long long)p->within->total);
    seen_init(&seen, n);
    for (uint64_t i = 0; i < n && status == 0; i++)
        status = draw_site(s, &seen, rejected, b, p, i, e);
    seen_free(&seen);
    return status;
}
