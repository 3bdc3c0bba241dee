/* SPDX-License-Identifier: MIT */
/* Scores in, one line per track and kind out: how their percentiles are spread. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lookup.h"
#include "prog/fio.h"
#include "prog/mem.h"

/* Percentiles are counted to this fineness: a count for each of 10,000 would double the memory. */
enum { CELLS = 1000 };

/* What came of one row. */
struct spread {
    uint64_t n, top, bottom, beyond;
    uint64_t *cell;             /* CELLS + 1: values by percentile, rounded */
};

struct job {
    struct lookup *l;
    struct spread *spread[SCORE_KINDS]; /* by track of the background */

    /* The values of one record, looked up together. */
    size_t n, cap;
    struct query_row **row;
    struct rank_index **index;
    double *value;
    struct rank_place *place;
};

static void
make_room(struct job *j, size_t n)
{
    if (j->n + n <= j->cap)
        return;
    j->cap = 2 * (j->n + n);
    j->row = mem_resize(j->row, j->cap, sizeof *j->row);
    j->index = mem_resize(j->index, j->cap, sizeof *j->index);
    j->value = mem_resize(j->value, j->cap, sizeof *j->value);
    j->place = mem_resize(j->place, j->cap, sizeof *j->place);
}

static void
gather(struct job *j, struct query_row *row, const struct score_block *b)
{
    bool size = row->kind == SCORE_EFFECT && !row->is_signed;

    make_room(j, b->n);
    for (size_t i = 0; i < b->n; i++) {
        if (isnan(b->score[i]))
            continue;
        j->row[j->n] = row;
        j->index[j->n] = row->index;
        j->value[j->n++] = size ? fabs(b->score[i]) : b->score[i];
    }
}

static void
count_record(struct job *j)
{
    rank_index_find_all(j->place, j->index, j->value, j->n);
    for (size_t i = 0; i < j->n; i++) {
        const struct query_row *row = j->row[i];
        struct spread *s = &j->spread[row->kind][row->track];
        double ratio;

        size_t rank = j->place[i].rank;

        if (!s->cell)
            s->cell = mem_array(CELLS + 1, sizeof *s->cell);
        s->cell[(rank * CELLS + row->width / 2) / row->width]++;
        s->n++;
        s->top += rank == row->width;
        s->bottom += rank == 0;
        s->beyond += rank_exceedance(&ratio, row->slot, row->width, j->value[i], row->is_signed);
    }
    j->n = 0;
}

/* Least percentile that half of the values do not exceed. */
static double
median(const struct spread *s)
{
    uint64_t sum = 0;
    size_t i = 0;

    while ((sum += s->cell[i]) * 2 < s->n)
        i++;
    return (double)i / CELLS;
}

/* Largest distance between the distribution of the percentiles and the uniform one. */
static double
distance(const struct spread *s)
{
    uint64_t sum = 0;
    double most = 0;

    for (size_t i = 0; i <= CELLS; i++) {
        double before = fabs((double)sum / (double)s->n - (double)i / CELLS), after;

        sum += s->cell[i];
        after = fabs((double)sum / (double)s->n - (double)i / CELLS);
        most = before > most ? before : most;
        most = after > most ? after : most;
    }
    return most;
}

static void
print_row(FILE *fp, const struct background *b, size_t track, enum score_kind kind,
          const struct spread *s)
{
    double q = median(s);

    if (kind == SCORE_EFFECT && b->is_signed[track])
        q = 2 * q - 1;
    fprintf(fp, "%s\t%s\t%llu\t%llu\t%llu\t%llu\t%.3f\t%.3f\n", b->track_id[track],
            score_kind_name[kind], (unsigned long long)s->n, (unsigned long long)s->top,
            (unsigned long long)s->bottom, (unsigned long long)s->beyond, q, distance(s));
}

static void
print_rows(const struct job *j, FILE *fp)
{
    fputs("#track\tkind\tvalues\tat_top\tat_bottom\tbeyond\tmedian\tks\n", fp);
    for (size_t i = 0; i < j->l->bg->n; i++)
        for (int k = 0; k < SCORE_KINDS; k++)
            if (j->spread[k][i].n)
                print_row(fp, j->l->bg, i, (enum score_kind)k, &j->spread[k][i]);
}

static void
job_free(struct job *j)
{
    for (int k = 0; k < SCORE_KINDS; k++) {
        for (size_t i = 0; i < j->l->bg->n; i++)
            free(j->spread[k][i].cell);
        free(j->spread[k]);
    }
    free(j->row);
    free(j->index);
    free(j->value);
    free(j->place);
}

void
lookup_summary(struct lookup *l)
{
    const char *path = l->o->n_arg ? l->o->arg[0] : NULL;
    FILE *in = fio_open_in(path), *fp;
    struct score_reader *scores = lookup_open_scores(l, in, fio_name_in(path));
    const struct score_record *rec;
    struct job j = { .l = l };
    struct buf text = { 0 };

    for (int k = 0; k < SCORE_KINDS; k++)
        j.spread[k] = mem_array(l->bg->n, sizeof *j.spread[k]);
    score_skip_details(scores);
    while (lookup_next_scores(&rec, scores)) {
        for (size_t i = 0; i < rec->n_block; i++) {
            struct query_row *row = lookup_block(l, &rec->block[i]);

            if (row && row->alive)
                gather(&j, row, &rec->block[i]);
        }
        count_record(&j);
    }
    lookup_report_scores(l);
    fp = fio_open_out(l->o->out, false);
    output_provenance(&text, l, score_meta(scores));
    output_flush(&text, fp, l->o);
    print_rows(&j, fp);
    fio_close_out(fp, l->o->out);
    buf_free(&text);
    job_free(&j);
    lookup_close_scores(l, scores);
    fio_close_in(in, path);
}
