/* SPDX-License-Identifier: MIT */
/*
 * Contig names of a user's file resolved to contigs of the genome: the name itself, else with or
 * without "chr", else another name of the mitochondrion (chrM, M, MT, chrMT) when the genome has
 * exactly one of them.  Nothing else is guessed.
 */
#ifndef PT_ALIAS_H
#define PT_ALIAS_H

#include "base/base.h"
#include "base/err.h"
#include "genome/genome.h"

enum alias_rule { ALIAS_NONE, ALIAS_EXACT, ALIAS_ADD_CHR, ALIAS_DROP_CHR, ALIAS_MITO, ALIAS_RULES };

/* Contig number or -1, without memory; rule may be NULL. */
int alias_resolve(const struct genome *g, const char *name, enum alias_rule *rule);

struct alias_map;

/* A map for one input file; file is its name in messages.  g must outlive the map. */
struct alias_map *alias_new(const struct genome *g, const char *file);
void alias_free(struct alias_map *a);

/* Contig number or -1; remembers names and rules, and costs one comparison for a repeated name. */
int alias_find(struct alias_map *a, const char *name);

/* Tell a name of the file that explanations should list (of a header); not a use of it. */
void alias_add_name(struct alias_map *a, const char *name);

/*
 * What was done so far, for one note per run: "'1' taken as 'chr1' (23 names)".  NULL when every
 * name was exact.  Belongs to the map, valid until the next call.
 */
const char *alias_used(struct alias_map *a);

/* Name of the contig that was not found first, or NULL when every name was found. */
const char *alias_first_missing(const struct alias_map *a);

/* Message with both lists of names, for a contig that was not found; always -1. */
int alias_explain(const struct alias_map *a, const char *name, struct err *e);

#endif
