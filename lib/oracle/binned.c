/* SPDX-License-Identifier: MIT */
#include "oracle/binned.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "genome/dna.h"
#include "prog/mem.h"
#include "score/classify.h"

static void
add_head(struct binned_net *b, size_t first, size_t n, float *kernel, float *bias)
{
    struct binned_head *h;
    struct nn_conv c = { .k = 1, .dilation = 1, .c_in = b->net.node[b->last].channels, .c_out = n,
                         .len = b->net.node[b->last].len, .kernel = kernel, .bias = bias };

    b->net.ops.pack(&c);
    b->head = mem_resize(b->head, b->n_heads + 1, sizeof *b->head);
    h = &b->head[b->n_heads++];
    *h = (struct binned_head){ first, n, c };
    if (b->net.scratch < c.scratch)
        b->net.scratch = c.scratch;
}

/* Tracks from first on that share a product. */
static size_t
head_size(const struct model *m, size_t first)
{
    size_t n = 1;

    while (first + n < m->n_tracks && n < BINNED_HEAD &&
           m->track[first + n].layer == m->track[first].layer)
        n++;
    return n;
}

/* One model track per output channel, split where the layers of m's tracks change. */
static int
add_heads(struct binned_net *b, const struct model *m, const struct weights *w, const char *kernel,
          const char *bias, enum axes axes, struct err *e)
{
    const struct tensor *t = weights_find(w, kernel);
    float *all_bias = large_vector(w, bias, m->n_tracks, e);
    size_t n;

    if (!all_bias)
        return -1;
    for (size_t first = 0; first < m->n_tracks; first += n) {
        float *part, *part_bias;

        n = head_size(m, first);
        part = large_kernel_part(w, t, axes, first, first + n, e);
        if (!part) {
            free(all_bias);
            return -1;
        }
        part_bias = mem_array(n, sizeof *part_bias);
        memcpy(part_bias, all_bias + first, n * sizeof *part_bias);
        add_head(b, first, n, part, part_bias);
    }
    free(all_bias);
    return 0;
}

/* Channel i as a track of the table, or by number. */
static int
add_track(struct model *m, const struct binned *b, size_t i, const char *table, struct err *e)
{
    struct model_track *t = model_add_track(m);
    const struct track_row *row = b->rows ? &b->rows->row[i] : NULL;
    const struct layer *layer;

    t->n_bins = (uint32_t)b->n_bins;
    t->bin_bp = (uint32_t)b->bin_bp;
    if (!row) {
        t->id = mem_printf("%s/%zu", m->family->declared->name, i);
        return 0;
    }
    t->id = mem_strdup(row->id);
    t->assay = mem_strdup(row->assay);
    t->biosample = mem_strdup(row->description);
    layer = classify_track(row->id, row->assay, row->description);
    if (!layer)
        return err_set(e, "%s: track '%s' ('%s') has no scoring layer: assay '%s' is not known",
                       table, row->id, row->description, row->assay);
    t->layer = layer->name;
    return 0;
}

int
binned_add_tracks(struct model *m, struct binned *b, const struct large_files *f, size_t n,
                  const struct model_options *o, struct err *e)
{
    if (f->n_tables > 1)
        return err_set(e, "%s: %zu tables of tracks, expected one", m->path, f->n_tables);
    if (f->n_tables) {
        b->rows = track_rows_read_targets(f->tables[0], e);
        if (!b->rows)
            return -1;
        if (b->rows->n != n)
            return err_set(e, "%s: holds %zu tracks, but the model's head has %zu; is it the table "
                           "of this head (--head)?", f->tables[0], b->rows->n, n);
    }
    if (o->unsquash && !(b->rows && b->rows->has_scales))
        return err_set(e, "%s: to undo the squashing of the targets their scales are needed; give "
                       "the model's targets.txt with the weight files", m->path);
    if (o->average_strands && !(b->rows && b->rows->has_pairs))
        return err_set(e, "%s: to average both strands, pairs of tracks must be known; give a "
                       "targets.txt with column strand_pair with the weight files", m->path);
    b->both_strands = o->average_strands;
    b->unsquash = o->unsquash;
    b->n_tracks = n;
    for (size_t i = 0; i < n; i++)
        if (add_track(m, b, i, f->n_tables ? f->tables[0] : "", e))
            return -1;
    return 0;
}

int
binned_finish_net(struct model *m, const struct binned *b, struct binned_net *net,
                  const struct weights *w, const char *kernel, const char *bias, enum axes axes,
                  struct err *e)
{
    net->offset = (net->net.node[net->last].len - b->n_bins) / 2;
    if (add_heads(net, m, w, kernel, bias, axes, e))
        return -1;
    net_want(&net->net, net->last, net->offset, net->offset + b->n_bins);
    model_add_net(m, &net->net);
    m->more_macs += (uint64_t)b->n_bins * b->n_tracks * net->net.node[net->last].channels;
    return 0;
}

static void
net_part_free(struct binned_net *b)
{
    for (size_t i = 0; i < b->n_heads; i++) {
        free(b->head[i].conv.kernel);
        free(b->head[i].conv.bias);
        free(b->head[i].conv.packed);
        free(b->head[i].conv.transformed);
    }
    for (size_t i = 0; i < b->n_attention; i++)
        nn_attention_free(b->attention[i]);
    free(b->head);
    free(b->attention);
    net_free(&b->net);
    free(b);
}

void
binned_free(struct binned *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->n_nets; i++)
        net_part_free(b->net[i]);
    free(b->net);
    track_rows_free(b->rows);
    free(b);
}

/* Bins demanded at a time: what is behind them, at most so many columns, stays in the cache. */
enum { PIECE = 256 };

/* One pass of one allele on its way to the values. */
struct pass {
    const struct model *m;
    const struct binned *b;
    const struct binned_net *net;
    struct model_scratch *scratch;
    size_t first_track;
    bool is_first, is_reverse;
    uint8_t *wanted;            /* heads x bins of the network: some track of the head wants it */
    float *out;                 /* PIECE x BINNED_HEAD */
};

/* The track that channel i of a network is in this pass, and the network's bin of a track's. */
static size_t
track_of(const struct pass *p, size_t channel)
{
    return p->is_reverse ? p->b->rows->row[channel].pair : channel;
}

static size_t
turned(const struct pass *p, size_t bin)
{
    return p->is_reverse ? p->b->n_bins - 1 - bin : bin;
}

static void
note_wanted(const struct pass *p, const struct prediction *pred)
{
    size_t n = p->b->n_bins;

    memset(p->wanted, 0, p->net->n_heads * n);
    for (size_t h = 0; h < p->net->n_heads; h++) {
        const struct binned_head *head = &p->net->head[h];

        for (size_t i = head->first; i < head->first + head->n; i++) {
            const struct prediction_track *t = &pred->track[p->first_track + track_of(p, i)];

            for (size_t s = 0; s < t->n_seg; s++)
                for (size_t bin = t->seg[s].start; bin < t->seg[s].start + t->seg[s].len; bin++)
                    p->wanted[h * n + turned(p, bin)] = 1;
        }
    }
}

/* Values of a head's tracks in network bins [lo, hi): set or added up. */
static void
scatter(const struct pass *p, const struct binned_head *head, const struct model_allele *allele,
        size_t lo, size_t hi)
{
    for (size_t i = 0; i < head->n; i++) {
        size_t track = p->first_track + track_of(p, head->first + i);
        const struct prediction_track *t = &allele->p->track[track];
        float *v = prediction_values(allele->p, track, allele->allele, 0);

        for (size_t s = 0; s < t->n_seg; s++) {
            for (size_t bin = t->seg[s].start; bin < t->seg[s].start + t->seg[s].len; bin++, v++) {
                size_t column = turned(p, bin);
                float x;

                if (column < lo || column >= hi)
                    continue;
                x = p->out[(column - lo) * head->n + i];
                *v = p->is_first ? x : *v + x;
            }
        }
    }
}

struct head_job {
    const struct pass *p;
    const struct binned_head *head;
    const float *x;             /* column of the first bin */
    size_t n;
};

static void
head_part(void *context, size_t i, size_t n_parts)
{
    const struct head_job *j = context;
    const struct nn_ops *ops = &j->p->net->net.ops;
    float *scratch = net_scratch(j->p->scratch->ws, i);

    ops->conv(j->p->out, j->x, NULL, &j->head->conv, 0, j->n, scratch,
              (struct nn_part){ i, n_parts });
}

static void
softplus_part(void *context, size_t i, size_t n_parts)
{
    const struct head_job *j = context;
    size_t n = j->n * j->head->n, lo = n * i / n_parts, hi = n * (i + 1) / n_parts;

    j->p->net->net.ops.act(j->p->out + lo, j->p->out + lo, hi - lo, NN_ACT_SOFTPLUS);
}

/* Bins [lo, hi) of one head, whose input stands at x. */
static void
run_head(const struct pass *p, const struct binned_head *head, const struct model_allele *allele,
         const float *x, size_t lo, size_t hi)
{
    struct head_job job = { p, head, x, hi - lo };

    net_share(p->scratch->ws, head_part, &job);
    net_share(p->scratch->ws, softplus_part, &job);
    scatter(p, head, allele, lo, hi);
}

/* The next run of set flags from at on, at most PIECE of them; false at the end. */
static bool
next_run(const uint8_t *flag, size_t end, size_t *lo, size_t *hi)
{
    while (*lo < end && !flag[*lo])
        ++*lo;
    for (*hi = *lo; *hi < end && *hi < *lo + PIECE && flag[*hi];)
        ++*hi;
    return *lo < end;
}

/* All heads on the wanted of the bins [lo, hi), which are demanded together. */
static void
run_bins(const struct pass *p, const struct model_allele *allele, size_t lo, size_t hi)
{
    const struct binned_net *b = p->net;
    size_t channels = b->net.node[b->last].channels;
    const float *x = net_demand(&b->net, p->scratch->ws, b->last, lo + b->offset, hi + b->offset);

    for (size_t h = 0; h < b->n_heads; h++) {
        const uint8_t *wanted = p->wanted + h * p->b->n_bins;

        for (size_t from = lo, to; next_run(wanted, hi, &from, &to); from = to)
            run_head(p, &b->head[h], allele, x + (from - lo) * channels, from, to);
    }
}

/* The activations of an allele are in place: take what is wanted of them. */
static void
take(const struct pass *p, const struct model_allele *allele)
{
    size_t n = p->b->n_bins;
    uint8_t *any = p->wanted + p->net->n_heads * n;

    note_wanted(p, allele->p);
    memset(any, 0, n);
    for (size_t h = 0; h < p->net->n_heads; h++)
        for (size_t i = 0; i < n; i++)
            any[i] |= p->wanted[h * n + i];
    for (size_t lo = 0, hi; next_run(any, n, &lo, &hi); lo = hi)
        run_bins(p, allele, lo, hi);
}

/* A window as the network reads it: its part, on this pass's strand. */
static const uint8_t *
net_codes(const struct pass *p, uint8_t *room, const uint8_t *codes)
{
    codes += p->b->skip;
    if (!p->is_reverse)
        return codes;
    for (size_t i = 0; i < p->b->net_len; i++) {
        uint8_t base = codes[p->b->net_len - 1 - i];

        room[i] = base < 4 ? (uint8_t)(3 - base) : base;        /* A C G T: 3 - base pairs */
    }
    return room;
}

/* The changed part of a window in the network's columns. */
static struct nn_range
net_range(const struct pass *p, const struct model_allele *a)
{
    size_t end = p->b->skip + p->b->net_len;
    size_t lo = a->lo < p->b->skip ? p->b->skip : a->lo, hi = a->hi < end ? a->hi : end;

    if (lo >= hi)
        return (struct nn_range){ 0, 0 };
    lo -= p->b->skip;
    hi -= p->b->skip;
    return p->is_reverse ? (struct nn_range){ p->b->net_len - hi, p->b->net_len - lo }
                         : (struct nn_range){ lo, hi };
}

/* All alleles of a group through one network on one strand. */
static void
run_pass(const struct pass *p, uint8_t *room, const struct model_group *group)
{
    struct net_workspace *ws = p->scratch->ws;
    const struct net *net = &p->net->net;

    size_t last = 0;

    net_run(net, ws, net_codes(p, room, group->codes));
    for (size_t i = 0; i < group->n; i++) {
        if (group->allele[i].hi > group->allele[i].lo)
            last = i;
        else
            take(p, &group->allele[i]);
    }
    for (size_t i = 0; i < group->n; i++) {
        const struct model_allele *a = &group->allele[i];
        struct nn_range r = net_range(p, a);

        if (a->hi <= a->lo)
            continue;
        if (i == last) {
            net_change_last(net, ws, net_codes(p, room, a->codes), r.lo, r.hi);
            take(p, a);
            break;
        }
        net_change(net, ws, net_codes(p, room, a->codes), r.lo, r.hi);
        take(p, a);
        net_restore(net, ws);
    }
}

/*
 * Undo the squashing of a track's targets: the transform of the published replicates (4.c of the
 * specification), x / scale, the soft clip's square, and for sums of roots the power 4/3.
 */
static float
unsquashed(const struct track_row *row, double x)
{
    x /= row->scale > 0 ? row->scale : 1;
    if (row->clip_soft > 0 && x > row->clip_soft)
        x = row->clip_soft + (x - row->clip_soft) * (x - row->clip_soft);
    return (float)(row->sqrt ? pow(x, 4.0 / 3) : x);
}

static void
finish(const struct binned *b, size_t first_track, const struct model_allele *a)
{
    size_t n_passes = b->n_nets * (b->both_strands ? 2 : 1);

    for (size_t i = 0; i < b->n_tracks; i++) {
        size_t track = first_track + i, n = a->p->track[track].n_values;
        float *v = prediction_values(a->p, track, a->allele, 0);

        for (size_t j = 0; n_passes > 1 && j < n; j++)
            v[j] = (float)(v[j] / (double)n_passes);
        for (size_t j = 0; b->unsquash && j < n; j++)
            v[j] = unsquashed(&b->rows->row[i], v[j]);
    }
}

static size_t
most_heads(const struct binned *b)
{
    size_t most = 0;

    for (size_t i = 0; i < b->n_nets; i++)
        most = b->net[i]->n_heads > most ? b->net[i]->n_heads : most;
    return most;
}

void
binned_predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
               const struct model_group *group, size_t n_groups)
{
    const struct binned *b = m->impl;
    size_t flags = (most_heads(b) + 1) * b->n_bins;
    struct pass p = { .m = m, .b = b, .scratch = scratch, .first_track = first_track };

    mem_grow(&scratch->u8, &scratch->u8_cap, flags + b->net_len, 1);
    mem_grow(&scratch->f32, &scratch->f32_cap, (PIECE + NN_SLACK_COLUMNS) * BINNED_HEAD,
             sizeof *scratch->f32);
    p.wanted = scratch->u8;
    p.out = scratch->f32;
    for (size_t g = 0; g < n_groups; g++) {
        p.is_first = true;
        for (size_t r = 0; r < b->n_nets; r++) {
            p.net = b->net[r];
            for (int strand = 0; strand < (b->both_strands ? 2 : 1); strand++) {
                p.is_reverse = strand == 1;
                run_pass(&p, scratch->u8 + flags, &group[g]);
                p.is_first = false;
            }
        }
        for (size_t i = 0; i < group[g].n; i++)
            finish(b, first_track, &group[g].allele[i]);
    }
}

void
binned_describe(const struct model *m, FILE *fp)
{
    const struct binned *b = m->impl;
    const struct net *net = &b->net[0]->net;

    fprintf(fp, "input\t%zu of %zu bp, from base %zu\n", b->net_len, m->in_len, b->skip);
    fprintf(fp, "output\t%zu tracks x %zu bins of %zu bp%s\n", b->n_tracks, b->n_bins, b->bin_bp,
            b->unsquash ? ", squashing undone" : "");
    fprintf(fp, "networks\t%zu, %zu transformer blocks of %zu tokens%s\n", b->n_nets,
            b->net[0]->n_attention, b->net[0]->attention[0]->n,
            b->both_strands ? ", both strands averaged" : "");
    fprintf(fp, "activations\t%zu MB\n", net_bytes(net) >> 20);
}
