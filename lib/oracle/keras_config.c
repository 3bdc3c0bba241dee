/* SPDX-License-Identifier: MIT */
#include "oracle/keras_config.h"

#include <jansson.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "prog/mem.h"

struct keras_config {
    json_t *root;
};

struct keras_config *
keras_config_parse(const char *text, struct err *e)
{
    struct keras_config *k = mem_zalloc(sizeof *k);
    json_error_t why;

    if (!text)
        return k;
    k->root = json_loads(text, 0, &why);
    if (k->root)
        return k;
    err_set(e, "model_config is not valid JSON (line %d: %s); the file is damaged", why.line,
            why.text);
    free(k);
    return NULL;
}

void
keras_config_free(struct keras_config *k)
{
    if (!k)
        return;
    json_decref(k->root);
    free(k);
}

bool
keras_config_has_layers(const struct keras_config *k)
{
    return json_array_size(json_object_get(json_object_get(k->root, "config"), "layers")) > 0;
}

typedef bool match_fn(const char *class_name, const json_t *config, const void *what);

/* Depth first through config.layers of models in models; jansson bounds the nesting it parses. */
static const json_t *
find(const json_t *model, match_fn *match, const void *what)
{
    const json_t *layers = json_object_get(json_object_get(model, "config"), "layers");
    const json_t *layer;
    size_t i;

    json_array_foreach(layers, i, layer) {
        const json_t *config = json_object_get(layer, "config"), *inner;
        const char *class_name = json_string_value(json_object_get(layer, "class_name"));

        if (class_name && config && match(class_name, config, what))
            return config;
        inner = find(layer, match, what);
        if (inner)
            return inner;
    }
    return NULL;
}

static bool
has_name(const char *class_name, const json_t *config, const void *what)
{
    const char *name = json_string_value(json_object_get(config, "name"));

    (void)class_name;
    return name && strcmp(name, what) == 0 && !json_object_get(config, "layers");
}

/* batch_input_shape of Keras 2, batch_shape of Keras 3: [null, L, 4]. */
static const json_t *
input_shape(const json_t *config)
{
    const json_t *shape = json_object_get(config, "batch_input_shape");

    return shape ? shape : json_object_get(config, "batch_shape");
}

static bool
is_sequence_input(const char *class_name, const json_t *config, const void *what)
{
    const json_t *shape = input_shape(config);

    (void)what;
    return strcmp(class_name, "InputLayer") == 0 && json_array_size(shape) == 3 &&
           json_integer_value(json_array_get(shape, 2)) == 4;
}

/* A number, or the first element of a list of them. */
static json_int_t
scalar(const json_t *v)
{
    return json_integer_value(json_is_array(v) ? json_array_get(v, 0) : v);
}

bool
keras_config_dilation(const struct keras_config *k, const char *layer, size_t *value)
{
    const json_t *config = k->root ? find(k->root, has_name, layer) : NULL;
    json_int_t d = scalar(json_object_get(config, "dilation_rate"));

    if (d < 1 || d > 1 << 20)
        return false;
    *value = (size_t)d;
    return true;
}

bool
keras_config_input_length(const struct keras_config *k, size_t *value)
{
    const json_t *config = k->root ? find(k->root, is_sequence_input, NULL) : NULL;
    json_int_t len = json_integer_value(json_array_get(input_shape(config), 1));

    if (len < 1 || len > 1 << 24)
        return false;
    *value = (size_t)len;
    return true;
}

bool
keras_config_crop(const struct keras_config *k, const char *layer, long *value)
{
    const json_t *config = k->root ? find(k->root, has_name, layer) : NULL;
    const json_t *crop = json_object_get(config, "cropping");
    json_int_t left, right;

    if (!crop)
        return false;
    if (json_is_array(crop) && json_is_array(json_array_get(crop, 0)))
        crop = json_array_get(crop, 0);
    left = json_is_array(crop) ? json_integer_value(json_array_get(crop, 0))
                               : json_integer_value(crop);
    right = json_is_array(crop) ? json_integer_value(json_array_get(crop, 1)) : left;
    *value = left == right ? (long)left : -1;
    return true;
}

/* What a layer was found to be; value is text for a message. */
struct odd {
    const char *setting, *value;
    char number[32];
};

static bool
is_plain_activation(const char *name)
{
    return !name || strcmp(name, "linear") == 0 || strcmp(name, "relu") == 0;
}

/* A whole number that must be 1 where it stands. */
static bool
is_not_one(const json_t *config, const char *setting, struct odd *odd)
{
    const json_t *v = json_object_get(config, setting);

    if (!v || json_is_null(v) || scalar(v) == 1)
        return false;
    odd->setting = setting;
    snprintf(odd->number, sizeof odd->number, "%lld", (long long)scalar(v));
    odd->value = odd->number;
    return true;
}

static bool
is_odd_class(const char *name)
{
    static const char *const classes[] = {
        "ELU", "LeakyReLU", "PReLU", "Softmax", "ThresholdedReLU", "BatchNormalization",
        "LayerNormalization", "GroupNormalization", "UnitNormalization", "MaxPooling1D",
        "GlobalMaxPooling1D", "UpSampling1D", "Attention", "MultiHeadAttention",
        "SeparableConv1D", "DepthwiseConv1D", "Conv1DTranspose", "LSTM", "GRU", "Multiply",
    };

    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (strcmp(name, classes[i]) == 0)
            return true;
    return false;
}

static bool
is_odd(const char *class_name, const json_t *config, const void *what)
{
    struct odd *odd = *(struct odd *const *)what;
    const json_t *activation = json_object_get(config, "activation");
    const bool is_conv = strcmp(class_name, "Conv1D") == 0;

    if (is_odd_class(class_name)) {
        odd->setting = "class";
        odd->value = class_name;
        return true;
    }
    if (!is_plain_activation(json_string_value(activation)) || json_is_object(activation)) {
        odd->setting = "activation";
        odd->value = json_is_string(activation) ? json_string_value(activation) : "of its own";
        return true;
    }
    return is_conv && (is_not_one(config, "strides", odd) || is_not_one(config, "groups", odd));
}

int
keras_config_check_plain(const struct keras_config *k, struct err *e)
{
    struct odd odd, *found = &odd;
    const json_t *config = k->root ? find(k->root, is_odd, &found) : NULL;
    const char *name = json_string_value(json_object_get(config, "name"));

    if (!config)
        return 0;
    return err_set(e, "layer '%s' has %s %s, which is not computed here: only plain convolutions "
                   "with ReLU are, and its numbers would be wrong", name ? name : "?", odd.setting,
                   odd.value);
}
