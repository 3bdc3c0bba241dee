/* SPDX-License-Identifier: MIT */
/*
 * Track tables as their models' authors publish them, read directly.
 *
 *   targets.txt     Enformer, Borzoi: tab-separated with a header line; columns identifier and
 *                   description, and where there are such scale, clip_soft, clip, sum_stat and
 *                   strand_pair.  Row number is channel number.
 *   target.names    Sei's profiles, one per line: "cell type | assay | id" and, for 78 of them,
 *                   a replicate number
 *   seqclass.names  Sei's classes, "PC1 Polycomb / Heterochromatin"; or chorus' table of four
 *                   columns with a header line (label, rank, name, group)
 */
#ifndef PT_ORACLE_TRACKTABLE_H
#define PT_ORACLE_TRACKTABLE_H

#include "base/base.h"
#include "base/err.h"

struct track_row {
    char *id, *assay, *description;     /* never NULL */
    double scale, clip_soft;    /* how the training data were squashed; 1 and 0: not */
    bool sqrt;                  /* and raised to the power 3/4 */
    size_t pair;                /* channel of the other strand; its own where there is none */
};

struct track_rows {
    struct track_row *row;
    size_t n;
    bool has_pairs, has_scales;
};

/* NULL with "FILE:LINE: ..." in e.  Assays are "DNASE", "ATAC", "CHIP", "CAGE", "RNA", ... */
struct track_rows *track_rows_read_targets(const char *path, struct err *e);

/*
 * Append to r the profiles "TA#cell@assay@id[@replicate]" or the classes "CA#label@name@group@rank"
 * of a file (a file of classes alone says label, then the name: the group is empty there and the
 * rank its line).  -1 with the reason in e.
 */
struct track_rows *track_rows_new(void);
int track_rows_add_profiles(struct track_rows *r, const char *path, struct err *e);
int track_rows_add_classes(struct track_rows *r, const char *path, struct err *e);

void track_rows_free(struct track_rows *r);

#endif
