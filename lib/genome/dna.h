/* SPDX-License-Identifier: MIT */
/*
 * DNA letters, base codes and one-hot columns.
 *
 * A code is 0 A, 1 C, 2 G, 3 T, 4 anything else (N, IUPAC letters, gaps, U); lower case is
 * the same as upper case.  A one-hot array is positions x 4 channels, row-major.
 */
#ifndef PT_DNA_H
#define PT_DNA_H

#include "base/base.h"
#include "base/err.h"

enum { DNA_A, DNA_C, DNA_G, DNA_T, DNA_OTHER };

extern const uint8_t dna_code[256];     /* letter -> code */
extern const char dna_letter[5];        /* code -> 'A' 'C' 'G' 'T' 'N' */

/* The IUPAC letters of DNA, ACGTNRYSWKMBDHV, of either case: in upper case.  0 of anything else. */
extern const char dna_upper[256];

void dna_encode(uint8_t *code, const char *letters, size_t n);
void dna_decode(char *letters, const uint8_t *code, size_t n);  /* no terminator */

/* Code of the complement; DNA_OTHER stays. */
static inline uint8_t
dna_complement(uint8_t code)
{
    return code < 4 ? (uint8_t)(3 - code) : code;
}

/* dst may be src, but must not overlap it otherwise. */
void dna_reverse_complement(uint8_t *dst, const uint8_t *src, size_t n);

/* Order of the channels, and what every channel holds for a base that is not A, C, G or T. */
struct dna_channels {
    uint8_t channel[4];         /* of code 0..3 */
    uint8_t code[4];            /* of channel 0..3: the inverse */
    float n_value;              /* 0: zero column; 0.25: uniform */
};

/* order is a permutation of the letters ACGT: "ACGT" for most models, "AGCT" for LegNet. */
int dna_channels_parse(struct dna_channels *c, const char *order, float n_value, struct err *e);

/* x: n x 4. */
void dna_onehot(float *x, const uint8_t *code, size_t n, const struct dna_channels *c);

/* The same as bytes 0 and 1; n_value must be 0. */
void dna_onehot_u8(uint8_t *x, const uint8_t *code, size_t n, const struct dna_channels *c);

/*
 * The inverse: a column with one 1 and three 0 is that base, one of four 0 or 0.25 is DNA_OTHER.
 * Returns the index of the first column that is neither (a mixture cannot become a code), or n.
 */
size_t dna_from_onehot(uint8_t *code, const float *x, size_t n, const struct dna_channels *c);
size_t dna_from_onehot_u8(uint8_t *code, const uint8_t *x, size_t n,
                          const struct dna_channels *c);

#endif
