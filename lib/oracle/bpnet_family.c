/* SPDX-License-Identifier: MIT */
/*
 * The families "chrombpnet" and "bpnet": from one weight file a track of one or two strands, or of
 * a BPNet with several tasks a track for each, ID:0, ID:1, ...
 *
 *   chrombpnet  ChromBPNet without bias, its bias model alone, both composed (Keras HDF5, npz);
 *               bpnet-lite's BPNet and ChromBPNet (PyTorch)
 *   bpnet       BPNet with control inputs, fed zero (Keras HDF5, npz); bpnet-lite's classes
 *
 * Input: 2,114 bp unless the file says otherwise; a letter other than A, C, G, T adds nothing.
 * Output: expected counts per base, softmax over all positions and strands together times T
 * (enum count_head).  Half of a window may be N, as in chorus' builders.
 */
#include "family/declare.h"

#ifdef FAMILY_DECLARATION

const struct declaration declared_chrombpnet = {
    .name = "chrombpnet", .layer = "chromatin_accessibility", .n_fraction = 0.5,
    .published = "ENCODE (encodeproject.org, annotations 'ChromBPNet model'); huggingface.co/"
                 "lucapinello/chorus-chrombpnet-slim",
    .preset = { .snps = "accessibility", .baselines = "baseline-34500", .shuffle_seed = -1,
                .bins = 32 },
    .display = { .bin_bp = 20 },
};

const struct declaration declared_bpnet = {
    .name = "bpnet", .layer = "tf_binding", .n_fraction = 0.5,
    .published = "JASPAR (mencius.uio.no/JASPAR/JASPAR_DeepLearning/2026/models)",
    .preset = { .snps = "accessibility", .baselines = "baseline-34500", .shuffle_seed = -1,
                .bins = 32 },
};

#else

#include <stdlib.h>

#include "oracle/account.h"
#include "oracle/bpnet.h"
#include "prog/mem.h"

void
bpnet_free(struct bpnet *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->n_branches; i++) {
        net_free(&b->branch[i].net);
        free(b->branch[i].count_kernel);
    }
    free(b);
}

static void
add_tracks(struct model *m, const struct bpnet *b)
{
    for (size_t i = 0; i < b->n_tasks; i++) {
        struct model_track *t = model_add_track(m);

        t->n_bins = (uint32_t)b->out_len;
        t->n_strands = (uint32_t)b->n_strands[i];
        if (b->n_tasks > 1)
            t->suffix = mem_printf(":%zu", i);
    }
}

int
bpnet_open(struct model *m, char **path, size_t n_paths, const struct model_options *o,
           const struct nn_ops *ops, bpnet_reader *const *reader, size_t n_readers,
           unsigned takes, struct err *e)
{
    struct bpnet *b = m->impl = mem_zalloc(sizeof *b);
    struct model_options used = *o;
    struct weights *w;
    int status = 1;

    if (n_paths != 1)
        return err_set(e, "%s: a %s model is one weight file, got %zu", m->path,
                       m->family->declared->name, n_paths);
    b->model = m;
    w = model_weights(m, path[0], o, e);
    if (!w)
        return -1;
    for (size_t i = 0; i < n_readers && status == 1; i++)
        status = reader[i](b, w, o, ops, e);
    if (status == 1)
        status = model_refuse_file(m, w, e);
    m->kind = b->kind;
    if (status == 0)
        status = account_check(m, w, e);
    weights_close(w);
    if (status)
        return -1;
    b->raw = o->raw;
    m->in_len = b->in_len;
    add_tracks(m, b);
    for (size_t i = 0; i < b->n_branches; i++) {
        model_add_net(m, &b->branch[i].net);
        m->more_macs += b->branch[i].filters * b->n_tasks;
    }
    if (o->bias_out_len && !b->is_composed)
        return err_set(e, "%s: --output-length has a second number, that of the bias network of "
                       "bpnet-lite's ChromBPNet, but this is %s; give one", m->path, b->kind);
    /* What a file says itself does not change with the option, nor does its checksum. */
    if (!b->takes_out_len)
        used.out_len = 0;
    return model_take_options(m, &used, takes | MODEL_TAKES_IN_LEN | MODEL_TAKES_OUT_LEN, e);
}

static int
open_chrombpnet(struct model *m, char **path, size_t n_paths, const struct model_options *o,
                const struct nn_ops *ops, struct err *e)
{
    static bpnet_reader *const reader[] = { bpnet_from_chrombpnet, bpnet_from_bpnet_lite };

    return bpnet_open(m, path, n_paths, o, ops, reader, ARRAY_LEN(reader), 0, e);
}

static int
open_bpnet(struct model *m, char **path, size_t n_paths, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    static bpnet_reader *const reader[] = { bpnet_from_bpnet_chip, bpnet_from_bpnet_lite };

    return bpnet_open(m, path, n_paths, o, ops, reader, ARRAY_LEN(reader), 0, e);
}

void
bpnet_free_impl(struct model *m)
{
    bpnet_free(m->impl);
}

/* Log-counts of the activations in ws: the dense head on the pooled vector, in double. */
static void
count_head(double *count, const struct bpnet *b, const struct bpnet_branch *branch,
           const struct net_workspace *ws)
{
    const float *pooled = net_output(&branch->net, ws, branch->pooled);

    for (size_t t = 0; t < b->n_tasks; t++) {
        count[t] = branch->count_bias[t];
        for (size_t i = 0; i < branch->filters; i++)
            count[t] += (double)pooled[i] * branch->count_kernel[i * b->n_tasks + t];
    }
}

/* A group on its way through the branches: all logits and log-counts of all its alleles. */
struct group_run {
    const struct bpnet *b;
    size_t branch;
    const struct net_workspace *ws;
    float *logits;              /* alleles x n_channels x out_len */
    double *log_count;          /* alleles x n_tasks */
    double *counts;             /* n_channels x out_len, of one allele */
};

/* Add (or, for the first branch, put) one allele's outputs. */
static void
take_heads(void *context, const struct model_allele *allele, size_t i)
{
    const struct group_run *r = context;
    const struct bpnet *b = r->b;
    const struct bpnet_branch *branch = &b->branch[r->branch];
    const float *profile = net_output(&branch->net, r->ws, branch->profile) +
                           branch->crop * b->n_channels;
    double count[BPNET_MAX_TASKS], *sum = r->log_count + i * b->n_tasks;

    (void)allele;
    count_head(count, b, branch, r->ws);
    for (size_t s = 0; s < b->n_channels; s++) {
        float *dst = r->logits + (i * b->n_channels + s) * b->out_len;

        for (size_t j = 0; j < b->out_len; j++)
            dst[j] = r->branch ? dst[j] + profile[j * b->n_channels + s]
                               : profile[j * b->n_channels + s];
    }
    for (size_t t = 0; t < b->n_tasks; t++)
        sum[t] = r->branch ? count_log_add(sum[t], count[t]) : count[t];
}

/* One task of one allele: values holds its channels' logits. */
static void
emit(const struct group_run *r, const struct model_allele *allele, size_t track, size_t task,
     float *values, double log_count)
{
    const struct bpnet *b = r->b;
    size_t n = b->n_strands[task] * b->out_len;

    if (!b->raw) {
        count_profile(r->counts, values, n, count_total(b->head[task], log_count),
                      &b->branch[0].net.ops);
        for (size_t i = 0; i < n; i++)
            values[i] = (float)r->counts[i];
    }
    allele->p->track[track].log_count[allele->allele] = (float)log_count;
    for (size_t s = 0; s < b->n_strands[task]; s++)
        prediction_take(allele->p, track, allele->allele, s, values + s * b->out_len);
}

static void
emit_allele(const struct group_run *r, const struct model_allele *allele, size_t i,
            size_t first_track)
{
    const struct bpnet *b = r->b;
    float *values = r->logits + i * b->n_channels * b->out_len;

    for (size_t t = 0; t < b->n_tasks; t++) {
        emit(r, allele, first_track + t, t, values, r->log_count[i * b->n_tasks + t]);
        values += b->n_strands[t] * b->out_len;
    }
}

void
bpnet_predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
              const struct model_group *group, size_t n_groups)
{
    const struct bpnet *b = m->impl;
    struct group_run r = { .b = b, .ws = scratch->ws };
    size_t per_allele = b->n_channels * b->out_len;

    for (size_t g = 0; g < n_groups; g++) {
        size_t n = group[g].n;

        mem_grow(&scratch->f32, &scratch->f32_cap, n * per_allele, sizeof *scratch->f32);
        mem_grow(&scratch->f64, &scratch->f64_cap, n * b->n_tasks + per_allele,
                 sizeof *scratch->f64);
        r.logits = scratch->f32;
        r.counts = scratch->f64;
        r.log_count = scratch->f64 + per_allele;
        for (r.branch = 0; r.branch < b->n_branches; r.branch++)
            model_run_group(&b->branch[r.branch].net, scratch->ws, &group[g], take_heads, &r);
        for (size_t i = 0; i < n; i++)
            emit_allele(&r, &group[g].allele[i], i, first_track);
    }
}

void
bpnet_describe(const struct model *m, FILE *fp)
{
    const struct bpnet *b = m->impl;

    for (size_t t = 0; t < b->n_tasks; t++) {
        fprintf(fp, "output\t%zu bins of 1 bp, %zu strand%s\n", b->out_len, b->n_strands[t],
                b->n_strands[t] == 1 ? "" : "s");
        fprintf(fp, "counts\t%s\n", count_head_text(b->head[t]));
    }
    for (size_t i = 0; i < b->n_branches; i++)
        fprintf(fp, "network\t%zu filters, %zu dilated layers, %s\n", b->branch[i].filters,
                b->branch[i].layers,
                b->branch[i].form == RESIDUAL_PRE ? "pre-activation" : "post-activation");
}

static bool
is_chrombpnet(const struct weights *w)
{
    return bpnet_has_layer(w, "wo_bias_bpnet_1st_conv") || bpnet_has_layer(w, "bpnet_1st_conv") ||
           weights_find(w, "accessibility.iconv.weight");
}

static bool
is_bpnet(const struct weights *w)
{
    return bpnet_has_layer(w, "main_conv_0") ||
           (weights_find(w, "iconv.weight") && weights_find(w, "rconvs.0.weight"));
}

const struct family family_chrombpnet = {
    .declared = &declared_chrombpnet, .recognises = is_chrombpnet, .open = open_chrombpnet,
    .predict = bpnet_predict, .describe = bpnet_describe, .free_impl = bpnet_free_impl,
};

const struct family family_bpnet = {
    .declared = &declared_bpnet, .recognises = is_bpnet, .open = open_bpnet,
    .predict = bpnet_predict, .describe = bpnet_describe, .free_impl = bpnet_free_impl,
};

#endif
