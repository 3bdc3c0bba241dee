/* SPDX-License-Identifier: MIT */
/*
 * npzrow FILE.npz KIND [TRACK...] - print the rows of these tracks (default: of all), a line each:
 * the track, then its points, with %.9g.
 * npzrow FILE.npz - print the keys of the archive in order, with type and shape.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "background/background.h"
#include "prog/die.h"
#include "prog/mem.h"

static void
print_keys(const struct background *b)
{
    for (size_t i = 0; i < b->zip->n_member; i++) {
        char *key = mem_strdup(b->zip->member[i].name), descr[24];
        struct npy a;
        struct err e;
        void *v;

        key[strlen(key) - strlen(".npy")] = '\0';
        v = npz_read_any(b->zip, key, &a, &e);
        if (!v)
            die_err(&e);
        npy_descr(descr, a.kind, a.item);
        printf("%s %s", key, descr);
        for (int d = 0; d < a.ndim; d++)
            printf(" %zu", a.shape[d]);
        printf("\n");
        free(v);
        free(key);
    }
}

static void
print_row(struct background *b, enum score_kind kind, size_t track)
{
    const size_t width = b->kind[kind].width;
    float *row = mem_array(width, sizeof *row);
    struct err e;

    if (background_row(b, row, kind, track, &e))
        die_err(&e);
    printf("%s", b->track_id[track]);
    for (size_t i = 0; i < width; i++)
        printf(" %.9g", row[i]);
    printf("\n");
    free(row);
}

int
main(int argc, char **argv)
{
    struct background *b;
    int kind = 0;
    struct err e;

    prog_name = "npzrow";
    if (argc < 2)
        die_usage("usage: npzrow FILE.npz [KIND [TRACK...]]");
    b = background_open(argv[1], &e);
    if (!b)
        die_err(&e);
    if (argc == 2)
        print_keys(b);
    while (argc > 2 && kind < SCORE_KINDS && strcmp(argv[2], score_kind_name[kind]) != 0)
        kind++;
    if (kind == SCORE_KINDS || (argc > 2 && !b->kind[kind].present))
        die("%s: no rows of kind '%s'", argv[1], argv[2]);
    for (size_t i = 0; argc == 3 && i < b->n; i++)
        print_row(b, (enum score_kind)kind, i);
    for (int i = 3; i < argc; i++) {
        const ptrdiff_t at = background_find(b, argv[i]);

        if (at < 0)
            die("%s: no track '%s'", argv[1], argv[i]);
        print_row(b, (enum score_kind)kind, (size_t)at);
    }
    background_close(b);
    return EXIT_OK;
}
