/* SPDX-License-Identifier: MIT */
/*
 * What a build is made of: everything its units depend on, a line each.  Kept in the folder, so
 * that a folder is never continued with another description, other files or other programs.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "digest/hash256.h"
#include "genome/genome.h"
#include "prepare.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/prov.h"

static void
add(struct meta *m, const char *key, const char *value)
{
    if (value)
        meta_add(m, key, value);
}

/* "sha256 of the file FILE"; nothing for no file. */
static void
add_file(struct meta *m, const char *key, const char *path)
{
    char hex[65];
    struct err e;

    if (!path)
        return;
    if (!is_file(path)) {
        meta_add(m, key, path);
        return;
    }
    if (hash256_file(hex, path, -1, &e))
        die_err(&e);
    meta_add(m, key, hex);
    stop_if_asked();
}

/* Options, and the contents of files they name. */
static void
add_words(struct meta *m, const char *key, const struct words *w)
{
    struct buf b = { 0 };

    for (size_t i = 0; i < w->n; i++) {
        char *quoted = shell_quote(w->item[i]);

        if (i)
            buf_put_u8(&b, ' ');
        buf_put(&b, quoted, strlen(quoted));
        free(quoted);
    }
    buf_put_u8(&b, 0);
    if (w->n)
        meta_add(m, key, (char *)b.p);
    buf_free(&b);
    for (size_t i = 0; i < w->n; i++)
        if (is_file(w->item[i]))
            add_file(m, w->item[i], w->item[i]);
}

static void
add_number(struct meta *m, const char *key, int64_t v)
{
    if (v)
        meta_addf(m, key, "%lld", (long long)v);
}

void
identity_make(struct meta *m, const struct build *b, const struct table *t, struct genome *g)
{
    struct err e;

    meta_add(m, "format", "1");
    meta_add(m, "version", prog_version);
    meta_add(m, "oracle", b->oracle);
    if (genome_to_meta(g, m, &e))
        die_err(&e);
    for (int k = 0; k < KINDS; k++) {
        add_words(m, kind_name[k], &b->recipe[k]);
        add_file(m, k == VARIANTS ? "variants-file" : "baselines-file", b->sites_file[k]);
    }
    add_file(m, "gtf", b->gtf);
    add_file(m, "ccre", b->ccre);
    add_file(m, "dhs", b->dhs);
    add_words(m, "predict", &b->predict);
    add_words(m, "score-effect", &b->score);
    add(m, "kernels", b->kernels);
    meta_addf(m, "shards", "%lld", (long long)b->shards);
    add_number(m, "tracks-per-set", b->per_set);
    add_number(m, "capacity", b->capacity);
    add_number(m, "tail", b->tail);
    add_number(m, "expected", b->expected);
    if (b->capacity)
        add_number(m, "width", b->width);
    add_file(m, "tracks", b->tracks);
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->row[i].file.n; k++)
            add_file(m, t->row[i].id, t->row[i].file.item[k]);
}

/* The first line that differs, as "KEY is X, was Y"; caller frees.  NULL when none does. */
static char *
difference(const struct meta *now, const struct meta *then)
{
    for (size_t i = 0; i < now->n || i < then->n; i++) {
        const struct meta_line *a = i < now->n ? &now->line[i] : NULL;
        const struct meta_line *b = i < then->n ? &then->line[i] : NULL;

        if (a && b && strcmp(a->key, b->key) == 0 && strcmp(a->value, b->value) == 0)
            continue;
        if (a && b && strcmp(a->key, b->key) == 0)
            return mem_printf("%s is '%.300s', was '%.300s'", a->key, a->value, b->value);
        if (a && !meta_get(then, a->key))
            return mem_printf("%s is '%.300s', was not there", a->key, a->value);
        return mem_printf("%s was '%.300s'", b ? b->key : a->key, b ? b->value : a->value);
    }
    return NULL;
}

static bool
read_identity(struct meta *m, const char *path)
{
    FILE *fp = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;

    if (!fp)
        return false;
    while (getline(&line, &room, fp) > 0) {
        char *tab = strchr(line, '\t');

        line[strcspn(line, "\n")] = '\0';
        if (tab) {
            *tab = '\0';
            meta_add(m, line, tab + 1);
        }
    }
    free(line);
    fclose(fp);
    return true;
}

/* Remove the files of a folder of the build, and how many there were of the named ending. */
static size_t
sweep(const struct build *b, const char *name, const char *ending, bool removes)
{
    char *path = folder_path(b, "%s", name);
    const size_t n_ending = strlen(ending);
    DIR *d = opendir(path);
    struct dirent *f;
    size_t n = 0;

    while (d && (f = readdir(d)) != NULL) {
        const size_t len = strlen(f->d_name);

        if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0)
            continue;
        n += len > n_ending && strcmp(f->d_name + len - n_ending, ending) == 0;
        if (removes && unlinkat(dirfd(d), f->d_name, 0) && errno != EISDIR)
            die("%s/%s: cannot remove: %s", path, f->d_name, strerror(errno));
    }
    if (d)
        closedir(d);
    free(path);
    return n;
}

static void
clear_folder(const struct build *b)
{
    static const char *const part[] = { "units", "log", "expect", "sets", "sites", "calibrate" };
    static const char *const file[] = { "plan.tsv", "units.list", "estimate.tsv", "merged.tsv",
                                        "parallel.joblog", "build.id" };

    for (size_t i = 0; i < ARRAY_LEN(part); i++)
        sweep(b, part[i], ".res", true);
    for (size_t i = 0; i < ARRAY_LEN(file); i++) {
        char *path = folder_path(b, "%s", file[i]);

        unlink(path);
        free(path);
    }
}

static void
write_identity(const struct meta *m, const char *path)
{
    FILE *fp = fio_open_out(path, false);

    for (size_t i = 0; i < m->n; i++)
        fprintf(fp, "%s\t%s\n", m->line[i].key, m->line[i].value);
    fio_close_out(fp, path);
}

void
identity_claim(const struct build *b, const struct meta *now, bool restart)
{
    char *path = folder_path(b, "build.id"), *what = NULL;
    struct meta then;
    size_t n;

    meta_init(&then);
    if (read_identity(&then, path)) {
        what = difference(now, &then);
        n = sweep(b, "units", ".res", false);
        if (what && n && !restart)
            die("%s holds %zu units of another build: %s; give 'folder' another name, or throw "
                "them away with --restart", b->folder, n, what);
        if (what)
            note("%s is begun anew: %s", b->folder, what);
    }
    if (what || restart || !then.n)
        clear_folder(b);
    write_identity(now, path);
    meta_free(&then);
    free(what);
    free(path);
}
