/* SPDX-License-Identifier: MIT */
/*
 * TensorFlow checkpoints (tensor bundles), alone or in a SavedModel: PREFIX.index, a sorted table
 * of key to dtype, shape and place, and PREFIX.data-00000-of-0000N with the values
 * (tensorflow/core/util/tensor_bundle, tensorflow/core/protobuf/tensor_bundle.proto).
 *
 * Of a SavedModel only variables/variables.* is read; its graph, which is a program, is not.
 */
#ifndef PT_WEIGHTS_BUNDLE_H
#define PT_WEIGHTS_BUNDLE_H

#include "weights/reader.h"

/* By its last bytes; by its first header. */
bool bundle_is_index(const void *data, uint64_t n);
bool bundle_is_tar(const void *data, uint64_t n);

/* w->path is a folder with one *.index in it or in its folder variables/. */
int bundle_read_folder(struct weights *w, struct err *e);

/* w->path is the index, whose bytes are index; the files of values are beside it. */
int bundle_read_index(struct weights *w, struct span index, struct err *e);

/* An uncompressed tar archive with one *.index in it.  The path is not in messages. */
int bundle_read_tar(struct weights *w, struct span file, struct err *e);

#endif
