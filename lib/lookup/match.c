/* SPDX-License-Identifier: MIT */
#include "lookup/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/fio.h"
#include "prog/mem.h"

static int
compare_aliases(const void *a, const void *b)
{
    return strcmp(((const struct match_alias *)a)->from, ((const struct match_alias *)b)->from);
}

static int
parse_line(struct match *m, char *line, struct err *e)
{
    char *tab = strchr(line, '\t');

    line[strcspn(line, "\r\n")] = '\0';
    if (!*line || *line == '#')
        return 0;
    if (!tab || tab == line || !tab[1] || strchr(tab + 1, '\t'))
        return err_set(e, "expected two columns separated by a tab (name in the scores, name in "
                       "the background), got '%.80s'", line);
    *tab = '\0';
    mem_grow(&m->alias, &m->cap_alias, m->n_alias + 1, sizeof *m->alias);
    m->alias[m->n_alias++] = (struct match_alias){ mem_strdup(line), mem_strdup(tab + 1) };
    return 0;
}

static int
check_aliases(const struct match *m, const char *path, struct err *e)
{
    for (size_t i = 1; i < m->n_alias; i++) {
        const struct match_alias *a = &m->alias[i - 1], *b = &m->alias[i];

        if (strcmp(a->from, b->from) == 0 && strcmp(a->to, b->to) != 0)
            return err_set(e, "%s: '%s' is both '%s' and '%s'; keep one of the two lines", path,
                           a->from, a->to, b->to);
    }
    return 0;
}

int
match_read_aliases(struct match *m, const char *path, struct err *e)
{
    FILE *fp = fopen(path, "r");
    unsigned long long number = 0;
    char *line = NULL;
    size_t cap = 0;
    int status = 0;

    if (!fp)
        return err_sys(e, "%s: cannot open", path);
    fio_reads(path);
    while (status == 0 && getline(&line, &cap, fp) > 0) {
        number++;
        if (parse_line(m, line, e))
            status = err_prefix(e, "%s:%llu", path, number);
    }
    if (status == 0 && ferror(fp))
        status = err_sys(e, "%s: cannot read", path);
    free(line);
    fclose(fp);
    if (status)
        return -1;
    if (m->n_alias)
        qsort(m->alias, m->n_alias, sizeof *m->alias, compare_aliases);
    return check_aliases(m, path, e);
}

void
match_free(struct match *m)
{
    for (size_t i = 0; i < m->n_alias; i++) {
        free(m->alias[i].from);
        free(m->alias[i].to);
    }
    free(m->alias);
    m->alias = NULL;
    m->n_alias = m->cap_alias = 0;
}

static bool
ends_with_strand(const char *name)
{
    size_t n = strlen(name);

    return n > 2 && name[n - 2] == ':' && (name[n - 1] == '+' || name[n - 1] == '-');
}

static ptrdiff_t
find_without_strand(const struct background *b, const char *name)
{
    char *base = mem_strndup(name, strlen(name) - 2);
    ptrdiff_t row = background_find(b, base);

    free(base);
    return row;
}

static ptrdiff_t
find_replaced(const struct background *b, const char *name, char from, char to)
{
    char *other = mem_strdup(name);
    ptrdiff_t row;

    for (char *p = other; *p; p++)
        if (*p == from)
            *p = to;
    row = background_find(b, other);
    free(other);
    return row;
}

static ptrdiff_t
find_as_chorus(const struct background *b, const char *name)
{
    ptrdiff_t row = find_replaced(b, name, ':', '_');

    if (row < 0)
        row = find_replaced(b, name, '_', ':');
    if (row < 0 && ends_with_strand(name))
        row = find_without_strand(b, name);
    if (row < 0 && strchr(name, ':'))
        row = background_find(b, strrchr(name, ':') + 1);
    return row;
}

ptrdiff_t
match_track(const struct match *m, const struct background *b, const char *name)
{
    struct match_alias key = { (char *)name, NULL };
    const struct match_alias *alias = m->n_alias ? bsearch(&key, m->alias, m->n_alias,
                                                           sizeof key, compare_aliases) : NULL;
    ptrdiff_t row;

    if (alias)
        return background_find(b, alias->to);
    row = background_find(b, name);
    if (row < 0 && m->strip_strand && ends_with_strand(name))
        row = find_without_strand(b, name);
    if (row < 0 && m->rule == MATCH_CHORUS)
        row = find_as_chorus(b, name);
    return row;
}
