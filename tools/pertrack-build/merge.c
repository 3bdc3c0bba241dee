/* SPDX-License-Identifier: MIT */
/*
 * From whole units to the background.  Every unit must be there, once, whole, and of this build;
 * then cdf-pack grids each track set, and joins the sets.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "digest/hash256.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "reservoir/shards.h"
#include "stream/meta.h"
#include "stream/stream.h"

/* Units named one by one; of more only the number is told. */
enum { NAMED = 20 };

static size_t
name_gaps(const struct build *b, const struct plan *p, const struct todo *t)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        struct err e;

        if (t->whole[i])
            continue;
        if (n++ >= NAMED)
            continue;
        switch (unit_check(b, &p->unit[i], &e)) {
        case UNIT_MISSING:
            fprintf(stderr, "%s: %s is missing\n", prog_name, p->unit[i].name);
            break;
        case UNIT_DAMAGED:
            fprintf(stderr, "%s: %s is damaged: %s\n", prog_name, p->unit[i].name, e.msg);
            break;
        case UNIT_OTHER:
            fprintf(stderr, "%s: %s is of another build or shard: %s\n", prog_name,
                    p->unit[i].name, e.msg);
            break;
        case UNIT_WHOLE:
            n--;
            break;
        }
    }
    if (n > NAMED)
        fprintf(stderr, "%s: and %zu more\n", prog_name, n - NAMED);
    return n;
}

/* What a file that is no unit of the plan seems to be. */
static void
name_stray(const struct build *b, const struct plan *p, const char *file)
{
    char *path = folder_path(b, "units/%s", file);
    const char *twin = NULL;
    struct err e;

    for (size_t i = 0; i < p->n && !twin; i++) {
        const struct unit *u = &p->unit[i];

        if (state_check(b, path, u->kind, u->set, u->shard, &e) == UNIT_WHOLE)
            twin = u->name;
    }
    if (twin)
        fprintf(stderr, "%s: %s is a duplicate of %s\n", prog_name, path, twin);
    else
        fprintf(stderr, "%s: %s is not a unit of this build\n", prog_name, path);
    free(path);
}

static size_t
name_strays(const struct build *b, const struct plan *p)
{
    char *folder = folder_path(b, "units");
    DIR *d = opendir(folder);
    struct dirent *f;
    size_t n = 0;

    while (d && (f = readdir(d)) != NULL) {
        const size_t len = strlen(f->d_name);
        char *name;

        if (f->d_name[0] == '.')
            continue;
        name = mem_strndup(f->d_name, len > 4 ? len - 4 : 0);
        if (len <= 4 || strcmp(f->d_name + len - 4, ".res") != 0 || !plan_find(p, name)) {
            name_stray(b, p, f->d_name);
            n++;
        }
        free(name);
    }
    if (d)
        closedir(d);
    free(folder);
    return n;
}

/* Options of cdf-pack that this build asks for, in both of its uses. */
static void
start_pack(struct words *argv, const struct build *b)
{
    words_add(argv, "cdf-pack");
    words_add(argv, "-q");
    words_add_all(argv, &b->pack);
}

static void
add_width(struct words *argv, const struct build *b)
{
    char text[32];

    if (!b->width)
        return;
    snprintf(text, sizeof text, "%lld", (long long)b->width);
    words_add(argv, "--width");
    words_add(argv, text);
}

static void
add_target(struct words *argv, const struct build *b)
{
    words_add(argv, b->replace ? "--replace" : "-o");
    words_add(argv, b->replace ? b->replace : b->output);
    if (b->held_out) {
        words_add(argv, "--held-out");
        words_add(argv, b->held_out);
    }
}

static void
add_units(struct words *argv, const struct build *b, const struct plan *p, int64_t set)
{
    for (size_t i = 0; i < p->n; i++) {
        char *path;

        if (p->unit[i].set != set)
            continue;
        path = unit_path(b, &p->unit[i], "units", ".res");
        words_add(argv, path);
        free(path);
    }
}

static void
run_pack(const struct words *argv)
{
    struct err e;

    if (program_run(argv, NULL, NULL, &e)) {
        stop_if_asked();
        die("%s", e.msg);
    }
}

/* One set: from units to the result at once. */
static void
pack_one(const struct build *b, const struct plan *p)
{
    struct words argv = { 0 };

    start_pack(&argv, b);
    add_width(&argv, b);
    if (b->append) {
        words_add(&argv, "--append");
        words_add(&argv, b->append);
    }
    add_target(&argv, b);
    add_units(&argv, b, p, 1);
    run_pack(&argv);
    words_free(&argv);
}

/* Several: a file of each, and these joined in the order of the table. */
static void
pack_sets(const struct build *b, const struct plan *p)
{
    struct words join = { 0 };

    start_pack(&join, b);
    words_add(&join, "--merge");
    add_target(&join, b);
    if (b->append)
        words_add(&join, b->append);
    for (int64_t set = 1; set <= p->sets; set++) {
        char *path = folder_path(b, "sets/%lld.npz", (long long)set);
        struct words argv = { 0 };

        start_pack(&argv, b);
        add_width(&argv, b);
        words_add(&argv, "-o");
        words_add(&argv, path);
        add_units(&argv, b, p, set);
        run_pack(&argv);
        words_add(&join, path);
        words_free(&argv);
        free(path);
    }
    run_pack(&join);
    for (int64_t set = 1; set <= p->sets; set++) {
        char *path = folder_path(b, "sets/%lld.npz", (long long)set);

        unlink(path);
        free(path);
    }
    words_free(&join);
}

/* What the output depends on besides the units: checksum of build.id, options of the merge. */
static void
describe_merge(char text[2048], const struct build *b)
{
    char *id = folder_path(b, "build.id"), hex[65] = "?";
    struct err e;
    size_t n;

    if (hash256_file(hex, id, -1, &e))
        die_err(&e);
    n = (size_t)snprintf(text, 2048, "%s width=%lld append=%s replace=%s", hex,
                         (long long)b->width, b->append ? b->append : "",
                         b->replace ? b->replace : "");
    for (size_t i = 0; i < b->pack.n && n < 2000; i++)
        n += (size_t)snprintf(text + n, 2048 - n, " %.500s", b->pack.item[i]);
    free(id);
}

static void
write_merged(const struct build *b, const char *output)
{
    char *path = folder_path(b, "merged.tsv"), how[2048], hex[65];
    FILE *fp;
    struct err e;

    if (hash256_file(hex, output, -1, &e))
        die_err(&e);
    describe_merge(how, b);
    fp = fio_open_out(path, false);
    fprintf(fp, "%s\t%s\t%s\n", hex, output, how);
    fio_close_out(fp, path);
    free(path);
}

/* merged.tsv tells of this output, and of this description when how is not NULL. */
static bool
merged_is(const struct build *b, const char *output, const char *how)
{
    char *path = folder_path(b, "merged.tsv"), *line = NULL, hex[65];
    FILE *fp = fopen(path, "r");
    size_t room = 0;
    bool same = false;
    struct err e;

    free(path);
    if (!fp)
        return false;
    if (getline(&line, &room, fp) > 0 && is_file(output) &&
        hash256_file(hex, output, -1, &e) == 0) {
        char *want = mem_printf("%s\t%s\t%s", hex, output, how ? how : "");

        line[strcspn(line, "\n")] = '\0';
        same = how ? strcmp(line, want) == 0 : strncmp(line, want, strlen(want)) == 0;
        free(want);
    }
    free(line);
    fclose(fp);
    return same;
}

bool
merge_is_current(const struct build *b)
{
    const char *output = b->replace ? b->replace : b->output;
    char how[2048];

    describe_merge(how, b);
    return merged_is(b, output, how);
}

bool
merge_made(const struct build *b, const char *output)
{
    return merged_is(b, output, NULL);
}

int
merge(const struct build *b, const struct plan *p, const struct todo *t)
{
    const char *output = b->replace ? b->replace : b->output;
    const size_t gaps = name_gaps(b, p, t), strays = name_strays(b, p);
    char *quoted = shell_quote(b->file);

    if (strays)
        fprintf(stderr, "%s: %zu files in %s/units do not belong there; move them away\n",
                prog_name, strays, b->folder);
    if (gaps)
        fprintf(stderr, "%s: %zu of %zu units are not there or not whole; to complete them run\n"
                "    pertrack-build %s\n", prog_name, gaps, p->n, quoted);
    free(quoted);
    if (gaps || strays)
        return EXIT_DATA;
    if (p->sets == 1)
        pack_one(b, p);
    else
        pack_sets(b, p);
    write_merged(b, output);
    return EXIT_OK;
}
