/* SPDX-License-Identifier: MIT */
/*
 * The object graph that TensorFlow 2 keeps in a checkpoint (trackable_object_graph.proto): which
 * key is which variable.
 */
#ifndef PT_WEIGHTS_BUNDLE_GRAPH_H
#define PT_WEIGHTS_BUNDLE_GRAPH_H

#include "weights/reader.h"

/*
 * Give the tensors of w the names that data[0..bytes), the graph's value in the bundle, has for
 * their keys; the keys become their paths.  A name that two variables share is given to neither;
 * both keep it as their variable's name, and both are told by what attributes they are held.
 */
int bundle_graph_name(struct weights *w, const void *data, uint64_t bytes, struct err *e);

#endif
