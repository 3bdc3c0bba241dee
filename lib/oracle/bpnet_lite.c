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

#include "oracle/account.h"
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

/* Of bpnet-lite's classes: the profile's taps reach so far, and the mean is taken so much further. */
enum { REACH = 37 };

/* Positions that the class BPNet predicts unless it is told: trimming is 47 and all dilations. */
static size_t
class_out_len(const struct bpnet_params *p)
{
    size_t trimming = 47;

    for (size_t j = 0; j < p->n_layers; j++)
        trimming += p->layer[j].dilation;
    return 2 * trimming < p->in_len ? p->in_len - 2 * trimming : 0;
}

/*
 * A state dictionary does not say how much was cut off.  bpnet-lite's command line and its readers
 * of other models make 1,000 positions of 2,114; its class BPNet has a default of its own, which is
 * the same for eight layers.  Where they differ nobody knows.  The bias network of a composition is
 * trained beside the other.
 */
static int
assume_out_len(struct bpnet_params *p, struct bpnet *m, const struct weights *w,
               const struct model_options *o, struct err *e)
{
    size_t usual = model_usual_out_len(p->in_len), class_default = class_out_len(p);

    m->takes_out_len = true;
    if (m->n_branches) {
        p->out_len = o->bias_out_len ? o->bias_out_len : m->out_len;
        if (!o->bias_out_len)
            model_note(m->model, "the bias network is assumed to predict %zu positions as the "
                       "other, the file does not say; --output-length %zu,BP if it was trained "
                       "otherwise", m->out_len, m->out_len);
        return 0;
    }
    if (o->out_len) {
        p->out_len = o->out_len;
        return 0;
    }
    if (p->form == RESIDUAL_POST && class_default && class_default != usual) {
        /* A file of another network is that first. */
        if (!m->is_composed && account_check(m->model, w, e))
            return -1;
        return err_set(e, "%s: does not say how many positions it predicts: %zu as trained by "
                       "bpnet-lite's command line, %zu by its class's own default for %zu layers; "
                       "say which with --output-length BP", w->path, usual, class_default,
                       p->n_layers);
    }
    p->out_len = usual;
    model_note(m->model, "%zu positions predicted from %zu bp are assumed, the file does not say; "
               "--output-length if it was trained otherwise", usual, p->in_len);
    return 0;
}

/* A pickled module knows how much is cut off each end of the input, "trimming". */
static int
find_out_len(struct bpnet_params *p, struct bpnet *m, const struct weights *w, const char *prefix,
             const struct model_options *o, struct err *e)
{
    size_t asked = m->n_branches ? o->bias_out_len : o->out_len;
    char name[96];
    int64_t trim;

    snprintf(name, sizeof name, "%strimming", prefix);
    if (!weights_attr_get(w, name, &trim))
        return assume_out_len(p, m, w, o, e);
    if (trim < 0 || (uint64_t)trim > (p->in_len - 1) / 2)
        return err_set(e, "%s: trimming of %lld per side leaves nothing of %zu bp", w->path,
                       (long long)trim, p->in_len);
    p->out_len = p->in_len - 2 * (size_t)trim;
    return model_check_out_len(w, asked, p->out_len, name, e);
}

/*
 * The original pools over the columns that the profile's taps of its output read.  The bias network
 * of a composition is then cropped to the other's output.
 */
static int
set_lengths(struct bpnet_params *p, struct bpnet *m, const struct weights *w, const char *prefix,
            const struct model_options *o, struct err *e)
{
    size_t pooled;

    p->in_len = o->in_len ? o->in_len : BPNET_IN_LEN;
    if (!bpnet_columns(p, &pooled))
        return err_set(e, "%s: the network's receptive field is larger than its input of %zu bp",
                       w->path, p->in_len);
    if (find_out_len(p, m, w, prefix, o, e))
        return -1;
    if (m->n_branches && p->out_len < m->out_len)
        return err_set(e, "%s: the bias network predicts %zu positions, fewer than the %zu of the "
                       "other", w->path, p->out_len, m->out_len);
    if (pooled < p->out_len + 2 * REACH || (pooled - p->out_len) % 2)
        return err_set(e, "%s: an input of %zu bp gives %zu columns to take the mean of, but %zu "
                       "and %d at each side are read; the output reaches beyond what the input "
                       "determines", w->path, p->in_len, pooled, p->out_len, REACH);
    p->pool_crop = (pooled - p->out_len) / 2 - REACH;
    if (m->n_branches)
        p->out_len = m->out_len;
    return 0;
}

static int
take_branch(struct bpnet_params *p, struct bpnet *m, const struct weights *w, const char *prefix,
            const struct model_options *o, struct err *e)
{
    size_t stem[3] = { 0, 4, 0 }, profile[3] = { 0, 0, 0 }, c_in;

    if (take_conv(&p->stem, &c_in, w, prefix, "iconv", stem, 0, e) ||
        take_layers(p, w, prefix, e) ||
        take_conv(&p->profile, &c_in, w, prefix, "fconv", profile, p->stem.c_out, e) ||
        take_count(p, w, prefix, e))
        return -1;
    return set_lengths(p, m, w, prefix, o, e);
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
    int status = take_branch(&p, m, w, prefix, o, e);

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
        m->is_composed = true;
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
