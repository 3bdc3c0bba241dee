/* SPDX-License-Identifier: MIT */
#include "genome/dhs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "genome/sites_parse.h"
#include "genome/tabfile.h"
#include "prog/mem.h"

enum { SEQNAME, SUMMIT, SIGNAL, SAMPLES, WANTED, MAX_COLUMNS = 64, QUOTED = 40 };

static const char *const wanted[WANTED] = { "seqname", "summit", "mean_signal", "numsamples" };

struct reader {
    struct dhs *d;
    struct tabfile *file;
    struct chrom_cache chrom;
    size_t column[WANTED], n_columns, cap;
};

static int
read_header(struct reader *r, char *line, struct err *e)
{
    char *field[MAX_COLUMNS];

    r->n_columns = tabfile_split(field, MAX_COLUMNS, line + (*line == '#'));
    if (r->n_columns > MAX_COLUMNS)
        r->n_columns = MAX_COLUMNS;
    for (size_t k = 0; k < WANTED; k++) {
        size_t i = 0;

        while (i < r->n_columns && strcmp(field[i], wanted[k]) != 0)
            i++;
        if (i == r->n_columns)
            return err_set(e, "%s: header has no column '%s' (first column: '%.*s'); is the file "
                           "the DHS index with its header line?", tabfile_where(r->file),
                           wanted[k], QUOTED, field[0]);
        r->column[k] = i;
    }
    return 0;
}

static bool
parse_signal(double *value, const char *text)
{
    char *end;

    *value = strtod(text, &end);
    return end != text && !*end && isfinite(*value);
}

static int
read_row(struct reader *r, char *line, struct err *e)
{
    char *field[MAX_COLUMNS], *text[WANTED];
    struct dhs *d = r->d;
    struct dhs_row row;
    const size_t n = tabfile_split(field, MAX_COLUMNS, line);
    int64_t samples;

    if (n < r->n_columns)
        return err_set(e, "%s: has %zu columns separated by tabs, expected the %zu of the header; "
                       "is the file complete?", tabfile_where(r->file), n, r->n_columns);
    for (size_t k = 0; k < WANTED; k++)
        text[k] = field[r->column[k]];
    row.contig = chrom_cache_find(&r->chrom, text[SEQNAME]);
    if (row.contig == CHROM_SKIP)
        return 0;
    if (!sites_parse_int(&row.summit, text[SUMMIT]) || !sites_parse_int(&samples, text[SAMPLES]) ||
        samples > INT32_MAX || !parse_signal(&row.signal, text[SIGNAL]))
        return err_set(e, "%s: summit, numsamples and mean_signal are '%.*s', '%.*s' and '%.*s', "
                       "expected two whole numbers and a number", tabfile_where(r->file), QUOTED,
                       text[SUMMIT], QUOTED, text[SAMPLES], QUOTED, text[SIGNAL]);
    if (row.contig >= 0 && row.summit >= r->chrom.len)
        return err_set(e, "%s: summit is %lld, but %s has %lld bp; is --genome the assembly of the "
                       "index?", tabfile_where(r->file), (long long)row.summit, text[SEQNAME],
                       (long long)r->chrom.len);
    row.samples = (int32_t)samples;
    mem_grow(&d->row, &r->cap, d->n + 1, sizeof *d->row);
    d->row[d->n++] = row;
    return 0;
}

static int
read_all(struct reader *r, struct err *e)
{
    char *line;
    int got = tabfile_next(r->file, &line, e);

    if (got == 1 && read_header(r, line, e))
        got = -1;
    while (got == 1 && (got = tabfile_next(r->file, &line, e)) == 1)
        if (read_row(r, line, e))
            got = -1;
    if (tabfile_close(r->file, got == 0 ? r->d->sha256 : NULL, e) || got)
        return -1;
    if (!r->d->n)
        return err_set(e, "%s: has no sites on the wanted chromosomes", r->d->file);
    return 0;
}

struct dhs *
dhs_read(const char *path, const struct chrom_finder *f, struct err *e)
{
    struct reader r = { .file = tabfile_open(path, "the DHS index", true, e) };
    struct dhs *d;
    int status;

    if (!r.file)
        return NULL;
    d = r.d = mem_zalloc(sizeof *d);
    d->file = mem_strdup(tabfile_name(r.file));
    chrom_cache_init(&r.chrom, f);
    status = read_all(&r, e);
    chrom_cache_free(&r.chrom);
    if (status == 0)
        return d;
    dhs_free(d);
    return NULL;
}

void
dhs_free(struct dhs *d)
{
    if (!d)
        return;
    free(d->row);
    free(d->file);
    free(d);
}
