/* SPDX-License-Identifier: MIT */
/*
 * Names of tensors in the files of Keras 3 (keras/src/saving/saving_lib.py).  A variable's place is
 * "layers/conv1d_1/vars/0": the class of its layer, numbered among its siblings, and its index.
 * The layer's own name is an attribute of the group vars, in files before Keras 3.4 only in the
 * architecture; the variable's follows from the class.  Together: "bpnet_1conv/kernel:0".
 */
#ifndef PT_WEIGHTS_KERAS3_H
#define PT_WEIGHTS_KERAS3_H

#include "weights/hdf5.h"

struct keras3;
struct keras3 *keras3_new(void);
void keras3_free(struct keras3 *k);

/* Take note of a group, path being its place without a leading '/'. */
int keras3_meet_group(struct keras3 *k, struct hdf5 *f, const struct hdf5_object *group,
                      const char *path, struct err *e);

/* Rename w's tensors, whose old names become their paths; w->model_config may be NULL. */
int keras3_name_tensors(struct keras3 *k, struct weights *w, struct err *e);

#endif
