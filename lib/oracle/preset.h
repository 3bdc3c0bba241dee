/* SPDX-License-Identifier: MIT */
/*
 * How chorus built the background of each oracle: where variants and regions come from, and what is
 * drawn at a region.  Window, share of N and scoring layer belong to the family (oracle/family.h),
 * and travel with predictions.  Source: chorus' scripts/build_backgrounds_*.py.
 */
#ifndef PT_PRESET_H
#define PT_PRESET_H

#include "base/base.h"

struct preset {
    const char *name;               /* that of the oracle's family */
    const char *snps, *baselines;   /* recipes */
    bool shuffle_snps;
    int64_t shuffle_seed;           /* of the baselines; -1: none of its own */
    int64_t bins;                   /* drawn at a region; 0 where the oracle has one number */
};

/* NULL when there is none of that name; the names, "bpnet, ...", for messages. */
const struct preset *preset_find(const char *name);
const char *preset_names(void);

#endif
