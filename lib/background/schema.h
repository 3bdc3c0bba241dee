/* SPDX-License-Identifier: MIT */
/*
 * What a background says of itself (build_config), checked when it is opened (F.6 of the scoring
 * specification).  Only the few fields needed are looked at: the text may list thousands of
 * tracks, and a single lookup must not wait for it to be parsed.
 */
#ifndef PT_SCHEMA_H
#define PT_SCHEMA_H

#include "background/background.h"
#include "base/base.h"
#include "base/err.h"

enum { SCHEMA_VERSION = 4, SCHEMA_WARNINGS = 8 };

struct schema_warnings {
    char *text[SCHEMA_WARNINGS];
    size_t n;
};

/*
 * Check b.  Refused: a config that is no JSON object, a schema_version below 4 or none (superseded;
 * with allow_old a warning), a fold that contradicts the oracle's name.  Warned of: no config at
 * all, matrices without counts of retained values, windows that differ from the layer table, a
 * schema newer than ours.  Messages begin with the file's name.  Free the warnings after success
 * and failure.
 */
int schema_check(struct schema_warnings *w, const struct background *b, bool allow_old,
                 struct err *e);
void schema_warnings_free(struct schema_warnings *w);

/*
 * Compare a field with what the user expects: "genome=hg38", "fold=0".  A field that is absent or
 * differs is refused with both values.
 */
int schema_expect(const struct background *b, const char *expected, struct err *e);

/* The oracle that is recorded, "" when none is; the caller frees it.  NULL on failure. */
char *schema_oracle(const struct background *b, struct err *e);

#endif
