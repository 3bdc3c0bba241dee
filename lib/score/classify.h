/* SPDX-License-Identifier: MIT */
/*
 * Which layer a track belongs to, decided in one place from what the track is called.  Rules: D.2
 * of the scoring specification (chorus' classification, errors of its mark list included: a
 * background is only comparable with scores of the same window).
 */
#ifndef PT_CLASSIFY_H
#define PT_CLASSIFY_H

#include "base/base.h"
#include "base/err.h"
#include "score/layer.h"

/*
 * The layer of a track by id ("CHIP:K562:REST"), assay type ("DNASE", "ATAC", "CHIP", "CAGE",
 * "PRO_CAP", "RNA", "LentiMPRA", "Enhancer_...", "SPLICE_SITES", "sequence-class"; of Sei profiles,
 * whose ids begin with "TA#", the assay or mark itself) and description (may be NULL), which for
 * CHIP is searched for the names of histone marks.  NULL when the track cannot be scored.
 */
const struct layer *classify_track(const char *id, const char *assay, const char *description);

/*
 * The layer that a group of tracks is called in a builder's vocabulary: "CHIP_HIST", "RNA_SEQ",
 * ..., or a layer's own name.  NULL with the known names in e for any other.
 */
const struct layer *classify_group(const char *group, struct err *e);

#endif
