/* SPDX-License-Identifier: MIT */
/*
 * Every tensor of a weight file is part of the network that is computed, or known not to be.
 *
 * A file that holds a tensor more, of a normalisation, an attention, another branch, is of another
 * network: its numbers would be wrong and nothing would show it.  So a family, when it has taken
 * what it knows, has the rest looked at.
 */
#ifndef PT_ORACLE_ACCOUNT_H
#define PT_ORACLE_ACCOUNT_H

#include "oracle/family.h"

/*
 * -1 with the tensor's name in e when one of w was never asked for (weights_copy and its like) and
 * is none of
 *   what any training program leaves: counters of batches, an optimizer's state, random generators
 *   the family's own, struct family's unused
 *   a second name of a tensor that was taken
 *   a single number outside of the place that names were unwrapped from
 */
int account_check(const struct model *m, const struct weights *w, struct err *e);

#endif
