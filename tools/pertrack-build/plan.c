/* SPDX-License-Identifier: MIT */
/* The units of a build, as a table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

static const char columns[] = "#number\tunit\tkind\tset\tshard\tsites\ttracks\tseconds\n";

char *
set_table(const struct build *b, int64_t set)
{
    char *path = folder_path(b, "sets/%lld.tsv", (long long)set);

    if (is_file(path))
        return path;
    free(path);
    return mem_strdup(b->tracks);
}

static void
write_rows(const struct plan *p, FILE *fp)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct unit *u = &p->unit[i];

        fprintf(fp, "%zu\t%s\t%s\t%lld\t%lld\t%lld\t%lld\t", i + 1, u->name, kind_name[u->kind],
                (long long)u->set, (long long)u->shard, (long long)u->sites,
                (long long)u->tracks);
        fprintf(fp, u->seconds > 0 ? "%.2f\n" : ".\n", u->seconds);
    }
}

void
plan_write(const struct plan *p, const struct build *b)
{
    char *path = folder_path(b, "plan.tsv"), *list = folder_path(b, "units.list");
    FILE *fp = fio_open_out(path, false);

    fputs(columns, fp);
    write_rows(p, fp);
    fio_close_out(fp, path);
    fp = fio_open_out(list, false);
    for (size_t i = 0; i < p->n; i++)
        fprintf(fp, "%s\n", p->unit[i].name);
    fio_close_out(fp, list);
    free(path);
    free(list);
}

static void
damaged(const char *path, unsigned line)
{
    die("%s:%u: is not a line of a plan; run pertrack-build --plan to write it anew", path, line);
}

static void
take_unit(struct plan *p, char *line, const char *path, unsigned number)
{
    long long set, shard, sites, tracks;
    char name[64], kind[16], seconds[32];
    struct unit *u;
    int k = 0;

    if (sscanf(line, "%*u %63s %15s %lld %lld %lld %lld %31s", name, kind, &set, &shard, &sites,
               &tracks, seconds) != 7)
        damaged(path, number);
    while (k < KINDS && strcmp(kind, kind_name[k]) != 0)
        k++;
    if (k == KINDS || set < 1 || shard < 1)
        damaged(path, number);
    p->unit = mem_resize(p->unit, p->n + 1, sizeof *p->unit);
    u = &p->unit[p->n++];
    *u = (struct unit){ mem_strdup(name), (enum kind)k, set, shard, sites, tracks,
                        atof(seconds) };
    p->sets = set > p->sets ? set : p->sets;
    if (set == 1)
        p->sites[k] += sites;
}

void
plan_read(struct plan *p, const struct build *b)
{
    char *path = folder_path(b, "plan.tsv"), *line = NULL;
    FILE *fp = fopen(path, "r");
    unsigned number = 0;
    size_t room = 0;

    memset(p, 0, sizeof *p);
    if (!fp)
        die("%s: cannot open: %s; run first: pertrack-build --plan %s", path, strerror(errno),
            b->file);
    while (getline(&line, &room, fp) > 0)
        if (++number > 1)
            take_unit(p, line, path, number);
    if (!p->n)
        damaged(path, 1);
    free(line);
    fclose(fp);
    free(path);
}

void
plan_print(const struct plan *p, const struct build *b, FILE *fp)
{
    (void)b;
    fputs(columns, fp);
    write_rows(p, fp);
}

void
plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->unit[i].name);
    free(p->unit);
    memset(p, 0, sizeof *p);
}

const struct unit *
plan_find(const struct plan *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->unit[i].name, name) == 0)
            return &p->unit[i];
    return NULL;
}

void
todo_find(struct todo *t, const struct build *b, const struct plan *p, bool removes)
{
    t->whole = mem_array(p->n, sizeof *t->whole);
    t->n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct unit *u = &p->unit[i];
        struct err e;
        const enum unit_state state = unit_check(b, u, &e);

        stop_if_asked();
        t->whole[i] = state == UNIT_WHOLE;
        t->n += state != UNIT_WHOLE;
        if (!removes || state == UNIT_WHOLE || state == UNIT_MISSING)
            continue;
        note("%s is done again: %s", u->name, e.msg);
        {
            char *path = unit_path(b, u, "units", ".res");

            if (remove(path))
                die("%s: cannot remove: %s", path, strerror(errno));
            free(path);
        }
    }
}

void
todo_free(struct todo *t)
{
    free(t->whole);
}
