/* SPDX-License-Identifier: MIT */
#include "genome/ccre.h"

#include <stdlib.h>
#include <string.h>

#include "genome/sites_parse.h"
#include "genome/tabfile.h"
#include "prog/mem.h"

enum { COLUMNS = 10, CLASS = 5, BIGBED_CLASS = 9, MAX_CLASSES = 64, QUOTED = 40 };

struct reader {
    struct ccre *c;
    struct tabfile *file;
    struct chrom_cache chrom;
    size_t cap, column;         /* column of the class; 0 until a line was seen */
    uint32_t last;              /* class of the line before */
};

int
ccre_class(const struct ccre *c, const char *name)
{
    for (size_t i = 0; i < c->n_classes; i++)
        if (strcmp(c->class[i], name) == 0)
            return (int)i;
    return -1;
}

static int
find_class(struct reader *r, const char *name, struct err *e)
{
    struct ccre *c = r->c;
    int found;

    if (c->n_classes && strcmp(c->class[r->last], name) == 0)
        return 0;
    found = ccre_class(c, name);
    if (found < 0 && c->n_classes == MAX_CLASSES)
        return err_set(e, "%s: '%.*s' in column %zu is the %dth different class; is that the "
                       "column of cCRE classes (PLS, dELS, ...)?", tabfile_where(r->file), QUOTED,
                       name, r->column + 1, MAX_CLASSES + 1);
    if (found < 0) {
        c->class[c->n_classes] = mem_strdup(name);
        found = (int)c->n_classes++;
    }
    r->last = (uint32_t)found;
    return 0;
}

static bool
is_strand(const char *s)
{
    return (*s == '.' || *s == '+' || *s == '-') && !s[1];
}

static int
check_columns(struct reader *r, char **field, size_t n, struct err *e)
{
    if (n > CLASS && !r->column)
        r->column = n > BIGBED_CLASS && is_strand(field[CLASS]) ? BIGBED_CLASS : CLASS;
    if (n <= r->column || n <= CLASS)
        return err_set(e, "%s: has %zu columns separated by tabs, expected at least %zu with the "
                       "class of the element in column %zu; is the file the cCRE BED of SCREEN?",
                       tabfile_where(r->file), n, r->column ? r->column + 1 : CLASS + 1,
                       r->column ? r->column + 1 : CLASS + 1);
    if (!*field[r->column] || is_strand(field[r->column]))
        return err_set(e, "%s: class in column %zu is '%s', expected one like PLS or dELS",
                       tabfile_where(r->file), r->column + 1, field[r->column]);
    return 0;
}

static int
read_line(struct reader *r, char *line, struct err *e)
{
    struct ccre *c = r->c;
    char *field[COLUMNS];
    struct ccre_row row;
    size_t n;

    if (sites_bed_skips(line))
        return 0;
    n = tabfile_split(field, COLUMNS, line);
    if (check_columns(r, field, n, e))
        return -1;
    if (!sites_parse_int(&row.start, field[1]) || !sites_parse_int(&row.end, field[2]) ||
        row.start >= row.end)
        return err_set(e, "%s: start and end are '%.*s' and '%.*s', expected whole numbers as in "
                       "BED, start below end", tabfile_where(r->file), QUOTED, field[1], QUOTED,
                       field[2]);
    row.contig = chrom_cache_find(&r->chrom, field[0]);
    if (row.contig == CHROM_SKIP)
        return 0;
    if (row.contig >= 0 && row.end > r->chrom.len)
        return err_set(e, "%s: interval ends at %lld, but %s has %lld bp; is --genome the "
                       "assembly of the elements?", tabfile_where(r->file), (long long)row.end,
                       field[0], (long long)r->chrom.len);
    if (find_class(r, field[r->column], e))
        return -1;
    row.class = r->last;
    mem_grow(&c->row, &r->cap, c->n + 1, sizeof *c->row);
    c->row[c->n++] = row;
    c->count[row.class]++;
    return 0;
}

static int
read_all(struct reader *r, struct err *e)
{
    char *line;
    int got;

    while ((got = tabfile_next(r->file, &line, e)) == 1)
        if (read_line(r, line, e)) {
            got = -1;
            break;
        }
    if (tabfile_close(r->file, got == 0 ? r->c->sha256 : NULL, e) || got)
        return -1;
    if (!r->c->n)
        return err_set(e, "%s: has no elements on the wanted chromosomes", r->c->file);
    return 0;
}

struct ccre *
ccre_read(const char *path, const struct chrom_finder *f, struct err *e)
{
    struct reader r = { .file = tabfile_open(path, "the cCRE BED of SCREEN", true, e) };
    struct ccre *c;
    int status;

    if (!r.file)
        return NULL;
    c = r.c = mem_zalloc(sizeof *c);
    c->file = mem_strdup(tabfile_name(r.file));
    c->class = mem_array(MAX_CLASSES, sizeof *c->class);
    c->count = mem_array(MAX_CLASSES, sizeof *c->count);
    chrom_cache_init(&r.chrom, f);
    status = read_all(&r, e);
    chrom_cache_free(&r.chrom);
    if (status == 0)
        return c;
    ccre_free(c);
    return NULL;
}

void
ccre_free(struct ccre *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_classes; i++)
        free(c->class[i]);
    free(c->class);
    free(c->count);
    free(c->row);
    free(c->file);
    free(c);
}

char *
ccre_describe(const struct ccre *c)
{
    char *text = mem_strdup("");

    for (size_t i = 0; i < c->n_classes; i++) {
        char *longer = mem_printf("%s%s%s %zu", text, i ? ", " : "", c->class[i], c->count[i]);

        free(text);
        text = longer;
    }
    return text;
}
