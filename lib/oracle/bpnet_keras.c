/* SPDX-License-Identifier: MIT */
/*
 * ChromBPNet and BPNet CHIP from tensors named as Keras names them, in HDF5 or npz.
 *
 * Layers are recognised by the name of the group that directly holds kernel and bias, never by
 * its place, so that single and nested (composed) files read alike:
 *
 *   ChromBPNet, accessibility   wo_bias_bpnet_1st_conv, wo_bias_bpnet_<i>conv,
 *                               wo_bias_bpnet_prof_out_precrop, wo_bias_bpnet_logcount_predictions
 *   ChromBPNet, bias            bpnet_1st_conv, bpnet_<i>conv, prof_out_precrop,
 *                               logcount_predictions
 *   BPNet CHIP                  main_conv_0, main_dil_conv_<i>, main_profile_head,
 *                               main_counts_head, profile_predictions, logcounts_predictions;
 *                               of several tasks the last two end in _<task>; without control
 *                               inputs there are neither main_counts_head nor profile_predictions
 *
 * Sources of the architectures: kundajelab/chrombpnet (bpnet_model.py,
 * chrombpnet_with_bias_model.py) and kundajelab/bpnet-refactor (arch.py).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/bpnet.h"
#include "oracle/keras_config.h"
#include "prog/mem.h"

/* How one network's layers are called; layer is a printf format with the layer's number. */
struct names {
    const char *stem, *layer, *profile, *count, *crop;
};

static const struct names accessibility = {
    "wo_bias_bpnet_1st_conv", "wo_bias_bpnet_%zuconv", "wo_bias_bpnet_prof_out_precrop",
    "wo_bias_bpnet_logcount_predictions", "wo_bias_bpnet_logitt_before_flatten",
};

static const struct names bias = {
    "bpnet_1st_conv", "bpnet_%zuconv", "prof_out_precrop", "logcount_predictions",
    "logits_profile_predictions_preflatten",
};

static const struct names chip = {
    "main_conv_0", "main_dil_conv_%zu", "main_profile_head", "main_counts_head",
    "main_profile_head_cropped",
};

/* Does tensor NAME end in "parent/leaf" or "parent/leaf:0"? */
static bool
is_tensor(const char *name, const char *parent, const char *leaf)
{
    const char *slash = strrchr(name, '/');
    size_t n_parent = strlen(parent), n_leaf = strlen(leaf);
    const char *end;

    if (!slash || (size_t)(slash - name) < n_parent)
        return false;
    end = slash + 1 + n_leaf;
    return strncmp(slash + 1, leaf, n_leaf) == 0 && (!*end || strcmp(end, ":0") == 0) &&
           memcmp(slash - n_parent, parent, n_parent) == 0 &&
           (slash - n_parent == name || slash[-(ptrdiff_t)n_parent - 1] == '/');
}

/* Full name of the tensor, or NULL; *n counts how many there are. */
static const char *
find_tensor(const struct weights *w, const char *parent, const char *leaf, int *n)
{
    const char *found = NULL;

    *n = 0;
    for (size_t i = 0; i < w->n_tensor; i++) {
        if (is_tensor(w->tensor[i].name, parent, leaf)) {
            found = w->tensor[i].name;
            ++*n;
        }
    }
    return found;
}

bool
bpnet_has_layer(const struct weights *w, const char *parent)
{
    int n;

    return find_tensor(w, parent, "kernel", &n) != NULL;
}

/* Copy of PARENT/LEAF; shape as in tensor_take. */
static float *
take(const struct weights *w, const char *parent, const char *leaf, size_t *shape, int ndim,
     struct err *e)
{
    int n;
    const char *name = find_tensor(w, parent, leaf, &n);

    if (n == 1)
        return tensor_take(w, name, shape, ndim, e);
    if (n)
        err_set(e, "%s: %d tensors are called '%s/%s', expected one", w->path, n, parent, leaf);
    else
        err_set(e, "%s: tensor '%s/%s' is missing; is the file complete, and of this oracle?",
                w->path, parent, leaf);
    return NULL;
}

/* c_in and c_out are expected sizes, or 0 for any. */
static int
take_conv(struct oracle_conv *c, const struct weights *w, const char *parent, size_t c_in,
          size_t c_out, struct err *e)
{
    size_t shape[3] = { 0, c_in, c_out }, bias_shape[1];

    c->kernel = take(w, parent, "kernel", shape, 3, e);
    if (!c->kernel)
        return -1;
    c->k = shape[0];
    c->c_in = shape[1];
    c->c_out = bias_shape[0] = shape[2];
    c->bias = take(w, parent, "bias", bias_shape, 1, e);
    return c->bias ? 0 : -1;
}

static size_t
count_layers(const struct weights *w, const char *format)
{
    char name[64];
    size_t n = 0;

    /* The highest number present, so that a gap below it is reported as a missing tensor. */
    for (size_t i = 1; i <= BPNET_MAX_LAYERS; i++) {
        snprintf(name, sizeof name, format, i);
        if (bpnet_has_layer(w, name))
            n = i;
    }
    return n;
}

static int
take_layers(struct bpnet_params *p, const struct weights *w, const struct names *names,
            const struct keras_config *config, struct err *e)
{
    size_t n = count_layers(w, names->layer), filters = p->stem.c_out;
    char name[64];

    if (!n) {
        snprintf(name, sizeof name, names->layer, (size_t)1);
        return err_set(e, "%s: no dilated layer '%s' beside '%s'; is the file complete?", w->path,
                       name, names->stem);
    }
    p->layer = mem_array(n, sizeof *p->layer);
    for (size_t i = 0; i < n; i++) {
        p->n_layers = i + 1;
        snprintf(name, sizeof name, names->layer, i + 1);
        if (take_conv(&p->layer[i], w, name, filters, filters, e))
            return -1;
        p->layer[i].dilation = (size_t)2 << i;
        keras_config_dilation(config, name, &p->layer[i].dilation);
    }
    return 0;
}

/* Columns that all convolutions take away. */
static size_t
columns_lost(const struct bpnet_params *p)
{
    size_t lost = p->stem.k - 1 + p->profile.k - 1;

    for (size_t i = 0; i < p->n_layers; i++)
        lost += (p->layer[i].k - 1) * p->layer[i].dilation;
    return lost;
}

/* What no architecture says: as in published models, unless the user knows better. */
static void
assume_lengths(struct bpnet_params *p, struct bpnet *m, const struct keras_config *config,
               const struct model_options *o)
{
    m->takes_out_len = true;
    p->out_len = o->out_len ? o->out_len : model_usual_out_len(p->in_len);
    if (!keras_config_has_layers(config))
        model_note(m->model, "the file has no architecture; that of published models is assumed, "
                   "%zu bp to %zu positions%s, dilations of 2, 4, 8, ..., ReLU", p->in_len,
                   p->out_len, o->out_len ? " (--output-length)" : "");
    else if (!o->out_len)
        model_note(m->model, "%zu positions predicted from %zu bp are assumed, the architecture "
                   "does not say; --output-length if it is otherwise", p->out_len, p->in_len);
}

/* Input and output lengths, from the architecture where the file has one. */
static int
set_lengths(struct bpnet_params *p, struct bpnet *m, const struct weights *w,
            const struct names *names, const struct keras_config *config,
            const struct model_options *o, struct err *e)
{
    size_t lost = columns_lost(p);
    long crop;

    p->in_len = o->in_len ? o->in_len : BPNET_IN_LEN;
    keras_config_input_length(config, &p->in_len);
    if (!keras_config_crop(config, names->crop, &crop)) {
        assume_lengths(p, m, config, o);
        return 0;
    }
    if (crop < 0)
        return err_set(e, "%s: layer '%s' crops its ends unevenly; expected the same number of "
                       "columns at both", w->path, names->crop);
    if (p->in_len <= lost + 2 * (size_t)crop)
        return err_set(e, "%s: an input of %zu bp leaves no output after %zu columns of "
                       "convolutions and a crop of %ld per side", w->path, p->in_len, lost, crop);
    p->out_len = p->in_len - lost - 2 * (size_t)crop;
    return model_check_out_len(w, o->out_len, p->out_len, names->crop, e);
}

/* Everything but the heads' last steps, which differ between the families. */
static int
take_body(struct bpnet_params *p, struct bpnet *m, const struct weights *w,
          const struct names *names, size_t n_out, const struct model_options *o, struct err *e)
{
    struct keras_config *config = keras_config_parse(w->model_config, e);
    int status = -1;

    if (!config)
        return err_prefix(e, "%s", w->path);
    if (keras_config_check_plain(config, e)) {
        err_prefix(e, "%s", w->path);
        goto done;
    }
    if (take_conv(&p->stem, w, names->stem, 4, 0, e) == 0 &&
        take_layers(p, w, names, config, e) == 0 &&
        take_conv(&p->profile, w, names->profile, p->stem.c_out, n_out, e) == 0)
        status = set_lengths(p, m, w, names, config, o, e);
done:
    keras_config_free(config);
    return status;
}

/* A dense layer to one number: F x 1 weights and a bias. */
static float *
take_dense(const struct weights *w, const char *parent, size_t n_in, double *bias_value,
           struct err *e)
{
    size_t shape[2] = { n_in, 1 }, bias_shape[1] = { 1 };
    float *kernel = take(w, parent, "kernel", shape, 2, e), *b;

    if (!kernel)
        return NULL;
    b = take(w, parent, "bias", bias_shape, 1, e);
    if (!b) {
        free(kernel);
        return NULL;
    }
    *bias_value = b[0];
    free(b);
    return kernel;
}

static int
load_chrombpnet_branch(struct bpnet *m, size_t *in_len, size_t *out_len, const struct weights *w,
                       const struct names *names, const struct model_options *o,
                       const struct nn_ops *ops, struct err *e)
{
    struct bpnet_params p = { .form = RESIDUAL_POST, .stem_relu = true, .n_tasks = 1 };
    int status = take_body(&p, m, w, names, 1, o, e);

    if (status == 0) {
        p.count_kernel = take_dense(w, names->count, p.stem.c_out, p.count_bias, e);
        status = p.count_kernel ? 0 : -1;
    }
    if (status == 0) {
        *in_len = p.in_len;
        *out_len = p.out_len;
        status = bpnet_build(&m->branch[m->n_branches], &p, ops, e);
        if (status)
            err_prefix(e, "%s", w->path);
        else
            m->n_branches++;
    }
    bpnet_params_free(&p);
    return status;
}

int
bpnet_from_chrombpnet(struct bpnet *m, const struct weights *w, const struct model_options *o,
                      const struct nn_ops *ops, struct err *e)
{
    const struct names *names[BPNET_MAX_BRANCHES];
    size_t n = 0;

    if (bpnet_has_layer(w, accessibility.stem))
        names[n++] = &accessibility;
    if (bpnet_has_layer(w, bias.stem))
        names[n++] = &bias;
    if (!n)
        return 1;
    m->kind = n == 2 ? "ChromBPNet with bias" :
              names[0] == &bias ? "BPNet bias model" : "ChromBPNet without bias";
    bpnet_set_tasks(m, 1, 1);
    for (size_t i = 0; i < n; i++) {
        size_t in_len, out_len;

        if (load_chrombpnet_branch(m, &in_len, &out_len, w, names[i], o, ops, e))
            return -1;
        if (i && (in_len != m->in_len || out_len != m->out_len))
            return err_set(e, "%s: the two networks read %zu and %zu bp and predict %zu and %zu "
                           "positions; expected the same of both", w->path, m->in_len, in_len,
                           m->out_len, out_len);
        m->in_len = in_len;
        m->out_len = out_len;
    }
    return 0;
}

/* What the channels of BPNet's heads are for. */
struct tasks {
    size_t n;
    bool controlled;                    /* some task has control inputs */
    size_t strands[BPNET_MAX_TASKS];
    size_t controls[BPNET_MAX_TASKS];   /* tracks of control input; 0: none */
};

/* "profile_predictions" of the only task, "profile_predictions_<i>" of several. */
static const char *
task_layer(char name[64], const char *layer, const struct tasks *t, size_t i)
{
    if (t->n == 1)
        snprintf(name, 64, "%s", layer);
    else
        snprintf(name, 64, "%s_%zu", layer, i);
    return name;
}

/* Last dimension of PARENT/kernel, and the one before it; 0 when there is none. */
static size_t
kernel_width(const struct weights *w, const char *parent, size_t *before)
{
    int n;
    const char *name = find_tensor(w, parent, "kernel", &n);
    const struct tensor *t = name ? weights_find(w, name) : NULL;

    if (!t || t->ndim < 2)
        return 0;
    *before = t->shape[t->ndim - 2];
    return t->shape[t->ndim - 1];
}

/*
 * What arch.py can also build and no published model is: hidden layers in the count head, which then
 * reads every column of the last layer in place of their mean; a count of its own for every strand,
 * where the last layer of the only task (called as that of one) has several outputs and control
 * counts go in strand by strand.
 */
static int
refuse_unpublished(const struct weights *w, size_t n_counts, struct err *e)
{
    if (bpnet_has_layer(w, "counts_dense_0"))
        return err_set(e, "%s: its count head has hidden layers ('counts_dense_0'), which no "
                       "published model has and which are not supported; train with a single "
                       "number in counts_head_params, units", w->path);
    if (n_counts > 1 && bpnet_has_layer(w, "profile_predictions"))
        return err_set(e, "%s: counts each of %zu strands by itself (orig_multi_loss), which no "
                       "published model does and which is not supported; train with one count per "
                       "task", w->path, n_counts);
    return 0;
}

/*
 * Tasks and their strands.  A task with control inputs has a layer that says so; the channels that
 * are left are shared evenly by the tasks without.
 */
static int
find_tasks(struct tasks *t, const struct weights *w, size_t channels, struct err *e)
{
    size_t before, without = 0, left = channels;
    char name[64];

    t->controlled = bpnet_has_layer(w, "main_counts_head");
    t->n = kernel_width(w, t->controlled ? "main_counts_head" : "logcounts_predictions", &before);
    if (!t->n || t->n > BPNET_MAX_TASKS || t->n > channels)
        return err_set(e, "%s: tensor '%s/kernel' is missing or counts %zu tasks for %zu profile "
                       "channels; is the file complete?", w->path,
                       t->controlled ? "main_counts_head" : "logcounts_predictions", t->n,
                       channels);
    if (refuse_unpublished(w, t->n, e))
        return -1;
    for (size_t i = 0; i < t->n; i++) {
        size_t n = t->controlled
                       ? kernel_width(w, task_layer(name, "profile_predictions", t, i), &before) : 0;

        if (t->controlled && t->n == 1 && !n)
            return err_set(e, "%s: tensor 'profile_predictions/kernel' is missing; is the file "
                           "complete, and of this oracle?", w->path);
        if (!n) {
            without++;
            continue;
        }
        if (n > left || before < n)
            return err_set(e, "%s: tensor '%s/kernel' mixes %zu channels to %zu, expected the %zu "
                           "of the profile head and those of the control", w->path, name, before, n,
                           left);
        t->strands[i] = n;
        t->controls[i] = before - n;
        left -= n;
    }
    if (without ? left % without || !left : left > 0)
        return err_set(e, "%s: %zu profile channels are left for %zu tasks without control",
                       w->path, left, without);
    for (size_t i = 0; i < t->n; i++) {
        if (!t->strands[i])
            t->strands[i] = left / without;
        if (t->strands[i] > 2)
            return err_set(e, "%s: task %zu has %zu profile channels, expected one or two strands",
                           w->path, i, t->strands[i]);
    }
    return 0;
}

/*
 * The last 1-tap convolution of a task mixes head and control profiles; with controls of zero only
 * its first rows count, and it folds into the profile convolution.  In double, rounded once.
 */
static int
fold_task_profile(struct bpnet_params *p, const struct weights *w, const char *layer, size_t first,
                  size_t n, struct err *e)
{
    size_t all = p->profile.c_out, rows = p->profile.k * p->profile.c_in;
    size_t shape[3] = { 1, 0, n }, bias_shape[1] = { n };
    float *mix = take(w, layer, "kernel", shape, 3, e);
    float *b = mix ? take(w, layer, "bias", bias_shape, 1, e) : NULL;

    if (!b) {
        free(mix);
        return -1;
    }
    for (size_t r = 0; r <= rows; r++) {
        float *row = (r < rows ? p->profile.kernel + r * all : p->profile.bias) + first;
        double mixed[2] = { 0 };

        for (size_t s = 0; s < n; s++) {
            for (size_t q = 0; q < n; q++)
                mixed[s] += (double)row[q] * mix[q * n + s];
            if (r == rows)
                mixed[s] += b[s];
        }
        for (size_t s = 0; s < n; s++)
            row[s] = (float)mixed[s];
    }
    free(mix);
    free(b);
    return 0;
}

static int
fold_profile(struct bpnet_params *p, const struct weights *w, const struct tasks *t, struct err *e)
{
    size_t first = 0;
    char name[64];

    for (size_t i = 0; i < t->n; first += t->strands[i++])
        if (t->controlled && t->strands[i] && bpnet_has_layer(w, task_layer(name, "profile_predictions",
                                                                      t, i)) &&
            fold_task_profile(p, w, name, first, t->strands[i], e))
            return -1;
    return 0;
}

/* An output as a sum of the n_tasks outputs of main_counts_head and a constant. */
struct count_row {
    double head[BPNET_MAX_TASKS], constant;
};

/*
 * A task's last layer reads those of main_counts_head's outputs that stand at the places of the
 * task's profile channels, as far as there are any, and the logarithm of its control reads: zero
 * on every track (what training stores for a control without reads), of which logsumexp is
 * ln(tracks).  It gives n_tasks outputs.
 */
static int
add_count_rows(struct count_row *row, size_t *n_rows, const struct weights *w,
               const struct tasks *t, size_t task, size_t first, struct err *e)
{
    size_t n_in = 0, shape[2], bias_shape[1] = { t->n };
    float *kernel, *b;
    char name[64];

    if (first < t->n)
        n_in = t->strands[task] < t->n - first ? t->strands[task] : t->n - first;
    if (t->n == 1)
        n_in = 1;
    task_layer(name, "logcounts_predictions", t, task);
    if (!t->controls[task] && !bpnet_has_layer(w, name)) {
        for (size_t i = 0; i < n_in; i++)
            row[(*n_rows)++].head[first + i] = 1;
        return 0;
    }
    shape[0] = n_in + 1;
    shape[1] = t->n;
    kernel = take(w, name, "kernel", shape, 2, e);
    b = kernel ? take(w, name, "bias", bias_shape, 1, e) : NULL;
    for (size_t o = 0; b && o < t->n; o++) {
        struct count_row *r = &row[(*n_rows)++];

        for (size_t i = 0; i < n_in; i++)
            r->head[first + i] = kernel[i * t->n + o];
        r->constant = kernel[n_in * t->n + o] * log((double)t->controls[task]) + b[o];
    }
    free(kernel);
    free(b);
    return b ? 0 : -1;
}

/*
 * C of task i is output i of all last layers side by side, as training compares them; every one is
 * affine in the pooled vector.
 */
static int
fold_count(struct bpnet_params *p, const struct weights *w, const struct tasks *t, struct err *e)
{
    size_t shape[2] = { p->stem.c_out, t->n }, bias_shape[1] = { t->n }, n_rows = 0, first = 0;
    const char *layer = t->controlled ? "main_counts_head" : "logcounts_predictions";
    float *head = take(w, layer, "kernel", shape, 2, e);
    float *bias_values = head ? take(w, layer, "bias", bias_shape, 1, e) : NULL;
    struct count_row *row = mem_array(t->n * t->n + 2 * t->n, sizeof *row);
    int status = bias_values ? 0 : -1;

    for (size_t i = 0; i < t->n && status == 0; first += t->strands[i++]) {
        if (t->controlled)
            status = add_count_rows(row, &n_rows, w, t, i, first, e);
        else
            row[i].head[i] = 1;
    }
    if (status == 0 && t->controlled && n_rows < t->n)
        status = err_set(e, "%s: the last layers count %zu tasks, expected %zu", w->path, n_rows,
                         t->n);
    if (status == 0) {
        p->n_tasks = t->n;
        p->count_kernel = mem_array(p->stem.c_out * t->n, sizeof *p->count_kernel);
        for (size_t i = 0; i < t->n; i++) {
            p->count_bias[i] = row[i].constant;
            for (size_t h = 0; h < t->n; h++)
                p->count_bias[i] += row[i].head[h] * bias_values[h];
            for (size_t f = 0; f < p->stem.c_out; f++) {
                double sum = 0;

                for (size_t h = 0; h < t->n; h++)
                    sum += row[i].head[h] * head[f * t->n + h];
                p->count_kernel[f * t->n + i] = (float)sum;
            }
        }
    }
    free(row);
    free(head);
    free(bias_values);
    return status;
}

int
bpnet_from_bpnet_chip(struct bpnet *m, const struct weights *w, const struct model_options *o,
                      const struct nn_ops *ops, struct err *e)
{
    struct bpnet_params p = { .form = RESIDUAL_PRE, .stem_relu = false };
    struct tasks tasks = { 0 };
    int status;

    if (!bpnet_has_layer(w, chip.stem))
        return 1;
    m->kind = "BPNet";
    status = take_body(&p, m, w, &chip, 0, o, e);
    if (status == 0)
        status = find_tasks(&tasks, w, p.profile.c_out, e);
    if (status == 0)
        status = fold_profile(&p, w, &tasks, e);
    if (status == 0)
        status = fold_count(&p, w, &tasks, e);
    if (status == 0) {
        m->kind = tasks.controlled ? "BPNet with control inputs (fed zero)"
                                   : "BPNet without control inputs";
        m->in_len = p.in_len;
        m->out_len = p.out_len;
        m->n_tasks = tasks.n;
        m->n_channels = p.profile.c_out;
        for (size_t i = 0; i < tasks.n; i++) {
            m->n_strands[i] = tasks.strands[i];
            m->head[i] = tasks.strands[i] == 2 ? COUNT_EXP_MINUS_2 : COUNT_EXPM1;
        }
        status = bpnet_build(&m->branch[0], &p, ops, e);
        if (status)
            err_prefix(e, "%s", w->path);
        else
            m->n_branches = 1;
    }
    bpnet_params_free(&p);
    return status;
}
