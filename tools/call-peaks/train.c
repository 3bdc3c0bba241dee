/* SPDX-License-Identifier: MIT */
/* Parameters of a network from a track and the peaks that somebody found in it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "call-peaks.h"
#include "genome/sites.h"
#include "peakcall/bins.h"
#include "peakcall/train.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/progress.h"

/* Positions of one chromosome take 2 KB each with 32 filters of three scales: 4 GB. */
enum { MAX_POSITIONS = 2000000, MAX_SCALES = 16 };

/* Of one chromosome. */
struct row {
    const char *chrom;
    float *x;
    uint8_t *label;
    size_t n, cap;
    uint64_t labelled;          /* intervals */
};

struct data {
    const struct options *o;
    struct row *row;
    size_t n_row, cap_row;
    uint64_t positions, ones;
};

static void
put_bins(void *context, float value, int64_t n)
{
    struct data *d = context;
    struct row *r = &d->row[d->n_row - 1];

    d->positions += (uint64_t)n;
    if (d->positions > MAX_POSITIONS)
        die("more than %d positions to train on; give fewer chromosomes, or a larger --bin than %"
            PRId64, MAX_POSITIONS, d->o->bin);
    mem_grow(&r->x, &r->cap, r->n + (size_t)n, sizeof *r->x);
    for (int64_t i = 0; i < n; i++)
        r->x[r->n++] = value;
}

static void
read_track(struct data *d, struct bedgraph *in)
{
    struct bins bins = { .size = d->o->bin };
    struct segment g;
    struct err e;
    int got;

    while ((got = bedgraph_next(in, &g, &e)) == 1) {
        if (!d->n_row || d->row[d->n_row - 1].chrom != g.chrom) {
            if (d->n_row)
                bins_end(&bins, put_bins, d);
            bins = (struct bins){ .size = d->o->bin };
            mem_grow(&d->row, &d->cap_row, d->n_row + 1, sizeof *d->row);
            d->row[d->n_row++] = (struct row){ .chrom = g.chrom };
        }
        bins_add(&bins, &g, put_bins, d);
    }
    if (got < 0)
        die_err(&e);
    bins_end(&bins, put_bins, d);
    for (size_t i = 0; i < d->n_row; i++)
        d->row[i].label = mem_zalloc(d->row[i].n + 1);
}

/* Bins whose middle lies in the peak. */
static void
label(struct row *r, int64_t bin, int64_t start, int64_t end)
{
    int64_t first = (start + bin / 2) / bin, last = (end + bin / 2) / bin;

    if (bin == 1) {
        first = start;
        last = end;
    }
    for (int64_t i = first; i < last && i < (int64_t)r->n; i++)
        r->label[i] = 1;
    r->labelled++;
}

static void
read_labels(struct data *d)
{
    struct err e;
    struct sites *s = sites_open(d->o->train, SITES_BED, &e);
    uint64_t elsewhere = 0, n = 0;
    struct site site;
    int got;

    if (!s)
        die_err(&e);
    site_init(&site);
    while ((got = sites_next(s, &site, &e)) == 1) {
        size_t i = 0;

        while (i < d->n_row && strcmp(d->row[i].chrom, site.chrom) != 0)
            i++;
        n++;
        if (i == d->n_row)
            elsewhere++;
        else
            label(&d->row[i], d->o->bin, site.start, site.end);
    }
    if (got < 0)
        die_err(&e);
    site_free(&site);
    sites_close(s);
    if (elsewhere)
        note("%s: %" PRIu64 " of %" PRIu64 " peaks are on chromosomes that the track has not",
             d->o->train, elsewhere, n);
}

/* A chromosome without a peak teaches that there is none, which a file of some chromosomes does not
 * say. */
static struct peak_example *
examples(struct data *d, size_t *n)
{
    struct peak_example *ex = mem_array(d->n_row, sizeof *ex);
    size_t without = 0;

    *n = 0;
    for (size_t i = 0; i < d->n_row; i++) {
        const struct row *r = &d->row[i];

        without += !r->labelled;
        if (!r->labelled)
            continue;
        ex[(*n)++] = (struct peak_example){ r->x, r->label, r->n };
        for (size_t j = 0; j < r->n; j++)
            d->ones += r->label[j];
    }
    if (!d->ones)
        die("%s: none of its peaks lies on the track; are its chromosomes called otherwise?",
            d->o->train);
    if (without)
        note("left out %zu chromosomes of the track on which %s has no peak", without,
             d->o->train);
    return ex;
}

static size_t
take_kernels(const char *text, size_t taps[MAX_SCALES])
{
    char *copy = mem_strdup(text), *save = NULL;
    size_t n = 0;

    for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        if (n == MAX_SCALES)
            die_usage("--kernels: %d at most", MAX_SCALES);
        taps[n++] = (size_t)opt_int(word, "--kernels", 1, 1001);
    }
    if (!n)
        die_usage("--kernels: expected numbers of taps such as 5,11,21, got '%s'", text);
    free(copy);
    return n;
}

/* Where training begins: those of --weights, or drawn. */
static struct peak_trainer *
begin(const struct options *o, struct peak_params *p)
{
    size_t taps[MAX_SCALES], n = take_kernels(o->kernels, taps);

    peak_params_init(p, (size_t)o->filters, taps, n, isnan(o->threshold) ? 0.5 : o->threshold,
                     isnan(o->temperature) ? 1 : o->temperature, (uint64_t)o->seed);
    return peak_trainer_new(p);
}

static void
run_steps(const struct options *o, struct peak_trainer *t, const struct peak_example *ex, size_t n)
{
    struct progress *bar = progress_new("steps", (uint64_t)o->train_steps);
    double loss = 0;

    for (int64_t i = 0; i < o->train_steps; i++) {
        loss = peak_trainer_loss(t, ex, n);
        if (!isfinite(loss))
            die("the loss is no number after %" PRId64 " steps; try a smaller --rate than %g", i,
                o->rate);
        if (i == 0)
            note("loss %.6f at first", loss);
        peak_trainer_step(t, o->rate);
        progress_set(bar, (uint64_t)i + 1);
    }
    progress_end(bar);
    note("loss %.6f before the last of %" PRId64 " steps", loss, o->train_steps);
}

void
train_network(const struct options *o, struct bedgraph *in)
{
    struct data d = { .o = o };
    struct peak_params p;
    struct peak_trainer *t = begin(o, &p);
    struct peak_example *ex;
    struct err e;
    size_t n;
    FILE *out;

    read_track(&d, in);
    read_labels(&d);
    ex = examples(&d, &n);
    out = fio_open_out(o->out, true);
    run_steps(o, t, ex, n);
    peak_trainer_get(t, &p);
    if (peak_params_write(&p, out, fio_name_out(o->out), &e))
        die_err(&e);
    fio_close_out(out, o->out);
    for (size_t i = 0; i < d.n_row; i++) {
        free(d.row[i].x);
        free(d.row[i].label);
    }
    free(d.row);
    free(ex);
    peak_trainer_free(t);
    peak_params_free(&p);
}
