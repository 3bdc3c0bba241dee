/* SPDX-License-Identifier: MIT */
/*
 * The family "legnet", LegNet for lentiMPRA: Lightning checkpoints and state dictionaries, and
 * behind a comma their config.json if it is neither beside them nor in the folder above.
 *
 *   stem                    convolution, norm, SiLU
 *   blocks b = 0..n-1 of    E = 1 tap C to 4C, norm, SiLU; depthwise, norm, SiLU; channel gate;
 *                               1 tap 4C to C, norm, SiLU
 *                           concatenate E and the block's input, E first; convolution 2C to O, norm,
 *                           SiLU; maxima of p columns, a last partial group left out
 *   mapper                  norm, 1 tap O to 2O; mean of all columns
 *   head                    dense, norm, SiLU, dense to the one number
 *
 *   stem.block.{0,1}  main.<b>.0.fn.block.{0,1,3,4,7,8}  main.<b>.0.fn.block.6.fc.{0,2}
 *   main.<b>.1.block.{0,1}  mapper.block.{0,1}  head.{0,1,3}
 *
 * The channel gate is sigmoid(dense(SiLU(dense(mean over columns)))).  Mapper, mean and the head's
 * first layer are affine and become one layer behind the mean.
 *
 * Where it differs from its siblings:
 *   - channel order is A, G, C, T (a permutation of the stem's rows here), N is 0.25 of each base,
 *     and a window with any other letter is refused
 *   - the window is an insert of 200 bp between two adapters of 15 bp, 230 bp in all; the variant
 *     stands at 99 of the insert, and at most 30 % of the insert may be N
 *   - the result is one number without bins, counts or transformation; effects are alt - ref, signed
 *   - the gate of block 0 makes every column depend on every base: alternate alleles are computed
 *     in full behind it
 *   - averaged strands are the insert and its reverse complement between the same adapters
 *
 * The adapters: chorus puts CATTGCGTGAACCGA in front and AGGACCGGATCAACT behind, for predictions
 * and backgrounds alike; the data that LegNet was trained on has them the other way round.  The
 * option adapters chooses: chorus (the default), upstream or none.  Pool widths and the number of channels come from the shapes and, for the widths,
 * config.json beside the weights (pool_sizes; 2 where there is none).
 *
 * Constants: autosome-ru/human_legnet (model.py, utils.py, datasets/fasta), pinellolab/chorus
 * (oracles/legnet_source/agarwal_meta.py, transforms.py).  Epsilon is PyTorch's 1e-5.
 */
#include "family/declare.h"

#ifdef FAMILY_DECLARATION

const struct declaration declared_legnet = {
    .name = "legnet", .layer = "promoter_activity", .n_fraction = 0.3, .only_acgtn = true,
    .published = "zenodo.org/records/17863550; huggingface.co/lucapinello/chorus-legnet",
    .preset = { .snps = "promoter", .shuffle_snps = true, .baselines = "baseline-29500",
                .shuffle_seed = -1 },
    .display = { .native_bins = true },
};

#else

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genome/dna.h"
#include "oracle/account.h"
#include "oracle/tensors.h"
#include "prog/fio.h"
#include "prog/mem.h"

enum { MAX_BLOCKS = 16, INSERT = 200 };

/* What stands before and behind the insert. */
struct adapters {
    const char *name, *left, *right;
};

static const struct adapters adapters[] = {
    { "chorus", "CATTGCGTGAACCGA", "AGGACCGGATCAACT" },
    { "upstream", "AGGACCGGATCAACT", "CATTGCGTGAACCGA" },
    { "none", "", "" },
};

struct legnet {
    struct net net;
    int out;
    size_t insert, n_left, n_right;
    uint8_t left[16], right[16];        /* base codes of the adapters */
    bool average;
};

/* What a network is read from. */
struct source {
    const struct weights *w;
    size_t pool[MAX_BLOCKS];
    char name[128];
};

static const char *
name_of(struct source *s, const char *format, size_t block, const char *layer)
{
    const char *number = strstr(format, "%zu");
    int before = (int)(number ? number - format : (ptrdiff_t)strlen(format));

    if (number)
        snprintf(s->name, sizeof s->name, "%.*s%zu%s%s", before, format, block, number + 3,
                 layer);
    else
        snprintf(s->name, sizeof s->name, "%s%s", format, layer);
    return s->name;
}

/* Convolution at PREFIX.CONV with the normalisation PREFIX.NORM folded into it. */
static int
take_normed(struct oracle_conv *c, struct source *s, const char *format, size_t block,
            const char *conv, const char *norm, struct err *e)
{
    if (oracle_conv_take(c, s->w, name_of(s, format, block, conv), e))
        return -1;
    if (c->k % 2 == 0)
        return err_set(e, "%s: tensor '%s.weight' has %zu taps, expected an odd number",
                       s->w->path, s->name, c->k);
    return oracle_conv_fold_norm(c, s->w, name_of(s, format, block, norm), e);
}

/* The stem's rows are A, G, C, T; the engine's A, C, G, T and N, which is a quarter of each. */
static void
reorder_stem(struct oracle_conv *c)
{
    static const size_t row[4] = { 0, 2, 1, 3 };
    float *kernel = mem_array(c->k * 5 * c->c_out, sizeof *kernel);

    for (size_t t = 0; t < c->k; t++) {
        const float *from = c->kernel + t * 4 * c->c_out;
        float *to = kernel + t * 5 * c->c_out;

        for (size_t i = 0; i < 4; i++)
            memcpy(to + i * c->c_out, from + row[i] * c->c_out, c->c_out * sizeof *to);
        for (size_t o = 0; o < c->c_out; o++) {
            double sum = 0;

            for (size_t i = 0; i < 4; i++)
                sum += from[i * c->c_out + o];
            to[4 * c->c_out + o] = (float)(0.25 * sum);
        }
    }
    free(c->kernel);
    c->kernel = kernel;
}

static int
add_normed(struct net *net, int *x, struct source *s, const char *format, size_t block,
           const char *conv, const char *norm, struct err *e)
{
    struct oracle_conv c = { .c_in = net->node[*x].channels };

    if (take_normed(&c, s, format, block, conv, norm, e)) {
        oracle_conv_free(&c);
        return -1;
    }
    *x = net_add_conv_same(net, *x, c.kernel, c.bias, c.k, 1, c.c_out);
    net_set_act(net, *x, NN_ACT_SILU);
    return 0;
}

static int
add_depthwise(struct net *net, int *x, struct source *s, size_t block, struct err *e)
{
    struct oracle_conv c = { .c_in = 1, .c_out = net->node[*x].channels };

    if (take_normed(&c, s, "main.%zu.0.fn.block.", block, "3", "4", e)) {
        oracle_conv_free(&c);
        return -1;
    }
    *x = net_add_depthwise_same(net, *x, c.kernel, c.bias, c.k, 1);
    net_set_act(net, *x, NN_ACT_SILU);
    return 0;
}

/* A dense layer on one column. */
static int
add_dense(struct net *net, int *x, struct source *s, const char *format, size_t block,
          const char *layer, enum nn_act act, struct err *e)
{
    struct oracle_conv c = { .c_in = net->node[*x].channels, .k = 1 };

    if (oracle_conv_take(&c, s->w, name_of(s, format, block, layer), e)) {
        oracle_conv_free(&c);
        return -1;
    }
    *x = net_add_conv_same(net, *x, c.kernel, c.bias, 1, 1, c.c_out);
    if (act != NN_LINEAR)
        net_set_act(net, *x, act);
    return 0;
}

static int
add_gate(struct net *net, int *x, struct source *s, size_t block, struct err *e)
{
    static const char format[] = "main.%zu.0.fn.block.6.";
    int gate = net_add_mean(net, *x, 0, net->node[*x].len);

    if (add_dense(net, &gate, s, format, block, "fc.0", NN_ACT_SILU, e) ||
        add_dense(net, &gate, s, format, block, "fc.2", NN_ACT_SIGMOID, e))
        return -1;
    if (net->node[gate].channels != net->node[*x].channels)
        return err_set(e, "%s: tensor '%s.weight' gives %zu channels, expected %zu", s->w->path,
                       s->name, net->node[gate].channels, net->node[*x].channels);
    *x = net_add_gate(net, *x, gate);
    return 0;
}

static int
add_block(struct net *net, int *x, struct source *s, size_t b, struct err *e)
{
    static const char format[] = "main.%zu.0.fn.block.";
    int y = *x;

    if (add_normed(net, &y, s, format, b, "0", "1", e) || add_depthwise(net, &y, s, b, e) ||
        add_gate(net, &y, s, b, e) || add_normed(net, &y, s, format, b, "7", "8", e))
        return -1;
    y = net_add_concat(net, y, *x);
    if (add_normed(net, &y, s, "main.%zu.1.block.", b, "0", "1", e))
        return -1;
    if (s->pool[b] > net->node[y].len)
        return err_set(e, "%s: %zu columns are left before block %zu's maxima of %zu; the window "
                       "is too short for this network", s->w->path, net->node[y].len, b,
                       s->pool[b]);
    *x = s->pool[b] > 1 ? net_add_max_pool(net, y, s->pool[b]) : y;
    return 0;
}

/*
 * head.0 and its norm after mapper.block.1 after mapper.block.0, one affine map from O channels:
 * every part in double, rounded once.
 */
static int
fuse_head(struct oracle_conv *out, struct source *s, size_t channels, struct err *e)
{
    struct oracle_conv map = { .c_in = channels, .k = 1 }, head = { .k = 1 };
    double *scale = NULL, *shift = NULL, *head_scale = NULL, *head_shift = NULL;
    int status = -1;

    if (oracle_conv_take(&map, s->w, name_of(s, "mapper.block.", 0, "1"), e))
        goto end;
    head.c_in = map.c_out;
    if (oracle_conv_take(&head, s->w, name_of(s, "head.", 0, "0"), e) ||
        oracle_norm_take(&scale, &shift, channels, s->w, name_of(s, "mapper.block.", 0, "0"), e) ||
        oracle_norm_take(&head_scale, &head_shift, head.c_out, s->w, name_of(s, "head.", 0, "1"),
                         e))
        goto end;
    *out = (struct oracle_conv){ .k = 1, .c_in = channels, .c_out = head.c_out, .dilation = 1 };
    out->kernel = mem_array(channels * head.c_out, sizeof *out->kernel);
    out->bias = mem_array(head.c_out, sizeof *out->bias);
    for (size_t o = 0; o < head.c_out; o++) {
        double bias = head.bias[o];

        for (size_t m = 0; m < map.c_out; m++)
            bias += (double)map.bias[m] * head.kernel[m * head.c_out + o];
        for (size_t i = 0; i < channels; i++) {
            double sum = 0;

            for (size_t m = 0; m < map.c_out; m++)
                sum += (double)map.kernel[i * map.c_out + m] * head.kernel[m * head.c_out + o];
            bias += shift[i] * sum;
            out->kernel[i * head.c_out + o] = (float)(scale[i] * sum * head_scale[o]);
        }
        out->bias[o] = (float)(bias * head_scale[o] + head_shift[o]);
    }
    status = 0;
end:
    oracle_conv_free(&map);
    oracle_conv_free(&head);
    free(scale);
    free(shift);
    free(head_scale);
    free(head_shift);
    return status;
}

static int
add_head(struct net *net, int *x, struct source *s, struct err *e)
{
    struct oracle_conv c = { 0 };

    *x = net_add_mean(net, *x, 0, net->node[*x].len);
    if (fuse_head(&c, s, net->node[*x].channels, e))
        return -1;
    *x = net_add_conv_same(net, *x, c.kernel, c.bias, 1, 1, c.c_out);
    net_set_act(net, *x, NN_ACT_SILU);
    if (add_dense(net, x, s, "head.", 0, "3", NN_LINEAR, e))
        return -1;
    if (net->node[*x].channels != 1)
        return err_set(e, "%s: the head gives %zu numbers, expected one", s->w->path,
                       net->node[*x].channels);
    return 0;
}

static int
add_stem(struct net *net, int *x, struct source *s, struct err *e)
{
    struct oracle_conv c = { .c_in = 4 };
    const struct tensor *t = weights_find(s->w, name_of(s, "stem.block.", 0, "0.weight"));

    if (t && t->ndim == 3 && t->shape[1] == 5)
        return err_set(e, "%s: was trained with a channel for the strand (use_reverse_channel), "
                       "which is not supported", s->w->path);
    if (take_normed(&c, s, "stem.block.", 0, "0", "1", e)) {
        oracle_conv_free(&c);
        return -1;
    }
    reorder_stem(&c);
    *x = net_add_stem_same(net, *x, c.kernel, c.bias, c.k, 5, c.c_out);
    net_set_act(net, *x, NN_ACT_SILU);
    return 0;
}

static int
build_net(struct net *net, int *out, struct source *s, size_t in_len, const struct nn_ops *ops,
          struct err *e)
{
    int x;

    net_init(net, ops);
    x = net_add_input(net, in_len);
    if (add_stem(net, &x, s, e))
        return -1;
    for (size_t b = 0; b < MAX_BLOCKS; b++) {
        if (!weights_find(s->w, name_of(s, "main.%zu.1.block.0.weight", b, "")))
            break;
        if (add_block(net, &x, s, b, e))
            return -1;
    }
    if (add_head(net, &x, s, e))
        return -1;
    *out = x;
    net_want(net, x, 0, 1);
    return 0;
}

static bool
recognises(const struct weights *w)
{
    return weights_find(w, "stem.block.0.weight") != NULL;
}

/* The configuration: the given file, else config.json beside the weights or above; may be NULL. */
static FILE *
open_config(char **path, const char *weights, const char *given, struct err *e)
{
    static const char *const place[] = { "config.json", "../config.json" };
    const char *slash = strrchr(weights, '/');
    int n_folder = slash ? (int)(slash + 1 - weights) : 0;
    FILE *fp;

    if (given) {
        *path = mem_strdup(given);
        fp = fopen(given, "r");
        if (!fp)
            err_set(e, "%s: cannot open", given);
        else
            fio_reads(given);
        return fp;
    }
    for (size_t i = 0; i < ARRAY_LEN(place); i++) {
        *path = mem_printf("%.*s%s", n_folder, weights, place[i]);
        fp = fopen(*path, "r");
        if (fp)
            return fp;
        free(*path);
    }
    *path = NULL;
    return NULL;
}

static int
take_pools(struct source *s, const json_t *config, const char *path, struct err *e)
{
    const json_t *list = json_object_get(config, "pool_sizes");

    for (size_t b = 0; b < json_array_size(list); b++) {
        json_int_t n = json_integer_value(json_array_get(list, b));

        if (b == MAX_BLOCKS || n < 1 || n > 1000)
            return err_set(e, "%s: pool_sizes holds %lld at place %zu; expected at most %d widths "
                           "of 1 to 1000", path, (long long)n, b, MAX_BLOCKS);
        s->pool[b] = (size_t)n;
    }
    return 0;
}

static int
read_config(struct source *s, const char *given, struct err *e)
{
    json_error_t bad;
    json_t *config;
    char *path = NULL;
    FILE *fp;
    int status;

    for (size_t b = 0; b < MAX_BLOCKS; b++)
        s->pool[b] = 2;
    fp = open_config(&path, s->w->path, given, e);
    if (!fp) {
        free(path);
        return given ? -1 : 0;
    }
    config = json_loadf(fp, 0, &bad);
    fclose(fp);
    status = config ? take_pools(s, config, path, e)
                    : err_set(e, "%s:%d: is not JSON (%s)", path, bad.line, bad.text);
    json_decref(config);
    free(path);
    return status;
}

static int
set_adapters(struct legnet *l, const char *name, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(adapters); i++) {
        const struct adapters *a = &adapters[i];

        if (strcmp(name ? name : "chorus", a->name) != 0)
            continue;
        l->n_left = strlen(a->left);
        l->n_right = strlen(a->right);
        dna_encode(l->left, a->left, l->n_left);
        dna_encode(l->right, a->right, l->n_right);
        return 0;
    }
    return err_set(e, "--adapters must be chorus, upstream or none, got '%s'", name);
}

static int
open_model(struct model *m, char **path, size_t n_paths, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    struct legnet *l = m->impl = mem_zalloc(sizeof *l);
    struct source s = { 0 };
    struct weights *w;
    int status;

    if (n_paths > 2)
        return err_set(e, "%s: a legnet model is a weight file and, if need be, its config.json; "
                       "got %zu files", m->path, n_paths);
    if (set_adapters(l, o->adapters, e))
        return -1;
    l->insert = o->in_len ? o->in_len : INSERT;
    l->average = o->average_strands;
    w = model_weights(m, path[0], o, e);
    if (!w)
        return -1;
    s.w = w;
    status = recognises(w) ? read_config(&s, n_paths > 1 ? path[1] : NULL, e)
                           : model_refuse_file(m, w, e);
    if (status == 0)
        status = build_net(&l->net, &l->out, &s, l->n_left + l->insert + l->n_right, ops, e);
    if (status == 0)
        status = account_check(m, w, e);
    weights_close(w);
    if (status)
        return -1;
    m->kind = "LegNet, lentiMPRA";
    m->in_len = l->insert;
    model_add_track(m);
    model_add_net(m, &l->net);
    return model_take_options(m, o, MODEL_TAKES_IN_LEN | MODEL_TAKES_ADAPTERS |
                              MODEL_TAKES_STRANDS, e);
}

static void
free_impl(struct model *m)
{
    struct legnet *l = m->impl;

    if (!l)
        return;
    net_free(&l->net);
    free(l);
}

/* A group on its way, forward or reversed. */
struct group_run {
    const struct legnet *l;
    const struct net_workspace *ws;
    bool reverse;
    double *sum;                /* of each allele */
};

/* The insert, or its reverse complement, between the adapters. */
static void
make_construct(void *context, uint8_t *to, const uint8_t *from, size_t *lo, size_t *hi)
{
    const struct group_run *r = context;
    const struct legnet *l = r->l;

    memcpy(to, l->left, l->n_left);
    if (r->reverse) {
        size_t end = l->insert - *lo;

        dna_reverse_complement(to + l->n_left, from, l->insert);
        *lo = l->insert - *hi;
        *hi = end;
    } else {
        memcpy(to + l->n_left, from, l->insert);
    }
    memcpy(to + l->n_left + l->insert, l->right, l->n_right);
    *lo += l->n_left;
    *hi += l->n_left;
}

static void
take(void *context, const struct model_allele *allele, size_t i)
{
    const struct group_run *r = context;

    (void)allele;
    r->sum[i] += net_output(&r->l->net, r->ws, r->l->out)[0];
}

static void
predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
        const struct model_group *group, size_t n_groups)
{
    const struct legnet *l = m->impl;
    struct group_run r = { .l = l, .ws = scratch->ws };
    size_t len = l->n_left + l->insert + l->n_right;

    for (size_t g = 0; g < n_groups; g++) {
        mem_grow(&scratch->f64, &scratch->f64_cap, group[g].n, sizeof *scratch->f64);
        memset(scratch->f64, 0, group[g].n * sizeof *scratch->f64);
        r.sum = scratch->f64;
        for (int reverse = 0; reverse < (l->average ? 2 : 1); reverse++) {
            struct model_group made;

            r.reverse = reverse;
            made = model_derive_group(scratch, &group[g], len, make_construct, &r);
            model_run_group(&l->net, scratch->ws, &made, take, &r);
        }
        for (size_t i = 0; i < group[g].n; i++) {
            float value = (float)(l->average ? r.sum[i] / 2 : r.sum[i]);

            prediction_take(group[g].allele[i].p, first_track, group[g].allele[i].allele, 0,
                            &value);
        }
    }
}

static void
describe(const struct model *m, FILE *fp)
{
    const struct legnet *l = m->impl;

    fprintf(fp, "output\t1 number\ninput\tinsert of %zu bp between adapters of %zu and %zu bp%s\n",
            l->insert, l->n_left, l->n_right, l->average ? ", mean of both strands" : "");
}

const struct family family_legnet = {
    .declared = &declared_legnet, .recognises = recognises, .open = open_model, .predict = predict,
    .describe = describe, .free_impl = free_impl,
};

#endif
