/* SPDX-License-Identifier: MIT */
/*
 * bpnet-lite models from PyTorch zips: state dictionaries and whole pickled modules.
 *
 *   iconv.{weight,bias}      (F, 4, k), (F)          rconvs.<j>.{weight,bias}   (F, F, 3), (F)
 *   fconv.{weight,bias}      (S, F + controls, k)    linear.{weight,bias}       (1, F or F + 1)
 *
 * ChromBPNet holds the same keys below "accessibility." and "bias.".  The original pads every
 * convolution and cuts the ends off; what is kept equals the valid form, which is computed here.
 * Class BPNet is post-activation and trained on log(1 + reads of all strands); BasePairNet is
 * pre-activation and follows BPNet CHIP.  A module says which it is, a state dictionary does not:
 * BPNet is assumed unless the user says otherwise.
 * Source of the architecture: jmschrei/bpnet-lite (bpnet.py, chrombpnet.py).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/bpnet.h"
#include "prog/mem.h"

static char *
key(char name[96], const char *prefix, const char *layer, const char *leaf)
{
    snprintf(name, 96, "%s%s.%s", prefix, layer, leaf);
    return name;
}

/* c_keep input channels are kept (0: all); bias is optional for the heads. */
static int
take_conv(struct oracle_conv *c, size_t *c_in, const struct weights *w, const char *prefix,
          const char *layer, size_t shape[3], size_t c_keep, struct err *e)
{
    char name[96];
    size_t n;
    float *torch = tensor_take(w, key(name, prefix, layer, "weight"), shape, 3, e);

    if (!torch)
        return -1;
    *c_in = shape[1];
    if (c_keep > shape[1]) {
        free(torch);
        return err_set(e, "%s: tensor '%s' reads %zu channels, expected %zu or more", w->path,
                       name, shape[1], c_keep);
    }
    n = c_keep ? c_keep : shape[1];
    c->kernel = tensor_turn(torch, shape[0], shape[1], shape[2], n);
    c->k = shape[2];
    c->c_in = n;
    c->c_out = shape[0];
    c->dilation = 1;
    free(torch);
    if (!weights_find(w, key(name, prefix, layer, "bias"))) {
        c->bias = mem_array(c->c_out, sizeof *c->bias);
        return 0;
    }
    c->bias = tensor_take(w, name, shape, 1, e);
    return c->bias ? 0 : -1;
}

static int
take_layers(struct bpnet_params *p, const struct weights *w, const char *prefix, struct err *e)
{
    size_t filters = p->stem.c_out, n = 0, c_in;
    char layer[32], name[96];

    for (size_t j = 0; j < BPNET_MAX_LAYERS; j++) {
        snprintf(layer, sizeof layer, "rconvs.%zu", j);
        if (weights_find(w, key(name, prefix, layer, "weight")))
            n = j + 1;
    }
    if (!n)
        return err_set(e, "%s: tensor '%srconvs.0.weight' is missing; is the file complete?",
                       w->path, prefix);
    p->layer = mem_array(n, sizeof *p->layer);
    for (size_t j = 0; j < n; j++) {
        size_t shape[3] = { filters, filters, 0 };

        p->n_layers = j + 1;
        snprintf(layer, sizeof layer, "rconvs.%zu", j);
        if (take_conv(&p->layer[j], &c_in, w, prefix, layer, shape, 0, e))
            return -1;
        p->layer[j].dilation = (size_t)2 << j;
    }
    return 0;
}

/*
 * The count head's last weight, when there is one more than filters, multiplies the logarithm of
 * the control's reads plus 1 (BPNet) or 2 (BasePairNet): constants when there are no reads.
 */
static int
take_count(struct bpnet_params *p, const struct weights *w, const char *prefix, struct err *e)
{
    size_t filters = p->stem.c_out, shape[2] = { 1, 0 }, bias_shape[1] = { 1 };
    char name[96];
    float *b;

    p->count_kernel = tensor_take(w, key(name, prefix, "linear", "weight"), shape, 2, e);
    if (!p->count_kernel)
        return -1;
    if (shape[1] != filters && shape[1] != filters + 1)
        return err_set(e, "%s: tensor '%s' has %zu inputs, expected %zu or, with a control, %zu",
                       w->path, name, shape[1], filters, filters + 1);
    if (shape[1] == filters + 1 && p->form == RESIDUAL_PRE)
        p->count_bias[0] += p->count_kernel[filters] * log(2);
    if (!weights_find(w, key(name, prefix, "linear", "bias")))
        return 0;
    b = tensor_take(w, name, bias_shape, 1, e);
    if (!b)
        return -1;
    p->count_bias[0] += b[0];
    free(b);
    return 0;
}

/*
 * A pickled module knows how much is cut off each end of the input, "trimming"; with it the
 * original pools over the same columns as the profile covers.  A state dictionary does not know:
 * then the class's default is taken, everything the input determines (trimming of 47 plus the sum
 * of the dilations).
 */
static int
set_lengths(struct bpnet_params *p, const struct weights *w, const char *prefix,
            const struct model_options *o, struct err *e)
{
    size_t pooled, left;
    char name[96];
    int64_t trim;

    p->in_len = o->in_len ? o->in_len : BPNET_IN_LEN;
    left = bpnet_columns(p, &pooled);
    if (!left)
        return err_set(e, "%s: the network's receptive field is larger than its input of %zu bp",
                       w->path, p->in_len);
    p->out_len = left;
    snprintf(name, sizeof name, "%strimming", prefix);
    if (!weights_attr_get(w, name, &trim))
        return 0;
    if (trim < 0 || (uint64_t)trim > (p->in_len - 1) / 2)
        return err_set(e, "%s: trimming of %lld per side leaves nothing of %zu bp", w->path,
                       (long long)trim, p->in_len);
    p->out_len = p->in_len - 2 * (size_t)trim;
    if (left >= p->out_len)
        p->pool_crop = (left - p->out_len) / 2;
    return 0;
}

static int
take_branch(struct bpnet_params *p, const struct weights *w, const char *prefix,
            const struct model_options *o, struct err *e)
{
    size_t stem[3] = { 0, 4, 0 }, profile[3] = { 0, 0, 0 }, c_in;

    if (take_conv(&p->stem, &c_in, w, prefix, "iconv", stem, 0, e) ||
        take_layers(p, w, prefix, e) ||
        take_conv(&p->profile, &c_in, w, prefix, "fconv", profile, p->stem.c_out, e) ||
        take_count(p, w, prefix, e))
        return -1;
    return set_lengths(p, w, prefix, o, e);
}

static enum residual_form
form_of(const struct weights *w, const struct model_options *o)
{
    if (o->form != RESIDUAL_AUTO)
        return o->form;
    return w->class_name && strstr(w->class_name, "BasePairNet") ? RESIDUAL_PRE : RESIDUAL_POST;
}

static int
load_branch(struct bpnet *m, const struct weights *w, const char *prefix, enum residual_form form,
            const struct model_options *o, const struct nn_ops *ops, struct err *e)
{
    struct bpnet_branch *b = &m->branch[m->n_branches];
    struct bpnet_params p = { .form = form, .stem_relu = form == RESIDUAL_POST,
                              .n_tasks = 1 };
    int status = take_branch(&p, w, prefix, o, e);

    /* The bias network of a composition is trimmed less and cropped to the other's output. */
    if (status == 0 && m->n_branches)
        p.out_len = m->out_len;
    if (status == 0 && p.profile.c_out > 2)
        status = err_set(e, "%s: %zu outputs, expected one or two strands", w->path,
                         p.profile.c_out);
    if (status == 0) {
        m->in_len = p.in_len;
        m->out_len = p.out_len;
        bpnet_set_tasks(m, 1, p.profile.c_out);
        status = bpnet_build(b, &p, ops, e);
        if (status)
            err_prefix(e, "%s", w->path);
        else
            m->n_branches++;
    }
    bpnet_params_free(&p);
    return status;
}

int
bpnet_from_bpnet_lite(struct bpnet *m, const struct weights *w, const struct model_options *o,
                      const struct nn_ops *ops, struct err *e)
{
    enum residual_form form = form_of(w, o);

    if (weights_find(w, "accessibility.iconv.weight")) {
        m->kind = "bpnet-lite ChromBPNet";
        if (load_branch(m, w, "accessibility.", RESIDUAL_POST, o, ops, e))
            return -1;
        if (load_branch(m, w, "bias.", RESIDUAL_POST, o, ops, e))
            return -1;
        if (m->n_channels != 1)
            return err_set(e, "%s: the two networks have %zu strands, expected one", w->path,
                           m->n_channels);
        return 0;
    }
    /* Cherimoya's first layer has the same name. */
    if (!weights_find(w, "iconv.weight") || weights_find(w, "blocks.0.linear1.weight"))
        return 1;
    m->kind = form == RESIDUAL_PRE ? "bpnet-lite BasePairNet" : "bpnet-lite BPNet";
    if (load_branch(m, w, "", form, o, ops, e))
        return -1;
    m->head[0] = form == RESIDUAL_PRE ? COUNT_EXP_MINUS_2 : COUNT_EXPM1;
    return 0;
}
