/* SPDX-License-Identifier: MIT */
/* Scores in, the same rows with the columns of their answers out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lookup.h"
#include "prog/fio.h"
#include "prog/mem.h"

enum { AHEAD = 4 };

struct job {
    struct lookup *l;
    struct query_row **row;     /* by block of the record */
    size_t cap_row;
    FILE *out;
    struct buf text;
};

static void
put_header(struct job *j, struct score_reader *in)
{
    output_provenance(&j->text, j->l, score_meta(in));
    if (score_columns(in))
        output_text(&j->text, score_columns(in));
    else
        score_put_columns(&j->text);
    output_columns(&j->text, j->l->o);
    output_text(&j->text, "\n");
}

static void
put_block(struct job *j, struct score_reader *in, const struct score_record *rec,
          const struct score_block *b, const struct query_row *row)
{
    const char *id = score_tracks(in)->track[b->track].id;

    for (size_t i = 0; i < b->n; i++) {
        struct query_answer a;

        lookup_answer(&a, j->l, row, id, b->score[i], b->ref ? b->ref[i] : NAN);
        if (score_line(in))
            output_text(&j->text, score_line(in));
        else
            score_put_row(&j->text, score_tracks(in), rec, b, i);
        output_answer(&j->text, j->l, row, &a);
        output_text(&j->text, "\n");
    }
    output_flush_full(&j->text, j->out, j->l->o);
}

/*
 * Rows of hundreds of tracks do not stay in the cache; what a block will need is fetched while the
 * ones before it are printed, which takes a quarter off the time (786 tracks, nine values each at
 * a site).
 */
static void
put_record(struct job *j, struct score_reader *in, const struct score_record *rec)
{
    mem_grow(&j->row, &j->cap_row, rec->n_block, sizeof *j->row);
    for (size_t i = 0; i < rec->n_block; i++)
        j->row[i] = lookup_block(j->l, &rec->block[i]);
    for (size_t i = 0; i < rec->n_block; i++) {
        size_t next = i + AHEAD;

        if (next < rec->n_block && j->row[next])
            query_touch(j->row[next], rec->block[next].score, rec->block[next].n);
        if (j->row[i])
            put_block(j, in, rec, &rec->block[i], j->row[i]);
    }
}

void
lookup_scores(struct lookup *l)
{
    const char *path = l->o->n_arg ? l->o->arg[0] : NULL;
    FILE *fp = fio_open_in(path);
    struct job j = { .l = l };
    const struct score_record *rec;
    struct score_reader *in;

    in = lookup_open_scores(l, fp, fio_name_in(path));
    j.out = fio_open_out(l->o->out, false);
    put_header(&j, in);
    while (lookup_next_scores(&rec, in))
        put_record(&j, in, rec);
    lookup_report_scores(l);
    output_meta(&j.text, score_trailer(in));
    output_flush(&j.text, j.out, l->o);
    fprintf(j.out, META_TEXT_PREFIX "end=%llu\n", (unsigned long long)targets_found(l->targets));
    fio_close_out(j.out, l->o->out);
    buf_free(&j.text);
    free(j.row);
    lookup_close_scores(l, in);
    fio_close_in(fp, path);
}
