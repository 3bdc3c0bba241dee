/* SPDX-License-Identifier: MIT */
/*
 * Allele windows: the sequences a model reads for one site.
 *
 * For a site at the 1-based position p and a window of W bases (even), the window is the genome's
 * [p - W/2, p + W/2) 0-based, so the base at p stands at index v = W/2 - 1; a caller may ask for
 * another v, and the window lies accordingly.  A region's p is its middle base, start + (end - start - 1) / 2 0-based.  Windows are never moved or padded: one
 * that does not fit its contig is left out.
 *
 * An alternate allele takes the place of REF from index v on; what is right of REF follows it.
 * After a deletion more genome is taken at the right end, after an insertion less.
 */
#ifndef PT_WINDOW_H
#define PT_WINDOW_H

#include "base/base.h"
#include "base/err.h"
#include "genome/genome.h"
#include "genome/site.h"

/* Why a site or one of its alternate alleles cannot be scored. */
enum window_reason {
    WINDOW_OK,
    /* of a site */
    WINDOW_OFF_CONTIG,          /* the window or the site itself does not fit the contig */
    WINDOW_TOO_MANY_N,
    WINDOW_OTHER_LETTERS,       /* where only A, C, G, T and N are wanted */
    WINDOW_REF_DIFFERS,
    WINDOW_REF_LETTERS,         /* other than A, C, G, T, N */
    WINDOW_REF_LONG,            /* REF does not fit between v and the end of the window */
    WINDOW_NO_ALT,              /* ALT is "." */
    /* of one alternate allele */
    WINDOW_ALT_SYMBOLIC,        /* <DEL>, breakends */
    WINDOW_ALT_STAR,            /* "*": deleted by an upstream variant */
    WINDOW_ALT_NON_REF,         /* <NON_REF>, <*>: the gVCF's "anything else" */
    WINDOW_ALT_LETTERS,         /* other than A, C, G, T */
    WINDOW_ALT_IS_REF,
    WINDOW_ALT_LONG,
    WINDOW_ALT_OFF_CONTIG,      /* the bases after a deletion end with the contig */
    WINDOW_REASONS
};

/* A few words for tallies: "REF differs from the genome". */
const char *window_reason_text(enum window_reason r);

struct window_spec {
    int64_t len_bp;             /* W */
    int64_t variant_index;      /* v */
    int64_t max_n;              /* left out when more letters N than this; other letters are free */
    bool only_acgtn;            /* left out when there are other letters than A, C, G, T, N */
};

/* v = W/2 - 1 and max_n = W * n_fraction rounded down: 0.5 for the BPNet family, 0.3 for others. */
struct window_spec window_spec_make(int64_t len_bp, double n_fraction);

/* One alternate allele that can be scored. */
struct window_alt {
    size_t index;               /* in site.alt */
    const uint8_t *code;        /* W base codes (genome/dna.h) */
    int64_t lo, hi;             /* codes outside [lo, hi) equal the reference's; hi == lo: all do */
};

/* One that cannot. */
struct window_left_out {
    size_t index;
    enum window_reason reason;
};

/* Result of window_build; arrays are the window's and reused by the next call. */
struct window {
    enum window_reason reason;  /* WINDOW_OK, or why the whole site is left out */
    int64_t start, end;         /* in the genome; may be outside the contig when left out */
    int64_t n_count;            /* letters N in the reference window */
    const uint8_t *ref;         /* W base codes */
    const char *genome_ref;     /* what the genome has for REF, at most 50 letters; for messages */
    struct window_alt *alt;     /* n_alt; 0 for a region and when every allele is left out */
    size_t n_alt;
    struct window_left_out *left_out;
    size_t n_left_out;
    struct window_store *store; /* private */
};

void window_init(struct window *w);
void window_free(struct window *w);

/*
 * Build the windows of one site on that contig of g.  0 with w filled (look at w->reason first;
 * a variant with reason WINDOW_OK may still have n_alt 0), or -1 when the genome cannot be read.
 */
int window_build(struct window *w, struct genome *g, int contig, const struct site *s,
                 const struct window_spec *spec, struct err *e) PT_MUST_USE;

/* 0-based position of the base that stands at index v. */
int64_t window_position(const struct site *s);

#endif
