/* SPDX-License-Identifier: MIT */
#include "oracle/bpnet.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

void
bpnet_params_free(struct bpnet_params *p)
{
    oracle_conv_free(&p->stem);
    oracle_conv_free(&p->profile);
    for (size_t i = 0; i < p->n_layers; i++)
        oracle_conv_free(&p->layer[i]);
    free(p->layer);
    free(p->count_kernel);
    memset(p, 0, sizeof *p);
}

size_t
bpnet_columns(const struct bpnet_params *p, size_t *before_profile)
{
    size_t lost = p->stem.k - 1, profile;

    for (size_t i = 0; i < p->n_layers; i++)
        lost += (p->layer[i].k - 1) * p->layer[i].dilation;
    profile = p->profile.k - 1;
    *before_profile = p->in_len > lost ? p->in_len - lost : 0;
    return *before_profile > profile ? *before_profile - profile : 0;
}

static int
check_geometry(const struct bpnet_params *p, size_t *crop, struct err *e)
{
    size_t pooled, left = bpnet_columns(p, &pooled);

    for (size_t i = 0; i < p->n_layers; i++)
        if ((p->layer[i].k - 1) * p->layer[i].dilation % 2)
            return err_set(e, "dilated layer %zu has an even kernel of %zu taps, so its residual "
                           "has no centre; expected an odd kernel", i + 1, p->layer[i].k);
    if (p->in_len % 2)
        return err_set(e, "input length %zu is odd; windows have an even number of bases",
                       p->in_len);
    if (!left || left < p->out_len)
        return err_set(e, "an input of %zu bp leaves %zu profile columns, but %zu are to come out; "
                       "the output reaches beyond what the input determines", p->in_len, left,
                       p->out_len);
    if ((left - p->out_len) % 2)
        return err_set(e, "%zu profile columns cannot be cropped evenly to %zu", left, p->out_len);
    *crop = (left - p->out_len) / 2;
    if (2 * p->pool_crop >= pooled)
        return err_set(e, "leaving out %zu of %zu columns at each end leaves nothing to pool",
                       p->pool_crop, pooled);
    return 0;
}

/* x + relu(conv(x)); or, pre-activation, x + conv(relu(x)) on a stream that is never activated. */
static int
add_layer(struct net *net, int x, struct oracle_conv *c, enum residual_form form)
{
    int y = form == RESIDUAL_PRE
                ? net_add_conv_of_relu(net, x, c->kernel, c->bias, c->k, c->dilation, c->c_out)
                : net_add_conv(net, x, c->kernel, c->bias, c->k, c->dilation, c->c_out, true);

    net_set_residual(net, y, x, (c->k - 1) * c->dilation / 2);
    c->kernel = c->bias = NULL;
    return y;
}

int
bpnet_build(struct bpnet_branch *b, struct bpnet_params *p, const struct nn_ops *ops, struct err *e)
{
    struct net *net = &b->net;
    size_t crop = 0;
    int x;

    if (check_geometry(p, &crop, e))
        return -1;
    net_init(net, ops);
    x = net_add_input(net, p->in_len);
    x = net_add_stem_rows(net, x, p->stem.kernel, p->stem.bias, p->stem.k, p->stem.c_in,
                          p->stem.c_out, p->stem_relu);
    p->stem.kernel = p->stem.bias = NULL;
    for (size_t i = 0; i < p->n_layers; i++)
        x = add_layer(net, x, &p->layer[i], p->form);
    if (p->form == RESIDUAL_PRE)
        net_set_act(net, x, NN_ACT_RELU);
    b->profile = net_add_narrow_conv(net, x, p->profile.kernel, p->profile.bias, p->profile.k,
                                     p->profile.c_out);
    p->profile.bias = NULL;
    b->pooled = net_add_mean(net, x, p->pool_crop, net->node[x].len - p->pool_crop);
    b->crop = crop;
    b->filters = p->stem.c_out;
    b->layers = p->n_layers;
    b->form = p->form;
    b->count_kernel = p->count_kernel;
    memcpy(b->count_bias, p->count_bias, sizeof b->count_bias);
    p->count_kernel = NULL;
    net_want(net, b->profile, crop, crop + p->out_len);
    net_want(net, b->pooled, 0, 1);
    return 0;
}

void
bpnet_set_tasks(struct bpnet *m, size_t n, size_t n_strands)
{
    m->n_tasks = n;
    m->n_channels = n * n_strands;
    for (size_t i = 0; i < n; i++) {
        m->n_strands[i] = n_strands;
        m->head[i] = n_strands == 2 ? COUNT_EXP_MINUS_2 : COUNT_EXPM1;
    }
}
