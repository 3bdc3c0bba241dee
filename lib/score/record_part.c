/* SPDX-License-Identifier: MIT */
/* The column "part" of a TSV: strand, gene or bin. */
#include <string.h>

#include "score/record_form.h"

int
score_parse_whole(uint64_t *v, const char **p, const char *end, uint64_t max)
{
    const char *start = *p;

    for (*v = 0; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
        *v = *v * 10 + (uint64_t)(**p - '0');
        if (*v > max)
            return -1;
    }
    return *p > start ? 0 : -1;
}

static int
wrong_part(struct score_field f, struct err *e)
{
    return err_set(e, "part is '%.*s', expected '.', '+' or '-' or a gene with or without them, "
                   "for perbin a bin number like 12 or 12:+", (int)(f.n < 40 ? f.n : 40), f.p);
}

/* Cut ":+" or ":-" off the end of a part, or take a part that is a strand alone. */
static uint8_t
take_strand(struct score_field *f)
{
    static const char codes[] = ".+-";
    const char last = f->n ? f->p[f->n - 1] : '.';
    const char *code = strchr(codes, last);

    if (!code || (f->n > 1 && (f->p[f->n - 2] != ':' || code == codes)))
        return STRAND_NONE;
    f->n -= f->n > 1 ? 2 : f->n;
    return (uint8_t)(code - codes);
}

/* "BIN", "BIN:+" or "BIN:-". */
static int
parse_bin(struct score_block *b, struct score_field part, struct err *e)
{
    struct score_field f = part;
    const char *p;
    uint64_t bin = 0;

    b->bin[0] = 0;
    b->strand[0] = STRAND_NONE;
    if (score_field_is_dot(f))
        return 0;
    b->strand[0] = take_strand(&f);
    p = f.p;
    if (!f.n || score_parse_whole(&bin, &p, f.p + f.n, UINT32_MAX) || p != f.p + f.n)
        return wrong_part(part, e);
    b->bin[0] = (uint32_t)bin;
    return 0;
}

int
score_parse_part(struct score_block **block, struct score_record *r, enum score_kind kind,
                 uint32_t track, struct score_field part, struct err *e)
{
    struct score_field gene = part;
    uint8_t strand = kind == SCORE_PERBIN ? STRAND_NONE : take_strand(&gene);
    bool named = kind != SCORE_PERBIN && gene.n > 0;

    score_record_clear(r);
    *block = score_record_shape(r, kind, track, 1,
                                BLOCK_DETAILS | (named ? BLOCK_GENES : 0));
    if (kind == SCORE_PERBIN)
        return parse_bin(*block, part, e);
    (*block)->strand[0] = strand;
    if (!named)
        return part.n == 2 ? wrong_part(part, e) : 0;       /* ":+" */
    if (gene.p[gene.n - 1] == ':')
        return wrong_part(part, e);
    score_record_name(r, gene.p, gene.n);
    (*block)->gene[0] = 0;
    return 0;
}
