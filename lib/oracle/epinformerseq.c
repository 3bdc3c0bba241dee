/* SPDX-License-Identifier: MIT */
/*
 * The family "epinformerseq", EPInformer-seq version 2: per cell a main and a bias network, torch
 * zips of state dictionaries, given as "main.pt,bias.pt" or as a folder that holds files of these
 * names.
 *
 *   stem 21 to S, ELU; 1 tap to B, ELU; blocks j = 0..n-1 of x = ELU(norm(conv(x)) + x), 3 taps,
 *   dilation 2^j; the middle 1,024 columns: a profile of two channels by 1 tap, and from their mean
 *   two counts by dense, SiLU, dense
 *
 *   stem.{0,2}.{weight,bias}               blocks.<j>.conv.{weight,bias}
 *   profile_head.{weight,bias}             blocks.<j>.bn.{weight,bias,running_mean,running_var}
 *   count_head.{0,2}.{weight,bias}
 *
 * The main network (S 128, B 64) reads the window, 2,114 bp or in its earlier form 1,024 bp; the
 * bias network (64, 32) reads the middle 1,024 bp alone and gives only its profile.  Per channel c,
 *
 *   signal[c][t] = softmax over t of (main[c][t] + bias[c][t]) * 10^count[c]
 *
 * and over t in [384, 640) D = max of signal[0] (DNase 5' cut sites), H = max of signal[1]
 * (H3K27ac).  Tracks: Enhancer_DNase D, Enhancer_H3K27ac H, Enhancer_H3K27ac_DNase sqrt(D H), one
 * value each; or both signals, bin by bin.
 *
 * Where it differs from its siblings:
 *   - the softmax is over each channel alone, not over both
 *   - counts are 10^C; the target of training was log10(reads + 1), but 10^C - 1 is not what the
 *     published numbers are
 *   - the score is the largest value of 256 bins, not the sum of 501
 *   - every layer is padded with zeros: of the 1,024-bp networks the padding reaches the result, of
 *     the 2,114-bp one nothing that is kept
 *   - a window may hold 30 % N, not half
 *   - both strands' predictions can be averaged (off by default): signals, before the maxima
 *
 * Constants: pinellolab/chorus, oracles/epinformerseq_source (model.py, model_usage.py) and its
 * builder; normalisation epsilon PyTorch's 1e-5.
 */
#include "family/declare.h"

#ifdef FAMILY_DECLARATION

const struct declaration declared_epinformerseq = {
    .name = "epinformerseq", .layer = "enhancer_activity", .n_fraction = 0.3,
    .published = "huggingface.co/lucapinello/chorus-epinformerseq-v2",
    .preset = { .snps = "unified", .shuffle_snps = true, .baselines = "baseline-34500",
                .shuffle_seed = 2026 },
};

#else

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genome/dna.h"
#include "oracle/account.h"
#include "oracle/counts.h"
#include "oracle/tensors.h"
#include "prog/mem.h"

enum { IN_LEN = 2114, SIGNAL = 1024, CENTRE_LO = 384, CENTRE_HI = 640, MAX_BLOCKS = 16, CHANNELS = 2 };

/* One of the two networks; the bias network's count head is not used. */
struct part {
    struct net net;
    int profile, pooled;
    bool padded;                    /* else in the valid form, which reads no padding */
    size_t offset, len;             /* of the window's bases, those that it reads */
    struct oracle_conv count[2];
};

static size_t
count_blocks(const struct weights *w)
{
    size_t n = 0;

    while (n < MAX_BLOCKS && tensor_exists(w, "blocks.%zu.conv.weight", n))
        n++;
    return n;
}

static int
add_conv(struct part *p, int x, struct oracle_conv *c, size_t dilation)
{
    if (p->padded)
        return net_add_conv_same(&p->net, x, c->kernel, c->bias, c->k, dilation, c->c_out);
    return net_add_conv(&p->net, x, c->kernel, c->bias, c->k, dilation, c->c_out, false);
}

static int
add_block(struct part *p, int *x, const struct weights *w, size_t j, struct err *e)
{
    struct net *net = &p->net;
    size_t channels = net->node[*x].channels, dilation = (size_t)1 << j;
    struct oracle_conv c = { .c_in = channels, .c_out = channels };
    char conv[64], norm[64];
    int y;

    snprintf(conv, sizeof conv, "blocks.%zu.conv", j);
    snprintf(norm, sizeof norm, "blocks.%zu.bn", j);
    if (oracle_conv_take(&c, w, conv, e) || oracle_conv_fold_norm(&c, w, norm, e)) {
        oracle_conv_free(&c);
        return -1;
    }
    y = add_conv(p, *x, &c, dilation);
    net_set_residual(net, y, *x, p->padded ? 0 : (c.k - 1) * dilation / 2);
    net_set_act(net, y, NN_ACT_ELU);
    *x = y;
    return 0;
}

static int
add_stem(struct part *p, int *x, struct oracle_conv *wide, const struct weights *w, struct err *e)
{
    struct oracle_conv narrow = { .c_in = wide->c_out, .k = 1 };

    if (oracle_conv_take(&narrow, w, "stem.2", e)) {
        oracle_conv_free(&narrow);
        return -1;
    }
    if (p->padded)
        *x = net_add_stem_same(&p->net, *x, wide->kernel, wide->bias, wide->k, 4, wide->c_out);
    else
        *x = net_add_stem(&p->net, *x, wide->kernel, wide->bias, wide->k, wide->c_out, false);
    wide->kernel = wide->bias = NULL;
    net_set_act(&p->net, *x, NN_ACT_ELU);
    *x = add_conv(p, *x, &narrow, 1);
    net_set_act(&p->net, *x, NN_ACT_ELU);
    return 0;
}

static int
add_heads(struct part *p, int x, const struct weights *w, bool counts, struct err *e)
{
    struct net *net = &p->net;
    struct oracle_conv profile = { .c_in = net->node[x].channels, .c_out = CHANNELS, .k = 1 };
    size_t lo = (net->node[x].len - SIGNAL) / 2, hi = lo + SIGNAL;

    if (oracle_conv_take(&profile, w, "profile_head", e)) {
        oracle_conv_free(&profile);
        return -1;
    }
    p->profile = net_add_conv(net, x, profile.kernel, profile.bias, 1, 1, CHANNELS, false);
    net_want(net, p->profile, lo, hi);
    if (!counts)
        return 0;
    p->pooled = net_add_mean(net, x, lo, hi);
    net_want(net, p->pooled, 0, 1);
    p->count[0] = (struct oracle_conv){ .c_in = net->node[x].channels, .k = 1 };
    if (oracle_conv_take(&p->count[0], w, "count_head.0", e))
        return -1;
    p->count[1] = (struct oracle_conv){ .c_in = p->count[0].c_out, .c_out = CHANNELS, .k = 1 };
    return oracle_conv_take(&p->count[1], w, "count_head.2", e);
}

/*
 * Where the middle 1,024 columns depend on no padding, the layers are built to give just these:
 * columns that only lead to cropped ones are not computed.
 */
static void
choose_form(struct part *p, size_t in_len, size_t stem_taps, size_t n_blocks)
{
    size_t reach = stem_taps - 1 + 2 * (((size_t)1 << n_blocks) - 1);

    p->padded = stem_taps % 2 == 0 || in_len < SIGNAL + reach;
    p->len = p->padded ? in_len : SIGNAL + reach;
    p->offset = (in_len - p->len) / 2;
}

static int
build_part(struct part *p, const struct weights *w, size_t in_len, bool counts,
           const struct nn_ops *ops, struct err *e)
{
    size_t n = count_blocks(w);
    struct oracle_conv stem = { .c_in = 4 };
    int x = 0, status = oracle_conv_take(&stem, w, "stem.0", e);

    net_init(&p->net, ops);
    if (status == 0 && !n)
        status = err_set(e, "%s: tensor 'blocks.0.conv.weight' is missing; is the file complete?",
                         w->path);
    if (status == 0) {
        choose_form(p, in_len, stem.k, n);
        x = net_add_input(&p->net, p->len);
        status = add_stem(p, &x, &stem, w, e);
    }
    for (size_t j = 0; j < n && status == 0; j++)
        status = add_block(p, &x, w, j, e);
    oracle_conv_free(&stem);
    return status == 0 ? add_heads(p, x, w, counts, e) : -1;
}

static void
free_part(struct part *p)
{
    net_free(&p->net);
    oracle_conv_free(&p->count[0]);
    oracle_conv_free(&p->count[1]);
}

/* Dense, SiLU, dense on the pooled columns, in double. */
static void
count_head(double count[CHANNELS], const struct part *p, const struct net_workspace *ws)
{
    const struct oracle_conv *a = &p->count[0], *b = &p->count[1];
    const float *pooled = net_output(&p->net, ws, p->pooled);

    for (size_t c = 0; c < CHANNELS; c++)
        count[c] = b->bias[c];
    for (size_t o = 0; o < a->c_out; o++) {
        double sum = a->bias[o];

        for (size_t i = 0; i < a->c_in; i++)
            sum += (double)pooled[i] * a->kernel[i * a->c_out + o];
        sum /= 1 + exp(-sum);
        for (size_t c = 0; c < CHANNELS; c++)
            count[c] += sum * b->kernel[o * CHANNELS + c];
    }
}

/* A cell's pair of networks. */
struct epi {
    struct part main, bias;
    size_t in_len;
    bool average, signals, raw;
};

static bool
recognises(const struct weights *w)
{
    return weights_find(w, "stem.0.weight") && weights_find(w, "profile_head.weight") &&
           weights_find(w, "blocks.0.bn.running_var");
}

static int
open_part(struct model *m, struct part *p, const char *path, size_t in_len, bool counts,
          const struct model_options *o, const struct nn_ops *ops, struct err *e)
{
    struct weights *w = model_weights(m, path, o, e);
    int status;

    if (!w)
        return -1;
    status = recognises(w) ? build_part(p, w, in_len, counts, ops, e) : model_refuse_file(m, w, e);
    if (status == 0)
        status = account_check(m, w, e);
    weights_close(w);
    return status;
}

static void
add_tracks(struct model *m, const struct epi *x)
{
    static const char *const value[] = { "Enhancer_DNase:", "Enhancer_H3K27ac:",
                                         "Enhancer_H3K27ac_DNase:" };
    static const char *const signal[CHANNELS] = { "DNase:", "H3K27ac:" };

    for (size_t i = 0; i < (x->signals ? CHANNELS : ARRAY_LEN(value)); i++) {
        struct model_track *t = model_add_track(m);

        t->prefix = x->signals ? signal[i] : value[i];
        t->n_bins = x->signals ? SIGNAL : 1;
        t->layer = "enhancer_activity";
    }
}

static int
open_model(struct model *m, char **path, size_t n_paths, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    struct epi *x = m->impl = mem_zalloc(sizeof *x);
    char *main_path, *bias_path;
    int status;

    x->in_len = o->in_len ? o->in_len : IN_LEN;
    x->average = o->average_strands;
    x->signals = o->signals;
    x->raw = o->raw;
    if (n_paths > 2)
        return err_set(e, "%s: an epinformerseq model is main.pt,bias.pt or the folder of both; "
                       "got %zu files", m->path, n_paths);
    if (x->in_len < SIGNAL || x->in_len % 2)
        return err_set(e, "%s: epinformerseq reads an even number of bases, %d or more, got %zu",
                       m->path, SIGNAL, x->in_len);
    if (x->raw && (!x->signals || x->average))
        return err_set(e, "%s: the logits of epinformerseq are those of its signals: --raw goes "
                       "with --signals, and not with --average-strands", m->path);
    main_path = n_paths == 2 ? mem_strdup(path[0]) : mem_printf("%s/main.pt", path[0]);
    bias_path = n_paths == 2 ? mem_strdup(path[1]) : mem_printf("%s/bias.pt", path[0]);
    status = open_part(m, &x->main, main_path, x->in_len, true, o, ops, e) ||
                     open_part(m, &x->bias, bias_path, SIGNAL, false, o, ops, e) ? -1 : 0;
    free(main_path);
    free(bias_path);
    if (status)
        return -1;
    m->kind = "EPInformer-seq, main and bias network";
    m->in_len = x->in_len;
    add_tracks(m, x);
    model_add_net(m, &x->main.net);
    model_add_net(m, &x->bias.net);
    return model_take_options(m, o, MODEL_TAKES_IN_LEN | MODEL_TAKES_STRANDS | MODEL_TAKES_SIGNALS,
                              e);
}

static void
free_impl(struct model *m)
{
    struct epi *x = m->impl;

    if (!x)
        return;
    free_part(&x->main);
    free_part(&x->bias);
    free(x);
}

/* A group on its way through both networks, forward or reversed. */
struct group_run {
    const struct epi *x;
    const struct net_workspace *ws;
    bool reverse;
    size_t offset, len;         /* of the columns that the network reads */
    float *logits;              /* alleles x channels x SIGNAL: main, then main + bias */
    double *profile;            /* SIGNAL */
    double *signal;             /* alleles x channels x SIGNAL, of both strands */
    double *total;              /* alleles x channels: 10^C, of both strands */
    double *count;              /* alleles x channels: C of this strand */
};

/* The bases that a network reads, of the window or its reverse complement. */
static void
make_input(void *context, uint8_t *to, const uint8_t *from, size_t *lo, size_t *hi)
{
    const struct group_run *r = context;
    size_t first = *lo, end = *hi;

    if (r->reverse) {
        /* Offset and length leave as much on either side. */
        dna_reverse_complement(to, from + r->offset, r->len);
        first = r->x->in_len - *hi;
        end = r->x->in_len - *lo;
    } else {
        memcpy(to, from + r->offset, r->len);
    }
    *lo = first > r->offset ? first - r->offset : 0;
    *hi = end > r->offset ? end - r->offset : 0;
    *hi = *hi > r->len ? r->len : *hi;
}

/* The wanted columns of the profile. */
static const float *
profile_of(const struct part *p, const struct net_workspace *ws)
{
    return net_output(&p->net, ws, p->profile) + (p->net.node[p->profile].len - SIGNAL) / 2 *
                                                     CHANNELS;
}

static void
take_main(void *context, const struct model_allele *allele, size_t i)
{
    const struct group_run *r = context;
    const struct part *p = &r->x->main;
    const float *profile = profile_of(p, r->ws);
    float *logits = r->logits + i * CHANNELS * SIGNAL;

    (void)allele;
    for (size_t c = 0; c < CHANNELS; c++)
        for (size_t j = 0; j < SIGNAL; j++)
            logits[c * SIGNAL + j] = profile[j * CHANNELS + c];
    count_head(r->count + i * CHANNELS, p, r->ws);
}

/* The bias network's logits on top, and the strand's signals. */
static void
take_bias(void *context, const struct model_allele *allele, size_t i)
{
    const struct group_run *r = context;
    const float *profile = profile_of(&r->x->bias, r->ws);

    (void)allele;
    for (size_t c = 0; c < CHANNELS; c++) {
        float *logits = r->logits + (i * CHANNELS + c) * SIGNAL;
        double *signal = r->signal + (i * CHANNELS + c) * SIGNAL;
        double total = pow(10, r->count[i * CHANNELS + c]);

        for (size_t j = 0; j < SIGNAL; j++)
            logits[j] += profile[j * CHANNELS + c];
        count_profile(r->profile, logits, SIGNAL, total, &r->x->bias.net.ops);
        for (size_t j = 0; j < SIGNAL; j++)
            signal[j] += r->profile[r->reverse ? SIGNAL - 1 - j : j];
        r->total[i * CHANNELS + c] += total;
    }
}

static double
largest(const double *signal)
{
    double max = signal[CENTRE_LO];

    for (size_t j = CENTRE_LO + 1; j < CENTRE_HI; j++)
        max = signal[j] > max ? signal[j] : max;
    return max;
}

static void
emit_signals(const struct group_run *r, const struct model_allele *a, size_t i, size_t first_track)
{
    for (size_t c = 0; c < CHANNELS; c++) {
        float *values = r->logits + (i * CHANNELS + c) * SIGNAL;
        const double *signal = r->signal + (i * CHANNELS + c) * SIGNAL;

        for (size_t j = 0; j < SIGNAL && !r->x->raw; j++)
            values[j] = (float)(r->x->average ? signal[j] / 2 : signal[j]);
        prediction_take(a->p, first_track + c, a->allele, 0, values);
    }
}

static void
emit_maxima(const struct group_run *r, const struct model_allele *a, size_t i, size_t first_track)
{
    const double *signal = r->signal + i * CHANNELS * SIGNAL;
    double strands = r->x->average ? 2 : 1;
    double dnase = largest(signal) / strands, h3k27ac = largest(signal + SIGNAL) / strands;
    float value[] = { (float)dnase, (float)h3k27ac, (float)sqrt(dnase * h3k27ac) };

    for (size_t t = 0; t < ARRAY_LEN(value); t++)
        prediction_take(a->p, first_track + t, a->allele, 0, &value[t]);
}

static void
emit(const struct group_run *r, const struct model_allele *a, size_t i, size_t first_track)
{
    if (r->x->signals)
        emit_signals(r, a, i, first_track);
    else
        emit_maxima(r, a, i, first_track);
    for (size_t c = 0; c < CHANNELS; c++)
        a->p->track[first_track + c].log_count[a->allele] =
            (float)log10(r->total[i * CHANNELS + c] / (r->x->average ? 2 : 1));
}

static void
run_strand(struct group_run *r, struct model_scratch *scratch, const struct model_group *group)
{
    const struct epi *x = r->x;
    struct model_group made;

    r->offset = x->main.offset;
    r->len = x->main.len;
    made = model_derive_group(scratch, group, r->len, make_input, r);
    model_run_group(&x->main.net, scratch->ws, &made, take_main, r);
    r->offset = (x->in_len - SIGNAL) / 2 + x->bias.offset;
    r->len = x->bias.len;
    made = model_derive_group(scratch, group, r->len, make_input, r);
    model_run_group(&x->bias.net, scratch->ws, &made, take_bias, r);
}

static void
predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
        const struct model_group *group, size_t n_groups)
{
    const struct epi *x = m->impl;
    struct group_run r = { .x = x, .ws = scratch->ws };

    for (size_t g = 0; g < n_groups; g++) {
        size_t n = group[g].n * CHANNELS;

        mem_grow(&scratch->f32, &scratch->f32_cap, n * SIGNAL, sizeof *scratch->f32);
        mem_grow(&scratch->f64, &scratch->f64_cap, SIGNAL + n * (SIGNAL + 2),
                 sizeof *scratch->f64);
        r.logits = scratch->f32;
        r.profile = scratch->f64;
        r.signal = r.profile + SIGNAL;
        r.total = r.signal + n * SIGNAL;
        r.count = r.total + n;
        memset(r.signal, 0, n * (SIGNAL + 1) * sizeof *r.signal);
        for (int reverse = 0; reverse < (x->average ? 2 : 1); reverse++) {
            r.reverse = reverse;
            run_strand(&r, scratch, &group[g]);
        }
        for (size_t i = 0; i < group[g].n; i++)
            emit(&r, &group[g].allele[i], i, first_track);
    }
}

static void
describe(const struct model *m, FILE *fp)
{
    const struct epi *x = m->impl;

    if (x->signals)
        fprintf(fp, "output\t2 signals of %d bins of 1 bp\n", SIGNAL);
    else
        fprintf(fp, "output\tlargest of bins %d to %d of 2 signals, and their geometric mean\n",
                CENTRE_LO, CENTRE_HI - 1);
    fprintf(fp, "counts\t10^C%s\n", x->average ? ", mean of both strands" : "");
}

/* Of the bias network; those of the main one are taken. */
static const char *const unused[] = { "count_head.*", NULL };

const struct family family_epinformerseq = {
    .declared = &declared_epinformerseq, .unused = unused, .recognises = recognises,
    .open = open_model, .predict = predict, .describe = describe, .free_impl = free_impl,
};

#endif
