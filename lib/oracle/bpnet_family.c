/* SPDX-License-Identifier: MIT */
/*
 * The families "chrombpnet" and "bpnet": one track of one or two strands from one weight file.
 *
 *   chrombpnet  ChromBPNet without bias, its bias model alone, both composed (Keras HDF5, npz);
 *               bpnet-lite's BPNet and ChromBPNet (PyTorch)
 *   bpnet       BPNet with control inputs, fed zero (Keras HDF5, npz); bpnet-lite's classes
 *
 * Input: 2,114 bp unless the file says otherwise; a letter other than A, C, G, T adds nothing.
 * Output: expected counts per base, softmax over all positions and strands together times T
 * (enum count_head).  Half of a window may be N, as in chorus' builders.
 */
#include <math.h>
#include <stdlib.h>

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

/* Ask the readers in turn: 0 loaded, -1 failed, 1 nobody's file. */
static int
read_chrombpnet(struct bpnet *b, const struct weights *w, const struct model_options *o,
                const struct nn_ops *ops, struct err *e)
{
    int status = bpnet_from_chrombpnet(b, w, ops, e);

    return status == 1 ? bpnet_from_bpnet_lite(b, w, o, ops, e) : status;
}

static int
read_bpnet(struct bpnet *b, const struct weights *w, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    int status = bpnet_from_bpnet_chip(b, w, ops, e);

    return status == 1 ? bpnet_from_bpnet_lite(b, w, o, ops, e) : status;
}

typedef int read_fn(struct bpnet *, const struct weights *, const struct model_options *,
                    const struct nn_ops *, struct err *);

/* Nobody here could read it: say whose it is, if the sibling can. */
static int
refuse(const struct model *m, const struct weights *w, read_fn *sibling,
       const struct model_options *o, const struct nn_ops *ops, struct err *e)
{
    struct bpnet *b = mem_zalloc(sizeof *b);
    const char *kind;
    struct err ignored;

    sibling(b, w, o, ops, &ignored);
    kind = b->kind;
    bpnet_free(b);
    if (kind)
        return err_set(e, "%s: is not a weight file of %s (it looks like %s); use --oracle %s",
                       w->path, m->family->name, kind,
                       sibling == read_bpnet ? "bpnet" : "chrombpnet");
    return err_set(e, "%s: holds %zu tensors ('%s', ...), but none of the names of a %s model; is "
                   "this the right file?", w->path, w->n_tensor,
                   w->n_tensor ? w->tensor[0].name : "none", m->family->name);
}

static int
open_with(struct model *m, char **path, size_t n_paths, const struct model_options *o,
          const struct nn_ops *ops, read_fn *read, read_fn *sibling, struct err *e)
{
    struct bpnet *b = m->impl = mem_zalloc(sizeof *b);
    struct model_track *t;
    struct weights *w;
    int status;

    if (n_paths != 1)
        return err_set(e, "%s: a %s model is one weight file, got %zu", m->path, m->family->name,
                       n_paths);
    w = model_weights(m, path[0], e);
    if (!w)
        return -1;
    status = read(b, w, o, ops, e);
    if (status == 1)
        status = refuse(m, w, sibling, o, ops, e);
    weights_close(w);
    if (status)
        return -1;
    b->raw = o->raw;
    m->kind = b->kind;
    m->in_len = b->in_len;
    t = model_add_track(m);
    t->n_bins = (uint32_t)b->out_len;
    t->n_strands = (uint32_t)b->n_strands;
    for (size_t i = 0; i < b->n_branches; i++) {
        model_add_net(m, &b->branch[i].net);
        m->more_macs += b->branch[i].filters;
    }
    return 0;
}

static int
open_chrombpnet(struct model *m, char **path, size_t n_paths, const struct model_options *o,
                const struct nn_ops *ops, struct err *e)
{
    return open_with(m, path, n_paths, o, ops, read_chrombpnet, read_bpnet, e);
}

static int
open_bpnet(struct model *m, char **path, size_t n_paths, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    return open_with(m, path, n_paths, o, ops, read_bpnet, read_chrombpnet, e);
}

static void
free_impl(struct model *m)
{
    bpnet_free(m->impl);
}

/* Log-count of the activations in ws: the dense head on the pooled vector, in double. */
static double
count_head(const struct bpnet_branch *b, const struct net_workspace *ws)
{
    const float *pooled = net_output(&b->net, ws, b->pooled);
    double sum = b->count_bias;

    for (size_t i = 0; i < b->filters; i++)
        sum += (double)pooled[i] * b->count_kernel[i];
    return sum;
}

static double
log_add(double a, double b)
{
    double hi = a > b ? a : b, lo = a > b ? b : a;

    return hi + log1p(exp(lo - hi));
}

static double
total_count(const struct bpnet *b, double log_count)
{
    return b->head == COUNT_EXPM1 ? expm1(log_count) : exp(log_count) - 2;
}

/*
 * Expected counts in place of logits: softmax over all positions and strands together, times
 * T(log_count).  exp() and the sum are in double (an error below 1e-15 of each value, glibc's
 * bound of 1 ulp), rounded to float once.  scratch: n_strands x out_len.
 */
static void
expected_counts(const struct bpnet *b, float *logits, double log_count, double *scratch)
{
    size_t n = b->n_strands * b->out_len;
    double sum = 0, scale;
    float max = logits[0];

    for (size_t i = 1; i < n; i++)
        max = logits[i] > max ? logits[i] : max;
    for (size_t i = 0; i < n; i++) {
        scratch[i] = exp((double)logits[i] - max);
        sum += scratch[i];
    }
    scale = total_count(b, log_count) / sum;
    for (size_t i = 0; i < n; i++)
        logits[i] = (float)(scratch[i] * scale);
}

/* A group on its way through the branches: all logits and log-counts of all its alleles. */
struct group_run {
    const struct bpnet *b;
    size_t branch;
    const struct net_workspace *ws;
    float *logits;              /* alleles x n_strands x out_len */
    double *log_count;          /* alleles */
};

/* Add (or, for the first branch, put) one allele's outputs. */
static void
take_heads(void *context, const struct model_allele *allele, size_t i)
{
    const struct group_run *r = context;
    const struct bpnet *b = r->b;
    const struct bpnet_branch *branch = &b->branch[r->branch];
    const float *profile = net_output(&branch->net, r->ws, branch->profile) +
                           branch->crop * b->n_strands;
    double count = count_head(branch, r->ws);

    (void)allele;
    for (size_t s = 0; s < b->n_strands; s++) {
        float *dst = r->logits + (i * b->n_strands + s) * b->out_len;

        for (size_t j = 0; j < b->out_len; j++)
            dst[j] = r->branch ? dst[j] + profile[j * b->n_strands + s]
                               : profile[j * b->n_strands + s];
    }
    r->log_count[i] = r->branch ? log_add(r->log_count[i], count) : count;
}

static void
emit(const struct group_run *r, const struct model_allele *allele, size_t i, size_t track,
     double *softmax)
{
    const struct bpnet *b = r->b;
    float *values = r->logits + i * b->n_strands * b->out_len;

    if (!b->raw)
        expected_counts(b, values, r->log_count[i], softmax);
    allele->p->track[track].log_count[allele->allele] = (float)r->log_count[i];
    for (size_t s = 0; s < b->n_strands; s++)
        prediction_take(allele->p, track, allele->allele, s, values + s * b->out_len);
}

static void
predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
        const struct model_group *group, size_t n_groups)
{
    const struct bpnet *b = m->impl;
    struct group_run r = { .b = b, .ws = scratch->ws };
    size_t per_allele = b->n_strands * b->out_len;

    for (size_t g = 0; g < n_groups; g++) {
        size_t n = group[g].n;

        mem_grow(&scratch->f32, &scratch->f32_cap, n * per_allele, sizeof *scratch->f32);
        mem_grow(&scratch->f64, &scratch->f64_cap, n + per_allele, sizeof *scratch->f64);
        r.logits = scratch->f32;
        r.log_count = scratch->f64 + per_allele;
        for (r.branch = 0; r.branch < b->n_branches; r.branch++)
            model_run_group(&b->branch[r.branch].net, scratch->ws, &group[g], take_heads, &r);
        for (size_t i = 0; i < n; i++)
            emit(&r, &group[g].allele[i], i, first_track, scratch->f64);
    }
}

static void
describe(const struct model *m, FILE *fp)
{
    const struct bpnet *b = m->impl;

    fprintf(fp, "output\t%zu bins of 1 bp, %zu strand%s\n", b->out_len, b->n_strands,
            b->n_strands == 1 ? "" : "s");
    fprintf(fp, "counts\t%s\n", b->head == COUNT_EXPM1 ? "exp(C) - 1" : "exp(C) - 2");
    for (size_t i = 0; i < b->n_branches; i++)
        fprintf(fp, "network\t%zu filters, %zu dilated layers, %s\n", b->branch[i].filters,
                b->branch[i].layers,
                b->branch[i].form == RESIDUAL_PRE ? "pre-activation" : "post-activation");
}

const struct family family_chrombpnet = {
    .name = "chrombpnet", .layer = "chromatin_accessibility", .n_fraction = 0.5,
    .open = open_chrombpnet, .predict = predict, .describe = describe, .free_impl = free_impl,
};

const struct family family_bpnet = {
    .name = "bpnet", .layer = "tf_binding", .n_fraction = 0.5,
    .open = open_bpnet, .predict = predict, .describe = describe, .free_impl = free_impl,
};
