/* SPDX-License-Identifier: MIT */
#include "oracle/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/bpnet.h"
#include "prog/mem.h"

/* A family accepts the files of some readers and is scored with some layer unless told. */
struct family {
    const char *name, *layer;
    bool chrombpnet, chip, lite;
    const char *hint;           /* what a file of the other family needs */
};

static const struct family families[] = {
    { "bpnet", "tf_binding", false, true, true, "--oracle chrombpnet" },
    { "chrombpnet", "chromatin_accessibility", true, false, true, "--oracle bpnet" },
};

static const struct family *
find_family(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (strcmp(families[i].name, name) == 0)
            return &families[i];
    return NULL;
}

bool
model_family_known(const char *family)
{
    return find_family(family) != NULL;
}

const char *
model_families(void)
{
    return "bpnet, chrombpnet";
}

const char *
model_default_layer(const char *family)
{
    return find_family(family)->layer;
}

/* Ask the readers in turn: 0 loaded, -1 failed, 1 nobody's file. */
static int
load(struct model *m, const struct family *f, const struct weights *w,
     const struct model_options *o, const struct nn_ops *ops, struct err *e)
{
    struct model other = { 0 };
    int status = 1;

    if (f->chrombpnet)
        status = bpnet_from_chrombpnet(m, w, ops, e);
    if (status == 1 && f->chip)
        status = bpnet_from_bpnet_chip(m, w, ops, e);
    if (status == 1 && f->lite)
        status = bpnet_from_bpnet_lite(m, w, o, ops, e);
    if (status != 1)
        return status;
    /* Whose is it, then? */
    if ((!f->chrombpnet && bpnet_from_chrombpnet(&other, w, ops, e) != 1) ||
        (!f->chip && bpnet_from_bpnet_chip(&other, w, ops, e) != 1)) {
        for (size_t i = 0; i < other.n_branches; i++) {
            net_free(&other.branch[i].net);
            free(other.branch[i].count_kernel);
        }
        return err_set(e, "%s: is not a weight file of %s (it looks like %s); use %s", w->path,
                       f->name, other.kind ? other.kind : "another family", f->hint);
    }
    return err_set(e, "%s: holds %zu tensors ('%s', ...), but none of the names of a %s model; is "
                   "this the right file?", w->path, w->n_tensor,
                   w->n_tensor ? w->tensor[0].name : "none", f->name);
}

struct model *
model_open(const char *family, const char *path, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    struct weights *w = weights_open(path, e);
    struct model *m;

    if (!w)
        return NULL;
    m = mem_zalloc(sizeof *m);
    m->path = mem_strdup(path);
    m->format = w->format;
    memcpy(m->sha256, w->sha256, sizeof m->sha256);
    if (load(m, find_family(family), w, o, ops, e)) {
        model_free(m);
        m = NULL;
    }
    weights_close(w);
    return m;
}

void
model_free(struct model *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n_branches; i++) {
        net_free(&m->branch[i].net);
        free(m->branch[i].count_kernel);
    }
    free(m->path);
    free(m);
}

/* Log-count of the activations in ws: the dense head on the pooled vector, in double. */
static double
count_head(const struct branch *b, const struct net_workspace *ws)
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

/* Add (or, for the first branch, put) one allele's outputs. */
static void
take_heads(const struct model *m, size_t branch, const struct net_workspace *ws, float *logits,
           double *log_count)
{
    const struct branch *b = &m->branch[branch];
    const float *profile = net_output(&b->net, ws, b->profile) + b->crop * m->n_strands;
    double count = count_head(b, ws);

    for (size_t s = 0; s < m->n_strands; s++) {
        float *dst = logits + s * m->out_len;

        for (size_t j = 0; j < m->out_len; j++)
            dst[j] = branch ? dst[j] + profile[j * m->n_strands + s] : profile[j * m->n_strands + s];
    }
    *log_count = branch ? log_add(*log_count, count) : count;
}

void
model_predict(const struct model *m, struct net_workspace *ws, float *logits, double *log_count,
              const struct model_input *input, size_t n)
{
    size_t per_allele = m->n_strands * m->out_len;

    for (size_t b = 0; b < m->n_branches; b++) {
        const struct net *net = &m->branch[b].net;

        net_run(net, ws, input[0].codes);
        take_heads(m, b, ws, logits, log_count);
        for (size_t a = 1; a < n; a++) {
            net_change(net, ws, input[a].codes, input[a].lo, input[a].hi);
            take_heads(m, b, ws, logits + a * per_allele, log_count + a);
            net_restore(net, ws);
        }
    }
}

double
model_total_count(const struct model *m, double log_count)
{
    return m->head == COUNT_EXPM1 ? expm1(log_count) : exp(log_count) - 2;
}

void
model_expected_counts(const struct model *m, float *logits, double log_count, double *scratch)
{
    size_t n = m->n_strands * m->out_len;
    double sum = 0, scale;
    float max = logits[0];

    for (size_t i = 1; i < n; i++)
        max = logits[i] > max ? logits[i] : max;
    for (size_t i = 0; i < n; i++) {
        scratch[i] = exp((double)logits[i] - max);
        sum += scratch[i];
    }
    scale = model_total_count(m, log_count) / sum;
    for (size_t i = 0; i < n; i++)
        logits[i] = (float)(scratch[i] * scale);
}

uint64_t
model_macs(const struct model *m)
{
    uint64_t macs = 0;

    for (size_t i = 0; i < m->n_branches; i++)
        macs += m->branch[i].net.macs + m->branch[i].filters;
    return macs;
}

size_t
model_workspace_bytes(const struct model *m)
{
    size_t most = 0;

    for (size_t i = 0; i < m->n_branches; i++) {
        size_t bytes = net_bytes(&m->branch[i].net);

        most = bytes > most ? bytes : most;
    }
    return most;
}
