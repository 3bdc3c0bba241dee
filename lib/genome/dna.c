/* SPDX-License-Identifier: MIT */
#include "genome/dna.h"

#include <string.h>

const char dna_letter[5] = { 'A', 'C', 'G', 'T', 'N' };

#define X4 4, 4, 4, 4
#define X16 X4, X4, X4, X4
/* Rows of 32: control and digits, '@' to '_' (upper case), '`' to DEL (lower case), the rest. */
#define LETTERS \
    4, 0, 4, 1, 4, 4, 4, 2, X4, X4, X4, 3, 4, 4, 4, X4, X4

const uint8_t dna_code[256] = {
    X16, X16, X16, X16, LETTERS, LETTERS, X16, X16, X16, X16, X16, X16, X16, X16
};

_Static_assert(ARRAY_LEN(((const uint8_t[]){ LETTERS })) == 32, "half of the letter table");

#define BOTH(upper, lower) [upper] = upper, [lower] = upper

const char dna_upper[256] = {
    BOTH('A', 'a'), BOTH('C', 'c'), BOTH('G', 'g'), BOTH('T', 't'), BOTH('N', 'n'),
    BOTH('R', 'r'), BOTH('Y', 'y'), BOTH('S', 's'), BOTH('W', 'w'), BOTH('K', 'k'),
    BOTH('M', 'm'), BOTH('B', 'b'), BOTH('D', 'd'), BOTH('H', 'h'), BOTH('V', 'v'),
};

void
dna_encode(uint8_t *code, const char *letters, size_t n)
{
    for (size_t i = 0; i < n; i++)
        code[i] = dna_code[(unsigned char)letters[i]];
}

void
dna_decode(char *letters, const uint8_t *code, size_t n)
{
    for (size_t i = 0; i < n; i++)
        letters[i] = dna_letter[code[i] <= DNA_OTHER ? code[i] : DNA_OTHER];
}

void
dna_reverse_complement(uint8_t *dst, const uint8_t *src, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        uint8_t left = src[i], right = src[n - 1 - i];

        dst[i] = dna_complement(right);
        dst[n - 1 - i] = dna_complement(left);
    }
    if (n % 2)
        dst[n / 2] = dna_complement(src[n / 2]);
}

int
dna_channels_parse(struct dna_channels *c, const char *order, float n_value, struct err *e)
{
    unsigned seen = 0;

    if (strlen(order) == 4) {
        for (unsigned i = 0; i < 4; i++) {
            const char *at = memchr(dna_letter, order[i], 4);

            if (!at)
                break;
            c->code[i] = (uint8_t)(at - dna_letter);
            c->channel[c->code[i]] = (uint8_t)i;
            seen |= 1u << c->code[i];
        }
    }
    if (seen != 15)
        return err_set(e, "channel order '%s' is not an order of the four letters ACGT", order);
    c->n_value = n_value;
    return 0;
}

void
dna_onehot(float *x, const uint8_t *code, size_t n, const struct dna_channels *c)
{
    for (size_t i = 0; i < n; i++) {
        float fill = code[i] < 4 ? 0 : c->n_value;

        for (unsigned j = 0; j < 4; j++)
            x[4 * i + j] = fill;
        if (code[i] < 4)
            x[4 * i + c->channel[code[i]]] = 1;
    }
}

void
dna_onehot_u8(uint8_t *x, const uint8_t *code, size_t n, const struct dna_channels *c)
{
    memset(x, 0, 4 * n);
    for (size_t i = 0; i < n; i++)
        if (code[i] < 4)
            x[4 * i + c->channel[code[i]]] = 1;
}

size_t
dna_from_onehot(uint8_t *code, const float *x, size_t n, const struct dna_channels *c)
{
    for (size_t i = 0; i < n; i++) {
        const float *col = x + 4 * i;
        int ones = 0, zeros = 0, at = 0;

        for (int j = 0; j < 4; j++) {
            ones += col[j] == 1;
            zeros += col[j] == 0;
            at = col[j] == 1 ? j : at;
        }
        if (ones == 1 && zeros == 3)
            code[i] = c->code[at];
        else if (zeros == 4 || (col[0] == 0.25f && col[1] == 0.25f && col[2] == 0.25f &&
                                col[3] == 0.25f))
            code[i] = DNA_OTHER;
        else
            return i;
    }
    return n;
}

size_t
dna_from_onehot_u8(uint8_t *code, const uint8_t *x, size_t n, const struct dna_channels *c)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *col = x + 4 * i;
        float wide[4] = { col[0], col[1], col[2], col[3] };

        if (dna_from_onehot(&code[i], wide, 1, c) != 1)
            return i;
    }
    return n;
}
