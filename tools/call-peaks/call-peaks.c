/* SPDX-License-Identifier: MIT */
/* call-peaks - peaks of a coverage or score track, by MACS' rule or by a network. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "call-peaks.h"
#include "peakcall/cutoffs.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/opt.h"

/* Defaults of macs3 bdgpeakcall, and of DiffBio's peak caller (its threshold and min_peak_width). */
enum { MACS_LENGTH = 200, NETWORK_LENGTH = 50, MAX_GAP = 30, MACS_CUTOFF = 5 };
#define NETWORK_CUTOFF 0.5

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_REAL, 'c', "cutoff", "VALUE", &o->cutoff,
          "least value in a peak [5; with --weights 0.5]", -1e30, 1e30, false },
        { OPT_INT, 'l', "min-length", "BP", &o->min_length,
          "least length of a peak [200; with --weights 50]", 1, 1e9, false },
        { OPT_INT, 'g', "max-gap", "BP", &o->max_gap, "widest gap within a peak [30]", 0, 1e9,
          false },
        { OPT_FLAG, 0, "cutoff-analysis", NULL, &o->analysis,
          "print what each cutoff would give instead", 0, 0, false },
        { OPT_INT, 0, "cutoff-steps", "N", &o->steps, "of the analysis [100]", 1, 1e6, false },
        { OPT_REAL, 0, "cutoff-max", "VALUE", &o->top, "of the analysis [100]", -1e30, 1e30,
          false },
        { OPT_TEXT, 0, "name", "NAME", &o->name, "of the track and its peaks [peaks]", 0, 0,
          false },
        { OPT_FLAG, 0, "no-trackline", NULL, &o->no_trackline, "begin with the first peak", 0, 0,
          false },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { OPT_SECTION, 0, "Network", NULL, NULL, NULL, 0, 0, false },
        { OPT_TEXT, 'w', "weights", "FILE", &o->weights,
          "call by DiffBio's network with these parameters", 0, 0, false },
        { OPT_INT, 0, "bin", "BP", &o->bin, "bp of one position of the network [1]", 1, 1e6,
          false },
        { OPT_REAL, 0, "threshold", "VALUE", &o->threshold, "of the scores [that of FILE]", -1e30,
          1e30, false },
        { OPT_REAL, 0, "temperature", "VALUE", &o->temperature, "[that of FILE]", -1e30, 1e30,
          false },
        { OPT_INT, 0, "sample", "SEED", &o->sample,
          "draw the denoised track [take its mean]", 0, 9e15, false },
        { OPT_TEXT, 'O', "output-type", "TYPE", &o->type,
          "narrowpeak, bedgraph (probabilities) or tsv [narrowpeak]", 0, 0, false },
        { OPT_INT, 0, "summit-window", "N", &o->summit_window,
          "positions a summit is weighed in, for tsv [50]", 1, 100000, false },
        { OPT_TEXT, 0, "boundaries", "HOW", &o->boundaries,
          "starts and ends of tsv by the code or by the guide [code]", 0, 0, false },
        { OPT_SECTION, 0, "Training", NULL, NULL, NULL, 0, 0, false },
        { OPT_TEXT, 0, "train", "BED", &o->train,
          "write parameters that find the peaks of BED in the track", 0, 0, false },
        { OPT_INT, 0, "steps", "N", &o->train_steps, "of Adam, all positions in each [100]", 1,
          1e6, false },
        { OPT_REAL, 0, "rate", "VALUE", &o->rate, "of Adam [0.001]", 1e-9, 1, false },
        { OPT_INT, 0, "filters", "N", &o->filters, "channels of the network [32]", 1, 1024,
          false },
        { OPT_TEXT, 0, "kernels", "N,N,...", &o->kernels, "taps of its scales [5,11,21]", 0, 0,
          false },
        { OPT_INT, 's', "seed", "N", &o->seed, "of what it starts from [0]", 0, 9e15, false },
        { 0 }
    };
    const struct opt_program program = {
        "call-peaks", "[options] [BEDGRAPH]",
        "Call peaks of a coverage or score track, by MACS' rule or by a network.", opts,
        "Input:   bedGraph, sorted, plain or compressed; what no line covers has the value 0.\n"
        "Output:  narrowPeak, chromosomes by name: those of macs3 bdgpeakcall.\n"
        "Memory:  the peaks; with --cutoff-analysis 8 bytes a line.\n"
        "Example: call-peaks -c 2 -l 200 -g 30 fold_enrichment.bdg > peaks.narrowPeak\n"
        "         call-peaks --train known.bed --bin 10 -o caller.npz coverage.bdg.gz\n"
        "         call-peaks -w caller.npz --bin 10 other.bdg.gz > peaks.narrowPeak\n"
    };
    int first = opt_parse(&program, argc, argv);

    if (argc - first > 1)
        die_usage("one input at a time, got '%s' and '%s'", argv[first], argv[first + 1]);
    o->in = first < argc ? argv[first] : "-";
}

/* What each kind of work has no use for. */
static void
check_work(const struct options *o)
{
    const bool net = o->weights != NULL;

    if (net && o->train)
        die_usage("--train makes the parameters that --weights reads; give one of them");
    if (!net && o->output != OUT_NARROWPEAK)
        die_usage("--output-type %s shows what a network makes of a track; give --weights",
                  o->type);
    if (!net && o->sample >= 0)
        die_usage("--sample is a network's with a denoiser; give --weights");
    if (!net && !o->train && (o->bin || !isnan(o->threshold) || !isnan(o->temperature)))
        die_usage("--bin, --threshold and --temperature are a network's; give --weights or "
                  "--train");
    if ((net || o->train) && o->analysis)
        die_usage("--cutoff-analysis is of the track itself; to analyse probabilities, pipe "
                  "-O bedgraph into another call-peaks");
}

static void
take_output(struct options *o)
{
    static const char *const types[] = { "narrowpeak", "bedgraph", "tsv" };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(o->type, types[i]) == 0) {
            o->output = (enum output)i;
            return;
        }
    die_usage("--output-type is narrowpeak, bedgraph or tsv, got '%s'", o->type);
}

static void
check_options(struct options *o)
{
    const bool net = o->weights != NULL;

    take_output(o);
    check_work(o);
    if (strcmp(o->boundaries, "code") != 0 && strcmp(o->boundaries, "guide") != 0)
        die_usage("--boundaries is code or guide, got '%s'", o->boundaries);
    if (strpbrk(o->name, "\t\n\"\\"))
        die_usage("--name: no tab, line end, quote or backslash can stand in a track line");
    if (strcmp(o->in, "-") == 0 && isatty(STDIN_FILENO))
        die_usage("nothing to read: name a bedGraph, or pipe one in");
    if (!o->bin)
        o->bin = 1;
    o->rule.cutoff = (float)(!isnan(o->cutoff) ? o->cutoff : net ? NETWORK_CUTOFF : MACS_CUTOFF);
    o->rule.min_length = o->min_length > 0 ? o->min_length : net ? NETWORK_LENGTH : MACS_LENGTH;
    o->rule.max_gap = o->max_gap >= 0 ? o->max_gap : MAX_GAP;
}

void
write_peaks(const struct options *o, struct peak_list *peaks, FILE *out, const char *tag,
            peak_score *score, bool has_signal)
{
    peak_list_sort(peaks);
    if (!o->no_trackline)
        fprintf(out, "track type=narrowPeak name=\"%s\" description=\"%s\" nextItemButton=on\n",
                o->name, o->name);
    for (size_t i = 0; i < peaks->n; i++) {
        const struct peak *p = &peaks->peak[i];

        fprintf(out, "%s\t%" PRId64 "\t%" PRId64 "\t%s_%s%zu\t%ld\t.\t", p->chrom, p->start, p->end,
                o->name, tag, i + 1, score(p));
        if (has_signal)
            fprintf(out, "%.6g\t-1\t-1\t", p->signal);
        else
            fputs("0\t0\t0\t", out);
        fprintf(out, "%" PRId64 "\n", p->summit - p->start);
    }
}

/* As MACS: not cut off at 1000. */
static long
macs_score(const struct peak *p)
{
    return (long)fmax(fmin(10 * (double)p->value, 0x1p62), -0x1p62);
}

static void
call_by_rule(const struct options *o, struct bedgraph *in, FILE *out)
{
    struct peak_list peaks = { 0 };
    struct peak_caller *caller = peak_caller_new(&o->rule, &peaks);
    struct segment s;
    struct err e;
    int got;

    while ((got = bedgraph_next(in, &s, &e)) == 1)
        peak_caller_add(caller, &s, 0);
    if (got < 0)
        die_err(&e);
    peak_caller_end(caller);
    write_peaks(o, &peaks, out, "narrowPeak", macs_score, false);
    peak_caller_free(caller);
    peak_list_free(&peaks);
}

static void
analyse_cutoffs(const struct options *o, struct bedgraph *in, FILE *out)
{
    struct cutoffs *c = cutoffs_new(&o->rule);
    struct segment s;
    struct err e;
    int got;

    while ((got = bedgraph_next(in, &s, &e)) == 1)
        cutoffs_add(c, &s);
    if (got < 0)
        die_err(&e);
    if (cutoffs_print(c, o->steps, o->top, out, &e))
        die("%s: %s", bedgraph_name(in), e.msg);
    cutoffs_free(c);
}

static void
call_peaks(const struct options *o)
{
    struct err e;
    struct bedgraph *in = bedgraph_open(o->in, &e);

    if (!in)
        die_err(&e);
    if (o->train) {
        train_network(o, in);
    } else {
        FILE *out = fio_open_out(o->out, false);

        if (o->weights)
            call_by_network(o, in, out);
        else if (o->analysis)
            analyse_cutoffs(o, in, out);
        else
            call_by_rule(o, in, out);
        fio_close_out(out, o->out);
    }
    if (bedgraph_holes(in))
        note("%s: %" PRIu64 " stretches between lines that no line covers, taken as 0 (macs3 gives "
             "them the value of the line behind)", bedgraph_name(in), bedgraph_holes(in));
    bedgraph_close(in);
}

int
main(int argc, char **argv)
{
    struct options o = { .cutoff = NAN, .threshold = NAN, .temperature = NAN, .min_length = -1,
                         .max_gap = -1, .summit_window = 50, .sample = -1, .steps = 100,
                         .top = 100, .name = "peaks", .type = "narrowpeak",
                         .boundaries = "code", .kernels = "5,11,21", .filters = 32,
                         .train_steps = 100, .rate = 0.001 };

    prog_name = "call-peaks";
    parse_options(&o, argc, argv);
    check_options(&o);
    call_peaks(&o);
    return EXIT_OK;
}
