/* SPDX-License-Identifier: MIT */
/*
 * What a value is of, as a number: its key in keyed retention.  A key depends on seed, kind, track
 * id, place, alleles, gene, strand and bin, and on nothing that changes with the order of the
 * input, its form (binary or TSV) or its shards.  Keys are fixed for good:
 *
 *   hash(text)   keyed_bytes of rng/keyed.h with the seed
 *   site         hash of CHROM, POS, REF and ALT, joined by tabs; CHROM without a leading "chr";
 *                POS 1-based as score files print it; REF and ALT empty for a region; for a value
 *                of a gene a further tab and the gene
 *   track        hash of kind and track id, joined by a tab
 *   key          the upper 32 bits of keyed_hash(track, site, 4 * bin + strand)
 */
#ifndef PT_IDENTITY_H
#define PT_IDENTITY_H

#include "base/base.h"
#include "base/buf.h"
#include "score/record.h"

struct identity {
    uint64_t seed;
    uint64_t *track[SCORE_KINDS];       /* by track, 0: not made yet */
    size_t n[SCORE_KINDS], cap[SCORE_KINDS];
    uint64_t *site;                     /* one per ALT of the record, one for a region */
    size_t cap_site;
    uint32_t *key;
    size_t cap_key;
    struct buf text;
};

void identity_init(struct identity *id, uint64_t seed);
void identity_free(struct identity *id);

/* Make ready for the blocks of a record, which must have its details. */
void identity_set_site(struct identity *id, const struct score_record *r);

/*
 * The keys of the values of one of that record's blocks, valid until the next call; track numbers
 * the track, the same one for the same name in every call.
 */
const uint32_t *identity_keys(struct identity *id, const struct score_record *r,
                              const struct score_block *b, uint32_t track, const char *name);

#endif
