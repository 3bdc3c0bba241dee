/* SPDX-License-Identifier: MIT */
/*
 * From the track names of scores to the rows of a background: exactly, unless the user says
 * otherwise.
 */
#ifndef PT_MATCH_H
#define PT_MATCH_H

#include "background/background.h"
#include "base/base.h"
#include "base/err.h"

enum match_rule {
    MATCH_EXACT,
    MATCH_CHORUS    /* else, the first that exists: every ":" as "_"; every "_" as ":"; without a
                     * ":+" or ":-" behind; only what follows the last ":".  The last finds HepG2
                     * for any assay of HepG2, so it is never the default. */
};

struct match_alias {
    char *from, *to;
};

struct match {
    enum match_rule rule;
    bool strip_strand;          /* NAME:+ and NAME:- that are absent are looked up as NAME */
    struct match_alias *alias;  /* sorted by from */
    size_t n_alias, cap_alias;
};

/*
 * Add the aliases of a table: name in the scores, tab, name in the background; lines beginning
 * with # and empty ones are left out.  A name given twice must mean the same.
 */
int match_read_aliases(struct match *m, const char *path, struct err *e);
void match_free(struct match *m);       /* frees the aliases, not m */

/* Row of the name: an alias first, then the name itself, then as the rules say.  -1: no row. */
ptrdiff_t match_track(const struct match *m, const struct background *b, const char *name);

#endif
