/* SPDX-License-Identifier: MIT */
/*
 * The family "multimolecule": ChromBPNet as MultiMolecule ships it, safetensors or a torch zip.
 *
 *   <b>.stem.conv.{weight,bias}       (F, 5, 21), (F)       <b>.profile.0.{weight,bias}  (1, F, 75)
 *   <b>.layer.<j>.conv.{weight,bias}  (F, F, 3), (F)        <b>.count.0.{weight,bias}    (1, F), (1)
 *
 * below accessibility and bias.  The original pads every layer and
 * crops; what it keeps is the valid form of lib/oracle/bpnet.h.
 *
 * Where it differs from ChromBPNet:
 *   - always both networks, accessibility and bias, logits added and counts log-added
 *   - the stem has a fifth input channel for N, the mean of the other four.  It is left out, so
 *     that an N adds nothing and the numbers are ChromBPNet's; n_channel (--n-channel) keeps it
 *   - its postprocessing multiplies by exp(C).  Here T is exp(C) - 1 as for ChromBPNet, unless
 *     counts is "multimolecule" (--counts multimolecule)
 *   - the window's and the profile's lengths stand in config.json beside the weights
 *     (sequence_length, profile_length; 2,114 and 1,000 where there is none)
 *
 * Written from a description of the names, shapes and arithmetic; MultiMolecule's code (AGPL) was
 * not used.  Dilation of layer j is 2^(j + 1), as in ChromBPNet.
 */
#include "family/declare.h"

#ifdef FAMILY_DECLARATION

const struct declaration declared_multimolecule = {
    .name = "multimolecule", .layer = "chromatin_accessibility", .n_fraction = 0.5,
    .published = "huggingface.co/multimolecule/chrombpnet",
    .preset = { .snps = "accessibility", .baselines = "baseline-34500", .shuffle_seed = -1,
                .bins = 32 },
};

#else

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/bpnet.h"
#include "prog/mem.h"

struct lengths {
    size_t in, out;
};

/* A whole number of config.json, when it says. */
static void
take_length(size_t *value, const json_t *config, const char *key)
{
    const json_t *v = json_object_get(config, key);

    if (json_is_integer(v) && json_integer_value(v) > 0 && json_integer_value(v) < 1 << 24)
        *value = (size_t)json_integer_value(v);
}

/* Of config.json, when it is there and says both; then *known. */
static int
read_config(struct lengths *l, bool *known, const char *path, struct err *e)
{
    FILE *fp = fopen(path, "r");
    json_error_t bad;
    json_t *config;

    *l = (struct lengths){ BPNET_IN_LEN, 0 };
    *known = false;
    if (!fp)
        return 0;
    config = json_loadf(fp, 0, &bad);
    fclose(fp);
    if (!config)
        return err_set(e, "%s:%d: is not JSON (%s); download it again", path, bad.line, bad.text);
    take_length(&l->in, config, "sequence_length");
    take_length(&l->out, config, "profile_length");
    *known = l->out > 0;
    json_decref(config);
    return 0;
}

static int
read_lengths(struct lengths *l, struct bpnet *m, const struct weights *w,
             const struct model_options *o, struct err *e)
{
    const char *slash = strrchr(w->path, '/');
    int n_folder = slash ? (int)(slash + 1 - w->path) : 0;
    char *path = mem_printf("%.*sconfig.json", n_folder, w->path);
    bool known;
    int status = read_config(l, &known, path, e);

    free(path);
    if (status)
        return -1;
    m->takes_out_len = !known;
    if (known && model_check_out_len(w, o->out_len, l->out, "config.json", e))
        return -1;
    if (known && o->in_len && l->out + o->in_len > l->in)
        l->out = l->out + o->in_len - l->in;
    if (o->in_len)
        l->in = o->in_len;
    if (!known)
        l->out = o->out_len ? o->out_len : model_usual_out_len(l->in);
    if (!known && !o->out_len)
        model_note(m->model, "%zu positions predicted from %zu bp are assumed: there is no "
                   "config.json beside the weights; --output-length if it is otherwise", l->out,
                   l->in);
    return 0;
}

static int
take_layers(struct bpnet_params *p, const struct weights *w, const char *branch, struct err *e)
{
    size_t n = 0;
    char name[96];

    while (n < BPNET_MAX_LAYERS && tensor_exists(w, "%s.layer.%zu.conv.weight", branch, n))
        n++;
    if (!n)
        return err_set(e, "%s: tensor '%s.layer.0.conv.weight' is missing; is the file complete?",
                       w->path, branch);
    p->layer = mem_array(n, sizeof *p->layer);
    for (size_t j = 0; j < n; j++) {
        p->n_layers = j + 1;
        p->layer[j].c_in = p->layer[j].c_out = p->stem.c_out;
        snprintf(name, sizeof name, "%s.layer.%zu.conv", branch, j);
        if (oracle_conv_take(&p->layer[j], w, name, e))
            return -1;
        p->layer[j].dilation = (size_t)2 << j;
    }
    return 0;
}

static int
take_branch(struct bpnet_params *p, const struct weights *w, const char *branch, bool n_channel,
            struct err *e)
{
    struct oracle_conv count = { .c_out = 1, .k = 1 };
    char name[96];
    int status;

    p->stem.c_keep = n_channel ? 5 : 4;
    snprintf(name, sizeof name, "%s.stem.conv", branch);
    if (oracle_conv_take(&p->stem, w, name, e) || take_layers(p, w, branch, e))
        return -1;
    p->profile.c_in = p->stem.c_out;
    p->profile.c_out = 1;
    snprintf(name, sizeof name, "%s.profile.0", branch);
    if (oracle_conv_take(&p->profile, w, name, e))
        return -1;
    count.c_in = p->stem.c_out;
    snprintf(name, sizeof name, "%s.count.0", branch);
    status = oracle_conv_take(&count, w, name, e);
    if (status == 0) {
        p->count_kernel = count.kernel;
        p->count_bias[0] = count.bias[0];
        count.kernel = NULL;
    }
    oracle_conv_free(&count);
    return status;
}

static bool
recognises(const struct weights *w)
{
    return weights_find(w, "accessibility.stem.conv.weight") != NULL;
}

static int
read_model(struct bpnet *m, const struct weights *w, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    static const char *const branch[BPNET_MAX_BRANCHES] = { "accessibility", "bias" };
    struct lengths l;

    if (!recognises(w))
        return 1;
    m->kind = "MultiMolecule ChromBPNet";
    if (read_lengths(&l, m, w, o, e))
        return -1;
    bpnet_set_tasks(m, 1, 1);
    if (o->counts && strcmp(o->counts, "multimolecule") != 0)
        return err_set(e, "--counts must be multimolecule, got '%s'", o->counts);
    if (o->counts)
        m->head[0] = COUNT_EXP;
    m->in_len = l.in;
    m->out_len = l.out;
    for (size_t i = 0; i < BPNET_MAX_BRANCHES; i++) {
        struct bpnet_params p = { .form = RESIDUAL_POST, .stem_relu = true, .n_tasks = 1,
                                  .in_len = l.in, .out_len = l.out };
        int status = take_branch(&p, w, branch[i], o->n_channel, e);

        if (status == 0) {
            status = bpnet_build(&m->branch[i], &p, ops, e);
            if (status)
                err_prefix(e, "%s", w->path);
            else
                m->n_branches = i + 1;
        }
        bpnet_params_free(&p);
        if (status)
            return -1;
    }
    return 0;
}

static int
open_model(struct model *m, char **path, size_t n_paths, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    static bpnet_reader *const reader[] = { read_model };

    return bpnet_open(m, path, n_paths, o, ops, reader, ARRAY_LEN(reader),
                      MODEL_TAKES_COUNTS | MODEL_TAKES_N_CHANNEL, e);
}

const struct family family_multimolecule = {
    .declared = &declared_multimolecule, .recognises = recognises, .open = open_model,
    .predict = bpnet_predict, .describe = bpnet_describe, .free_impl = bpnet_free_impl,
};

#endif
