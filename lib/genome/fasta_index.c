/* SPDX-License-Identifier: MIT */
#include "genome/fasta_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "genome/sites_parse.h"
#include "prog/mem.h"

/* Whole file with a terminator; NULL with e set. */
static char *
read_text(const char *path, struct err *e)
{
    FILE *fp = fopen(path, "rb");
    struct stat st;
    char *text = NULL;
    size_t got;

    if (!fp || fstat(fileno(fp), &st)) {
        err_sys(e, "%s: cannot open", path);
        if (fp)
            fclose(fp);
        return NULL;
    }
    text = mem_alloc((size_t)st.st_size + 1);
    got = fread(text, 1, (size_t)st.st_size, fp);
    if (ferror(fp) || got != (size_t)st.st_size || memchr(text, '\0', got)) {
        err_set(e, "%s: cannot be read, or is no text; remove it, it is made anew", path);
        free(text);
        text = NULL;
    } else {
        text[got] = '\0';
    }
    fclose(fp);
    return text;
}

/* Can every base of the contig have a place in a file? */
static bool
is_possible(const struct fasta_contig *c)
{
    int64_t lines, last;

    if (!c->len)
        return true;
    if (c->line_bases < 1 || c->line_bytes < c->line_bases ||
        (c->len > c->line_bases && c->line_bytes == c->line_bases))
        return false;
    lines = (c->len - 1) / c->line_bases;
    return !__builtin_mul_overflow(lines, c->line_bytes, &last) &&
           !__builtin_add_overflow(last, c->line_bytes, &last) &&
           !__builtin_add_overflow(last, c->offset, &last);
}

/* NAME LENGTH OFFSET LINE_BASES LINE_BYTES, with tabs between; cut up in place. */
static bool
parse_line(struct fasta_contig *c, char *line)
{
    int64_t *const number[] = { &c->len, &c->offset, &c->line_bases, &c->line_bytes };
    char *rest = line;

    c->name = strsep(&rest, "\t");
    for (size_t i = 0; i < ARRAY_LEN(number); i++) {
        const char *text = strsep(&rest, "\t");

        if (!text || !sites_parse_int(number[i], text))
            return false;
    }
    return *c->name && is_possible(c);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(const struct fasta_contig *const *)a)->name,
                  (*(const struct fasta_contig *const *)b)->name);
}

static int
check_names(const struct fasta_index *x, const char *path, struct err *e)
{
    const struct fasta_contig **sorted = mem_array(x->n, sizeof *sorted);
    int status = 0;

    for (size_t i = 0; i < x->n; i++)
        sorted[i] = &x->contig[i];
    qsort(sorted, x->n, sizeof *sorted, by_name);
    for (size_t i = 1; i < x->n && status == 0; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            status = err_set(e, "%s: lists contig '%.100s' twice; remove it, it is made anew", path,
                             sorted[i]->name);
    free(sorted);
    return status;
}

static int
parse(struct fasta_index *x, const char *path, struct err *e)
{
    char *rest = x->text, *line;
    size_t cap = 0, number = 0;

    while ((line = strsep(&rest, "\n")) != NULL) {
        const size_t n = strlen(line);

        number++;
        if (n && line[n - 1] == '\r')
            line[n - 1] = '\0';
        if (!*line)
            continue;
        mem_grow(&x->contig, &cap, x->n + 1, sizeof *x->contig);
        if (!parse_line(&x->contig[x->n], line))
            return err_set(e, "%s:%zu: is not name, length, offset, bases and bytes of a line; "
                           "remove the file, it is made anew", path, number);
        x->n++;
    }
    if (!x->n)
        return err_set(e, "%s: lists no contigs; remove it, it is made anew", path);
    return check_names(x, path, e);
}

int
fasta_index_read(struct fasta_index *x, const char *path, struct err *e)
{
    memset(x, 0, sizeof *x);
    x->text = read_text(path, e);
    if (x->text && parse(x, path, e) == 0)
        return 0;
    fasta_index_free(x);
    return -1;
}

void
fasta_index_free(struct fasta_index *x)
{
    free(x->contig);
    free(x->text);
    memset(x, 0, sizeof *x);
}
