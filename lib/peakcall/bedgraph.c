/* SPDX-License-Identifier: MIT */
#include "peakcall/bedgraph.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "genome/lines.h"
#include "htslib/hfile.h"
#include "htslib/hts_log.h"
#include "prog/mem.h"

/* Chromosomes end far below; the sum of two positions must fit into 63 bits. */
#define MAX_POSITION (INT64_C(1) << 40)

struct bedgraph {
    char *name;
    struct lines *lines;
    char **chrom;               /* seen so far, the present one last; each stays where it is */
    size_t n_chrom, cap_chrom;
    struct segment line;        /* of the last line read, not handed out yet */
    struct segment ready;       /* to be handed out when its right neighbour is known */
    bool has_line, has_ready, any;
    int64_t end;                /* of what the present chromosome has so far */
    uint64_t holes;
};

struct bedgraph *
bedgraph_open(const char *path, struct err *e)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    struct bedgraph *b;
    struct hFILE *hf;

    hts_set_log_level(HTS_LOG_OFF);
    hf = hopen(path, "r");
    if (!hf) {
        err_sys(e, "%s: cannot open", path);
        return NULL;
    }
    b = mem_zalloc(sizeof *b);
    b->name = mem_strdup(is_stdin ? "standard input" : path);
    b->lines = lines_open(hf, b->name, e);
    if (b->lines)
        return b;
    bedgraph_close(b);
    return NULL;
}

void
bedgraph_close(struct bedgraph *b)
{
    if (!b)
        return;
    lines_close(b->lines);
    for (size_t i = 0; i < b->n_chrom; i++)
        free(b->chrom[i]);
    free(b->chrom);
    free(b->name);
    free(b);
}

const char *
bedgraph_name(const struct bedgraph *b)
{
    return b->name;
}

uint64_t
bedgraph_lines(const struct bedgraph *b)
{
    return lines_number(b->lines);
}

uint64_t
bedgraph_holes(const struct bedgraph *b)
{
    return b->holes;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Not isdigit, which asks for the locale: a file has some hundred million digits. */
static bool
is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Behind the spaces at p. */
static char *
skip(char *p)
{
    while (is_space(*p))
        p++;
    return p;
}

/* A whole number at *at, which moves behind it and the spaces there; false when there is none. */
static bool
take_position(int64_t *out, char **at)
{
    char *p = *at;
    int64_t v = 0;

    for (; is_digit(*p) && v <= MAX_POSITION; p++)
        v = v * 10 + (*p - '0');
    if (p == *at || v > MAX_POSITION || !is_space(*p))
        return false;
    *out = v;
    *at = skip(p);
    return true;
}

/*
 * A decimal of at most 15 digits and no exponent, which most values are: digits and power of ten
 * are exact doubles, so their one division rounds as strtod does.  Returns where it ends, or NULL.
 */
static char *
take_short(double *out, char *p)
{
    static const double power[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15 };
    const bool minus = *p == '-';
    int64_t digits = 0;
    size_t n = 0, behind = 0;

    for (p += minus; is_digit(*p) && n < 16; p++, n++)
        digits = digits * 10 + (*p - '0');
    if (*p == '.')
        for (p++; is_digit(*p) && n < 16; p++, n++, behind++)
            digits = digits * 10 + (*p - '0');
    if (!n || n > 15)
        return NULL;
    *out = (double)digits / power[behind];
    if (minus)
        *out = -*out;
    return p;
}

/* A word that is a number and finite as float. */
static bool
take_value(float *out, char *p)
{
    double v;
    char *end = take_short(&v, p);

    if (!end || (*end && !is_space(*end)))
        v = strtod(p, &end);
    if (end == p || (*end && !is_space(*end)))
        return false;
    *out = (float)v;
    return isfinite(*out);
}

static int
bad_line(const struct bedgraph *b, struct err *e, const char *what)
{
    return err_set(e, "%s:%" PRIu64 ": %s", b->name, lines_number(b->lines), what);
}

/* The stable copy of a chromosome's name: the present one's, or that of a new one. */
static int
take_chrom(struct bedgraph *b, const char *name, struct err *e)
{
    if (b->n_chrom && strcmp(b->chrom[b->n_chrom - 1], name) == 0)
        return 0;
    for (size_t i = 0; i < b->n_chrom; i++)
        if (strcmp(b->chrom[i], name) == 0)
            return err_set(e, "%s:%" PRIu64 ": %s comes back behind %s; sort the file: "
                           "sort -k1,1 -k2,2n", b->name, lines_number(b->lines), name,
                           b->chrom[b->n_chrom - 1]);
    mem_grow(&b->chrom, &b->cap_chrom, b->n_chrom + 1, sizeof *b->chrom);
    b->chrom[b->n_chrom++] = mem_strdup(name);
    b->end = 0;
    return 0;
}

/* The first columns of a line that cannot be read, for a message. */
static int
bad_interval(const struct bedgraph *b, const char *rest, struct err *e)
{
    return err_set(e, "%s:%" PRIu64 ": '%.60s' does not begin with an interval; expected bedGraph: "
                   "chrom, start, end, value", b->name, lines_number(b->lines), rest);
}

static int
parse(struct bedgraph *b, char *line, struct err *e)
{
    struct segment *s = &b->line;
    char *name = skip(line), *at = name, *rest;

    while (*at && !is_space(*at))
        at++;
    if (*at)
        *at++ = '\0';
    rest = at = skip(at);
    if (!take_position(&s->start, &at) || !take_position(&s->end, &at))
        return bad_interval(b, rest, e);
    if (!*at)
        return bad_line(b, e, "has fewer than four columns; expected bedGraph: chrom, start, end, "
                        "value");
    if (!take_value(&s->value, at))
        return err_set(e, "%s:%" PRIu64 ": value '%.40s' is not a finite number within single "
                       "precision", b->name, lines_number(b->lines), at);
    if (s->end <= s->start)
        return err_set(e, "%s:%" PRIu64 ": ends at %" PRId64 ", not behind its start %" PRId64,
                       b->name, lines_number(b->lines), s->end, s->start);
    if (take_chrom(b, name, e))
        return -1;
    s->chrom = b->chrom[b->n_chrom - 1];
    if (s->start < b->end)
        return err_set(e, "%s:%" PRIu64 ": %s:%" PRId64 " begins before the end of the line above, "
                       "%" PRId64 "; lines must be sorted and must not overlap (bedtools sort, "
                       "bedtools merge)", b->name, lines_number(b->lines), s->chrom, s->start,
                       b->end);
    return 1;
}

static bool
is_data(const char *line)
{
    return *line && *line != '#' && (*line != 't' || strncmp(line, "track", 5) != 0) &&
           (*line != 'b' || strncmp(line, "browser", 7) != 0);
}

/* Read a line into b->line. */
static int
read_line(struct bedgraph *b, struct err *e)
{
    char *line;
    int got;

    do
        got = lines_next(b->lines, &line, e);
    while (got == 1 && !is_data(line));
    if (got == 0 && !b->any)
        return err_set(e, "%s: holds no bedGraph line; expected chrom, start, end, value",
                       b->name);
    b->any = true;
    return got == 1 ? parse(b, line, e) : got;
}

/* The next segment with holes filled, not yet joined with its neighbours. */
static int
next_piece(struct bedgraph *b, struct segment *s, struct err *e)
{
    if (!b->has_line) {
        const int got = read_line(b, e);

        if (got != 1)
            return got;
    }
    *s = b->line;
    b->has_line = b->line.start > b->end;
    if (b->has_line) {          /* the hole first */
        b->holes += b->end > 0;
        s->start = b->end;
        s->end = b->line.start;
        s->value = 0;
        s->hole = true;
    }
    b->end = s->end;
    return 1;
}

int
bedgraph_next(struct bedgraph *b, struct segment *s, struct err *e)
{
    struct segment piece;
    int got;

    while ((got = next_piece(b, &piece, e)) == 1) {
        const struct segment last = b->ready;

        if (b->has_ready && last.chrom == piece.chrom && last.value == piece.value) {
            b->ready.end = piece.end;
            b->ready.hole &= piece.hole;
            continue;
        }
        b->ready = piece;
        if (b->has_ready) {
            *s = last;
            return 1;
        }
        b->has_ready = true;
    }
    if (got < 0 || !b->has_ready)
        return got;
    *s = b->ready;
    b->has_ready = false;
    return 1;
}
