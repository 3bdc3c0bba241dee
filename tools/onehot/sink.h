/* SPDX-License-Identifier: MIT */
/* Where onehot writes: a record stream, a table for people, or one .npy array.  Dies on failure. */
#ifndef ONEHOT_SINK_H
#define ONEHOT_SINK_H

#include "genome/dna.h"
#include "genome/site.h"
#include "stream/meta.h"

enum sink_form { SINK_STREAM, SINK_TEXT, SINK_NPY };

struct sink;

/* path NULL is standard output; m is written where the form has a place for it. */
struct sink *sink_open(const char *path, enum sink_form form, const struct dna_channels *c,
                       const struct meta *m);

/* code[i]: base codes of allele i, length each; the reference first. */
void sink_put(struct sink *s, const struct site *site, const uint8_t *const *code,
              size_t n_alleles, size_t length);

/* Finish the output and free the sink. */
void sink_close(struct sink *s);

#endif
