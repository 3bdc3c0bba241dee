/* SPDX-License-Identifier: MIT */
/* Steps before the first unit. */
#ifndef PT_PREPARE_H
#define PT_PREPARE_H

#include "build.h"
#include "genome/genome.h"
#include "stream/meta.h"

/* check.c: the files of a description; all that are missing are named.  Dies when any is. */
void check_files(const struct build *b, const struct table *t);
void check_genome(const struct build *b, struct genome *g);     /* assembly, backgrounds, sites */

/* identity.c */
void identity_make(struct meta *m, const struct build *b, const struct table *t,
                   struct genome *g);
void identity_claim(const struct build *b, const struct meta *now, bool restart);

/* estimate.c: what a site of a kind costs and gives, from a short run. */
struct estimate {
    bool known[KINDS];
    double start_s[KINDS];      /* per unit, with the tracks of set 1 */
    double site_s[KINDS];       /* per site and track */
    double values[SCORE_KINDS]; /* per site and track, the most of any track */
};

void estimate_read(struct estimate *x, const struct build *b);
void estimate_make(struct estimate *x, const struct build *b, const struct plan *p);

/* prepare.c: sites of a kind that fall into the first of that many parts. */
int64_t sites_in_part(const struct build *b, enum kind k, int64_t parts);

/* check.c: what can be told once sites are counted and a short run was made. */
void check_tails(const struct build *b, const struct plan *p, const struct estimate *x);
void check_scope(const struct build *b, const struct plan *p, const struct estimate *x,
                 bool smaller);
void check_space(const struct build *b, const struct plan *p, const struct estimate *x);
int64_t count_tracks(const struct build *b, const struct plan *p);

#endif
