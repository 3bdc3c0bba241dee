/* SPDX-License-Identifier: MIT */
/*
 * The provenance chain: each program adds one "prov" line to the metadata of what it writes.
 *
 * A line is a JSON object: id (unique in the chain), pn (program), vn (version), cl (command line
 * as opt_command_line gives it), pp (id of the entry before, or absent), and what the program
 * wants remembered (seed, genome checksum, kernel set).  No date, host or path of an output, so
 * equal results carry equal provenance.
 */
#ifndef PT_PROV_H
#define PT_PROV_H

#include <jansson.h>

#include "base/base.h"
#include "stream/meta.h"

/*
 * Append this program's entry; extra (may be NULL) is a JSON object whose members are added, and
 * is released.  Does nothing but release extra under --no-provenance.
 */
void prov_append(struct meta *m, json_t *extra);

/* The chain as a JSON array, new reference; empty array when there is none. */
json_t *prov_chain(const struct meta *m);

extern const char prog_version[];

#endif
