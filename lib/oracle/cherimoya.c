/* SPDX-License-Identifier: MIT */
/*
 * The family "cherimoya" (CATv1): torch zips of a dict {config, state_dict}.  One file is one fold;
 * several separated by commas are an ensemble, the mean of their expected counts for each allele
 * (not of heads, and not of effects).
 *
 *   stem 21 to C and GELU; blocks j = 0..n-1 of
 *       depthwise convolution of 3 taps, dilation 2^j, no bias
 *       normalisation by mean and variance of the whole plane (all columns and channels)
 *       dense C to eC, GELU, dense eC to C, no biases; times the residual scale, added
 *   profile convolution of 75 taps, the middle L - 2 * trimming columns kept; the count from the
 *   mean over the same columns
 *
 *   iconv.{weight,bias}      (C, 4, 21), (C)         blocks.<j>.conv_weight      (3, C), left tap first
 *   fconv.{weight,bias}      (S, C, 75), (S)         blocks.<j>.linear1.weight   (eC, C)
 *   linear.{weight,bias}     (G, C), (G)             blocks.<j>.linear2.weight   (C, eC)
 *
 * Where it differs from its siblings:
 *   - padded with zeros throughout, and nothing can be cut off early: the normalisation reads all
 *     columns.  For the same reason an alternate allele is computed in full behind block 0's
 *     convolution, and neighbouring windows share nothing
 *   - the count is the mean of the kept 1,000 columns, not of the 1,074 that the profile reads
 *   - GELU (tanh form), dilations from 1 instead of 2, heads linear in the un-activated stream
 *   - controls are fed zero: they add nothing to the profile and log(0 + 1) = 0 to the count
 *   - expected counts are softmax * expm1, as for ChromBPNet; groups are tracks, and a group of two
 *     channels is two strands under one softmax
 *
 * Constants: plane epsilon 1e-3, residual scale 0.15 where the file does not say, trimming
 * 46 + sum of 2^j (jmschrei/cherimoya: cheri.py CONV_NORM_EPS, cherimoya.py constructor).
 *
 * The original has two arithmetics.  On a CPU it is float32 throughout, and that is the default here.
 * On a GPU, without gradients (cheri.py, _fwd_inf_forward), it keeps five things as bfloat16, and
 * --rounding cuda does the same: the depthwise convolution's output behind its statistics, what is
 * normalised, the weights of both dense layers (the second times the residual scale first), and the
 * wide layer behind its GELU.  Sums, statistics, GELU and the residual stream stay float32.  It does
 * so where eC is a multiple of 16 and C at least 16; other files it computes in float32 there too.
 * What the GPU's library makes of the first and last convolution (TF32, perhaps) is not reproduced.
 */
#include "family/declare.h"

#ifdef FAMILY_DECLARATION

const struct declaration declared_cherimoya = {
    .name = "cherimoya", .layer = "chromatin_accessibility", .n_fraction = 0.5,
    .published = "huggingface.co/programmable-genomics/CATv1",
    .preset = { .snps = "accessibility", .baselines = "baseline-34500", .shuffle_seed = -1,
                .bins = 32 },
};

#else

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/account.h"
#include "oracle/counts.h"
#include "oracle/family.h"
#include "oracle/tensors.h"
#include "prog/mem.h"

static const double plane_eps = 1e-3, default_scale = 0.15;

enum { IN_LEN = 2114, MAX_BLOCKS = 20, MAX_GROUPS = 64, TILE = 64 };

/* What the file says of its shape. */
struct shape {
    size_t filters, blocks, expansion, wide, n_groups, trimming, in_len; /* wide: eC */
    double scale;                   /* of the residual */
    bool assumed;                   /* trimming, since the file does not say */
    bool bfloat16;                  /* the blocks round as the original does on a GPU */
    size_t strands[MAX_GROUPS];     /* channels of each group */
};

/* One fold's network and its dense count head. */
struct fold {
    struct shape shape;
    struct net net;
    int profile, pooled;
    float *count_kernel, *count_bias;       /* filters x groups, groups */
};

/* One file, or the folds of an ensemble: the mean of their expected counts. */
struct cherimoya {
    struct shape shape;
    struct fold *fold;
    size_t n_folds, out_len, n_channels;
    bool raw;
};

static bool
is_cherimoya(const struct weights *w)
{
    return weights_find(w, "iconv.weight") && weights_find(w, "blocks.0.linear1.weight");
}

static size_t
count_blocks(const struct weights *w)
{
    size_t n = 0;

    while (n < MAX_BLOCKS && tensor_exists(w, "blocks.%zu.linear1.weight", n))
        n++;
    return n;
}

/* The channels of each group: one unless the file says otherwise. */
static int
read_groups(struct shape *s, const struct weights *w, size_t n_channels, struct err *e)
{
    size_t sum = 0;

    if (s->n_groups > MAX_GROUPS)
        return err_set(e, "%s: %zu signal groups, more than the %d supported", w->path,
                       s->n_groups, MAX_GROUPS);
    for (size_t g = 0; g < s->n_groups; g++) {
        char name[48];
        double n = 1;

        snprintf(name, sizeof name, "signal_groups.%zu", g);
        if (!weights_attr_real(w, name, &n) && s->n_groups == 1)
            n = (double)n_channels;
        if (n != 1 && n != 2)
            return err_set(e, "%s: signal group %zu has %g channels, expected one or two strands",
                           w->path, g, n);
        s->strands[g] = (size_t)n;
        sum += s->strands[g];
    }
    if (sum != n_channels)
        return err_set(e, "%s: the signal groups have %zu channels, the profile convolution %zu",
                       w->path, sum, n_channels);
    return 0;
}

/*
 * What is cut off each end.  A file without its configuration does not say, and the class's default
 * is that of its command line, 1,000 positions of 2,114, for nine blocks only.
 */
static int
read_trimming(struct shape *s, struct model *m, const struct weights *w,
              const struct model_options *o, struct err *e)
{
    size_t usual = model_usual_out_len(s->in_len), least = 2 * (45 + ((size_t)1 << s->blocks));
    double trimming = (double)least / 2, n;

    if (weights_attr_real(w, "trimming", &trimming) || weights_attr_real(w, "n_layers", &n)) {
        if (!(trimming >= 0 && 2 * trimming < (double)s->in_len))
            return err_set(e, "%s: trimming of %g per side leaves nothing of %zu bp", w->path,
                           trimming, s->in_len);
        s->trimming = (size_t)trimming;
        return model_check_out_len(w, o->out_len, s->in_len - 2 * s->trimming, "trimming", e);
    }
    s->assumed = true;
    if (o->out_len > s->in_len || (s->in_len - o->out_len) % 2)
        return err_set(e, "--output-length of %zu is not the middle of %zu bp", o->out_len,
                       s->in_len);
    if (!o->out_len && (s->in_len <= least || s->in_len - least != usual))
        return err_set(e, "%s: does not say how many positions it predicts: %zu as trained by "
                       "cherimoya's command line, all but %zu by its class's own default for %zu "
                       "blocks; say which with --output-length BP", w->path, usual, least,
                       s->blocks);
    s->trimming = (s->in_len - (o->out_len ? o->out_len : usual)) / 2;
    model_note(m, "%zu positions predicted from %zu bp and a residual scale of %g are %s, the file "
               "has no configuration", s->in_len - 2 * s->trimming, s->in_len, s->scale,
               o->out_len ? "taken" : "assumed");
    return 0;
}

/* Numbers of the constructor; the shapes say most of them. */
static int
read_shape(struct shape *s, struct model *m, const struct weights *w, const struct model_options *o, struct err *e)
{
    const struct tensor *stem = weights_find(w, "iconv.weight");
    const struct tensor *wide = weights_find(w, "blocks.0.linear1.weight");
    const struct tensor *head = weights_find(w, "fconv.weight");
    const struct tensor *dense = weights_find(w, "linear.weight");
    size_t in_len = o->in_len ? o->in_len : IN_LEN;

    if (!stem || !wide || !head || !dense || stem->ndim != 3 || wide->ndim != 2 ||
        head->ndim != 3 || dense->ndim != 2 || !stem->shape[0] || wide->shape[0] % stem->shape[0])
        return err_set(e, "%s: a tensor of 'iconv', 'blocks.0.linear1', 'fconv', 'linear' is "
                       "missing or misshapen; is the file complete?", w->path);
    s->filters = stem->shape[0];
    s->blocks = count_blocks(w);
    s->expansion = wide->shape[0] / s->filters;
    s->wide = wide->shape[0];
    s->n_groups = dense->shape[0];
    s->in_len = in_len;
    s->bfloat16 = o->rounding && s->wide % 16 == 0 && s->filters >= 16;
    s->scale = default_scale;
    weights_attr_real(w, "residual_scale", &s->scale);
    if (read_trimming(s, m, w, o, e))
        return -1;
    return read_groups(s, w, head->shape[0], e);
}

/* The nearest bfloat16, ties to even: float32 with 8 bits of significand. */
static float
to_bfloat16(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    if (x == x)
        bits += 0x7fff + (bits >> 16 & 1);
    bits &= 0xffff0000u;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Dense layer without bias, its output times factor. */
static int
take_dense(struct oracle_conv *c, const struct weights *w, size_t block, int which,
           const struct shape *s, double factor, struct err *e)
{
    char name[64];

    snprintf(name, sizeof name, "blocks.%zu.linear%d", block, which);
    if (oracle_conv_take(c, w, name, e))
        return -1;
    for (size_t i = 0; i < c->c_in * c->c_out; i++)
        c->kernel[i] = s->bfloat16 ? to_bfloat16(c->kernel[i] * (float)factor)
                                   : (float)(c->kernel[i] * factor);
    return 0;
}

static void
round_columns(void *context, float *y, const float *x, const float *second, size_t lo, size_t hi,
              float *scratch, struct nn_part part)
{
    size_t n = *(const size_t *)context, from = lo + (hi - lo) * part.i / part.n,
           to = lo + (hi - lo) * (part.i + 1) / part.n;

    (void)second, (void)scratch;
    for (size_t i = from * n; i < to * n; i++)
        y[i] = to_bfloat16(x[i]);
}

/* The activations of node as bfloat16, where the original keeps them so. */
static int
add_rounding(struct net *net, int node, const struct shape *s)
{
    const struct nn_node *n = &net->node[node];
    struct nn_call call = { .run = round_columns, .name = "bfloat16" };

    if (!s->bfloat16)
        return node;
    call.context = (void *)(uintptr_t)(n->channels == s->filters ? &s->filters : &s->wide);
    return net_add_call(net, node, -1, n->len, n->channels, &call, 0);
}

/* The block behind node *x; its dense layers run in tiles that stay in the cache. */
static int
add_block(struct net *net, int *x, const struct weights *w, size_t j, const struct shape *s,
          struct err *e)
{
    struct oracle_conv wide = { .c_in = s->filters, .c_out = s->wide, .k = 1 };
    struct oracle_conv back = { .c_in = wide.c_out, .c_out = s->filters, .k = 1 };
    size_t shape[2] = { 3, s->filters };
    char name[64];
    float *taps;
    int y, stats, first, last;

    snprintf(name, sizeof name, "blocks.%zu.conv_weight", j);
    if (!weights_find(w, name))
        snprintf(name, sizeof name, "blocks.%zu.conv.conv_weight", j);
    taps = tensor_take(w, name, shape, 2, e);
    if (!taps)
        return -1;
    y = net_add_depthwise_same(net, *x, taps, NULL, 3, (size_t)1 << j);
    stats = net_add_stats(net, y, plane_eps);
    y = add_rounding(net, y, s);
    y = net_add_normalize(net, y, stats);
    first = stats + 1;
    y = add_rounding(net, y, s);
    if (take_dense(&wide, w, j, 1, s, 1, e) || take_dense(&back, w, j, 2, s, s->scale, e)) {
        oracle_conv_free(&wide);
        oracle_conv_free(&back);
        return -1;
    }
    y = net_add_conv_same(net, y, wide.kernel, wide.bias, 1, 1, wide.c_out);
    net_set_act(net, y, NN_ACT_GELU_TANH);
    y = add_rounding(net, y, s);
    last = net_add_conv_same(net, y, back.kernel, back.bias, 1, 1, back.c_out);
    net_set_residual(net, last, *x, 0);
    net_add_stretch(net, first, last, TILE);
    *x = last;
    return 0;
}

static int
take_heads(struct oracle_conv *profile, struct oracle_conv *dense, const struct weights *w,
           const struct shape *s, struct err *e)
{
    profile->c_keep = dense->c_keep = s->filters;
    return oracle_conv_take(profile, w, "fconv", e) || oracle_conv_take(dense, w, "linear", e) ? -1
                                                                                            : 0;
}

static int
build_net(struct fold *f, const struct weights *w, const struct shape *s, struct err *e)
{
    struct oracle_conv stem = { .c_in = 4 }, profile = { 0 }, dense = { .k = 1 };
    struct net *net = &f->net;
    size_t lo = s->trimming, hi = s->in_len - s->trimming;
    int x, status = oracle_conv_take(&stem, w, "iconv", e);

    if (status == 0) {
        x = net_add_input(net, s->in_len);
        x = net_add_stem_same(net, x, stem.kernel, stem.bias, stem.k, 4, stem.c_out);
        net_set_act(net, x, NN_ACT_GELU_TANH);
        stem.kernel = stem.bias = NULL;
        for (size_t j = 0; j < s->blocks && status == 0; j++)
            status = add_block(net, &x, w, j, s, e);
    }
    if (status == 0)
        status = take_heads(&profile, &dense, w, s, e);
    if (status == 0) {
        f->profile = net_add_narrow_conv_same(net, x, profile.kernel, profile.bias, profile.k,
                                              profile.c_out);
        f->pooled = net_add_mean(net, x, lo, hi);
        f->count_kernel = dense.kernel;
        f->count_bias = dense.bias;
        profile.bias = dense.kernel = dense.bias = NULL;
        net_want(net, f->profile, lo, hi);
        net_want(net, f->pooled, 0, 1);
    }
    oracle_conv_free(&stem);
    oracle_conv_free(&profile);
    oracle_conv_free(&dense);
    return status;
}

static int
check_same(const struct cherimoya *c, const struct shape *s, const struct weights *w,
           struct err *e)
{
    const struct shape *first = &c->shape;
    bool same = s->trimming == first->trimming && s->n_groups == first->n_groups;

    for (size_t g = 0; same && g < s->n_groups; g++)
        same = s->strands[g] == first->strands[g];
    if (same)
        return 0;
    return err_set(e, "%s: has other outputs than the folds before it (trimming %zu, %zu groups; "
                   "expected %zu and %zu); an ensemble is of one experiment", w->path, s->trimming,
                   s->n_groups, first->trimming, first->n_groups);
}

static int
open_fold(struct model *m, struct cherimoya *c, const char *path, const struct model_options *o,
          const struct nn_ops *ops, struct err *e)
{
    struct weights *w = model_weights(m, path, o, e);
    struct fold *f = &c->fold[c->n_folds];
    struct shape s = { 0 };
    int status;

    if (!w)
        return -1;
    if (!is_cherimoya(w))
        status = model_refuse_file(m, w, e);
    else
        status = read_shape(&s, m, w, o, e);
    if (status == 0 && c->n_folds)
        status = check_same(c, &s, w, e);
    if (status == 0) {
        net_init(&f->net, ops);
        c->n_folds++;
        if (c->n_folds == 1)
            c->shape = s;
        f->shape = s;
        status = build_net(f, w, &f->shape, e);
    }
    if (status == 0)
        status = account_check(m, w, e);
    weights_close(w);
    return status;
}

static int
open_model(struct model *m, char **path, size_t n_paths, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    struct cherimoya *c = m->impl = mem_zalloc(sizeof *c);
    struct model_options used = *o;

    if (o->bias_out_len)
        return err_set(e, "--output-length has a second number, that of a bias network, and %s has "
                       "none; give one", m->path);
    if (o->rounding && strcmp(o->rounding, "cuda") != 0)
        return err_set(e, "--rounding must be cuda, got '%s'", o->rounding);
    if (o->raw && n_paths > 1)
        return err_set(e, "%s: an ensemble is a mean of expected counts and has no logits; leave "
                       "out --raw, or give one file", m->path);
    c->raw = o->raw;
    c->fold = mem_array(n_paths, sizeof *c->fold);
    for (size_t i = 0; i < n_paths; i++)
        if (open_fold(m, c, path[i], o, ops, e))
            return -1;
    c->out_len = c->shape.in_len - 2 * c->shape.trimming;
    m->kind = n_paths > 1 ? "Cherimoya, ensemble" : "Cherimoya";
    m->in_len = c->shape.in_len;
    for (size_t g = 0; g < c->shape.n_groups; g++) {
        struct model_track *t = model_add_track(m);

        t->n_bins = (uint32_t)c->out_len;
        t->n_strands = (uint32_t)c->shape.strands[g];
        c->n_channels += c->shape.strands[g];
        if (c->shape.n_groups > 1)
            t->suffix = mem_printf(":%zu", g);
    }
    for (size_t i = 0; i < n_paths; i++) {
        model_add_net(m, &c->fold[i].net);
        m->more_macs += c->shape.filters * c->shape.n_groups;
    }
    if (!c->shape.assumed)
        used.out_len = 0;
    return model_take_options(m, &used, MODEL_TAKES_IN_LEN | MODEL_TAKES_OUT_LEN |
                              MODEL_TAKES_ROUNDING, e);
}

static void
free_impl(struct model *m)
{
    struct cherimoya *c = m->impl;

    if (!c)
        return;
    for (size_t i = 0; i < c->n_folds; i++) {
        net_free(&c->fold[i].net);
        free(c->fold[i].count_kernel);
        free(c->fold[i].count_bias);
    }
    free(c->fold);
    free(c);
}

/* A group on its way through the folds. */
struct group_run {
    const struct cherimoya *c;
    const struct fold *fold;
    const struct net_workspace *ws;
    float *logits;              /* of one group of channels */
    double *profile;            /* the same as expected counts */
    double *sum;                /* alleles x channels x out_len: expected counts, or logits */
    double *count;              /* alleles x groups: totals, or log-counts */
};

static double
count_head(const struct group_run *r, size_t group)
{
    const struct fold *f = r->fold;
    const float *pooled = net_output(&f->net, r->ws, f->pooled);
    size_t n = f->net.node[f->pooled].channels, n_groups = r->c->shape.n_groups;
    double sum = f->count_bias[group];

    for (size_t i = 0; i < n; i++)
        sum += (double)pooled[i] * f->count_kernel[i * n_groups + group];
    return sum;
}

/* Add one signal group of the activations in place; first: its first channel. */
static void
add_group(const struct group_run *r, size_t allele, size_t group, size_t first)
{
    const struct cherimoya *c = r->c;
    size_t n = c->shape.strands[group] * c->out_len;
    const float *profile = net_output(&r->fold->net, r->ws, r->fold->profile) +
                           c->shape.trimming * c->n_channels;
    double log_count = count_head(r, group), *count = r->count + allele * c->shape.n_groups + group;
    double *sum = r->sum + (allele * c->n_channels + first) * c->out_len;

    for (size_t s = 0; s < c->shape.strands[group]; s++)
        for (size_t j = 0; j < c->out_len; j++)
            r->logits[s * c->out_len + j] = profile[j * c->n_channels + first + s];
    if (c->raw) {
        for (size_t i = 0; i < n; i++)
            sum[i] = r->logits[i];
        *count = log_count;
        return;
    }
    count_profile(r->profile, r->logits, n, count_total(COUNT_EXPM1, log_count),
                  &r->fold->net.ops);
    for (size_t i = 0; i < n; i++)
        sum[i] += r->profile[i];
    /* The log-count of one fold is its own; that of several stands for their mean total. */
    *count += c->n_folds == 1 ? log_count : count_total(COUNT_EXPM1, log_count);
}

static void
take(void *context, const struct model_allele *allele, size_t i)
{
    const struct group_run *r = context;

    (void)allele;
    for (size_t g = 0, first = 0; g < r->c->shape.n_groups; first += r->c->shape.strands[g++])
        add_group(r, i, g, first);
}

static void
emit(const struct group_run *r, const struct model_allele *allele, size_t i, size_t first_track)
{
    const struct cherimoya *c = r->c;
    const double *sum = r->sum + i * c->n_channels * c->out_len;

    for (size_t g = 0; g < c->shape.n_groups; g++) {
        struct prediction_track *t = &allele->p->track[first_track + g];
        double count = r->count[i * c->shape.n_groups + g] / (double)c->n_folds;

        t->log_count[allele->allele] = (float)(c->n_folds == 1 ? count : log1p(count));
        for (size_t s = 0; s < c->shape.strands[g]; s++) {
            for (size_t j = 0; j < c->out_len; j++)
                r->logits[j] = (float)(*sum++ / (double)c->n_folds);
            prediction_take(allele->p, first_track + g, allele->allele, s, r->logits);
        }
    }
}

static void
predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
        const struct model_group *group, size_t n_groups)
{
    const struct cherimoya *c = m->impl;
    struct group_run r = { .c = c, .ws = scratch->ws };
    size_t per_allele = c->n_channels * c->out_len, n_counts;

    for (size_t g = 0; g < n_groups; g++) {
        n_counts = group[g].n * c->shape.n_groups;
        mem_grow(&scratch->f32, &scratch->f32_cap, per_allele, sizeof *scratch->f32);
        mem_grow(&scratch->f64, &scratch->f64_cap, (group[g].n + 1) * per_allele + n_counts,
                 sizeof *scratch->f64);
        r.logits = scratch->f32;
        r.profile = scratch->f64;
        r.sum = r.profile + per_allele;
        r.count = r.sum + group[g].n * per_allele;
        memset(r.sum, 0, (group[g].n * per_allele + n_counts) * sizeof *r.sum);
        for (size_t f = 0; f < c->n_folds; f++) {
            r.fold = &c->fold[f];
            model_run_group(&r.fold->net, scratch->ws, &group[g], take, &r);
        }
        for (size_t i = 0; i < group[g].n; i++)
            emit(&r, &group[g].allele[i], i, first_track);
    }
}

static void
describe(const struct model *m, FILE *fp)
{
    const struct cherimoya *c = m->impl;
    const struct shape *s = &c->shape;

    for (size_t g = 0; g < s->n_groups; g++)
        fprintf(fp, "output\t%zu bins of 1 bp, %zu strand%s\n", c->out_len, s->strands[g],
                s->strands[g] == 1 ? "" : "s");
    fprintf(fp, "counts\t%s%s\n", count_head_text(COUNT_EXPM1),
            c->n_folds > 1 ? ", mean over folds of expected counts" : "");
    fprintf(fp, "network\t%zu filters, %zu blocks, expansion %zu, residual scale %g, trimming %zu",
            s->filters, s->blocks, s->expansion, s->scale, s->trimming);
    fprintf(fp, c->n_folds > 1 ? "; %zu folds\n" : "\n", c->n_folds);
    fprintf(fp, "arithmetic\t%s\n", s->bfloat16 ? "blocks in bfloat16, as the original on a GPU"
                                               : "float32");
}

/* Weights of the losses in training. */
static const char *const unused[] = { "lw0", "lw1", NULL };

const struct family family_cherimoya = {
    .declared = &declared_cherimoya, .unused = unused, .recognises = is_cherimoya,
    .open = open_model, .predict = predict, .describe = describe, .free_impl = free_impl,
};

#endif
