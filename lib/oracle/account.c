/* SPDX-License-Identifier: MIT */
#include "oracle/account.h"

#include <fnmatch.h>
#include <string.h>

/* Names that no network computes with, whoever trained it. */
static const char *const left_by_training[] = {
    /* PyTorch and Lightning */
    "num_batches_tracked", "*.num_batches_tracked", "*rng_state*", "n_averaged", "*.n_averaged",
    "optimizer.*", "optimizer_state*.*", "optimizer_state_dict.*", "optim.*", "opt.*",
    "*scheduler*.*", "scaler.*", "callbacks.*", "loops.*", "hyper_parameters.*",
    /* Keras */
    "optimizer/*", "optimizer_weights/*", "training/*", "*seed_generator*", "*/iteration:0",
    "*/learning_rate:0",
    /* TensorFlow */
    "*/.OPTIMIZER_SLOT/*", "optimizer*/*", "_optimizer*/*", "save_counter/*", "_CHECKPOINTABLE_*",
    "*keras_api/metrics/*", "save_counter", "global_step", "step/.ATTRIBUTES/*",
    "*/loss_tracker/*", "*/Adam/*", "*/Adam_[0-9]", "*/Adam", "beta[12]_power",
};

static bool
matches(const char *name, const char *const *pattern, size_t n)
{
    for (size_t i = 0; i < n && pattern[i]; i++)
        if (fnmatch(pattern[i], name, 0) == 0)
            return true;
    return false;
}

static bool
is_unused_name(const struct family *f, const char *name)
{
    return matches(name, left_by_training, ARRAY_LEN(left_by_training)) ||
           (f->unused && matches(name, f->unused, SIZE_MAX));
}

/* Programs keep counters and best losses beside the network, as tensors of one number. */
static bool
is_beside(const struct weights *w, const struct tensor *t)
{
    return w->unwrapped && t->count == 1 && t->ndim < 2 &&
           strncmp(t->path ? t->path : t->name, w->unwrapped, strlen(w->unwrapped)) != 0;
}

static bool
is_known(const struct model *m, const struct weights *w, const struct tensor *t)
{
    if (weights_is_taken(t) || is_unused_name(m->family, t->name) ||
        (t->path && is_unused_name(m->family, t->path)) ||
        (t->variable && is_unused_name(m->family, t->variable)) || is_beside(w, t))
        return true;
    for (size_t i = 0; i < w->n_tensor; i++)
        if (weights_is_taken(&w->tensor[i]) && weights_is_same(&w->tensor[i], t))
            return true;
    return false;
}

static void
print_shape(char text[96], const struct tensor *t)
{
    size_t n = 0;

    snprintf(text, 96, t->ndim ? "" : "one number");
    for (int i = 0; i < t->ndim && n < 96; i++)
        n += (size_t)snprintf(text + n, 96 - n, "%s%zu", i ? " x " : "", t->shape[i]);
}

int
account_check(const struct model *m, const struct weights *w, struct err *e)
{
    const struct tensor *first = NULL;
    char shape[96], more[48] = " is";
    size_t n = 0;

    for (size_t i = 0; i < w->n_tensor; i++) {
        if (is_known(m, w, &w->tensor[i]))
            continue;
        if (!n++)
            first = &w->tensor[i];
    }
    if (!n)
        return 0;
    if (n > 1)
        snprintf(more, sizeof more, " and %zu more are", n - 1);
    print_shape(shape, first);
    return err_set(e, "%s: tensor '%s' (%s)%s no part of %s as it is computed here; the file's "
                   "network has layers that would be left out, so its numbers would be wrong.  If "
                   "it is beside the network, save the network's tensors alone or name their place "
                   "with --weights-key", w->path, first->name, shape, more,
                   m->kind ? m->kind : m->family->declared->name);
}
