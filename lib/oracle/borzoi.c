/* SPDX-License-Identifier: MIT */
/*
 * The family "borzoi": Borzoi and networks of its shape in other sizes.
 *
 *   FILE[,FILE...][,config.json][,targets.txt]
 *
 * Several weight files are replicates, whose outputs are averaged.  Names are those of the PyTorch
 * port (torch zip, safetensors) or of Keras (HDF5, whose graph says how long the input is and how
 * much is cropped).  What the names and shapes do not say comes from the JSON file: seq_length and
 * bins_to_return (PyTorch port), or seq_length and a trunk with a Cropping1D (the original's
 * params.json); else it is 524,288 bp and 6,144 bins.
 *
 * Layers, names and numerics: specification of the large oracles, section 4.  Input: any letter
 * other than A, C, G, T is zero.  Output: softplus of the head, in the squashed scale that the
 * model was trained on, unless that is undone.
 */
#include "family/declare.h"

#ifdef FAMILY_DECLARATION

const struct declaration declared_borzoi = {
    .name = "borzoi", .layer = "chromatin_accessibility", .n_fraction = 0.5,
    .preset = { .snps = "unified", .baselines = "baseline-31500", .shuffle_seed = -1, .bins = 32 },
    .display = { .pool_mean = true },
};

#else

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/account.h"
#include "oracle/binned.h"
#include "oracle/keras_config.h"
#include "prog/mem.h"

enum { DEFAULT_LENGTH = 524288, DEFAULT_BINS = 6144, NAME = 200 };

/* The last two convolutions of the tower stay at 32 and 64 bp a column in Borzoi: 1/4 and 1/2 of a
 * token. */
enum { BINS_PER_TOKEN = 4 };

/* eps of batch and layer normalisations; both sources say 1e-3. */
static const double eps = 1e-3;

/* Columns of the tower's end that are computed at a time: weights are reread for each tile, and
 * neighbouring tiles share the columns at their borders. */
enum { TILE = 512 };

struct source {
    const struct weights *w;
    enum axes axes;
    size_t n_convs;             /* behind the first */
    size_t depth;               /* transformer blocks */
    bool has_final;             /* the final pointwise convolution */
    char kernel[NAME], bias[NAME];      /* of the head */
};

/* What tensors of a layer are called: "NAME/NAME/LEAF" or "NAME.LEAF". */
static void
keras_name(char name[NAME], const char *layer, size_t number, const char *leaf)
{
    char text[NAME / 3];

    snprintf(text, sizeof text, number ? "%s_%zu" : "%s", layer, number);
    snprintf(name, NAME, "%s/%s/%s", text, text, leaf);
}

static bool
is_keras(const struct weights *w)
{
    return weights_find(w, "conv1d/conv1d/kernel:0") != NULL;
}

static bool
is_torch(const struct weights *w)
{
    return weights_find(w, "conv_dna.conv_layer.weight") != NULL;
}

/* A layer: its name in PyTorch, and in Keras its kind and number. */
struct layer_name {
    const char *torch, *keras;
    size_t number;
};

/* Convolution or dense layer with its bias. */
static int
take_conv(struct kernel *k, float **bias, const struct source *s, const struct layer_name *l,
          struct err *e)
{
    char kernel_name[NAME], bias_name[NAME];

    if (s->axes == AXES_TORCH) {
        snprintf(kernel_name, NAME, "%s.weight", l->torch);
        snprintf(bias_name, NAME, "%s.bias", l->torch);
    } else {
        keras_name(kernel_name, l->keras, l->number, "kernel:0");
        keras_name(bias_name, l->keras, l->number, "bias:0");
    }
    return large_layer(k, bias, s->w, kernel_name, bias_name, s->axes, e);
}

static int
take_norm(float **scale, float **shift, const struct source *s, const struct layer_name *l,
          size_t n, struct err *e)
{
    static const char *const torch[] = { "weight", "bias", "running_mean", "running_var" };
    static const char *const keras[] = { "gamma:0", "beta:0", "moving_mean:0",
                                         "moving_variance:0" };
    char text[4][NAME], *name[4];

    for (int i = 0; i < 4; i++) {
        if (s->axes == AXES_TORCH)
            snprintf(text[i], NAME, "%s.%s", l->torch, torch[i]);
        else
            keras_name(text[i], l->keras, l->number, keras[i]);
        name[i] = text[i];
    }
    return large_norm(scale, shift, s->w, name, n, eps, e);
}

/* "nac": norm, activation, convolution; returns the convolution's node, or -1. */
static int
add_nac(struct net *net, int input, const struct source *s, const struct layer_name *norm,
        const struct layer_name *conv, size_t k, struct err *e)
{
    size_t n = net->node[input].channels;
    struct kernel w = { .k = k, .c_in = n };
    float *scale, *shift, *bias;
    int at;

    if (take_norm(&scale, &shift, s, norm, n, e))
        return -1;
    at = net_add_affine(net, input, scale, shift, NN_ACT_GELU_TANH);
    if (take_conv(&w, &bias, s, conv, e))
        return -1;
    return net_add_conv_same(net, at, w.w, bias, w.k, 1, w.c_out);
}

/* Tower convolution i: torch names res_tower.0, .2, ..., and unet1.1 for the last. */
static int
add_tower_conv(struct net *net, int input, const struct source *s, size_t i, struct err *e)
{
    char layer[NAME / 4] = "unet1.1", norm_name[NAME], conv_name[NAME];
    struct layer_name norm = { norm_name, "batch_normalization", i };
    struct layer_name conv = { conv_name, "conv1d", i + 1 };

    if (i + 1 < s->n_convs)
        snprintf(layer, sizeof layer, "res_tower.%zu", 2 * i);
    snprintf(norm_name, NAME, "%s.norm", layer);
    snprintf(conv_name, NAME, "%s.conv_layer", layer);
    return add_nac(net, input, s, &norm, &conv, 0, e);
}

/* Nodes whose columns the decoder reads. */
struct trunk {
    int skip0, skip1, tokens;
};

static int
add_stem(struct net *net, const struct source *s, size_t length, struct err *e)
{
    static const struct layer_name name = { "conv_dna.conv_layer", "conv1d", 0 };
    struct kernel w = { .c_in = 4 };
    float *bias;
    int at = net_add_input(net, length);

    if (take_conv(&w, &bias, s, &name, e))
        return -1;
    at = net_add_stem_same(net, at, w.w, bias, w.k, 4, w.c_out);
    return net_add_max_pool(net, at, 2);
}

/*
 * Input to tokens, in three stretches of tiles: to the first skip connection, to the second, to the
 * tokens.
 */
static int
add_tower(struct trunk *t, struct net *net, const struct source *s, size_t length, struct err *e)
{
    int at = add_stem(net, s, length, e);

    for (size_t i = 0; i < s->n_convs && at >= 0; i++) {
        int first = at + 1;

        at = add_tower_conv(net, at, s, i, e);
        if (at < 0)
            break;
        if (i + 2 < s->n_convs) {
            at = net_add_max_pool(net, at, 2);
        } else if (i + 2 == s->n_convs) {
            t->skip0 = at;
            net_add_stretch(net, 1, at, TILE);
            at = net_add_max_pool(net, at, 2);
        } else {
            t->skip1 = at;
            net_add_stretch(net, first - 1, at, TILE / 2);
            at = net_add_max_pool(net, at, 2);
        }
    }
    t->tokens = at;
    return at < 0 ? -1 : 0;
}

/* Name of a tensor of transformer block i: in half 0 or 1, a module and a leaf. */
static void
block_name(char name[NAME], const struct source *s, size_t i, int half, const char *torch,
           const char *keras, size_t number, const char *leaf)
{
    if (s->axes == AXES_TORCH)
        snprintf(name, NAME, "transformer.%zu.%d.fn.%s", i, half, torch);
    else
        keras_name(name, keras, number, leaf);
}

static int
take_mha(struct binned_block *t, const struct source *s, size_t i, struct err *e)
{
    const struct {
        struct kernel *k;
        const char *torch, *keras;
    } kernels[] = {
        { &t->q, "1.to_q.weight", "q_layer/kernel:0" },
        { &t->k, "1.to_k.weight", "k_layer/kernel:0" },
        { &t->v, "1.to_v.weight", "v_layer/kernel:0" },
        { &t->out, "1.to_out.weight", "embedding_layer/kernel:0" },
        { &t->relative, "1.to_rel_k.weight", "r_k_layer/kernel:0" },
    };
    char name[NAME];

    for (size_t k = 0; k < ARRAY_LEN(kernels); k++) {
        block_name(name, s, i, 0, kernels[k].torch, "multihead_attention", i, kernels[k].keras);
        if (large_kernel(kernels[k].k, s->w, name, s->axes, e))
            return -1;
    }
    block_name(name, s, i, 0, "1.to_out.bias", "multihead_attention", i, "embedding_layer/bias:0");
    t->out_bias = large_vector(s->w, name, t->out.c_out, e);
    block_name(name, s, i, 0, "1.rel_content_bias", "multihead_attention", i, "r_w_bias:0");
    if (!t->out_bias || binned_take_content_bias(t, s->w, name, e))
        return -1;
    block_name(name, s, i, 0, "1.rel_pos_bias", "multihead_attention", i, "r_r_bias:0");
    t->position_bias = large_vector(s->w, name, t->q.c_out, e);
    return t->position_bias ? 0 : -1;
}

static int
take_layer_norm(float **scale, float **shift, const struct source *s, size_t i, int half, size_t n,
                struct err *e)
{
    char name[NAME];

    block_name(name, s, i, half, "0.weight", "layer_normalization", 2 * i + (size_t)half,
               "gamma:0");
    *scale = large_vector(s->w, name, n, e);
    block_name(name, s, i, half, "0.bias", "layer_normalization", 2 * i + (size_t)half, "beta:0");
    *shift = *scale ? large_vector(s->w, name, n, e) : NULL;
    return *shift ? 0 : -1;
}

static int
take_block(struct binned_block *t, const void *source, size_t i, size_t n, struct err *e)
{
    const struct source *s = source;
    char up[NAME], down[NAME];
    struct layer_name up_name = { up, "dense", 2 * i }, down_name = { down, "dense", 2 * i + 1 };

    snprintf(up, NAME, "transformer.%zu.1.fn.1", i);
    snprintf(down, NAME, "transformer.%zu.1.fn.4", i);
    return take_layer_norm(&t->norm1_scale, &t->norm1_shift, s, i, 0, n, e) ||
                   take_layer_norm(&t->norm2_scale, &t->norm2_shift, s, i, 1, n, e) ||
                   take_mha(t, s, i, e) || take_conv(&t->up, &t->up_bias, s, &up_name, e) ||
                   take_conv(&t->down, &t->down_bias, s, &down_name, e) ? -1 : 0;
}

/* Depthwise of 3 taps, then pointwise; of the two stages of the decoder, 0 is the first. */
static int
add_separable(struct net *net, int input, const struct source *s, size_t stage, struct err *e)
{
    size_t n = net->node[input].channels;
    struct kernel point = { .k = 1, .c_in = n };
    struct kernel depth = { .c_out = s->axes == AXES_TORCH ? n : 1,
                            .c_in = s->axes == AXES_TORCH ? 1 : n };
    char name[NAME];
    float *bias;
    int at;

    if (s->axes == AXES_TORCH)
        snprintf(name, NAME, "separable%zu.conv_layer.0.weight", 1 - stage);
    else
        keras_name(name, "separable_conv1d", stage, "depthwise_kernel:0");
    if (large_kernel(&depth, s->w, name, s->axes, e))
        return -1;
    at = net_add_depthwise_same(net, input, depth.w, NULL, depth.k, 1);
    if (s->axes == AXES_TORCH)
        snprintf(name, NAME, "separable%zu.conv_layer.1.weight", 1 - stage);
    else
        keras_name(name, "separable_conv1d", stage, "pointwise_kernel:0");
    if (large_kernel(&point, s->w, name, s->axes, e))
        return -1;
    if (s->axes == AXES_TORCH)
        snprintf(name, NAME, "separable%zu.conv_layer.1.bias", 1 - stage);
    else
        keras_name(name, "separable_conv1d", stage, "bias:0");
    bias = large_vector(s->w, name, point.c_out, e);
    if (!bias) {
        free(point.w);
        return -1;
    }
    return net_add_conv(net, at, point.w, bias, 1, 1, point.c_out, false);
}

/* One stage up: the tokens' branch doubled, the skip connection added, a separable convolution. */
static int
add_stage(struct net *net, int input, int skip, const struct source *s, size_t stage,
          struct err *e)
{
    char up_norm[NAME], up_conv[NAME], skip_norm[NAME], skip_conv[NAME];
    size_t norm = s->n_convs + 2 * stage, dense = 2 * s->depth + 2 * stage;
    struct layer_name name[4] = {
        { up_norm, "batch_normalization", norm }, { up_conv, "dense", dense },
        { skip_norm, "batch_normalization", norm + 1 }, { skip_conv, "dense", dense + 1 },
    };
    int up, at;

    snprintf(up_norm, NAME, "upsampling_unet%zu.0.norm", 1 - stage);
    snprintf(up_conv, NAME, "upsampling_unet%zu.0.conv_layer", 1 - stage);
    snprintf(skip_norm, NAME, "horizontal_conv%zu.norm", 1 - stage);
    snprintf(skip_conv, NAME, "horizontal_conv%zu.conv_layer", 1 - stage);
    up = add_nac(net, input, s, &name[0], &name[1], 1, e);
    if (up < 0)
        return -1;
    up = net_add_upsample(net, up, 2);
    at = add_nac(net, skip, s, &name[2], &name[3], 1, e);
    if (at < 0)
        return -1;
    if (net->node[at].channels != net->node[up].channels)
        return err_set(e, "%s: %zu channels from the tokens and %zu of the skip connection cannot "
                       "be added", s->w->path, net->node[up].channels, net->node[at].channels);
    net_set_residual(net, at, up, 0);
    return add_separable(net, at, s, stage, e);
}

/* Final activation, with its convolution where there is one. */
static int
add_final(struct net *net, int at, const struct source *s, struct err *e)
{
    struct layer_name norm = { "final_joined_convs.0.norm", "batch_normalization",
                               s->n_convs + 4 };
    struct layer_name conv = { "final_joined_convs.0.conv_layer", "conv1d", s->n_convs + 1 };

    if (!s->has_final)
        return net_add_act(net, at, NN_ACT_GELU_TANH);
    at = add_nac(net, at, s, &norm, &conv, 1, e);
    if (at >= 0)
        net_set_act(net, at, NN_ACT_GELU_TANH);
    return at;
}

static int
build(struct binned_net *b, const struct source *s, size_t length, struct err *e)
{
    struct binned_transformer transformer = { .depth = s->depth, .eps = eps, .take = take_block,
                                              .source = s, .table = position_borzoi,
                                              .multiple = 2, .path = s->w->path };
    struct net *net = &b->net;
    struct trunk t = { 0 };
    int at, attention = -1;

    if (add_tower(&t, net, s, length, e))
        return -1;
    at = binned_add_transformer(b, t.tokens, &transformer, &attention, e);
    if (at >= 0)
        at = add_stage(net, at, t.skip1, s, 0, e);
    if (at >= 0)
        at = add_stage(net, at, t.skip0, s, 1, e);
    if (at >= 0)
        at = add_final(net, at, s, e);
    if (at < 0)
        return -1;
    net_add_stretch(net, attention, at, 0);
    b->last = at;
    return 0;
}

static size_t
count(const struct source *s, const char *torch, const char *keras)
{
    size_t n = 0;

    for (;; n++) {
        char name[NAME];

        if (s->axes == AXES_TORCH)
            snprintf(name, NAME, torch, n, n);
        else
            keras_name(name, keras, n, strcmp(keras, "conv1d") == 0 ? "kernel:0" : "r_w_bias:0");
        if (!weights_find(s->w, name))
            return n;
    }
}

/*
 * The head's tensors.  Keras numbers its layers: a file has one head and no name for it.  That of
 * Borzoi's own files is human (specification, section 4.b), hence the only name that is taken.
 */
static int
find_head(struct source *s, const char *head, struct err *e)
{
    const char *name = head ? head : "human", *hint = "is the file complete?";
    const struct weights *w = s->w;

    if (s->axes == AXES_TORCH) {
        snprintf(s->kernel, NAME, "%s_head.weight", name);
        snprintf(s->bias, NAME, "%s_head.bias", name);
        hint = "see --head";
    } else {
        keras_name(s->kernel, "dense", 2 * s->depth + 4, "kernel:0");
        keras_name(s->bias, "dense", 2 * s->depth + 4, "bias:0");
    }
    if (!weights_find(w, s->kernel))
        return err_set(e, "%s: has no %s head (tensor '%s' is missing); %s", w->path, name,
                       s->kernel, hint);
    if (s->axes == AXES_KERAS && strcmp(name, "human") != 0)
        return err_set(e, "%s: has no %s head; a Keras file has one head without a name ('%s'): "
                       "leave out --head to use it", w->path, name, s->kernel);
    return 0;
}

/*
 * Whose names the file has, and how much of each there is; 1: nobody's here.  No head given: the
 * human one, or the only one.
 */
static int
survey(struct source *s, const struct weights *w, const char *head, struct err *e)
{
    memset(s, 0, sizeof *s);
    s->w = w;
    if (is_torch(w)) {
        char name[NAME];

        s->axes = AXES_TORCH;
        do
            snprintf(name, NAME, "res_tower.%zu.conv_layer.weight", 2 * s->n_convs++);
        while (weights_find(w, name));
        s->has_final = weights_find(w, "final_joined_convs.0.conv_layer.weight") != NULL;
        s->depth = count(s, "transformer.%zu.0.fn.1.to_q.weight", "");
        if (!s->depth && weights_find(w, "transformer.0.0.fn.1.mha.Wqkv.weight"))
            return err_set(e, "%s: is Flashzoi, which has rotary embeddings in 16-bit arithmetic; "
                           "use the weights of Borzoi itself", w->path);
    } else if (is_keras(w)) {
        size_t n_convs;

        s->axes = AXES_KERAS;
        n_convs = count(s, "", "conv1d");
        s->depth = count(s, "", "multihead_attention");
        /* The final pointwise convolution is one of one tap behind the others. */
        for (size_t i = 1; i < n_convs; i++) {
            char name[NAME];

            keras_name(name, "conv1d", i, "kernel:0");
            s->has_final = weights_find(w, name)->shape[0] == 1;
        }
        s->n_convs = n_convs - 1 - s->has_final;
    } else {
        return 1;
    }
    if (s->n_convs < 2 || !s->depth)
        return err_set(e, "%s: %zu tower convolutions and %zu transformer blocks, expected two and "
                       "one at least; is the file complete?", w->path, s->n_convs, s->depth);
    return find_head(s, head, e);
}

/* Length of the input and bins kept, from the JSON files, else the graph, else Borzoi's own. */
static int
find_sizes(size_t *length, size_t *n_bins, const struct source *s, const struct large_sizes *sizes,
           size_t in_len, struct err *e)
{
    struct keras_config *graph = keras_config_parse(s->w->model_config, e);
    size_t per_bin = (size_t)1 << (s->n_convs - 1), graph_length = 0;
    long crop = 0;
    int got;

    if (!graph)
        return -1;
    keras_config_input_length(graph, &graph_length);
    keras_config_crop(graph, "cropping1d", &crop);
    keras_config_free(graph);
    *length = in_len ? in_len : graph_length ? graph_length : DEFAULT_LENGTH;
    if (large_size(sizes, "seq_length", length, e) < 0)
        return -1;
    if (graph_length && *length != graph_length)
        return err_set(e, "%s: the network reads %zu bp, but the JSON file or --input-length "
                       "says %zu", s->w->path, graph_length, *length);
    *n_bins = graph_length ? graph_length / per_bin - 2 * (size_t)(crop > 0 ? crop : 0)
                           : DEFAULT_BINS;
    got = large_size(sizes, "bins_to_return", n_bins, e);
    if (got < 0)
        return -1;
    if (*length % (2 * BINS_PER_TOKEN) || *length % (per_bin * BINS_PER_TOKEN) || crop < 0)
        return err_set(e, "%s: an input of %zu bp cannot be halved %zu times; give a JSON file with "
                       "the right seq_length", s->w->path, *length, s->n_convs + 1);
    if (*n_bins > *length / per_bin || (*length / per_bin - *n_bins) % 2)
        return err_set(e, "%s: %zu bins are not the middle of %zu; give a JSON file with the right "
                       "seq_length and bins_to_return", s->w->path, *n_bins, *length / per_bin);
    return 0;
}

static int
add_replicate(struct model *m, struct binned *b, const struct weights *w,
              const struct large_files *f, const struct large_sizes *sizes,
              const struct model_options *o, const struct nn_ops *ops, struct err *e)
{
    struct binned_net *net = mem_zalloc(sizeof *net);
    size_t length, n_bins, n_tracks;
    struct source s;
    int status;

    b->net = mem_resize(b->net, b->n_nets + 1, sizeof(struct binned_net *));
    b->net[b->n_nets++] = net;
    net_init(&net->net, ops);
    status = survey(&s, w, o->head, e);
    if (status == 1)
        return model_refuse_file(m, w, e);
    if (status || find_sizes(&length, &n_bins, &s, sizes, o->in_len, e) || build(net, &s, length, e))
        return -1;
    n_tracks = weights_find(w, s.bias)->count;
    if (b->n_nets == 1) {
        m->in_len = b->net_len = length;
        b->n_bins = n_bins;
        b->bin_bp = length / net->net.node[net->last].len;
        if (binned_add_tracks(m, b, f, n_tracks, o, e))
            return -1;
    } else if (length != b->net_len || n_bins != b->n_bins || n_tracks != b->n_tracks) {
        return err_set(e, "%s: reads %zu bp and predicts %zu tracks in %zu bins, but the replicate "
                       "before it %zu bp, %zu tracks, %zu bins", w->path, length, n_tracks, n_bins,
                       b->net_len, b->n_tracks, b->n_bins);
    }
    return binned_finish_net(m, b, net, w, s.kernel, s.bias, s.axes, e);
}

static int
open_borzoi(struct model *m, char **path, size_t n_paths, const struct model_options *o,
            const struct nn_ops *ops, struct err *e)
{
    struct binned *b = m->impl = mem_zalloc(sizeof *b);
    struct large_files f;
    struct large_sizes *sizes;
    int status = 0;

    if (model_take_options(m, o, MODEL_TAKES_IN_LEN | MODEL_TAKES_STRANDS | MODEL_TAKES_HEAD |
                           MODEL_TAKES_UNSQUASH, e))
        return -1;
    large_sort_files(&f, path, n_paths);
    sizes = large_sizes_read(&f, e);
    if (!sizes)
        status = -1;
    else if (!f.n_weights)
        status = err_set(e, "%s: no weight file among the files of the model", m->path);
    for (size_t i = 0; i < f.n_weights && status == 0; i++) {
        struct weights *w = model_weights(m, f.weights[i], o, e);

        status = w ? add_replicate(m, b, w, &f, sizes, o, ops, e) : -1;
        if (status == 0)
            status = account_check(m, w, e);
        weights_close(w);
    }
    m->kind = b->n_nets > 1 ? "Borzoi, mean of replicates" : "Borzoi";
    large_sizes_free(sizes);
    large_files_free(&f);
    return status;
}

static bool
recognises(const struct weights *w)
{
    return is_torch(w) || (is_keras(w) && weights_find(w, "multihead_attention/multihead_attention/"
                                                       "r_w_bias:0") != NULL);
}

static void
free_impl(struct model *m)
{
    binned_free(m->impl);
}

/* The head that was not asked for. */
static const char *const unused[] = { "*_head.weight", "*_head.bias", NULL };

const struct family family_borzoi = {
    .declared = &declared_borzoi, .unused = unused, .recognises = recognises, .open = open_borzoi,
    .predict = binned_predict, .describe = binned_describe, .free_impl = free_impl,
};

#endif
