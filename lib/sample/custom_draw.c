/* SPDX-License-Identifier: MIT */
/* Draws from the places of a user's strata. */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "rng/keyed.h"
#include "sample/custom.h"
#include "sample/seen.h"
#include "sample/uniform.h"

/* Rounds through the places of a stratum, at most. */
enum { ROUNDS = 10000 };

static int64_t
draw_position(const struct custom_stratum *t, const struct custom_place *at,
              struct keyed_stream *r)
{
    int64_t pos = at->start, offset;

    if (at->end - at->start > 1)
        pos += (int64_t)keyed_below(r, (uint64_t)(at->end - at->start));
    if (!t->offset)
        return pos;
    offset = t->low + (int64_t)keyed_below(r, (uint64_t)(t->high - t->low) + 1);
    return t->both_sides && keyed_below(r, 2) ? pos - offset : pos + offset;
}

/* Reason to reject, or SAMPLE_KEPT; -1 when the letter cannot be read. */
static int
judge(struct sample_site *site, const struct custom_stratum *t, const struct custom_place *at,
      const struct bases *b, const struct sample_params *p, struct err *e)
{
    if (site->pos < p->margin || site->pos >= b->len[site->contig] - p->margin)
        return SAMPLE_MARGIN;
    if (b->letter(b->arg, site->contig, site->pos, &site->ref, e))
        return -1;
    if (bases_code(site->ref) < 0)
        return SAMPLE_NOT_ACGT;
    return !t->offset && at->ref && at->ref != site->ref ? SAMPLE_OTHER_REF : SAMPLE_KEPT;
}

static char
draw_alternate(const struct custom_stratum *t, const struct custom_place *at, char ref,
               struct keyed_stream *r)
{
    uint64_t alt;

    if (at->alt && !t->offset)
        return at->alt;
    alt = keyed_below(r, 3);
    return "ACGT"[alt + (alt >= (uint64_t)bases_code(ref))];
}

static int
draw_place(struct sample *s, struct seen *seen, const struct custom_stratum *t,
           const struct custom_place *at, uint64_t round, const struct bases *b,
           const struct sample_params *p, struct err *e)
{
    struct sample_site site = { .contig = (size_t)at->contig, .stratum = t->name };
    struct keyed_stream r;
    int reason;

    keyed_stream_init(&r, at->hash, round);
    site.pos = draw_position(t, at, &r);
    reason = judge(&site, t, at, b, p, e);
    if (reason < 0)
        return -1;
    if (reason == SAMPLE_KEPT) {
        const uint64_t key = (uint64_t)site.contig << 32 | (uint64_t)site.pos;
        const char alt = draw_alternate(t, at, site.ref, &r);

        if (p->kind == SAMPLE_SNPS)
            site.alt = alt;
        /* Other alternates of one variant are other sites. */
        if (!seen_add(seen, key * 4 + (t->offset || !at->alt ? 0 : (uint64_t)bases_code(alt))))
            reason = SAMPLE_DUPLICATE;
    }
    site.reason = (enum sample_reason)reason;
    if (reason == SAMPLE_DUPLICATE)
        site.alt = 0;
    sample_add(s, &site, p->keep_rejected);
    return 0;
}

static int
draw_stratum(struct sample *s, const struct custom_stratum *t, const struct bases *b,
             const struct sample_params *p, struct err *e)
{
    const size_t first = s->kept.n, wanted = (size_t)t->n;
    size_t before = first;
    struct seen seen;
    int status = 0;

    seen_init(&seen, wanted);
    for (uint64_t round = 0; round < ROUNDS && status == 0; round++) {
        for (size_t i = 0; i < t->n_places && s->kept.n - first < wanted && status == 0; i++)
            status = draw_place(s, &seen, t, &t->place[i], round, b, p, e);
        if (s->kept.n - first == wanted || s->kept.n == before)
            break;
        before = s->kept.n;
    }
    seen_free(&seen);
    if (status == 0 && s->kept.n == first)
        return err_set(e, "%s: stratum %s: none of its %zu places can be used: no letter A, C, G "
                       "or T, nearer to a contig end than the margin, or another REF; is --genome "
                       "the right file?", t->file, t->name, t->n_places);
    return status;
}

/* Uniform over the contigs, margins left out. */
static int
draw_random(struct sample *s, const struct custom_stratum *t, const struct bases *b,
            const struct sample_params *p, struct err *e)
{
    const struct sample_stratum stratum = { .name = t->name };
    struct sample_params random = *p;
    struct intervals iv;
    int status;

    intervals_init(&iv);
    for (size_t i = 0; i < p->n_contigs; i++)
        intervals_add(&iv, p->contig[i], p->margin, b->len[p->contig[i]] - p->margin);
    intervals_seal(&iv);
    random.n = t->n;
    random.seed = keyed_bytes(t->name, strlen(t->name), p->seed);
    random.within = &iv;
    random.stratum = &stratum;
    random.n_strata = 1;
    status = iv.total ? uniform_sites(s, b, &random, e)
                      : err_set(e, "no contig is longer than twice the --margin of %lld bp",
                                (long long)p->margin);
    intervals_free(&iv);
    return status;
}

int
custom_draw(struct sample *s, const struct bases *b, const struct sample_params *p,
            struct err *e)
{
    for (size_t i = 0; i < p->custom->n; i++) {
        const struct custom_stratum *t = &p->custom->stratum[i];

        sample_want(s, t->name, t->n);
        if (t->from != FROM_RANDOM)
            sample_pool(s, t->name, t->n_places);
        if (t->from == FROM_RANDOM ? draw_random(s, t, b, p, e) : draw_stratum(s, t, b, p, e))
            return -1;
    }
    return 0;
}
