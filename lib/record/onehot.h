/* SPDX-License-Identifier: MIT */
/*
 * One-hot records (content "onehot"): the sequences of all alleles of one site.
 *
 *   site (record/site_codec.h)
 *   u32  alleles: 1 + number of alternate alleles of the site; 1 for a region or sequence
 *   u32  length L
 *   u32  channels (4)
 *   u8   element type: 1 bytes 0 and 1, 4 float32
 *   data alleles x L x channels, row-major, reference first
 *
 * The metadata line "encoding" is a JSON object: channels ("ACGT"), length (0 when records differ),
 * n_value (0 or 0.25), reverse_complement.
 */
#ifndef PT_ONEHOT_H
#define PT_ONEHOT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "genome/dna.h"
#include "genome/site.h"
#include "stream/meta.h"

enum onehot_type { ONEHOT_U8 = 1, ONEHOT_F32 = 4 };     /* values are bytes per element */

enum { ONEHOT_CHANNELS = 4 };

struct onehot {
    struct site site;           /* alt holds the alleles that are in the record */
    uint32_t n_alleles, length;
    enum onehot_type type;
    const uint8_t *data;        /* decoded: points into the payload; not aligned */
};

/* What the metadata says about all records. */
struct onehot_encoding {
    char order[5];              /* channel letters */
    float n_value;
    bool reverse_complement;
    uint32_t length;            /* 0: records differ */
};

void onehot_encoding_to_meta(struct meta *m, const struct onehot_encoding *x);

/* -1 when the line is missing or wrong. */
int onehot_encoding_from_meta(struct onehot_encoding *x, const struct meta *m, struct err *e)
    PT_MUST_USE;

void onehot_init(struct onehot *o);
void onehot_free(struct onehot *o);     /* the site; data is the payload's */

/*
 * Append a record to b: code[i] are the base codes of allele i, length each.  Bytes when
 * c->n_value is 0, float32 otherwise.
 */
void onehot_encode(struct buf *b, const struct site *site, const uint8_t *const *code,
                   size_t n_alleles, size_t length, const struct dna_channels *c);

/* Decode into o (initialised; reused), whose data points into payload. */
int onehot_decode(struct onehot *o, const void *payload, size_t bytes, struct err *e) PT_MUST_USE;

/*
 * Base codes of one allele (length of them); -1 when a column is neither a base nor unknown, with
 * its place in the message.
 */
int onehot_codes(uint8_t *code, const struct onehot *o, size_t allele,
                 const struct dna_channels *c, struct err *e) PT_MUST_USE;

#endif
