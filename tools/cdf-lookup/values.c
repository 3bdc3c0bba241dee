/* SPDX-License-Identifier: MIT */
/* Values of one track: from the command line, or the bins of a bedGraph. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"
#include "prog/die.h"
#include "prog/fio.h"

void
lookup_values(struct lookup *l)
{
    const struct options *o = l->o;
    enum score_kind kind = o->kind ? lookup_kind(o->kind) : SCORE_EFFECT;
    size_t track = lookup_need_track(l, o->track);
    FILE *fp = fio_open_out(o->out, false);
    struct query_answer a;
    struct query_row *row;
    struct buf text = { 0 };

    lookup_need_kind(l, kind);
    row = lookup_row(l, kind, track);
    output_text(&text, "#track\tkind\tvalue");
    output_columns(&text, o);
    for (size_t i = 0; i < o->n_arg; i++) {
        const char *value = o->arg[i] + (o->arg[i][0] == ' ');
        double v;

        if (!lookup_parse_value(&v, l, value))
            v = opt_real(value, "VALUE", -FLT_MAX, FLT_MAX);
        lookup_answer(&a, l, row, o->track, v, NAN);
        output_text(&text, "\n");
        output_text(&text, row->id);
        output_text(&text, "\t");
        output_text(&text, score_kind_name[kind]);
        output_text(&text, "\t");
        output_text(&text, value);
        output_answer(&text, l, row, &a);
    }
    output_text(&text, "\n");
    output_flush(&text, fp, o);
    buf_free(&text);
    fio_close_out(fp, o->out);
}

struct bedgraph {
    const char *name;           /* of the input */
    struct query_row *row;
    struct buf text;
    FILE *out;
    uint64_t line, n_bins;
};

static bool
is_comment(const char *line)
{
    return *line == '\0' || *line == '#' || strncmp(line, "track", 5) == 0 ||
           strncmp(line, "browser", 7) == 0;
}

/* The fourth column, and that there is no other. */
static double
parse_bin(const struct bedgraph *b, const struct lookup *l, char *line)
{
    char *field = line;
    double v;

    for (int i = 0; i < 3 && field; i++) {
        field = strpbrk(field, "\t ");
        field = field ? field + strspn(field, "\t ") : NULL;
    }
    if (!field || strpbrk(field, "\t "))
        die("%s:%llu: expected 4 columns (chrom start end value), got '%.60s'", b->name,
            (unsigned long long)b->line, line);
    if (!lookup_parse_value(&v, l, field))
        die("%s:%llu: value is '%.40s', expected a finite number of single precision (3.4e38); "
            "--on-nan na takes NaN for none", b->name, (unsigned long long)b->line, field);
    return v;
}

static void
put_bin(struct bedgraph *b, struct lookup *l, char *line)
{
    double v = parse_bin(b, l, line);
    struct query_answer a;

    lookup_answer(&a, l, b->row, l->o->track, v, NAN);
    output_text(&b->text, line);
    output_answer(&b->text, l, b->row, &a);
    output_text(&b->text, "\n");
    b->n_bins++;
    output_flush_full(&b->text, b->out, l->o);
}

static void
put_lines(struct bedgraph *b, struct lookup *l, FILE *in)
{
    size_t cap = 0;
    char *line = NULL;
    ssize_t n;

    while ((n = getline(&line, &cap, in)) > 0) {
        b->line++;
        if (b->line == 1 && n >= 2 && memcmp(line, "\x1f\x8b", 2) == 0)
            die("%s: is compressed; use: zcat FILE | cdf-lookup ... --bedgraph -", b->name);
        line[strcspn(line, "\r\n")] = '\0';
        if (!is_comment(line)) {
            put_bin(b, l, line);
        } else {
            output_text(&b->text, line);
            output_text(&b->text, "\n");
        }
    }
    if (ferror(in))
        die("%s: cannot read: %s", b->name, strerror(errno));
    free(line);
}

void
lookup_bedgraph(struct lookup *l)
{
    const struct options *o = l->o;
    enum score_kind kind = o->kind ? lookup_kind(o->kind) : SCORE_PERBIN;
    struct bedgraph b = { .name = fio_name_in(o->bedgraph) };
    FILE *in = fio_open_in(o->bedgraph);
    size_t track = lookup_need_track(l, o->track);

    lookup_need_kind(l, kind);
    b.row = lookup_row(l, kind, track);
    b.out = fio_open_out(o->out, false);
    output_provenance(&b.text, l, NULL);
    output_text(&b.text, "#chrom\tstart\tend\tvalue");
    output_columns(&b.text, o);
    output_text(&b.text, "\n");
    put_lines(&b, l, in);
    if (!b.n_bins && !o->allow_empty)
        die("%s: holds no bins; expected bedGraph (--allow-empty passes such a file on)", b.name);
    output_flush(&b.text, b.out, o);
    buf_free(&b.text);
    fio_close_out(b.out, o->out);
    fio_close_in(in, o->bedgraph);
}
