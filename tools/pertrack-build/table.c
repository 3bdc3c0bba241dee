/* SPDX-License-Identifier: MIT */
/* The track table, to be cut into sets. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

/* Index of a column of a header line, or -1. */
static int
column(const char *header, const char *name)
{
    const size_t len = strlen(name);
    int i = 0;

    for (const char *p = header + (*header == '#'); p; i++) {
        const size_t n = strcspn(p, "\t");

        if (n == len && strncmp(p, name, n) == 0)
            return i;
        p = p[n] ? p + n + 1 : NULL;
    }
    return -1;
}

/* Field i of a line and its length; NULL when there are fewer. */
static const char *
field(const char *line, int i, size_t *len)
{
    for (; line; i--) {
        *len = strcspn(line, "\t");
        if (i == 0)
            return line;
        line = line[*len] ? line + *len + 1 : NULL;
    }
    return NULL;
}

/* A relative weight file is beside the table that names it. */
static char *
beside(const char *table, const char *file)
{
    const char *slash = strrchr(table, '/');

    if (file[0] == '/' || !slash)
        return mem_strdup(file);
    return mem_printf("%.*s/%s", (int)(slash - table), table, file);
}

/* The way from the folder of the sets' tables back to the working directory. */
static char *
way_back(const struct build *b)
{
    char *up = mem_strdup("../");

    if (b->folder[0] == '/' || strstr(b->folder, "..")) {
        free(up);
        return mem_printf("%s/", b->where);
    }
    for (const char *p = b->folder; *p;) {
        const size_t n = strcspn(p, "/");
        char *old = up;

        if (n && !(n == 1 && *p == '.')) {
            up = mem_printf("%s../", old);
            free(old);
        }
        p += n + (p[n] == '/');
    }
    return up;
}

/* The files of a model are joined by commas; predict takes the first to be beside the table. */
static void
split_files(struct words *files, const struct build *b, const char *text, size_t n)
{
    char *copy = mem_strndup(text, n), *at = copy, *word;

    while ((word = strsep(&at, ",")) != NULL) {
        char *path = files->n ? mem_strdup(word) : beside(b->tracks, word);

        if (*word)
            words_add(files, path);
        free(path);
    }
    free(copy);
}

/* The same as the table of a set names them, from its own folder. */
static char *
join_files(const struct build *b, const struct words *files, const char *back)
{
    char *text = mem_strdup("");

    for (size_t i = 0; i < files->n; i++) {
        const char *f = files->item[i];
        char *old = text;

        text = mem_printf("%s%s%s%s%s", old, i ? "," : "",
                          f[0] == '/' ? "" : files->n > 1 ? b->where : back,
                          f[0] != '/' && files->n > 1 ? "/" : "", f);
        free(old);
    }
    return text;
}

static void
take_row(struct table *t, const struct build *b, const char *line, unsigned number, int id,
         int weights, const char *back)
{
    size_t n_id, n_file;
    const char *at_id = field(line, id, &n_id), *at_file = field(line, weights, &n_file);
    struct row *r;
    char *files;

    if (!at_id || !at_file || !n_id || !n_file)
        die("%s:%u: a track needs an id and a weight file", b->tracks, number);
    t->row = mem_resize(t->row, t->n + 1, sizeof *t->row);
    r = &t->row[t->n++];
    memset(r, 0, sizeof *r);
    r->id = mem_strndup(at_id, n_id);
    split_files(&r->file, b, at_file, n_file);
    files = join_files(b, &r->file, back);
    r->line = mem_printf("%.*s%s%s", (int)(at_file - line), line, files, at_file + n_file);
    free(files);
    for (size_t i = 0; i + 1 < t->n; i++)
        if (strcmp(t->row[i].id, r->id) == 0)
            die("%s:%u: track '%s' is there twice; ids must differ", b->tracks, number, r->id);
}

void
table_read(struct table *t, const struct build *b)
{
    FILE *fp = fio_open_in(b->tracks);
    char *line = NULL, *back = way_back(b);
    int id = -1, weights = -1;
    unsigned number = 0;
    size_t room = 0;

    memset(t, 0, sizeof *t);
    while (getline(&line, &room, fp) > 0) {
        number++;
        line[strcspn(line, "\r\n")] = '\0';
        if (!t->header) {
            t->header = mem_strdup(line);
            id = column(line, "id");
            weights = column(line, "weights");
            if (id < 0 || weights < 0)
                die("%s:1: the first line must name the columns, 'id' and 'weights' among them, "
                    "separated by tabs", b->tracks);
        } else if (*line && *line != '#') {
            take_row(t, b, line, number, id, weights, back);
        }
    }
    free(line);
    free(back);
    fio_close_in(fp, b->tracks);
    if (!t->n)
        die("%s: holds no tracks; expected a header line and a line per track", b->tracks);
}

void
table_free(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->row[i].line);
        free(t->row[i].id);
        words_free(&t->row[i].file);
    }
    free(t->row);
    free(t->header);
    memset(t, 0, sizeof *t);
}
