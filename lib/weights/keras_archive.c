/* SPDX-License-Identifier: MIT */
/* Keras 3's .keras: a zip with the architecture, config.json, and the weights, model.weights.h5. */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/reader.h"

static int
read_config(struct weights *w, const struct zip *z, struct err *e)
{
    const struct zip_member *m = zip_find(z, "config.json");

    if (!m)
        return 0;
    w->model_config = zip_read(z, m, e);
    if (!w->model_config)
        return -1;
    if (strlen(w->model_config) != m->size)
        return err_set(e, "member 'config.json' is not text; copy or download the file again");
    return 0;
}

/* Stored weights are used where they are; compressed ones are unpacked, once. */
static int
find_weights(struct span *span, struct weights *w, const struct zip *z, struct err *e)
{
    const struct zip_member *m = zip_find(z, "model.weights.h5");
    struct stored *s = weights_store_member(w, z, m);

    if (stored_ready(s, e) < 0)
        return -1;
    *span = (struct span){ s->bytes, s->n, m->method == ZIP_STORED ? m->data : TENSOR_NO_OFFSET };
    return 0;
}

int
keras_archive_read(struct weights *w, const struct zip *z, struct err *e)
{
    struct span h5;

    if (read_config(w, z, e) < 0 || find_weights(&h5, w, z, e) < 0)
        return -1;
    if (keras_hdf5_read(w, h5, e) < 0)
        return err_prefix(e, "member 'model.weights.h5'");
    return 0;
}
