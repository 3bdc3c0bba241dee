/* SPDX-License-Identifier: MIT */
#include "genome/window.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "genome/dna.h"
#include "prog/mem.h"

/* Letters of REF kept for messages. */
enum { SHOWN = 50 };

struct window_store {
    char *letters;              /* genome from window start on, with what deletions need more */
    size_t cap_letters;
    char *ref_letters;          /* genome under REF */
    size_t cap_ref;
    uint8_t *code;              /* reference (with the extra), then one window per alternate */
    size_t cap_code;
    size_t cap_alt, cap_left_out;
    char shown[SHOWN + 1];
};

const char *
window_reason_text(enum window_reason r)
{
    static const char *const text[WINDOW_REASONS] = {
        [WINDOW_OK] = "usable",
        [WINDOW_OFF_CONTIG] = "window runs off the contig",
        [WINDOW_TOO_MANY_N] = "too many N in the window",
        [WINDOW_OTHER_LETTERS] = "letters other than ACGTN in the window",
        [WINDOW_REF_DIFFERS] = "REF differs from the genome",
        [WINDOW_REF_LETTERS] = "REF has letters other than ACGTN",
        [WINDOW_REF_LONG] = "REF is longer than its side of the window",
        [WINDOW_NO_ALT] = "no alternate allele",
        [WINDOW_ALT_SYMBOLIC] = "symbolic ALT",
        [WINDOW_ALT_STAR] = "ALT is *",
        [WINDOW_ALT_NON_REF] = "ALT is <NON_REF> or <*>",
        [WINDOW_ALT_LETTERS] = "ALT has letters other than ACGT",
        [WINDOW_ALT_IS_REF] = "ALT equals REF",
        [WINDOW_ALT_LONG] = "ALT is longer than its side of the window",
        [WINDOW_ALT_OFF_CONTIG] = "window runs past the contig end after a deletion",
    };

    return text[r];
}

struct window_spec
window_spec_make(int64_t len_bp, double n_fraction)
{
    return (struct window_spec){ .len_bp = len_bp, .variant_index = len_bp / 2 - 1,
                                 .max_n = (int64_t)((double)len_bp * n_fraction) };
}

void
window_init(struct window *w)
{
    memset(w, 0, sizeof *w);
    w->store = mem_zalloc(sizeof *w->store);
    w->genome_ref = w->store->shown;
}

void
window_free(struct window *w)
{
    if (w->store) {
        free(w->store->letters);
        free(w->store->ref_letters);
        free(w->store->code);
        free(w->store);
    }
    free(w->alt);
    free(w->left_out);
    memset(w, 0, sizeof *w);
}

int64_t
window_position(const struct site *s)
{
    return s->kind == SITE_VARIANT ? s->start : s->start + (s->end - s->start - 1) / 2;
}

static bool
only_letters(const char *s, const char *allowed)
{
    return *s && s[strspn(s, allowed)] == '\0';
}

static enum window_reason
classify_alt(const char *alt, const char *ref, const struct window_spec *spec)
{
    size_t n = strlen(alt);

    if (strcmp(alt, "*") == 0)
        return WINDOW_ALT_STAR;
    if (strcasecmp(alt, "<NON_REF>") == 0 || strcmp(alt, "<*>") == 0)
        return WINDOW_ALT_NON_REF;
    /* A breakend has brackets, a single breakend begins or ends with a point. */
    if (strpbrk(alt, "<>[].") != NULL)
        return WINDOW_ALT_SYMBOLIC;
    if (!only_letters(alt, "ACGTacgt"))
        return WINDOW_ALT_LETTERS;
    if (strcasecmp(alt, ref) == 0)
        return WINDOW_ALT_IS_REF;
    if ((int64_t)n > spec->len_bp - spec->variant_index)
        return WINDOW_ALT_LONG;
    return WINDOW_OK;
}

static void
leave_out(struct window *w, size_t index, enum window_reason r)
{
    mem_grow(&w->left_out, &w->store->cap_left_out, w->n_left_out + 1, sizeof *w->left_out);
    w->left_out[w->n_left_out++] = (struct window_left_out){ index, r };
}

/* Sort the alternates into w->alt and w->left_out; returns the bases the longest deletion needs. */
static int64_t
classify_alts(struct window *w, const struct site *s, const struct window_spec *spec)
{
    int64_t extra = 0, ref_len = (int64_t)strlen(s->ref);

    for (size_t i = 0; i < s->n_alt; i++) {
        enum window_reason r = classify_alt(s->alt[i], s->ref, spec);
        int64_t shorter = ref_len - (int64_t)strlen(s->alt[i]);

        if (r != WINDOW_OK) {
            leave_out(w, i, r);
            continue;
        }
        mem_grow(&w->alt, &w->store->cap_alt, w->n_alt + 1, sizeof *w->alt);
        w->alt[w->n_alt++] = (struct window_alt){ i, NULL, 0, 0 };
        extra = shorter > extra ? shorter : extra;
    }
    /* More than a window is never used: such a REF is too long anyway. */
    return extra < spec->len_bp ? extra : spec->len_bp;
}

/* Compare REF with the genome; 1 equal, 0 not, -1 unreadable. */
static int
ref_agrees(struct window *w, struct genome *g, int contig, const struct site *s, struct err *e)
{
    struct window_store *st = w->store;
    size_t n = (size_t)(s->end - s->start), shown = n < SHOWN ? n : SHOWN;

    mem_grow(&st->ref_letters, &st->cap_ref, n, 1);
    if (genome_fetch(g, st->ref_letters, contig, s->start, s->end, e))
        return -1;
    memcpy(st->shown, st->ref_letters, shown);
    st->shown[shown] = '\0';
    return strlen(s->ref) == n && strncasecmp(st->ref_letters, s->ref, n) == 0;
}

static int64_t
count_n(const char *letters, int64_t n)
{
    int64_t count = 0;

    for (int64_t i = 0; i < n; i++)
        count += letters[i] == 'N';
    return count;
}

/* What the letters of the window and of what deletions need behind it, have in all, allow. */
static enum window_reason
judge_letters(const struct window *w, const struct window_spec *spec, int64_t have)
{
    if (w->n_count > spec->max_n)
        return WINDOW_TOO_MANY_N;
    for (int64_t i = 0; spec->only_acgtn && i < have; i++)
        if (!strchr("ACGTNacgtn", w->store->letters[i]))
            return WINDOW_OTHER_LETTERS;
    return WINDOW_OK;
}

/* Everything about a site that does not depend on one alternate, in the order of reporting. */
static enum window_reason
judge_variant(const struct window *w, const struct site *s, const struct window_spec *spec,
              bool agrees, bool fits, int64_t have)
{
    enum window_reason letters;

    if (!agrees)
        return WINDOW_REF_DIFFERS;
    if (!fits)
        return WINDOW_OFF_CONTIG;
    letters = judge_letters(w, spec, have);
    if (letters != WINDOW_OK)
        return letters;
    if (s->end - s->start > spec->len_bp - spec->variant_index)
        return WINDOW_REF_LONG;
    if (s->n_alt == 0 || (s->n_alt == 1 && strcmp(s->alt[0], ".") == 0))
        return WINDOW_NO_ALT;
    return WINDOW_OK;
}

/*
 * Codes of one alternate window from the genome's codes (have of them from window start on).
 * False when the genome ends before the window is full.
 */
static bool
substitute(uint8_t *code, const uint8_t *genome, int64_t have, const struct site *s,
           const char *alt, const struct window_spec *spec)
{
    int64_t v = spec->variant_index, alt_len = (int64_t)strlen(alt);
    int64_t from = v + (s->end - s->start), rest = spec->len_bp - v - alt_len;

    if (from + rest > have)
        return false;
    memcpy(code, genome, (size_t)v);
    dna_encode(code + v, alt, (size_t)alt_len);
    memcpy(code + v + alt_len, genome + from, (size_t)rest);
    return true;
}

static void
find_change(struct window_alt *a, const uint8_t *ref, const struct window_spec *spec)
{
    int64_t lo = spec->variant_index, hi = spec->len_bp;

    while (lo < hi && a->code[lo] == ref[lo])
        lo++;
    while (hi > lo && a->code[hi - 1] == ref[hi - 1])
        hi--;
    a->lo = lo;
    a->hi = hi;
}

/* Fill the codes of reference and alternates from have letters. */
static void
fill(struct window *w, const struct site *s, const struct window_spec *spec, int64_t have)
{
    struct window_store *st = w->store;
    size_t len = (size_t)spec->len_bp, kept = 0;
    uint8_t *next;

    mem_grow(&st->code, &st->cap_code, (size_t)have + w->n_alt * len, 1);
    dna_encode(st->code, st->letters, (size_t)have);
    w->ref = st->code;
    next = st->code + have;
    for (size_t i = 0; i < w->n_alt; i++) {
        struct window_alt *a = &w->alt[i];

        if (!substitute(next, st->code, have, s, s->alt[a->index], spec)) {
            leave_out(w, a->index, WINDOW_ALT_OFF_CONTIG);
            continue;
        }
        a->code = next;
        find_change(a, w->ref, spec);
        w->alt[kept++] = *a;
        next += len;
    }
    w->n_alt = kept;
}

static void
give_up(struct window *w, enum window_reason r)
{
    w->reason = r;
    w->n_alt = w->n_left_out = 0;
    w->ref = NULL;
}

/* Read the window's letters and up to extra more; have is how many that were. */
static int
fetch_window(struct window *w, struct genome *g, int contig, int64_t extra, int64_t *have,
             struct err *e)
{
    int64_t room = genome_contig_len(g, contig) - w->end;

    *have = w->end - w->start + (extra < room ? extra : room);
    mem_grow(&w->store->letters, &w->store->cap_letters, (size_t)*have, 1);
    if (genome_fetch(g, w->store->letters, contig, w->start, w->start + *have, e))
        return -1;
    w->n_count = count_n(w->store->letters, w->end - w->start);
    return 0;
}

/* Start over for a new site: where its window lies, and what shows without the genome. */
static void
place(struct window *w, const struct site *s, const struct window_spec *spec, int64_t contig_len)
{
    give_up(w, WINDOW_OK);
    w->n_count = 0;
    w->store->shown[0] = '\0';
    w->start = window_position(s) - spec->variant_index;
    w->end = w->start + spec->len_bp;
    if (s->kind == SITE_VARIANT && !only_letters(s->ref, "ACGTNacgtn"))
        w->reason = WINDOW_REF_LETTERS;
    else if (s->start < 0 || s->end > contig_len)
        w->reason = WINDOW_OFF_CONTIG;
}

int
window_build(struct window *w, struct genome *g, int contig, const struct site *s,
             const struct window_spec *spec, struct err *e)
{
    int64_t contig_len = genome_contig_len(g, contig), extra = 0, have = 0;
    bool fits;

    place(w, s, spec, contig_len);
    if (w->reason != WINDOW_OK)
        return 0;
    fits = w->start >= 0 && w->end <= contig_len;
    if (s->kind == SITE_VARIANT)
        extra = classify_alts(w, s, spec);
    if (fits && fetch_window(w, g, contig, extra, &have, e))
        return -1;
    if (s->kind == SITE_VARIANT) {
        int agrees = ref_agrees(w, g, contig, s, e);

        if (agrees < 0)
            return -1;
        w->reason = judge_variant(w, s, spec, agrees, fits, have);
    } else {
        w->reason = fits ? judge_letters(w, spec, have) : WINDOW_OFF_CONTIG;
    }
    if (w->reason != WINDOW_OK)
        give_up(w, w->reason);
    else
        fill(w, s, spec, have);
    return 0;
}
