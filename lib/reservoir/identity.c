/* SPDX-License-Identifier: MIT */
#include "reservoir/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "rng/keyed.h"

void
identity_init(struct identity *id, uint64_t seed)
{
    memset(id, 0, sizeof *id);
    id->seed = seed;
}

void
identity_free(struct identity *id)
{
    for (int k = 0; k < SCORE_KINDS; k++)
        free(id->track[k]);
    free(id->site);
    free(id->key);
    buf_free(&id->text);
    identity_init(id, 0);
}

static void
put_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

/* Into id->text. */
static void
put_site(struct identity *id, const struct site *s, const char *alt)
{
    /* The base a window is centred on, as score_put_row prints it. */
    const int64_t pos1 = s->kind == SITE_REGION ? s->start + (s->end - s->start - 1) / 2 + 1
                                                : s->start + 1;
    char number[32];

    buf_clear(&id->text);
    put_text(&id->text, strncmp(s->chrom, "chr", 3) == 0 ? s->chrom + 3 : s->chrom);
    snprintf(number, sizeof number, "\t%lld\t", (long long)pos1);
    put_text(&id->text, number);
    put_text(&id->text, s->kind == SITE_REGION ? "" : s->ref);
    put_text(&id->text, "\t");
    put_text(&id->text, alt);
}

void
identity_set_site(struct identity *id, const struct score_record *r)
{
    const struct site *s = &r->site;
    const size_t n = s->n_alt ? s->n_alt : 1;

    mem_grow(&id->site, &id->cap_site, n, sizeof *id->site);
    for (size_t i = 0; i < n; i++) {
        put_site(id, s, s->n_alt ? s->alt[i] : "");
        id->site[i] = keyed_bytes(id->text.p, id->text.n, id->seed);
    }
}

static uint64_t
track_key(struct identity *id, enum score_kind kind, uint32_t track, const char *name)
{
    uint64_t *key;

    mem_grow(&id->track[kind], &id->cap[kind], track + (size_t)1, sizeof *id->track[kind]);
    while (id->n[kind] <= track)
        id->track[kind][id->n[kind]++] = 0;
    key = &id->track[kind][track];
    if (!*key) {
        buf_clear(&id->text);
        put_text(&id->text, score_kind_name[kind]);
        put_text(&id->text, "\t");
        put_text(&id->text, name);
        *key = keyed_bytes(id->text.p, id->text.n, id->seed);
    }
    return *key;
}

/* Values of genes are few: each hashes its own site. */
static uint64_t
gene_site(struct identity *id, const struct score_record *r, const struct score_block *b, size_t i)
{
    put_site(id, &r->site, b->allele ? r->site.alt[b->allele[i]] : "");
    put_text(&id->text, "\t");
    put_text(&id->text, r->gene[b->gene[i]]);
    return keyed_bytes(id->text.p, id->text.n, id->seed);
}

const uint32_t *
identity_keys(struct identity *id, const struct score_record *r, const struct score_block *b,
              uint32_t track, const char *name)
{
    const uint64_t seed = track_key(id, b->kind, track, name);

    mem_grow(&id->key, &id->cap_key, b->n, sizeof *id->key);
    for (size_t i = 0; i < b->n; i++) {
        const uint64_t site = b->gene ? gene_site(id, r, b, i)
                                      : id->site[b->allele ? b->allele[i] : 0];
        const uint64_t bin = b->bin ? b->bin[i] : 0;

        id->key[i] = (uint32_t)(keyed_hash(seed, site, 4 * bin + b->strand[i]) >> 32);
    }
    return id->key;
}
