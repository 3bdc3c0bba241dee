/* SPDX-License-Identifier: MIT */
/* What reservoir writes: a state, or its values as TSV. */
#include <stdio.h>
#include <stdlib.h>

#include "prog/die.h"
#include "prog/fio.h"
#include "stream/stream.h"
#include "tool.h"

/* Seventeen digits always read back as the same double; fifteen often do, and read better. */
static const char *
value_format(enum score_kind kind, double v)
{
    char text[32];

    if (kind == SCORE_PERBIN)
        return "%s\t%s\t%.9g";
    snprintf(text, sizeof text, "%.15g", v);
    return strtod(text, NULL) == v ? "%s\t%s\t%.15g" : "%s\t%s\t%.17g";
}

/* part: NULL where sets have none. */
static void
print_values(FILE *fp, const struct value_set *set, const char *track, const char *part)
{
    for (size_t i = 0; i < set->n; i++) {
        double v = value_set_get(set, i);

        fprintf(fp, value_format(set->kind, v), score_kind_name[set->kind], track, v);
        if (part)
            fprintf(fp, "\t%s", part);
        putc('\n', fp);
    }
}

/* Returns the number of rows. */
static uint64_t
print_set(FILE *fp, const struct value_set *set, const char *track, bool parts)
{
    print_values(fp, set, track, parts ? "sample" : NULL);
    if (!set->tail)
        return set->n;
    print_values(fp, &set->tail[LOWER], track, "lower");
    print_values(fp, &set->tail[UPPER], track, "upper");
    return set->n + set->tail[LOWER].n + set->tail[UPPER].n;
}

static void
print_meta(FILE *fp, const struct meta *m)
{
    for (size_t i = 0; i < m->n; i++)
        fprintf(fp, META_TEXT_PREFIX "%s=%s\n", m->line[i].key, m->line[i].value);
}

/* The next set, refusing one whose tails would not do for a background. */
static int
next_set(struct run *run, const struct options *o, const struct value_set **set, struct err *e)
{
    const struct run_info *info = run_info(run);
    const int got = run_next(run, set, e);
    const struct value_set *s = *set;

    if (got <= 0 || !s->tail || retention_is_exact_enough(s->tail[LOWER].n, s->offered,
                                                          (uint64_t)o->width))
        return got;
    return err_set(e, "%s: %llu %s values of a track, of which %zu are exact at each end, make "
                   "%llu of %lld points of a row exact, at least %lld are wanted; make the "
                   "reservoir again with --tail %llu", info->name, (unsigned long long)s->offered,
                   score_kind_name[s->kind], s->tail[LOWER].n,
                   (unsigned long long)retention_exact_slots(s->tail[LOWER].n, s->offered,
                                                             (uint64_t)o->width),
                   (long long)o->width, (long long)o->width / 50,
                   (unsigned long long)retention_derive_tail(s->offered, (uint64_t)o->width));
}

static uint64_t
write_text(struct run *run, const struct options *o, FILE *fp, const struct meta *header)
{
    const bool parts = run_info(run)->how.rule != RETAIN_ALL;
    const struct value_set *set;
    struct track_table tracks;
    uint64_t n = 0;
    struct err e;
    int got;

    track_table_init(&tracks);
    if (track_table_from_meta(&tracks, header, &e))
        die_err(&e);
    print_meta(fp, header);
    fputs(parts ? "#kind\ttrack\tvalue\tpart\n" : "#kind\ttrack\tvalue\n", fp);
    while ((got = next_set(run, o, &set, &e)) > 0)
        n += print_set(fp, set, tracks.track[set->track].id, parts);
    if (got < 0)
        die_err(&e);
    print_meta(fp, &run_info(run)->trailer);
    fprintf(fp, META_TEXT_PREFIX "end=%llu\n", (unsigned long long)n);
    track_table_free(&tracks);
    return n;
}

/* A shard of a small input may have no sites; the whole of a run may not, unless that is allowed. */
static bool
may_be_empty(const struct run *run, const struct options *o, uint64_t n)
{
    return n || o->allow_empty || !shards_complete(&run_info(run)->shards);
}

static uint64_t
write_state(struct run *run, const struct options *o, FILE *fp, const struct meta *header)
{
    const struct value_set *set;
    uint64_t n = 0;
    struct err e;
    struct stream_writer *w = stream_create(fp, fio_name_out(o->out), header, &e);
    int got;

    if (!w)
        die_err(&e);
    while ((got = next_set(run, o, &set, &e)) > 0) {
        if (state_write(w, set, &e))
            die_err(&e);
        n += set->n;
    }
    if (got < 0)
        die_err(&e);
    if (may_be_empty(run, o, n) && stream_finish(w, &run_info(run)->trailer, &e))
        die_err(&e);
    return n;
}

/* Write what the run holds, all of it or nothing. */
void
write_output(struct run *run, const struct options *o)
{
    FILE *fp = fio_open_out(o->out, !o->text);
    struct meta header;
    uint64_t n;

    meta_init(&header);
    meta_add(&header, "content", STREAM_RESERVOIR);
    meta_copy(&header, &run_info(run)->meta);
    shards_to_meta(&run_info(run)->shards, &header);
    n = o->text ? write_text(run, o, fp, &header) : write_state(run, o, fp, &header);
    if (!may_be_empty(run, o, n))
        die("no values in %s; did the program before it leave all sites out? (--allow-empty passes "
            "such a file on)", o->n_input > 1 ? "any input" : run_info(run)->name);
    fio_close_out(fp, o->out);
    meta_free(&header);
    chat("kept %llu values", (unsigned long long)n);
}
