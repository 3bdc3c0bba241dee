/* SPDX-License-Identifier: MIT */
/*
 * mkweights - write a Keras HDF5 weight file of the BPNet family, as Keras itself lays it out.
 *
 *   mkweights KIND OUT [options]     synthetic weights, from a formula
 *   mkweights --from-npz IN OUT      bpnet_chip with the tensors of an npz ("main_conv_0/kernel")
 *
 *   KIND                filters x layers [default]
 *   chrombpnet_nobias   512 x 8        bias_model_scaled   128 x 4
 *   chrombpnet          the two above, nested              bpnet_chip   64 x 8
 *
 *   --filters F --layers N --bias-filters F --bias-layers N    --input L [2114] --output O [1000]
 *   --seed S [1]    --drop GLOB: leave those layers out     --no-config: without the architecture
 *
 * Element e of tensor t (numbered from 0 in the order they are written, a kernel before its bias)
 * is the float nearest to  centre + (2u - 1) * amplitude,  computed in double, where
 *   u = (mix(mix(seed + G*(t + 1)) + G*(e + 1)) >> 40) / 2^24,   G = 0x9e3779b97f4a7c15
 * and mix is the finaliser of splitmix64.  add_conv says which centre and amplitude: they keep
 * activations near 1 and log-counts of chrombpnet and bpnet_chip between 0 and 8.
 * tests/reference/make_bpnet_reference.py has the same formula in numpy.
 *
 * Layer names, nesting and attributes: kundajelab/chrombpnet (bpnet_model.py,
 * chrombpnet_with_bias_model.py), kundajelab/bpnet-refactor (arch.py), Keras' legacy HDF5 format.
 */
#include <fnmatch.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_write.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "weights/weights.h"

enum { MAX_LAYERS = 160, NAME = 64 };

struct layer {
    const char *class_name;
    char name[NAME];
    int ndim;                   /* of the kernel; 0: a layer without weights */
    size_t shape[3];            /* of the kernel, Keras order */
    double kernel_amplitude, bias_centre, bias_amplitude;
    size_t dilation;
    const char *activation;
    long crop;                  /* Cropping1D: columns per side */
    size_t input[2];            /* InputLayer: shape without the batch; input[1] 0: a vector */
    char from[4][NAME];         /* layers it reads */
    struct graph *inner;        /* a nested model */
};

struct graph {
    char name[NAME];
    size_t n;
    struct layer layer[MAX_LAYERS];
};

struct options {
    const char *kind, *out, *npz, *drop;
    size_t filters, layers, bias_filters, bias_layers, input, output;
    uint64_t seed;
    bool no_config;
};

/* Where values come from: the formula, or an npz. */
struct source {
    uint64_t seed;
    uint64_t tensor;            /* number of the next one */
    const struct weights *npz;  /* NULL: the formula */
    const char *drop;
};

/* --- values --- */

static uint64_t
mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static void
fill_by_formula(float *v, size_t n, double centre, double amplitude, const struct source *s)
{
    const uint64_t g = 0x9e3779b97f4a7c15u;
    uint64_t key = mix(s->seed + g * (s->tensor + 1));

    for (size_t i = 0; i < n; i++) {
        double u = (double)(mix(key + g * (i + 1)) >> 40) / 16777216.0;

        v[i] = (float)(centre + (2 * u - 1) * amplitude);
    }
}

static const struct tensor *
npz_tensor(const struct weights *w, const char *layer, const char *leaf)
{
    char name[2 * NAME];
    const struct tensor *t;

    snprintf(name, sizeof name, "%s/%s", layer, leaf);
    t = weights_find(w, name);
    if (!t)
        die("%s: has no tensor '%s'", w->path, name);
    return t;
}

static float *
values_of(const struct layer *l, bool is_bias, size_t n, struct source *s)
{
    float *v = mem_array(n, sizeof *v);

    if (s->npz) {
        const struct tensor *t = npz_tensor(s->npz, l->name, is_bias ? "bias" : "kernel");
        struct err e;

        if (t->count != n)
            die("%s: '%s' has %zu values, expected %zu", s->npz->path, t->name, t->count, n);
        if (weights_copy(s->npz, v, t, &e) < 0)
            die_err(&e);
    } else {
        fill_by_formula(v, n, is_bias ? l->bias_centre : 0,
                        is_bias ? l->bias_amplitude : l->kernel_amplitude, s);
    }
    s->tensor++;
    return v;
}

/* --- the networks --- */

static struct layer *
add(struct graph *g, const char *class_name, const char *name, const char *from)
{
    struct layer *l = &g->layer[g->n++];

    if (g->n > MAX_LAYERS || strlen(name) >= NAME)
        die("layer '%s' does not fit; use fewer layers", name);
    memset(l, 0, sizeof *l);
    l->class_name = class_name;
    strcpy(l->name, name);
    if (from)
        strcpy(l->from[0], from);
    return l;
}

static const char *
text(const char *format, size_t number)
{
    static char name[8][NAME];
    static int next;
    char *s = name[next++ % 8];

    /* Formats are the constants below. */
    snprintf(s, NAME, format, number);
    return s;
}

static void
add_input(struct graph *g, const char *name, size_t length, size_t channels)
{
    struct layer *l = add(g, "InputLayer", name, NULL);

    l->input[0] = length;
    l->input[1] = channels;
}

static struct layer *
add_weights(struct graph *g, const char *class_name, const char *name, const char *from,
            double gain, double fan_in)
{
    struct layer *l = add(g, class_name, name, from);

    l->kernel_amplitude = gain * sqrt(3.0 / fan_in);
    l->bias_amplitude = 0.1;
    l->activation = "linear";
    l->dilation = 1;
    return l;
}

/* One channel of four is set in a one-hot input, so the stem's fan-in is its taps alone. */
static struct layer *
add_conv(struct graph *g, const char *name, const char *from, size_t k, size_t c_in, size_t c_out,
         double gain)
{
    size_t fan_in = c_in == 4 && k > 1 ? k : k * c_in;
    struct layer *l = add_weights(g, "Conv1D", name, from, gain, (double)fan_in);

    l->ndim = 3;
    l->shape[0] = k;
    l->shape[1] = c_in;
    l->shape[2] = c_out;
    return l;
}

static void
add_dense(struct graph *g, const char *name, const char *from, size_t n_in, double gain,
          double bias)
{
    struct layer *l = add_weights(g, "Dense", name, from, gain, (double)n_in);

    l->ndim = 2;
    l->shape[0] = n_in;
    l->shape[1] = 1;
    l->bias_centre = bias;
    l->bias_amplitude = 0.5;
}

static void
add_crop(struct graph *g, const char *name, const char *from, size_t crop)
{
    add(g, "Cropping1D", name, from)->crop = (long)crop;
}

/* Columns cut off each side of the profile. */
static size_t
profile_crop(const struct options *o, size_t layers)
{
    long left = (long)o->input - 20 - 74;

    for (size_t i = 1; i <= layers; i++)
        left -= 4L << (i - 1);
    left -= (long)o->output;
    if (left < 0 || left % 2)
        die_usage("%zu bp and %zu layers do not lead to %zu bins (crop %ld / 2)", o->input,
                  layers, o->output, left);
    return (size_t)left / 2;
}

/* Accessibility (prefix "wo_bias_") or bias network; their heads are not named alike. */
static void
make_chrombpnet(struct graph *g, const struct options *o, bool acc, size_t filters, size_t layers)
{
    const char *x, *y;
    char sum[NAME];

    strcpy(g->name, acc ? "model_wo_bias" : "model_1");
    add_input(g, "sequence", o->input, 4);
    x = acc ? "wo_bias_bpnet_1st_conv" : "bpnet_1st_conv";
    add_conv(g, x, "sequence", 21, 4, filters, 1)->activation = "relu";
    for (size_t i = 1; i <= layers; i++) {
        struct layer *conv;
        const char *cropped = text(acc ? "wo_bias_bpnet_%zucrop" : "bpnet_%zucrop", i);

        y = text(acc ? "wo_bias_bpnet_%zuconv" : "bpnet_%zuconv", i);
        conv = add_conv(g, y, x, 3, filters, filters, 0.5);
        conv->activation = "relu";
        conv->dilation = (size_t)1 << i;
        add_crop(g, cropped, x, (size_t)1 << i);
        strcpy(sum, i == 1 ? "add" : text("add_%zu", i - 1));
        strcpy(add(g, "Add", sum, y)->from[1], cropped);
        x = g->layer[g->n - 1].name;
    }
    add_conv(g, acc ? "wo_bias_bpnet_prof_out_precrop" : "prof_out_precrop", x, 75, filters, 1, 1);
    y = acc ? "wo_bias_bpnet_logitt_before_flatten" : "logits_profile_predictions_preflatten";
    add_crop(g, y, g->layer[g->n - 1].name, profile_crop(o, layers));
    add(g, "GlobalAveragePooling1D", "gap", x);
    add(g, "Flatten", acc ? "wo_bias_bpnet_logits_profile_predictions"
                          : "logits_profile_predictions", y);
    add_dense(g, acc ? "wo_bias_bpnet_logcount_predictions" : "logcount_predictions", "gap",
              filters, 0.3, acc ? 4 : 2);
}

static struct graph *
make_composed(const struct options *o)
{
    struct graph *g = mem_zalloc(sizeof *g);
    struct layer *l;

    strcpy(g->name, "model");
    add_input(g, "sequence", o->input, 4);
    for (int acc = 1; acc >= 0; acc--) {
        struct graph *inner = mem_zalloc(sizeof *inner);

        make_chrombpnet(inner, o, acc, acc ? o->filters : o->bias_filters,
                        acc ? o->layers : o->bias_layers);
        add(g, "Functional", inner->name, "sequence")->inner = inner;
    }
    l = add(g, "Concatenate", "concatenate", "model_wo_bias");
    strcpy(l->from[1], "model_1");
    l = add(g, "Add", "logits_profile_predictions", "model_wo_bias");
    strcpy(l->from[1], "model_1");
    add(g, "Lambda", "logcount_predictions", "concatenate");
    return g;
}

static void
make_chip(struct graph *g, const struct options *o)
{
    const char *x = "main_conv_0", *y;
    struct layer *l;

    strcpy(g->name, "model");
    add_input(g, "sequence", o->input, 4);
    add_conv(g, x, "sequence", 21, 4, o->filters, 1);
    for (size_t i = 1; i <= o->layers; i++) {
        const char *relu = i == 1 ? "main_conv_0_relu" : text("main_add_%zu_relu", i - 1);
        const char *cropped = i == 1 ? "main_conv_0_cr" : text("main_add_%zu_cr", i - 1);

        add(g, "ReLU", relu, x);
        y = text("main_dil_conv_%zu", i);
        add_conv(g, y, relu, 3, o->filters, o->filters, 0.8)->dilation = (size_t)1 << i;
        add_crop(g, cropped, x, (size_t)1 << i);
        l = add(g, "Add", text("main_add_%zu", i), y);
        strcpy(l->from[1], cropped);
        x = l->name;
    }
    y = text("main_add_%zu_relu", o->layers);
    add(g, "ReLU", y, x);
    add_conv(g, "main_profile_head", y, 75, o->filters, 2, 1);
    add(g, "GlobalAveragePooling1D", "main_global_avg_pooling", y);
    add_input(g, "counts_bias_input_0", 2, 0);
    add_crop(g, "main_profile_head_cropped", "main_profile_head", profile_crop(o, o->layers));
    add_input(g, "profile_bias_input_0", o->output, 2);
    add_dense(g, "main_counts_head", "main_global_avg_pooling", o->filters, 0.3, 3);
    add(g, "Lambda", "main_logsumexp_counts_bias_0", "counts_bias_input_0");
    l = add(g, "Concatenate", "main_concat_with_prof_bias_0", "main_profile_head_cropped");
    strcpy(l->from[1], "profile_bias_input_0");
    l = add(g, "Concatenate", "main_concat_with_counts_bias_0", "main_counts_head");
    strcpy(l->from[1], "main_logsumexp_counts_bias_0");
    add_conv(g, "profile_predictions", "main_concat_with_prof_bias_0", 1, 4, 2, 1);
    add_dense(g, "logcounts_predictions", "main_concat_with_counts_bias_0", 2, 0.8, 3);
}

/* --- model_config --- */

static json_t *
layer_config(const struct layer *l)
{
    json_t *c = json_pack("{s:s, s:b, s:s}", "name", l->name, "trainable", 1, "dtype", "float32");

    if (strcmp(l->class_name, "InputLayer") == 0) {
        json_t *shape = json_pack("[n, I]", (json_int_t)l->input[0]);

        if (l->input[1])
            json_array_append_new(shape, json_integer((json_int_t)l->input[1]));
        json_object_set_new(c, "batch_input_shape", shape);
        json_object_del(c, "trainable");
    } else if (l->ndim == 3) {
        json_object_update_new(c, json_pack(
            "{s:I, s:[I], s:[i], s:s, s:s, s:[I], s:i, s:s, s:b}",
            "filters", (json_int_t)l->shape[2], "kernel_size", (json_int_t)l->shape[0],
            "strides", 1, "padding", "valid", "data_format", "channels_last",
            "dilation_rate", (json_int_t)l->dilation, "groups", 1,
            "activation", l->activation, "use_bias", 1));
    } else if (l->ndim == 2) {
        json_object_update_new(c, json_pack("{s:i, s:s, s:b}", "units", 1, "activation", "linear",
                                            "use_bias", 1));
    } else if (strcmp(l->class_name, "Cropping1D") == 0) {
        json_object_set_new(c, "cropping", json_pack("[I, I]", (json_int_t)l->crop,
                                                     (json_int_t)l->crop));
    }
    return c;
}

static json_t *
graph_config(const struct graph *g)
{
    json_t *layers = json_array();

    for (size_t i = 0; i < g->n; i++) {
        const struct layer *l = &g->layer[i];
        json_t *nodes = json_array();

        for (int k = 0; k < 4 && l->from[k][0]; k++)
            json_array_append_new(nodes, json_pack("[s, i, i, {}]", l->from[k], 0, 0));
        json_array_append_new(layers, json_pack(
            "{s:s, s:o, s:s, s:o}", "class_name", l->class_name,
            "config", l->inner ? graph_config(l->inner) : layer_config(l), "name", l->name,
            "inbound_nodes", json_array_size(nodes) ? json_pack("[o]", nodes) : nodes));
    }
    return json_pack("{s:s, s:b, s:o}", "name", g->name, "trainable", 1, "layers", layers);
}

/* --- HDF5 --- */

/* A list of names: fixed-length, null-padded strings; an empty list is of doubles (numpy's). */
static void
put_names(struct h5w_group *g, const char *attr_name, char (*names)[2 * NAME], size_t n)
{
    struct h5w type = { 0 }, space = { 0 }, data = { 0 };
    size_t longest = 1;

    for (size_t i = 0; i < n; i++)
        if (strlen(names[i]) > longest)
            longest = strlen(names[i]);
    for (size_t i = 0; i < n; i++) {
        h5w_bytes(&data, names[i], strlen(names[i]));
        h5w_bytes(&data, NULL, longest - strlen(names[i]));
    }
    if (n)
        h5w_text_type(&type, longest);
    else
        h5w_float(&type, 8);
    h5w_space(&space, 1, &n);
    h5w_attribute(g, attr_name, &type, &space, &data);
}

/* Kernel and bias of a layer, in a group of its name; their names are added to names. */
static size_t
put_weights(struct h5w *f, struct h5w_group *g, const struct layer *l, struct source *s,
            char (*names)[2 * NAME])
{
    struct h5w_group *own;
    size_t n_out = l->ndim ? l->shape[l->ndim - 1] : 0, n = n_out;
    float *kernel, *bias;

    if (!l->ndim)
        return 0;
    for (int i = 0; i < l->ndim - 1; i++)
        n *= l->shape[i];
    kernel = values_of(l, false, n, s);
    bias = values_of(l, true, n_out, s);
    snprintf(names[0], 2 * NAME, "%s/kernel:0", l->name);
    snprintf(names[1], 2 * NAME, "%s/bias:0", l->name);
    n = s->drop && fnmatch(s->drop, l->name, 0) == 0 ? 0 : 2;
    if (n) {
        own = mem_zalloc(sizeof *own);
        h5w_add(own, "kernel:0", h5w_dataset(f, l->ndim, l->shape, kernel));
        h5w_add(own, "bias:0", h5w_dataset(f, 1, &n_out, bias));
        h5w_add(g, l->name, h5w_group(f, own));
        free(own);
    }
    free(kernel);
    free(bias);
    return n;
}

static size_t
put_inner_weights(struct h5w *f, struct h5w_group *g, const struct graph *inner, struct source *s,
                  char (*names)[2 * NAME])
{
    size_t n = 0;

    for (size_t i = 0; i < inner->n; i++)
        n += put_weights(f, g, &inner->layer[i], s, names + n);
    return n;
}

/* "/model_weights": a group for every layer, those without weights included; its address. */
static uint64_t
put_graph(struct h5w *f, const struct graph *g, struct source *s)
{
    struct h5w_group *root = mem_zalloc(sizeof *root), *group = mem_zalloc(sizeof *group);
    char (*names)[2 * NAME] = mem_array(2 * MAX_LAYERS, sizeof *names);
    uint64_t at;
    size_t n;

    for (size_t i = 0; i < g->n; i++)
        strcpy(names[i], g->layer[i].name);
    put_names(root, "layer_names", names, g->n);
    h5w_text(f, root, "backend", "tensorflow");
    h5w_text(f, root, "keras_version", "2.6.0");
    for (size_t i = 0; i < g->n; i++) {
        const struct layer *l = &g->layer[i];

        n = l->inner ? put_inner_weights(f, group, l->inner, s, names)
                     : put_weights(f, group, l, s, names);
        put_names(group, "weight_names", names, n);
        h5w_add(root, l->name, h5w_group(f, group));
    }
    at = h5w_group(f, root);
    free(names);
    free(group);
    free(root);
    return at;
}

static void
put_file(const struct options *o, const struct graph *g, struct source *s)
{
    struct h5w_group *root = mem_zalloc(sizeof *root);
    struct h5w f;
    FILE *out;

    h5w_begin(&f);
    h5w_add(root, "model_weights", put_graph(&f, g, s));
    if (!o->no_config) {
        json_t *j = json_pack("{s:s, s:o}", "class_name", "Functional", "config", graph_config(g));
        char *config = json_dumps(j, 0);

        h5w_text(&f, root, "backend", "tensorflow");
        h5w_text(&f, root, "keras_version", "2.6.0");
        h5w_text(&f, root, "model_config", config);
        free(config);
        json_decref(j);
    }
    h5w_end(&f, h5w_group(&f, root));
    free(root);
    out = fopen(o->out, "wb");
    if (!out || fwrite(f.p, 1, f.n, out) != f.n || fclose(out) != 0)
        die("cannot write %s", o->out);
    free(f.p);
}

/* --- command line --- */

/* Filters and layers of an npz are what its tensors say. */
static struct weights *
open_npz(struct options *o)
{
    struct err e;
    struct weights *w = weights_open(o->npz, &e);
    char name[NAME];

    if (!w)
        die_err(&e);
    o->kind = "bpnet_chip";
    o->filters = npz_tensor(w, "main_conv_0", "bias")->count;
    for (o->layers = 0;; o->layers++) {
        snprintf(name, sizeof name, "main_dil_conv_%zu/kernel", o->layers + 1);
        if (!weights_find(w, name))
            return w;
    }
}

static void
set_defaults(struct options *o)
{
    bool chip = strcmp(o->kind, "bpnet_chip") == 0;
    bool bias = strcmp(o->kind, "bias_model_scaled") == 0;

    if (!o->filters)
        o->filters = chip ? 64 : bias ? 128 : 512;
    if (!o->layers)
        o->layers = bias ? 4 : 8;
}

static struct graph *
make_graph(const struct options *o)
{
    struct graph *g;

    if (strcmp(o->kind, "chrombpnet") == 0)
        return make_composed(o);
    g = mem_zalloc(sizeof *g);
    if (strcmp(o->kind, "bpnet_chip") == 0)
        make_chip(g, o);
    else if (strcmp(o->kind, "chrombpnet_nobias") == 0)
        make_chrombpnet(g, o, true, o->filters, o->layers);
    else if (strcmp(o->kind, "bias_model_scaled") == 0)
        make_chrombpnet(g, o, false, o->filters, o->layers);
    else
        die_usage("'%s' is not a kind of model", o->kind);
    return g;
}

static void
free_graph(struct graph *g)
{
    for (size_t i = 0; i < g->n; i++)
        free(g->layer[i].inner);
    free(g);
}

static size_t
number(const char *arg)
{
    char *end;
    unsigned long long v = strtoull(arg, &end, 10);

    if (*end || end == arg || v > UINT32_MAX)
        die_usage("'%s' is not a number", arg);
    return (size_t)v;
}

static void
parse_options(struct options *o, int argc, char **argv)
{
    static const struct option known[] = {
        { "filters", 1, NULL, 'f' }, { "layers", 1, NULL, 'n' }, { "bias-filters", 1, NULL, 'F' },
        { "bias-layers", 1, NULL, 'N' }, { "input", 1, NULL, 'i' }, { "output", 1, NULL, 'o' },
        { "seed", 1, NULL, 's' }, { "drop", 1, NULL, 'd' }, { "no-config", 0, NULL, 'c' },
        { "from-npz", 1, NULL, 'z' }, { NULL, 0, NULL, 0 }
    };
    int c;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (c) {
        case 'f': o->filters = number(optarg); break;
        case 'n': o->layers = number(optarg); break;
        case 'F': o->bias_filters = number(optarg); break;
        case 'N': o->bias_layers = number(optarg); break;
        case 'i': o->input = number(optarg); break;
        case 'o': o->output = number(optarg); break;
        case 's': o->seed = number(optarg); break;
        case 'd': o->drop = optarg; break;
        case 'c': o->no_config = true; break;
        case 'z': o->npz = optarg; break;
        default: die_usage("see the head of tests/helpers/mkweights.c");
        }
    }
    if (argc - optind != (o->npz ? 1 : 2))
        die_usage("expected KIND OUT, or --from-npz IN OUT");
    if (!o->npz)
        o->kind = argv[optind++];
    o->out = argv[optind];
}

int
main(int argc, char **argv)
{
    struct options o = { .bias_filters = 128, .bias_layers = 4, .input = 2114, .output = 1000,
                         .seed = 1 };
    struct weights *npz = NULL;
    struct source s;
    struct graph *g;

    prog_name = "mkweights";
    parse_options(&o, argc, argv);
    if (o.npz)
        npz = open_npz(&o);
    set_defaults(&o);
    g = make_graph(&o);
    s = (struct source){ .seed = o.seed, .npz = npz, .drop = o.drop };
    put_file(&o, g, &s);
    free_graph(g);
    weights_close(npz);
    return EXIT_OK;
}
