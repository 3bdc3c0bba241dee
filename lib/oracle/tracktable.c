/* SPDX-License-Identifier: MIT */
#include "oracle/tracktable.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/fio.h"
#include "prog/mem.h"

struct track_rows *
track_rows_new(void)
{
    return mem_zalloc(sizeof(struct track_rows));
}

void
track_rows_free(struct track_rows *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n; i++) {
        free(r->row[i].id);
        free(r->row[i].assay);
        free(r->row[i].description);
    }
    free(r->row);
    free(r);
}

static struct track_row *
add_row(struct track_rows *r)
{
    struct track_row *row;

    r->row = mem_resize(r->row, r->n + 1, sizeof *r->row);
    row = &r->row[r->n];
    *row = (struct track_row){ .scale = 1, .pair = r->n };
    r->n++;
    return row;
}

enum column { IDENTIFIER, DESCRIPTION, SCALE, CLIP_SOFT, SUM_STAT, STRAND_PAIR, COLUMNS };

static const char *const column_name[COLUMNS] = {
    "identifier", "description", "scale", "clip_soft", "sum_stat", "strand_pair",
};

enum { MAX_FIELDS = 64 };

struct table {
    const char *path;
    int at[COLUMNS];            /* field of each column, or -1 */
    size_t n_fields;
    unsigned line;
};

/* Fields of a line in place; returns how many. */
static size_t
split(char *field[MAX_FIELDS], char *line, const char *separators)
{
    size_t n = 0;

    for (char *at = line, *word; n < MAX_FIELDS && (word = strsep(&at, separators)) != NULL;)
        field[n++] = word;
    return n;
}

static int
read_header(struct table *t, char *line, struct err *e)
{
    char *field[MAX_FIELDS];

    t->n_fields = split(field, line, "\t");
    for (int c = 0; c < COLUMNS; c++) {
        t->at[c] = -1;
        for (size_t i = 0; i < t->n_fields; i++)
            if (strcmp(field[i], column_name[c]) == 0)
                t->at[c] = (int)i;
    }
    if (t->at[IDENTIFIER] < 0 || t->at[DESCRIPTION] < 0)
        return err_set(e, "%s:1: is not a targets table: its first line must name the columns, "
                       "'identifier' and 'description' among them, separated by tabs", t->path);
    return 0;
}

static int
number(double *value, const struct table *t, char **field, enum column c, struct err *e)
{
    char *end;

    if (t->at[c] < 0)
        return 0;
    *value = strtod(field[t->at[c]], &end);
    if (*end || end == field[t->at[c]] || !isfinite(*value) || *value < 0)
        return err_set(e, "%s:%u: column %s holds '%s', expected a number", t->path, t->line,
                       column_name[c], field[t->at[c]]);
    return 0;
}

/* "CHIP:H3K27ac:K562": what is before the first colon, "/" and "-" as "_"; RNA of any kind. */
static char *
assay_of(const char *description)
{
    char *assay = mem_strndup(description, strcspn(description, ":"));

    for (char *c = assay; *c; c++)
        if (*c == '-' || *c == '/')
            *c = '_';
    return assay;
}

static int
read_row(struct track_rows *r, const struct table *t, char *line, struct err *e)
{
    char *field[MAX_FIELDS];
    size_t n = split(field, line, "\t");
    struct track_row *row;
    double pair = (double)r->n;

    if (n != t->n_fields)
        return err_set(e, "%s:%u: %zu columns, expected the %zu of the first line", t->path,
                       t->line, n, t->n_fields);
    row = add_row(r);
    row->id = mem_strdup(field[t->at[IDENTIFIER]]);
    row->description = mem_strdup(field[t->at[DESCRIPTION]]);
    row->assay = assay_of(row->description);
    if (!*row->id)
        return err_set(e, "%s:%u: the identifier is empty", t->path, t->line);
    if (number(&row->scale, t, field, SCALE, e) || number(&row->clip_soft, t, field, CLIP_SOFT, e) ||
        number(&pair, t, field, STRAND_PAIR, e))
        return -1;
    row->sqrt = t->at[SUM_STAT] >= 0 && strstr(field[t->at[SUM_STAT]], "sqrt") != NULL;
    row->pair = (size_t)pair;
    return 0;
}

/* Each of a pair must name the other. */
static int
check_pairs(const struct track_rows *r, const char *path, struct err *e)
{
    for (size_t i = 0; i < r->n; i++) {
        size_t pair = r->row[i].pair;

        if (pair >= r->n || r->row[pair].pair != i)
            return err_set(e, "%s:%zu: strand_pair %zu is not the row of a track paired with row "
                           "%zu; has the table been cut or sorted?", path, i + 2, pair, i);
    }
    return 0;
}

typedef int line_fn(struct track_rows *r, struct table *t, char *line, struct err *e);

static int
targets_line(struct track_rows *r, struct table *t, char *line, struct err *e)
{
    return t->line == 1 ? read_header(t, line, e) : read_row(r, t, line, e);
}

/* Every line without its end to take; empty ones are left out. */
static int
each_line(struct track_rows *r, struct table *t, line_fn *take, struct err *e)
{
    FILE *fp = fopen(t->path, "r");
    char *line = NULL;
    size_t room = 0;
    int status = 0;

    if (!fp)
        return err_sys(e, "%s: cannot open the table of tracks", t->path);
    fio_reads(t->path);
    while (status == 0 && getline(&line, &room, fp) > 0) {
        t->line++;
        line[strcspn(line, "\r\n")] = '\0';
        if (*line)
            status = take(r, t, line, e);
    }
    if (status == 0 && ferror(fp))
        status = err_sys(e, "%s: cannot read", t->path);
    free(line);
    fclose(fp);
    return status;
}

struct track_rows *
track_rows_read_targets(const char *path, struct err *e)
{
    struct track_rows *r = track_rows_new();
    struct table t = { .path = path };
    int status = each_line(r, &t, targets_line, e);

    r->has_pairs = t.at[STRAND_PAIR] >= 0;
    r->has_scales = t.at[SCALE] >= 0 && t.at[CLIP_SOFT] >= 0;
    if (status == 0 && !r->n)
        status = err_set(e, "%s: holds no tracks", path);
    if (status == 0 && r->has_pairs)
        status = check_pairs(r, path, e);
    if (status == 0)
        return r;
    track_rows_free(r);
    return NULL;
}

static char *
trim(char *s)
{
    size_t n;

    while (*s == ' ')
        s++;
    n = strlen(s);
    while (n && s[n - 1] == ' ')
        s[--n] = '\0';
    return s;
}

static int
profile_line(struct track_rows *r, struct table *t, char *line, struct err *e)
{
    char *field[MAX_FIELDS];
    size_t n = split(field, line, "|");
    const char *replicate;
    struct track_row *row;

    if (n < 3 || n > 4)
        return err_set(e, "%s:%u: expected 'cell type | assay | id', with a replicate number or "
                       "without, found '%.200s'", t->path, t->line, line);
    for (size_t i = 0; i < n; i++)
        field[i] = trim(field[i]);
    replicate = n == 4 && strcmp(field[3], "0") != 0 ? field[3] : NULL;
    row = add_row(r);
    row->id = mem_printf("TA#%s@%s@%s%s%s", field[0], field[1], field[2], replicate ? "@" : "",
                         replicate ? replicate : "");
    row->assay = mem_strdup(field[1]);
    row->description = mem_strdup(field[0]);
    return 0;
}

int
track_rows_add_profiles(struct track_rows *r, const char *path, struct err *e)
{
    struct table t = { .path = path };

    return each_line(r, &t, profile_line, e);
}

static void
add_class(struct track_rows *r, const char *label, const char *name, const char *group,
          const char *rank)
{
    struct track_row *row = add_row(r);

    row->id = mem_printf("CA#%s@%s@%s@%s", label, name, group, rank);
    row->assay = mem_strdup("sequence-class");
    row->description = mem_strdup(name);
}

/* "label<TAB>name<TAB>rank<TAB>group" under a header, or "label name" alone. */
static int
class_line(struct track_rows *r, struct table *t, char *line, struct err *e)
{
    char *field[MAX_FIELDS], rank[32], *space;
    size_t n = split(field, line, "\t");

    if (n == 4) {
        if (t->line > 1)
            add_class(r, field[0], field[1], field[3], field[2]);
        return 0;
    }
    space = strchr(line, ' ');
    if (n != 1 || !space)
        return err_set(e, "%s:%u: expected four columns (label, name, rank, group) or 'label "
                       "name', found '%.200s'", t->path, t->line, line);
    *space = '\0';
    snprintf(rank, sizeof rank, "%u", t->line - 1);
    add_class(r, line, trim(space + 1), "", rank);
    return 0;
}

int
track_rows_add_classes(struct track_rows *r, const char *path, struct err *e)
{
    struct table t = { .path = path };

    return each_line(r, &t, class_line, e);
}
