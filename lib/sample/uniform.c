/* SPDX-License-Identifier: MIT */
#include "sample/uniform.h"

#include <stdlib.h>

#include "prog/mem.h"
#include "rng/keyed.h"

/* Base numbers seen so far, plus 1: 0 is a free slot.  Open addressing, at most half full. */
struct seen {
    uint64_t *slot;
    size_t mask;
};

static void
seen_init(struct seen *seen, uint64_t n)
{
    size_t slots = 16;

    while (slots < 2 * n)
        slots *= 2;
    seen->slot = mem_array(slots, sizeof *seen->slot);
    seen->mask = slots - 1;
}

/* The slot that holds index, or the free one where it belongs. */
static uint64_t *
seen_find(const struct seen *seen, uint64_t index)
{
    size_t i = keyed_hash(0, index, 0) & seen->mask;

    while (seen->slot[i] && seen->slot[i] != index + 1)
        i = (i + 1) & seen->mask;
    return &seen->slot[i];
}

/* Reason to reject the drawn base, after filling in the site; -1 when it cannot be read. */
static int
judge(struct sample_site *site, const struct bases *b, const struct intervals *iv, uint64_t index,
      const uint64_t *slot, struct err *e)
{
    site->pos = intervals_at(iv, index, &site->contig);
    if (b->letter(b->arg, site->contig, site->pos, &site->ref, e))
        return -1;
    if (*slot)
        return SAMPLE_DUPLICATE;
    return bases_code(site->ref) < 0 ? SAMPLE_NOT_ACGT : SAMPLE_KEPT;
}

static int
draw_site(struct sample *s, struct seen *seen, const struct bases *b,
          const struct sample_params *p, uint64_t ordinal, struct err *e)
{
    const uint64_t limit = 1000 * (uint64_t)p->n + 100000;
    struct keyed_stream stream;

    keyed_stream_init(&stream, p->seed, ordinal);
    while (s->draws - s->kept.n <= limit) {
        const uint64_t index = keyed_below(&stream, p->within->total);
        uint64_t *slot = seen_find(seen, index);
        struct sample_site site = { .stratum = "uniform" };
        const int reason = judge(&site, b, p->within, index, slot, e);

        if (reason < 0)
            return -1;
        site.reason = (enum sample_reason)reason;
        if (reason == SAMPLE_KEPT) {
            const uint64_t alt = keyed_below(&stream, 3);

            *slot = index + 1;
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
    const uint64_t n = (uint64_t)p->n;
    struct seen seen;
    int status = 0;

    if (n > p->within->total / 2)
        return err_set(e, "%llu distinct positions are too many for %llu bases (at most half of "
                       "them); give a smaller -n or more sequence",
                       (unsigned long long)n, (unsigned long long)p->within->total);
    seen_init(&seen, n);
    for (uint64_t i = 0; i < n && status == 0; i++)
        status = draw_site(s, &seen, b, p, i, e);
    free(seen.slot);
    return status;
}
