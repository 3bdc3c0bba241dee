/* SPDX-License-Identifier: MIT */
/*
 * numcmp - compare a table of numbers with the expected one, within tolerances.
 *
 *   numcmp [-k COLS] [-s] -c COMPARISON... EXPECTED [FOUND]
 *
 * Tables are tab separated; lines beginning with ## are left out, then comes the line of column
 * names (a # before them is dropped).  FOUND defaults to standard input.
 *
 *   -k A,B    rows belong together that agree in these columns (names of both tables), which must
 *             be unique; without -k the first belongs to the first, and so on
 *   -s        FOUND may have rows that are not expected
 *   -c COMPARISON    column of FOUND, and optionally what of it is compared with what:
 *       NAME:TOL                equal within TOL, absolute; a list of numbers joined by commas is
 *                               compared one by one and must be as long
 *       NAME=OTHER:TOL          OTHER is the name in EXPECTED
 *       NAME@K=OTHER:TOL        every K-th number of the list, from the first
 *       NAME+=OTHER:TOL         the sum of the list
 *       ...:TOLr                TOL times what is expected, where that is above 1
 *       ...:TOLp                TOL times the largest that is expected in the list, of any sign
 *
 * EXPECTED may be a float32 .npy: its last dimension is a row, called "values".
 *
 * Prints the largest difference of each comparison and where it is to standard error, which is
 * what the test driver shows.  Exit status 0 when all are within their tolerance and no row is
 * missing, 1 otherwise, 2 wrong usage.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npz/npy.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

enum { MAX_COLUMNS = 64, MAX_COMPARISONS = 16, MAX_KEYS = 16 };

struct table {
    const char *path;
    char *column[MAX_COLUMNS];
    size_t n_columns;
    char **field;               /* n_rows x n_columns */
    size_t n_rows, cap;
    char **lines;               /* names and fields point into these */
    size_t n_lines, cap_lines;
};

struct comparison {
    const char *spec;
    char *found, *expected;     /* column names */
    size_t every;               /* 1: all numbers */
    bool sum;
    double tolerance;
    bool relative, to_peak;
    double worst;
    size_t worst_row;
    uint64_t n, n_bad;
};

struct options {
    char *key[MAX_KEYS];
    size_t n_keys;
    struct comparison comparison[MAX_COMPARISONS];
    size_t n_comparisons;
    bool subset;
    const char *expected, *found;
};

/* --- tables --- */

static char *
keep(struct table *t, char *line)
{
    mem_grow(&t->lines, &t->cap_lines, t->n_lines + 1, sizeof *t->lines);
    t->lines[t->n_lines++] = line;
    return line;
}

static size_t
split(char *line, char separator, char **part, size_t max)
{
    size_t n = 0;

    for (char *p = line; p && n < max; n++) {
        part[n] = p;
        p = strchr(p, separator);
        if (p)
            *p++ = '\0';
    }
    return n;
}

static void
add_row(struct table *t, char *line)
{
    char *part[MAX_COLUMNS];
    size_t n = split(keep(t, line), '\t', part, MAX_COLUMNS);

    if (n != t->n_columns)
        die("%s: row %zu has %zu columns, expected %zu", t->path, t->n_rows + 1, n, t->n_columns);
    mem_grow(&t->field, &t->cap, (t->n_rows + 1) * n, sizeof *t->field);
    memcpy(t->field + t->n_rows * n, part, n * sizeof *part);
    t->n_rows++;
}

static void
read_tsv(struct table *t, FILE *fp)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    while ((n = getline(&line, &room, fp)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        if (!line[0] || (line[0] == '#' && (line[1] == '#' || t->n_columns)))
            continue;
        if (t->n_columns)
            add_row(t, mem_strdup(line));
        else
            t->n_columns = split(keep(t, mem_strdup(line)) + (line[0] == '#'), '\t', t->column,
                                 MAX_COLUMNS);
    }
    free(line);
    if (!t->n_columns)
        die("%s: is empty, expected a line of column names", t->path);
}

/* Rows as text, so that there is one kind of table; %.9g gives floats back unchanged. */
static void
read_npy(struct table *t, FILE *fp)
{
    char *bytes = NULL;
    size_t n = 0, cap = 0, got, width;
    struct npy a;
    struct err e;
    float v;

    do {
        mem_grow(&bytes, &cap, n + 65536, 1);
        got = fread(bytes + n, 1, cap - n, fp);
        n += got;
    } while (got);
    if (npy_parse(&a, bytes, n, n, &e))
        die("%s: %s", t->path, e.msg);
    if (a.kind != 'f' || a.item != 4 || a.fortran || a.ndim < 1)
        die("%s: expected float32 rows in C order", t->path);
    t->n_columns = 1;
    t->column[0] = keep(t, mem_strdup("values"));
    width = a.shape[a.ndim - 1];
    for (size_t r = 0; r < a.count / width; r++) {
        char *line = mem_alloc(width * 20 + 1), *p = line;

        for (size_t i = 0; i < width; i++) {
            memcpy(&v, bytes + a.header + (r * width + i) * 4, 4);
            p += sprintf(p, "%s%.9g", i ? "," : "", (double)v);
        }
        add_row(t, line);
    }
    free(bytes);
}

static void
read_table(struct table *t, const char *path)
{
    FILE *fp = fio_open_in(path);
    int c = getc(fp);

    ungetc(c, fp);
    t->path = fio_name_in(path);
    if (c == 0x93)
        read_npy(t, fp);
    else
        read_tsv(t, fp);
    fio_close_in(fp, path);
}

static void
free_table(struct table *t)
{
    for (size_t i = 0; i < t->n_lines; i++)
        free(t->lines[i]);
    free(t->lines);
    free(t->field);
}

static size_t
column(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->n_columns; i++)
        if (strcmp(t->column[i], name) == 0)
            return i;
    die("%s: has no column '%s'", t->path, name);
}

static const char *
cell(const struct table *t, size_t row, const char *name)
{
    return t->field[row * t->n_columns + column(t, name)];
}

/* --- comparing --- */

static bool
same_key(const struct options *o, const struct table *a, size_t i, const struct table *b, size_t j)
{
    for (size_t k = 0; k < o->n_keys; k++)
        if (strcmp(cell(a, i, o->key[k]), cell(b, j, o->key[k])))
            return false;
    return true;
}

static void
print_key(const struct options *o, const struct table *t, size_t row)
{
    if (!o->n_keys)
        fprintf(stderr, " row %zu", row + 1);
    for (size_t k = 0; k < o->n_keys; k++)
        fprintf(stderr, "%c%s", k ? '/' : ' ', cell(t, row, o->key[k]));
}

/* The row of found that belongs to a row of expected; SIZE_MAX when there is not exactly one. */
static size_t
partner(const struct options *o, const struct table *expected, size_t row,
        const struct table *found)
{
    size_t at = SIZE_MAX;

    if (!o->n_keys)
        return row < found->n_rows ? row : SIZE_MAX;
    for (size_t j = 0; j < found->n_rows; j++) {
        if (!same_key(o, expected, row, found, j))
            continue;
        if (at != SIZE_MAX)
            return SIZE_MAX;
        at = j;
    }
    return at;
}

static double
to_number(const char *text, char **end, const struct table *t, size_t row)
{
    double v;

    errno = 0;
    v = strtod(text, end);
    if (*end == text || errno || !isfinite(v) || (**end && **end != ','))
        die("%s: row %zu: '%.20s' is not a finite number", t->path, row + 1, text);
    return v;
}

/* Numbers of a list into *v (grown); returns how many. */
static size_t
to_numbers(double **v, size_t *cap, const char *text, const struct table *t, size_t row)
{
    size_t n = 0;
    char *end;

    for (;;) {
        mem_grow(v, cap, n + 1, sizeof **v);
        (*v)[n++] = to_number(text, &end, t, row);
        if (!*end)
            return n;
        text = end + 1;
    }
}

static size_t
reduce(double *v, size_t n, const struct comparison *c)
{
    size_t m = 0;

    if (c->sum) {
        for (size_t i = 1; i < n; i++)
            v[0] += v[i];
        return 1;
    }
    for (size_t i = 0; i < n; i += c->every)
        v[m++] = v[i];
    return m;
}

static double
peak(const double *v, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(v[i]));
    return most > 0 ? most : 1;
}

static void
compare_cell(struct comparison *c, const struct table *expected, size_t row,
             const struct table *found, size_t other)
{
    static double *a, *b;
    static size_t cap_a, cap_b;
    size_t n_a = to_numbers(&a, &cap_a, cell(expected, row, c->expected), expected, row);
    size_t n_b = to_numbers(&b, &cap_b, cell(found, other, c->found), found, other);
    double unit = c->to_peak ? peak(a, n_a) : 1;

    n_b = reduce(b, n_b, c);
    if (n_a != n_b)
        die("%s: row %zu: %zu numbers to compare in '%s', expected %zu", found->path, other + 1,
            n_b, c->found, n_a);
    for (size_t i = 0; i < n_a; i++) {
        double d = fabs(a[i] - b[i]) / unit;

        if (c->relative && fabs(a[i]) > 1)
            d /= fabs(a[i]);
        c->n++;
        c->n_bad += d > c->tolerance;
        if (d >= c->worst) {
            c->worst = d;
            c->worst_row = row;
        }
    }
}

static bool
compare(struct options *o, const struct table *expected, const struct table *found)
{
    bool good = expected->n_rows > 0;

    if (!good)
        fprintf(stderr, "%s: no row to compare\n", expected->path);
    for (size_t i = 0; i < expected->n_rows; i++) {
        size_t j = partner(o, expected, i, found);

        if (j == SIZE_MAX) {
            fprintf(stderr, "missing, or there twice:");
            print_key(o, expected, i);
            fprintf(stderr, "\n");
            good = false;
            continue;
        }
        for (size_t k = 0; k < o->n_comparisons; k++)
            compare_cell(&o->comparison[k], expected, i, found, j);
    }
    if (!o->subset && found->n_rows != expected->n_rows) {
        fprintf(stderr, "%zu rows, expected %zu\n", found->n_rows, expected->n_rows);
        good = false;
    }
    return good;
}

static bool
report(const struct options *o, const struct table *expected)
{
    bool good = true;

    for (size_t k = 0; k < o->n_comparisons; k++) {
        const struct comparison *c = &o->comparison[k];

        fprintf(stderr, "%s: largest difference %.3g of %llu", c->spec, c->worst,
                (unsigned long long)c->n);
        if (c->n) {
            fprintf(stderr, ", at");
            print_key(o, expected, c->worst_row);
        }
        if (c->n_bad)
            fprintf(stderr, "; %llu too large", (unsigned long long)c->n_bad);
        fprintf(stderr, "\n");
        good = good && c->n && !c->n_bad;
    }
    return good;
}

/* --- command line --- */

static void
parse_comparison(struct comparison *c, const char *spec)
{
    char *text = mem_strdup(spec), *colon = strrchr(text, ':'), *equals, *at, *end;

    c->spec = spec;
    c->every = 1;
    if (!colon)
        die_usage("-c %s: expected COLUMN:TOLERANCE", spec);
    *colon = '\0';
    c->tolerance = strtod(colon + 1, &end);
    c->relative = *end == 'r';
    c->to_peak = *end == 'p';
    if (c->relative || c->to_peak)
        end++;
    if (end == colon + 1 || *end || !(c->tolerance >= 0))
        die_usage("-c %s: '%s' is not a tolerance", spec, colon + 1);
    c->found = c->expected = text;
    equals = strchr(text, '=');
    if (equals) {
        c->expected = equals + 1;
        c->sum = equals > text && equals[-1] == '+';
        equals[c->sum ? -1 : 0] = '\0';
    }
    at = strchr(text, '@');
    if (at) {
        *at = '\0';
        c->every = strtoul(at + 1, &end, 10);
        if (*end || !c->every)
            die_usage("-c %s: '%s' is not a number of steps", spec, at + 1);
    }
}

static void
parse_options(struct options *o, int argc, char **argv)
{
    int c;

    while ((c = getopt(argc, argv, "k:c:s")) != -1) {
        if (c == 'k')
            o->n_keys = split(optarg, ',', o->key, MAX_KEYS);
        else if (c == 'c' && o->n_comparisons < MAX_COMPARISONS)
            parse_comparison(&o->comparison[o->n_comparisons++], optarg);
        else if (c == 's')
            o->subset = true;
        else
            die_usage("see the head of tests/helpers/numcmp.c");
    }
    if (!o->n_comparisons || optind == argc || argc - optind > 2)
        die_usage("expected -c COMPARISON... EXPECTED [FOUND]");
    o->expected = argv[optind];
    o->found = optind + 1 < argc ? argv[optind + 1] : NULL;
}

int
main(int argc, char **argv)
{
    struct options o = { .n_keys = 0 };
    struct table expected = { .n_rows = 0 }, found = { .n_rows = 0 };
    bool good;

    prog_name = "numcmp";
    parse_options(&o, argc, argv);
    read_table(&expected, o.expected);
    read_table(&found, o.found);
    good = compare(&o, &expected, &found);
    good = report(&o, &expected) && good;
    for (size_t k = 0; k < o.n_comparisons; k++)
        free(o.comparison[k].found);
    free_table(&expected);
    free_table(&found);
    return good ? EXIT_OK : EXIT_DATA;
}
