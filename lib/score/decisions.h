/* SPDX-License-Identifier: MIT */
/*
 * Where chorus' builders, its queries and the models' authors do not agree, one way has to be
 * chosen: each choice here has a name, a default, and the value that chorus' published backgrounds
 * were made with.  What is in force travels as the metadata line "decisions" (JSON, by name) and
 * ends as build_config's member of that name.
 *
 * D1 to D7 are the numbers of the discrepancy table (0.3) of the specification of the large
 * oracles.  Its D8 (AlphaGenome's outputs were rounded to bfloat16) and D9 (Enformer on a graphics
 * processor differs from run to run) are no choices: no program can give those bits again, and
 * predict(1) says so.
 */
#ifndef PT_DECISIONS_H
#define PT_DECISIONS_H

#include "base/base.h"
#include "base/err.h"
#include "stream/meta.h"

/* The default is the first value of each. */
enum decision {
    DECIDE_CENTRE,          /* D1 centre: left, right; which of a window's two middle bases the
                             * variant is; chorus' builders have left, its queries right */
    DECIDE_EXON_ORIGIN,     /* D2 exon-origin: output, input; the base that a track's bins are
                             * counted from when genes are placed; chorus' Borzoi builder has
                             * input, 5,120 bins too far right */
    DECIDE_STRANDS,         /* D3 strands: both, forward; of Sei; chorus' builder has forward */
    DECIDE_SEI_EFFECT,      /* D4 sei-effect: layer, difference; chorus' builder stores the signed
                             * difference of every profile, its queries the layers' effects */
    DECIDE_EXONS,           /* D5 exons: gtf, bed; what the numbers of an annotation mean; chorus
                             * takes them for 0-based half-open */
    DECIDE_GENE_STRAND,     /* D6 gene-strand: same, any; genes that a track of one strand is scored
                             * over; chorus has any */
    DECIDE_WINDOW_BINS,     /* D7 window-bins: odd, ceil; bins of a layer's window; chorus has odd,
                             * AlphaGenome's authors ceil */
    DECISIONS
};

struct decisions {
    const char *compat;                 /* of --compat: "chorus", or NULL */
    const char *given[DECISIONS];       /* of the decision's own option, or NULL */
    bool second[DECISIONS];             /* set by decisions_settle: the second value is in force */
};

/*
 * What was given by name, else chorus' value with compat, else the default.  -1 for a word that is
 * no value, naming option and values.
 */
int decisions_settle(struct decisions *d, struct err *e);

/*
 * The decisions in which (bits 1 << decision) that m's line names hold for what is made of m too:
 * decisions_inherit takes those that were not given as if they had been; decisions_agree, of
 * settled ones, is -1 where another value is in force than m's, naming both.  Each is -1 for a
 * damaged line.
 */
int decisions_inherit(struct decisions *d, const struct meta *m, unsigned which, struct err *e);
int decisions_agree(const struct decisions *d, const struct meta *m, unsigned which,
                    struct err *e);

const char *decision_name(enum decision which);
const char *decision_value(const struct decisions *d, enum decision which);

/* Put the decisions whose bits (1 << decision) are in which into m's line, whose others stay. */
void decisions_to_meta(struct meta *m, const struct decisions *d, unsigned which);

#endif
