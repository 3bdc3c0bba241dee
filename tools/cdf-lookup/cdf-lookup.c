/* SPDX-License-Identifier: MIT */
/* cdf-lookup - from scores to percentiles of a background. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdf/pyfloat.h"
#include "lookup.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/opt.h"

static const char details[] =
    "Input:   a score file of score-effect (binary or TSV; standard input when none is named), or\n"
    "         with --track the values themselves.\n"
    "Output:  TSV: the score file's rows with the columns percentile and exceedance behind them;\n"
    "         with --track the columns track, kind, value, percentile, exceedance.\n"
    "         percentile: 0 to 1, of signed tracks' effects -1 to 1; '.' when nothing is known\n"
    "         exceedance: value / end of the background, when it lies beyond; else '.'\n"
    "Example: predict ... | score-effect | cdf-lookup -b chrombpnet_pertrack.npz > calls.tsv\n"
    "         cdf-lookup -b chrombpnet_pertrack.npz -t DNASE:K562 0.53 -0.2\n";

/*
 * getopt takes "-0.2" for options; behind a blank it is a value, which is what a number is in a
 * program without numeric options.
 */
static void
hide_negative_numbers(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *p = argv[i];

        if (p[0] == '-' && (isdigit((unsigned char)p[1]) ||
                            (p[1] == '.' && isdigit((unsigned char)p[2]))))
            argv[i] = mem_printf(" %s", p);
    }
}

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 'b', "background", "FILE", &o->background, "background file (NPZ)", 0, 0,
          true },
        { OPT_TEXT, 't', "track", "ID", &o->track, "look up the values given, of this track", 0, 0,
          false },
        { OPT_TEXT, 0, "kind", "KIND", &o->kind,
          "with --track: effect, summary or perbin [effect]", 0, 0, false },
        { OPT_TEXT, 0, "ties", "RULE", &o->ties,
          "how a value equal to several points ranks: hash, right [hash]", 0, 0,
          false },
        { OPT_FLAG, 0, "strip-strand", NULL, &o->strip_strand,
          "a track ID:+ or ID:- that is absent is looked up as ID", 0, 0, false },
        { OPT_FLAG, 0, "skip-unknown-tracks", NULL, &o->skip_unknown,
          "leave out and count rows of tracks that are absent", 0, 0, false },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { OPT_SECTION, 0, "What is in a background:", NULL, NULL, NULL, 0, 0, false },
        { OPT_FLAG, 0, "list", NULL, &o->list, "print its tracks, with counts of values", 0, 0,
          false },
        { OPT_FLAG, 0, "status", NULL, &o->status, "print how it was made", 0, 0, false },
        { 0 }
    };
    const struct opt_program p = { "cdf-lookup",
        "-b FILE [SCORES] | -b FILE -t ID VALUE... | -b FILE --list|--status",
        "From scores to percentiles of a background.", opts, details };
    int first;

    hide_negative_numbers(argc, argv);
    first = opt_parse(&p, argc, argv);
    o->arg = argv + first;
    o->n_arg = (size_t)(argc - first);
}

static enum score_kind
parse_kind(const char *name)
{
    for (int k = 0; k < SCORE_KINDS; k++)
        if (strcmp(name, score_kind_name[k]) == 0)
            return (enum score_kind)k;
    die_usage("--kind must be effect, summary or perbin, got '%s'", name);
}

static void
check_options(const struct options *o)
{
    if (!o->background)
        die_usage("--background is missing; name the background file");
    if (o->list + o->status + (o->track != NULL) > 1)
        die_usage("--list, --status and --track exclude each other");
    if ((o->list || o->status) && o->n_arg)
        die_usage("--list and --status take no input, got '%s'", o->arg[0]);
    if (o->track && !o->n_arg)
        die_usage("--track needs at least one value to look up");
    if (!o->track && o->n_arg > 1)
        die_usage("one score file at a time, got '%s' and '%s'", o->arg[0], o->arg[1]);
    if (strcmp(o->ties, "hash") != 0 && strcmp(o->ties, "right") != 0)
        die_usage("--ties must be hash or right, got '%s'", o->ties);
    if (o->track && o->skip_unknown)
        die_usage("--skip-unknown-tracks is for score files, not for --track");
    if (!o->track && o->kind)
        die_usage("--kind is for --track; rows of a score file have their own kind");
    if (o->kind)
        parse_kind(o->kind);
}

ptrdiff_t
lookup_track(const struct lookup *l, const char *id)
{
    ptrdiff_t track = background_find(l->bg, id);
    size_t n = strlen(id);

    if (track < 0 && l->strip_strand && n > 2 && id[n - 2] == ':' &&
        (id[n - 1] == '+' || id[n - 1] == '-')) {
        char *base = mem_strndup(id, n - 2);

        track = background_find(l->bg, base);
        free(base);
    }
    return track;
}

void
lookup_need_kind(const struct lookup *l, enum score_kind kind)
{
    char *has = mem_strdup("");

    if (l->bg->kind[kind].present) {
        free(has);
        return;
    }
    for (int k = 0; k < SCORE_KINDS; k++)
        if (l->bg->kind[k].present)
            has = mem_printf("%s%s%s", has, *has ? ", " : "", score_kind_name[k]);
    die("%s: has no %s rows (it has %s); use a background that was built with them", l->path,
        score_kind_name[kind], has);
}

float *
lookup_row(const struct lookup *l, enum score_kind kind, size_t track)
{
    struct err e;
    float *row;

    if (!background_is_alive(l->bg, kind, track)) {
        warn("%s: the %s row of track '%s' has no values behind it; its percentiles are '.'",
             l->path, score_kind_name[kind], l->bg->track_id[track]);
        return NULL;
    }
    row = mem_array(l->bg->kind[kind].width, sizeof *row);
    if (background_row(l->bg, row, kind, track, &e))
        die_err(&e);
    return row;
}

void
lookup_rank(struct answer *a, const struct lookup *l, const float *row, enum score_kind kind,
            size_t track, double v)
{
    size_t width = l->bg->kind[kind].width;
    bool is_signed = kind == SCORE_EFFECT && l->bg->is_signed[track];
    double q, ratio;
    struct err e;

    strcpy(a->percentile, ".");
    strcpy(a->exceedance, ".");
    if (!row)
        return;
    if (kind == SCORE_EFFECT && !is_signed)
        v = fabs(v);
    if (rank_percentile(&q, row, width, l->bg->track_id[track], v, is_signed, l->ties, &e))
        die_err(&e);
    pyfloat_format(a->percentile, q);
    if (rank_exceedance(&ratio, row, width, v, is_signed))
        pyfloat_format(a->exceedance, ratio);
}

static void
look_up_values(const struct lookup *l, const struct options *o)
{
    enum score_kind kind = o->kind ? parse_kind(o->kind) : SCORE_EFFECT;
    ptrdiff_t track = lookup_track(l, o->track);
    FILE *fp = fio_open_out(o->out, false);
    struct answer a;
    float *row;

    if (track < 0)
        die("track '%s' is not in %s, which has %zu tracks; see cdf-lookup --list", o->track,
            l->path, l->bg->n);
    lookup_need_kind(l, kind);
    row = lookup_row(l, kind, (size_t)track);
    fputs("#track\tkind\tvalue\tpercentile\texceedance\n", fp);
    for (size_t i = 0; i < o->n_arg; i++) {
        const char *text = o->arg[i] + (o->arg[i][0] == ' ');

        lookup_rank(&a, l, row, kind, (size_t)track, opt_real(text, "VALUE", -HUGE_VAL, HUGE_VAL));
        fprintf(fp, "%s\t%s\t%s\t%s\t%s\n", l->bg->track_id[track], score_kind_name[kind], text,
                a.percentile, a.exceedance);
    }
    free(row);
    fio_close_out(fp, o->out);
}

static void
cdf_lookup(const struct options *o)
{
    struct lookup l = { .path = o->background, .strip_strand = o->strip_strand };
    struct err e;

    l.ties = strcmp(o->ties, "right") == 0 ? RANK_TIES_RIGHT : RANK_TIES_HASH;
    l.bg = background_open(o->background, &e);
    if (!l.bg)
        die_err(&e);
    if (o->list)
        lookup_list(&l, o);
    else if (o->status)
        lookup_status(&l, o);
    else if (o->track)
        look_up_values(&l, o);
    else
        lookup_annotate(&l, o);
    background_close(l.bg);
}

int
main(int argc, char **argv)
{
    struct options o = { .ties = "hash" };

    prog_name = "cdf-lookup";
    parse_options(&o, argc, argv);
    check_options(&o);
    cdf_lookup(&o);
    return EXIT_OK;
}
