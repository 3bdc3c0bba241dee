/* SPDX-License-Identifier: MIT */
/* Where weight files are looked for, and which organism a genome and a model are of. */
#ifndef PT_ORACLE_REGISTRY_H
#define PT_ORACLE_REGISTRY_H

#include "base/base.h"
#include "base/err.h"
#include "genome/genome.h"

/*
 * A weight file, or several separated by commas, as paths that exist: each as it is, beside the
 * table that names it (NULL: none), or in a folder of $PERTRACK_MODELS, separated by colons.  The
 * caller frees it.  NULL with the places looked at and, for a family whose weights are published,
 * where, in e.
 */
char *registry_find(const char *files, const char *table, const char *family, struct err *e);

/*
 * "human" or "mouse" of what tables say (Homo sapiens, 9606, hg38, GRCh38, ...); NULL for other
 * words.
 */
const char *registry_organism(const char *word);

/* The same of a genome, by the length of its first chromosome; NULL when it is none of these. */
const char *registry_genome_organism(const struct genome *g);

#endif
