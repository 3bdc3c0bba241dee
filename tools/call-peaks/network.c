/* SPDX-License-Identifier: MIT */
/* Peaks, or what they are called from, by a network. */
#include <inttypes.h>
#include <string.h>

#include "call-peaks.h"
#include "peakcall/network.h"
#include "peakcall/scan.h"
#include "prog/die.h"

struct job {
    const struct options *o;
    FILE *out;
    struct peak_caller *caller;
    struct segment open;        /* of one probability; chrom NULL: none */
    double signal;              /* its sum over open */
};

/* Segments of one probability, as a bedGraph of them would have them. */
static void
end_segment(struct job *j)
{
    const struct segment *s = &j->open;

    if (!s->chrom)
        return;
    if (j->o->output == OUT_BEDGRAPH)
        fprintf(j->out, "%s\t%" PRId64 "\t%" PRId64 "\t%.9g\n", s->chrom, s->start, s->end,
                (double)s->value);
    else
        peak_caller_add(j->caller, s, j->signal);
}

static void
join(void *context, const struct scan_position *p)
{
    struct job *j = context;
    const double signal = (double)p->signal * (double)(p->end - p->start);

    if (j->open.chrom == p->chrom && j->open.value == p->probability) {
        j->open.end = p->end;
        j->signal += signal;
        return;
    }
    end_segment(j);
    j->open = (struct segment){ .chrom = p->chrom, .start = p->start, .end = p->end,
                                .value = p->probability };
    j->signal = signal;
}

static void
print_position(void *context, const struct scan_position *p)
{
    struct job *j = context;

    fprintf(j->out, "%s\t%" PRId64 "\t%" PRId64 "\t%.9g\t%.9g\t%.9g\t%.9g\t%.9g\n", p->chrom,
            p->start, p->end, (double)p->score, (double)p->probability, p->summit, p->peak_start,
            p->peak_end);
}

/* A thousandth of probability each, as browsers shade them. */
static long
network_score(const struct peak *p)
{
    return (long)(1000 * (double)p->value);
}

static void
scan_all(struct scan *s, struct bedgraph *in)
{
    struct segment g;
    struct err e;
    int got;

    while ((got = bedgraph_next(in, &g, &e)) == 1)
        scan_add(s, &g);
    if (got < 0)
        die_err(&e);
    scan_end(s);
}

void
call_by_network(const struct options *o, struct bedgraph *in, FILE *out)
{
    const bool tsv = o->output == OUT_TSV;
    const struct scan_options how = {
        .bin = o->bin, .summits = tsv, .summit_window = o->summit_window,
        .guide = strcmp(o->boundaries, "guide") == 0, .seed = o->sample,
    };
    struct peak_list peaks = { 0 };
    struct job j = { .o = o, .out = out, .caller = peak_caller_new(&o->rule, &peaks) };
    struct err e;
    struct peak_net *net = peak_net_open(o->weights, &e);
    struct scan *s;

    if (!net)
        die_err(&e);
    if (o->sample >= 0 && !peak_net_denoiser(net))
        die_usage("--sample draws from a denoiser, and %s has none", o->weights);
    peak_net_set(net, o->threshold, o->temperature);
    if (tsv)
        fputs("#chrom\tstart\tend\tscore\tprobability\tsummit\tpeak_start\tpeak_end\n", out);
    s = scan_new(net, &how, tsv ? print_position : join, &j);
    scan_all(s, in);
    end_segment(&j);
    peak_caller_end(j.caller);
    if (o->output == OUT_NARROWPEAK)
        write_peaks(o, &peaks, out, "", network_score, true);
    scan_free(s);
    peak_net_free(net);
    peak_caller_free(j.caller);
    peak_list_free(&peaks);
}
