/* SPDX-License-Identifier: MIT */
/* --describe FILE: what any weight file holds, and whose it is. */
#include <stdio.h>

#include "oracle/family.h"
#include "predict.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "weights/unwrap.h"

/* The family's own view, as far as this one file makes a model of it. */
static void
describe_model(const struct family *f, const struct options *o)
{
    struct model_options mo = { .weights_key = o->weights_key };
    struct model *m;
    struct nn_ops ops;
    struct err e;

    if (nn_ops_select(&ops, &e))
        die_err(&e);
    m = model_open(f->declared->name, o->in, &mo, &ops, &e);
    if (!m) {
        printf("model\tnot made: %s\n", e.msg);
        return;
    }
    printf("layer\t%s\ntracks\t%zu\n", f->declared->layer, m->n_tracks);
    model_describe(m, stdout);
    model_free(m);
}

void
describe_file(const struct options *o)
{
    struct err e;
    struct weights *w = weights_open(o->in, &e);
    const struct family *f;
    int status;

    if (!w || weights_check(w, &e) < 0)
        die_err(&e);
    weights_describe(stdout, w);
    status = weights_unwrap(w, o->weights_key, &e);
    f = status ? NULL : family_of(w);
    weights_close(w);
    if (status && o->weights_key)
        die_err(&e);
    printf("oracle\t%s\n", f ? f->declared->name : "not recognised");
    if (status)
        printf("note\t%s\n", e.msg);
    if (f)
        describe_model(f, o);
    fio_close_out(stdout, NULL);
}
