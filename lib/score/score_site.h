/* SPDX-License-Identifier: MIT */
/*
 * From the predictions of one site to its scores: layer windows, effects, summaries and drawn
 * bins.  The one implementation behind every background and every query.
 */
#ifndef PT_SCORE_SITE_H
#define PT_SCORE_SITE_H

#include "base.h"
#include "err.h"
#include "score/demand.h"
#include "score/layer.h"
#include "score/record.h"
#include "stream/prediction.h"
#include "track.h"

/*
 * -1 when the layer cannot be applied to the track: no bins, no bin width, or exon bins needed
 * (gene_expression on a track of more than one bin).
 */
int score_check_layer(const struct track *t, const struct layer *l, struct err *e);

/*
 * Score all tracks of p into out (cleared first; its site becomes a copy of p's).  layer has one
 * entry per track of the table, each passed by score_check_layer.
 *
 *   variant  one effect block per track: alleles of site.alt in order, + then - within each
 *   region   one summary block per track (strands in order) and, when rule->n > 0, one perbin
 *            block (the drawn bins ascending on +, then the same bins on -)
 *
 * 1 done; 0 when an effect of any track is undefined, with the reason in e: the site has no
 * scores at all then; -1 when bins are missing or the predictions do not fit the track table.
 */
int score_site(struct score_record *out, const struct prediction *p, const struct track_table *t,
               const struct layer *const *layer, const struct perbin_rule *rule, struct err *e);

#endif
