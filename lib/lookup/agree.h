/* SPDX-License-Identifier: MIT */
/*
 * Do scores fit a background?  What a score file says of genome, layers and weights, against what
 * the background was built with; made from both headers once, asked per track.  Only what both
 * state is compared.
 */
#ifndef PT_AGREE_H
#define PT_AGREE_H

#include "background/background.h"
#include "base/base.h"
#include "base/err.h"
#include "record/track.h"
#include "stream/meta.h"

struct agreement;

/*
 * config is the background's; name is the score file's, for messages.  NULL when the genomes or
 * the places of variants differ or the config is no JSON.  b and name must outlive it.
 */
struct agreement *agreement_new(const struct background *b, const char *config,
                                const struct meta *scores, const char *name, struct err *e);
void agreement_free(struct agreement *a);

/* Weights, layer and the layer's statistic of a track that is looked up in that row. */
int agreement_check_track(const struct agreement *a, const struct track *t, size_t row,
                          struct err *e);

#endif
