/* SPDX-License-Identifier: MIT */
/* What sample-snps and sample-baselines share: options, the run, the report. */
#ifndef PT_SAMPLER_H
#define PT_SAMPLER_H

#include "base/base.h"
#include "prog/opt.h"
#include "sample/plan.h"
#include "stream/meta.h"

struct sampler_options {
    struct sample_request request;
    const char *genome, *preset;
    struct opt_list count;
    bool emit_rejected;
};

/* Append the shared options to a table; returns the next free entry. */
struct opt *sampler_add_options(struct opt *opts, struct sampler_options *o);

enum { SAMPLER_OPTIONS = 20 };      /* as many as are added */

/* The recipe of a request, its values filled in; dies (exit 2) when it makes no sense. */
const struct recipe *sampler_check(struct sampler_options *o);

/* A finished sample and what belongs to it. */
struct sampler {
    struct genome *genome;
    struct sample_plan plan;
    struct sample sample;
    struct meta meta;               /* genome and provenance */
};

/* Draw; dies with a message when it cannot.  Says what was taken for what, and which editions
 * differ from the published ones. */
void sampler_run(struct sampler *s, const struct sampler_options *o, const struct recipe *r);

/* Numbers per stratum and contig, then what was left out and why, on standard error. */
void sampler_report(const struct sampler *s);
void sampler_free(struct sampler *s);

#endif
