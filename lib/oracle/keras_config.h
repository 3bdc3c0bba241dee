/* SPDX-License-Identifier: MIT */
/* What a Keras architecture JSON (model_config) says of single layers. */
#ifndef PT_KERAS_CONFIG_H
#define PT_KERAS_CONFIG_H

#include "base/base.h"
#include "base/err.h"

struct keras_config;

/* text may be NULL (a weights-only file): then nothing is known.  NULL when it is not JSON. */
struct keras_config *keras_config_parse(const char *text, struct err *e);
void keras_config_free(struct keras_config *k);

/* Whether it lists layers: of a model class of the user's own it has a name alone. */
bool keras_config_has_layers(const struct keras_config *k);

/*
 * The value into *value and true, or false when the configuration does not say.  Sub-models are
 * searched too.
 */
bool keras_config_dilation(const struct keras_config *k, const char *layer, size_t *value);
bool keras_config_input_length(const struct keras_config *k, size_t *value);    /* of (L, 4) */

/* Columns a Cropping1D layer takes off each end; -1 when they differ. */
bool keras_config_crop(const struct keras_config *k, const char *layer, long *value);

/*
 * -1 with layer, setting and value in e when a layer is one that a plain network of convolutions,
 * ReLU and means has not: another activation, a stride, groups, a pooling or normalising layer.
 * The message has no file name.
 */
int keras_config_check_plain(const struct keras_config *k, struct err *e);

#endif
