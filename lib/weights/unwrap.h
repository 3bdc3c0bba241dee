/* SPDX-License-Identifier: MIT */
/*
 * What training programs put around a network's own tensor names: the module that runs it on
 * several GPUs ("module."), that compiles it ("_orig_mod."), that trains it ("model.", "net."), and
 * the dictionary of a checkpoint that holds it beside an optimizer ("state_dict", "model", "ema").
 * Readers of containers give the full names, parts joined by dots; here, in one place for every
 * family, they become the names that the network has.
 *
 *   {"epoch": 3, "model": {"module.iconv.weight": ...}}   model.module.iconv.weight   iconv.weight
 */
#ifndef PT_WEIGHTS_UNWRAP_H
#define PT_WEIGHTS_UNWRAP_H

#include "base/err.h"
#include "weights/weights.h"

/*
 * Take the wrappers off the names of tensors, attributes and modules of w, in any number and order;
 * a tensor's name in the file becomes its path.  What was taken off is in w->unwrapped.  Tensors
 * outside of the wrappers keep their names.
 *
 * key: the place that is meant, "ema" or "model.ema", of a file that holds several; "." is the one
 * without a wrapper; NULL: the only one.  What is elsewhere is dropped then.
 *
 * -1 with the places in e when there are several and no key, or none of that key.
 */
int weights_unwrap(struct weights *w, const char *key, struct err *e);

#endif
