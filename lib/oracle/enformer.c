/* SPDX-License-Identifier: MIT */
/*
 * The family "enformer": Enformer and networks of its shape in other sizes.
 *
 *   FILE[,config.json][,targets.txt]        or a SavedModel folder in place of FILE
 *
 * Names are those of the PyTorch port, in either of its spellings (stem.0.weight or
 * _trunk.1.0.weight), or of the TensorFlow variables, in any of their spellings.  What names and
 * shapes do not say comes from the JSON file: seq_length (of the network) and target_length; else
 * they are 196,608 bp and 896 bins.
 *
 * The window is twice what the network reads, 393,216 bp: what counts for contig ends and letters N
 * is the published model's window, of which it uses the middle.
 *
 * Layers, names and numerics: specification of the large oracles, section 3.  Input: any letter
 * other than A, C, G, T is zero.  Output: softplus of the head.
 */
#include "family/declare.h"

#ifdef FAMILY_DECLARATION

const struct declaration declared_enformer = {
    .name = "enformer", .layer = "chromatin_accessibility", .n_fraction = 0.5,
    .preset = { .snps = "unified", .baselines = "baseline-31500", .shuffle_seed = -1, .bins = 32 },
    .display = { .pool_mean = true },
};

#else

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/account.h"
#include "oracle/binned.h"
#include "oracle/enformer_variables.h"
#include "prog/mem.h"

enum { DEFAULT_LENGTH = 196608, DEFAULT_BINS = 896, NAME = 400 };

/* Tokens that are computed at a time from the sequence on; a tile's halo is 518 bp. */
enum { TILE = 64 };

/* Batch and layer normalisations. */
static const double eps = 1e-5;

enum spelling { MODULES, TRUNK, TENSORFLOW };

struct source {
    const struct weights *w;
    enum spelling spelling;
    enum axes axes;
    struct enformer_variables *variables;       /* TENSORFLOW */
    size_t n_stages;            /* of the tower, behind the stem */
    size_t depth;
};

static const struct tensor *
find(const struct source *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const struct tensor *
find(const struct source *s, const char *format, ...)
{
    char name[NAME];
    va_list args;

    va_start(args, format);
    vsnprintf(name, NAME, format, args);
    va_end(args);
    return s->spelling == TENSORFLOW ? enformer_variables_find(s->variables, name, 0)
                                     : weights_find(s->w, name);
}

/*
 * Full name of a tensor: torch is a module's name from its place in the trunk on, whose parts are
 * called or numbered.
 */
enum part { STEM, TOWER, TRANSFORMER, FINAL };

static void
torch_name(char name[NAME], const struct source *s, enum part part, const char *rest)
{
    static const char *const called[] = { "stem", "conv_tower", "transformer",
                                          "final_pointwise" };
    static const int numbered[] = { 1, 2, 4, 6 };

    if (s->spelling == TRUNK)
        snprintf(name, NAME, "_trunk.%d.%s", numbered[part], rest);
    else
        snprintf(name, NAME, "%s.%s", called[part], rest);
}

/* What the file calls a variable; where it has none, the name that was asked for. */
static void
variable_name(char name[NAME], const struct source *s, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
variable_name(char name[NAME], const struct source *s, const char *format, ...)
{
    const struct tensor *t;
    va_list args;

    va_start(args, format);
    vsnprintf(name, NAME, format, args);
    va_end(args);
    t = enformer_variables_find(s->variables, name, 0);
    if (t)
        snprintf(name, NAME, "%s", t->name);
}

/* A layer: its place in the port, "1.fn.2", and its scope among the variables. */
struct layer_name {
    enum part part;
    char torch[NAME / 8], tf[NAME / 4];
};

static void
leaf_name(char name[NAME], const struct source *s, const struct layer_name *l, const char *torch,
          const char *tf)
{
    char rest[NAME / 4];

    snprintf(rest, sizeof rest, "%s.%s", l->torch, torch);
    if (s->spelling == TENSORFLOW)
        variable_name(name, s, "trunk/%s/%s", l->tf, tf);
    else
        torch_name(name, s, l->part, rest);
}

/* Kernel, and its bias unless bias is NULL. */
static int
take_conv(struct kernel *k, float **bias, const struct source *s, const struct layer_name *l,
          struct err *e)
{
    char kernel_name[NAME], bias_name[NAME];

    leaf_name(kernel_name, s, l, "weight", "w");
    leaf_name(bias_name, s, l, "bias", "b");
    return large_layer(k, bias, s->w, kernel_name, bias_name, s->axes, e);
}

/* x * scale + shift, then GELU; returns the node or -1. */
static int
add_norm(struct net *net, int input, const struct source *s, const struct layer_name *l,
         struct err *e)
{
    static const char *const torch[] = { "weight", "bias", "running_mean", "running_var" };
    static const char *const tf[] = { "scale", "offset", "moving_mean/average",
                                      "moving_variance/average" };
    char text[4][NAME], *name[4];
    float *scale, *shift;

    for (int i = 0; i < 4; i++) {
        leaf_name(text[i], s, l, torch[i], tf[i]);
        name[i] = text[i];
    }
    if (large_norm(&scale, &shift, s->w, name, net->node[input].channels, eps, e))
        return -1;
    return net_add_affine(net, input, scale, shift, NN_ACT_GELU_SIGMOID);
}

static int
add_conv(struct net *net, int input, const struct source *s, const struct layer_name *l, size_t k,
         struct err *e)
{
    struct kernel w = { .k = k, .c_in = net->node[input].channels };
    float *bias;

    if (take_conv(&w, &bias, s, l, e))
        return -1;
    return net_add_conv_same(net, input, w.w, bias, w.k, 1, w.c_out);
}

static struct layer_name PT_PRINTF(3, 4)
layer(enum part part, const char *torch, const char *tf, ...)
{
    struct layer_name l = { .part = part };
    va_list args;

    snprintf(l.torch, sizeof l.torch, "%s", torch);
    va_start(args, tf);
    vsnprintf(l.tf, sizeof l.tf, tf, args);
    va_end(args);
    return l;
}

/* "i.rest" of the port's tower or transformer. */
static void
number_layer(struct layer_name *l, size_t i)
{
    char rest[sizeof l->torch];

    memcpy(rest, l->torch, sizeof rest);
    snprintf(l->torch, sizeof l->torch, "%zu.%.20s", i, rest);
}

/* x + conv1x1(GELU(norm(x))), then pooling by the softmax of a product: what ends every stage. */
static int
add_pointwise_and_pool(struct net *net, int input, const struct source *s,
                       const struct layer_name *norm, const struct layer_name *conv,
                       const struct layer_name *pool, struct err *e)
{
    size_t n = net->node[input].channels;
    struct kernel logits = { .k = 1, .c_in = n, .c_out = n };
    int at = add_norm(net, input, s, norm, e), z;

    if (at >= 0)
        at = add_conv(net, at, s, conv, 1, e);
    if (at < 0)
        return -1;
    if (net->node[at].channels != n)
        return err_set(e, "%s: the pointwise convolution '%s' has %zu channels, expected %zu",
                       s->w->path, conv->torch, net->node[at].channels, n);
    net_set_residual(net, at, input, 0);
    if (take_conv(&logits, NULL, s, pool, e))
        return -1;
    z = net_add_conv(net, at, logits.w, NULL, 1, 1, n, false);
    return net_add_soft_pool(net, at, z);
}

static int
add_stem(struct net *net, const struct source *s, size_t length, struct err *e)
{
    struct layer_name conv = layer(STEM, "0", "stem/conv1_d");
    struct layer_name norm = layer(STEM, "1.fn.0",
                                   "stem/pointwise_conv_block/cross_replica_batch_norm");
    struct layer_name point = layer(STEM, "1.fn.2", "stem/pointwise_conv_block/conv1_d");
    struct layer_name pool = layer(STEM, "2.to_attn_logits", "stem/softmax_pooling/linear");
    struct kernel w = { .c_in = 4 };
    float *bias;
    int at = net_add_input(net, length);

    if (take_conv(&w, &bias, s, &conv, e))
        return -1;
    at = net_add_stem_same(net, at, w.w, bias, w.k, 4, w.c_out);
    return add_pointwise_and_pool(net, at, s, &norm, &point, &pool, e);
}

static int
add_stage(struct net *net, int at, const struct source *s, size_t i, struct err *e)
{
    struct layer_name name[] = {
        layer(TOWER, "0.0", "conv_tower/conv_tower_block_%zu/conv_block/cross_replica_batch_norm",
              i),
        layer(TOWER, "0.2", "conv_tower/conv_tower_block_%zu/conv_block/conv1_d", i),
        layer(TOWER, "1.fn.0", "conv_tower/conv_tower_block_%zu/pointwise_conv_block/"
              "cross_replica_batch_norm", i),
        layer(TOWER, "1.fn.2", "conv_tower/conv_tower_block_%zu/pointwise_conv_block/conv1_d", i),
        layer(TOWER, "2.to_attn_logits", "conv_tower/conv_tower_block_%zu/softmax_pooling/linear",
              i),
    };

    for (size_t q = 0; q < ARRAY_LEN(name); q++)
        number_layer(&name[q], i);
    at = add_norm(net, at, s, &name[0], e);
    if (at >= 0)
        at = add_conv(net, at, s, &name[1], 0, e);
    return at < 0 ? -1 : add_pointwise_and_pool(net, at, s, &name[2], &name[3], &name[4], e);
}

static float *
take_vector(const struct source *s, const struct layer_name *l, const char *torch, const char *tf,
            size_t n, struct err *e)
{
    char name[NAME];

    leaf_name(name, s, l, torch, tf);
    return large_vector(s->w, name, n, e);
}

/* A variable of a block's dense layers, of which the first has n channels in, the second out. */
static int
take_dense(struct binned_block *t, const struct source *s, const struct tensor *v, size_t n,
           struct err *e)
{
    struct kernel *k = NULL;
    float **bias = NULL;

    if (v->ndim == 2 && v->shape[0] != v->shape[1])
        k = v->shape[0] == n ? &t->up : v->shape[1] == n ? &t->down : NULL;
    if (v->ndim == 1)
        bias = v->count == n ? &t->down_bias : v->count == t->up.c_out ? &t->up_bias : NULL;
    if (k && !k->w)
        return large_kernel(k, s->w, v->name, s->axes, e);
    if (bias && !*bias)
        *bias = large_vector(s->w, v->name, v->count, e);
    return bias && !*bias ? -1 : 0;
}

/*
 * The two dense layers of a block.  The released TensorFlow code gave neither a name of its own:
 * they are told apart by their shapes, among the names that they may have.
 */
static int
take_mlp_variables(struct binned_block *t, const struct source *s, size_t i, size_t n,
                   struct err *e)
{
    static const char *const names[] = { "project_in/w", "project_out/w", "linear/w", "linear_1/w",
                                         "project_in/b", "project_out/b", "linear/b",
                                         "linear_1/b" };         /* by the kernels' sizes */

    for (size_t q = 0; q < ARRAY_LEN(names); q++) {
        const struct tensor *v;
        char name[NAME];

        snprintf(name, NAME, "trunk/transformer/transformer_block_%zu/mlp/%s", i, names[q]);
        for (size_t k = 0; (v = enformer_variables_find(s->variables, name, k)) != NULL; k++)
            if (take_dense(t, s, v, n, e))
                return -1;
    }
    if (!t->up.w || !t->down.w || !t->up_bias || !t->down_bias)
        return err_set(e, "%s: the two dense layers of transformer block %zu are not among its "
                       "variables (trunk/transformer/transformer_block_%zu/mlp/linear/...)",
                       s->w->path, i, i);
    return 0;
}

static int
take_mlp(struct binned_block *t, const struct source *s, size_t i, size_t n, struct err *e)
{
    struct layer_name up = layer(TRANSFORMER, "1.fn.1", "%s", "");
    struct layer_name down = layer(TRANSFORMER, "1.fn.4", "%s", "");

    if (s->spelling == TENSORFLOW)
        return take_mlp_variables(t, s, i, n, e);
    number_layer(&up, i);
    number_layer(&down, i);
    return take_conv(&t->up, &t->up_bias, s, &up, e) ||
                   take_conv(&t->down, &t->down_bias, s, &down, e) ? -1 : 0;
}

static int
take_attention(struct binned_block *t, const struct source *s, size_t i, struct err *e)
{
    const struct {
        struct kernel *k;
        const char *torch, *tf;
    } kernels[] = {
        { &t->q, "to_q", "q_layer" }, { &t->k, "to_k", "k_layer" }, { &t->v, "to_v", "v_layer" },
        { &t->relative, "to_rel_k", "r_k_layer" }, { &t->out, "to_out", "embedding_layer" },
    };
    struct layer_name scope = layer(TRANSFORMER, "0.fn.1",
                                    "transformer/transformer_block_%zu/mha/attention_%zu", i, i);
    char name[NAME];

    number_layer(&scope, i);
    for (size_t k = 0; k < ARRAY_LEN(kernels); k++) {
        struct layer_name l = scope;
        size_t n_torch = strlen(l.torch), n_tf = strlen(l.tf);

        snprintf(l.torch + n_torch, sizeof l.torch - n_torch, ".%s", kernels[k].torch);
        snprintf(l.tf + n_tf, sizeof l.tf - n_tf, "/%s", kernels[k].tf);
        if (take_conv(kernels[k].k, kernels[k].k == &t->out ? &t->out_bias : NULL, s, &l, e))
            return -1;
    }
    leaf_name(name, s, &scope, "rel_content_bias", "r_w_bias");
    if (binned_take_content_bias(t, s->w, name, e))
        return -1;
    t->position_bias = take_vector(s, &scope, "rel_pos_bias", "r_r_bias", t->q.c_out, e);
    return t->position_bias ? 0 : -1;
}

static int
take_layer_norm(float **scale, float **shift, const struct source *s, const char *torch,
                const char *tf, size_t i, size_t n, struct err *e)
{
    struct layer_name l = layer(TRANSFORMER, torch, "transformer/transformer_block_%zu/%s", i, tf);

    number_layer(&l, i);
    *scale = take_vector(s, &l, "weight", "scale", n, e);
    *shift = *scale ? take_vector(s, &l, "bias", "offset", n, e) : NULL;
    return *shift ? 0 : -1;
}

static int
take_block(struct binned_block *t, const void *source, size_t i, size_t n, struct err *e)
{
    const struct source *s = source;

    return take_layer_norm(&t->norm1_scale, &t->norm1_shift, s, "0.fn.0", "mha/layer_norm", i, n,
                           e) ||
                   take_layer_norm(&t->norm2_scale, &t->norm2_shift, s, "1.fn.0", "mlp/layer_norm",
                                   i, n, e) ||
                   take_attention(t, s, i, e) || take_mlp(t, s, i, n, e) ? -1 : 0;
}

static int
build(struct binned_net *b, const struct source *s, size_t length, struct err *e)
{
    struct layer_name norm = layer(FINAL, "1.0",
                                   "final_pointwise/conv_block/cross_replica_batch_norm");
    struct layer_name conv = layer(FINAL, "1.2", "final_pointwise/conv_block/conv1_d");
    struct binned_transformer transformer = { .depth = s->depth, .eps = eps, .take = take_block,
                                              .source = s, .table = position_enformer,
                                              .multiple = 6, .path = s->w->path };
    struct net *net = &b->net;
    int at = add_stem(net, s, length, e), attention = -1;

    for (size_t i = 0; i < s->n_stages && at >= 0; i++)
        at = add_stage(net, at, s, i, e);
    if (at < 0)
        return -1;
    net_add_stretch(net, 1, at, TILE);
    at = binned_add_transformer(b, at, &transformer, &attention, e);
    if (at >= 0)
        at = add_norm(net, at, s, &norm, e);
    if (at >= 0)
        at = add_conv(net, at, s, &conv, 1, e);
    if (at < 0)
        return -1;
    net_set_act(net, at, NN_ACT_GELU_SIGMOID);
    net_add_stretch(net, attention, at, 0);
    b->last = at;
    return 0;
}

static bool
has_stage(const struct source *s, size_t i)
{
    switch (s->spelling) {
    case MODULES:
        return find(s, "conv_tower.%zu.0.2.weight", i) != NULL;
    case TRUNK:
        return find(s, "_trunk.2.%zu.0.2.weight", i) != NULL;
    case TENSORFLOW:
        return find(s, "trunk/conv_tower/conv_tower_block_%zu/conv_block/conv1_d/w", i) != NULL;
    }
    return false;
}

static bool
has_block(const struct source *s, size_t i)
{
    switch (s->spelling) {
    case MODULES:
        return find(s, "transformer.%zu.0.fn.1.to_q.weight", i) != NULL;
    case TRUNK:
        return find(s, "_trunk.4.%zu.0.fn.1.to_q.weight", i) != NULL;
    case TENSORFLOW:
        return find(s, "trunk/transformer/transformer_block_%zu/mha/attention_%zu/q_layer/w", i,
                    i) != NULL;
    }
    return false;
}

/* -1 when the names are not Enformer's. */
static int
find_spelling(struct source *s, const struct weights *w)
{
    memset(s, 0, sizeof *s);
    s->w = w;
    if (weights_find(w, "stem.2.to_attn_logits.weight"))
        s->spelling = MODULES;
    else if (weights_find(w, "_trunk.1.2.to_attn_logits.weight"))
        s->spelling = TRUNK;
    else if (enformer_variables_are_in(w))
        s->spelling = TENSORFLOW;
    else
        return -1;
    s->axes = s->spelling == TENSORFLOW ? AXES_KERAS : AXES_TORCH;
    return 0;
}

static int
survey(struct source *s, const struct model *m, const struct weights *w, struct err *e)
{
    if (find_spelling(s, w))
        return model_refuse_file(m, w, e);
    if (s->spelling == TENSORFLOW)
        s->variables = enformer_variables_new(w);
    while (has_stage(s, s->n_stages))
        s->n_stages++;
    while (has_block(s, s->depth))
        s->depth++;
    if (!s->depth)
        return err_set(e, "%s: holds no transformer block; is the file complete?", w->path);
    return 0;
}

static int
find_sizes(size_t *length, size_t *n_bins, const struct source *s, const struct large_sizes *sizes,
           struct err *e)
{
    size_t bin_bp = (size_t)2 << s->n_stages, n;

    *length = DEFAULT_LENGTH;
    *n_bins = DEFAULT_BINS;
    if (large_size(sizes, "seq_length", length, e) < 0 ||
        large_size(sizes, "target_length", n_bins, e) < 0)
        return -1;
    n = *length / bin_bp;
    if (*length % bin_bp || n < 2 || *n_bins > n || (n - *n_bins) % 2)
        return err_set(e, "%s: %zu bins are not the middle of the %zu that %zu bp give; give a JSON "
                       "file with the right seq_length and target_length", s->w->path, *n_bins, n,
                       *length);
    return 0;
}

/* Head's kernel and bias. */
static int
find_head(char kernel[NAME], char bias[NAME], const struct source *s, const char *head,
          struct err *e)
{
    if (s->spelling == TENSORFLOW) {
        variable_name(kernel, s, "heads/head_%s/linear/w", head);
        variable_name(bias, s, "heads/head_%s/linear/b", head);
    } else {
        snprintf(kernel, NAME, "_heads.%s.0.weight", head);
        snprintf(bias, NAME, "_heads.%s.0.bias", head);
    }
    if (weights_find(s->w, kernel) && weights_find(s->w, bias))
        return 0;
    return err_set(e, "%s: has no head '%s' (tensor '%s' is missing); see --head", s->w->path, head,
                   kernel);
}

/* Once the source is known. */
static int
load_from(struct model *m, const struct source *s, const struct large_files *f,
          const struct large_sizes *sizes, const struct model_options *o, const struct nn_ops *ops,
          struct err *e)
{
    struct binned *b = m->impl;
    struct binned_net *net = mem_zalloc(sizeof *net);
    char kernel[NAME], bias[NAME];

    b->net = mem_array(1, sizeof(struct binned_net *));
    b->net[b->n_nets++] = net;
    net_init(&net->net, ops);
    if (find_sizes(&b->net_len, &b->n_bins, s, sizes, e) ||
        find_head(kernel, bias, s, o->head ? o->head : "human", e) ||
        build(net, s, b->net_len, e))
        return -1;
    m->in_len = 2 * b->net_len;
    b->skip = b->net_len / 2;
    b->bin_bp = (size_t)2 << s->n_stages;
    if (binned_add_tracks(m, b, f, weights_find(s->w, bias)->count, o, e))
        return -1;
    return binned_finish_net(m, b, net, s->w, kernel, bias, s->axes, e);
}

static int
load(struct model *m, const struct weights *w, const struct large_files *f,
     const struct large_sizes *sizes, const struct model_options *o, const struct nn_ops *ops,
     struct err *e)
{
    struct source s;
    int status = survey(&s, m, w, e);

    if (status == 0)
        status = load_from(m, &s, f, sizes, o, ops, e);
    enformer_variables_free(s.variables);
    return status;
}

static int
open_enformer(struct model *m, char **path, size_t n_paths, const struct model_options *o,
              const struct nn_ops *ops, struct err *e)
{
    struct large_files f;
    struct large_sizes *sizes;
    struct weights *w = NULL;
    int status = -1;

    m->impl = mem_zalloc(sizeof(struct binned));
    m->kind = "Enformer";
    if (model_take_options(m, o, MODEL_TAKES_HEAD | MODEL_TAKES_STRANDS, e))
        return -1;
    large_sort_files(&f, path, n_paths);
    sizes = large_sizes_read(&f, e);
    if (sizes && f.n_weights != 1)
        err_set(e, "%s: %zu weight files, expected one for Enformer", m->path, f.n_weights);
    else if (sizes)
        w = model_weights(m, f.weights[0], o, e);
    if (w)
        status = load(m, w, &f, sizes, o, ops, e);
    if (status == 0)
        status = account_check(m, w, e);
    weights_close(w);
    large_sizes_free(sizes);
    large_files_free(&f);
    return status;
}

static bool
recognises(const struct weights *w)
{
    struct source s;

    return find_spelling(&s, w) == 0;
}

static void
free_impl(struct model *m)
{
    binned_free(m->impl);
}

/* The head that was not asked for, and what Sonnet's moving averages are made with. */
static const char *const unused[] = {
    "_heads.*.0.weight", "_heads.*.0.bias", "*heads/head_*/linear/[wb]*",
    "*/exponential_moving_average/counter*", "*/exponential_moving_average/hidden*",
    "*/moving_mean/counter*", "*/moving_mean/hidden*", "*/moving_variance/counter*",
    "*/moving_variance/hidden*", NULL
};

const struct family family_enformer = {
    .declared = &declared_enformer, .unused = unused, .recognises = recognises,
    .open = open_enformer, .predict = binned_predict, .describe = binned_describe,
    .free_impl = free_impl,
};

#endif
