/* SPDX-License-Identifier: MIT */
/* Writing scores as TSV; record_parse.c reads them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/record_form.h"

/* Text is handed to the file in pieces of about this size. */
enum { FLUSH_BYTES = 1 << 18 };

const char *const score_column_name[SCORE_COLUMNS] = {
    "chrom", "pos", "ref", "alt", "id", "stratum", "kind", "track", "part", "ref_value",
    "alt_value", "score"
};

static int
flush(struct score_writer *w, struct err *e)
{
    if (w->out.n && fwrite(w->out.p, 1, w->out.n, w->fp) != w->out.n)
        return err_sys(e, "%s: cannot write", w->name);
    buf_clear(&w->out);
    return 0;
}

static void
put_text(struct buf *out, const char *s)
{
    buf_put(out, s, strlen(s));
}

/* A text field with the tab behind it; "." stands for an empty one. */
static void
put_field(struct buf *out, const char *s)
{
    put_text(out, s && *s ? s : ".");
    buf_put_u8(out, '\t');
}

static void
put_int(struct buf *out, int64_t v)
{
    char text[24];

    buf_put(out, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)v));
}

/*
 * Seventeen digits always read back as the same double; fifteen often do, and read better.  "."
 * stands for a number that a TSV did not give.
 */
static void
put_double(struct buf *out, double v)
{
    char text[32];
    int n;

    if (isnan(v)) {
        buf_put_u8(out, '.');
        return;
    }
    n = snprintf(text, sizeof text, "%.15g", v);
    if (strtod(text, NULL) != v)
        n = snprintf(text, sizeof text, "%.17g", v);
    buf_put(out, text, (size_t)n);
}

static void
put_float(struct buf *out, double v)
{
    char text[32];

    buf_put(out, text, (size_t)snprintf(text, sizeof text, "%.9g", v));
}

static void
put_meta(struct buf *out, const struct meta *m)
{
    for (size_t i = 0; i < m->n; i++) {
        put_text(out, META_TEXT_PREFIX);
        put_text(out, m->line[i].key);
        buf_put_u8(out, '=');
        put_text(out, m->line[i].value);
        buf_put_u8(out, '\n');
    }
}

/* The base a variant begins at, or a region's window is centred on (genome/window.h); 1-based. */
static int64_t
site_pos1(const struct site *s)
{
    return s->kind == SITE_REGION ? s->start + (s->end - s->start - 1) / 2 + 1 : s->start + 1;
}

static void
put_site(struct buf *out, const struct site *s, const char *alt)
{
    put_field(out, s->chrom);
    put_int(out, site_pos1(s));
    buf_put_u8(out, '\t');
    put_field(out, s->ref);
    put_field(out, alt);
    put_field(out, s->id);
    put_field(out, s->stratum);
}

static void
put_part(struct buf *out, const struct score_record *r, const struct score_block *b, size_t i)
{
    static const char strand[STRANDS] = { '.', '+', '-' };
    const bool named = b->gene || b->kind == SCORE_PERBIN;

    if (b->gene)
        put_text(out, r->gene[b->gene[i]]);
    if (b->kind == SCORE_PERBIN)
        put_int(out, b->bin[i]);
    if (named && b->strand[i] != STRAND_NONE)
        buf_put_u8(out, ':');
    if (!named || b->strand[i] != STRAND_NONE)
        buf_put_u8(out, (uint8_t)strand[b->strand[i]]);
    buf_put_u8(out, '\t');
}

void
score_put_row(struct buf *out, const struct track_table *tracks, const struct score_record *r,
              const struct score_block *b, size_t i)
{
    put_site(out, &r->site, b->kind == SCORE_EFFECT ? r->site.alt[b->allele[i]] : NULL);
    put_field(out, score_kind_name[b->kind]);
    put_field(out, tracks->track[b->track].id);
    put_part(out, r, b, i);
    if (b->kind == SCORE_EFFECT) {
        put_double(out, b->ref[i]);
        buf_put_u8(out, '\t');
        put_double(out, b->alt[i]);
        buf_put_u8(out, '\t');
    } else {
        put_text(out, ".\t.\t");
    }
    if (b->kind == SCORE_PERBIN)
        put_float(out, b->score[i]);
    else
        put_double(out, b->score[i]);
}

void
score_put_columns(struct buf *out)
{
    for (int i = 0; i < SCORE_COLUMNS; i++) {
        buf_put_u8(out, i ? '\t' : '#');
        put_text(out, score_column_name[i]);
    }
}

int
score_text_create(struct score_writer *w, const struct meta *m, struct err *e)
{
    put_meta(&w->out, m);
    score_put_columns(&w->out);
    buf_put_u8(&w->out, '\n');
    return flush(w, e);
}

int
score_text_write(struct score_writer *w, const struct score_record *r, struct err *e)
{
    for (size_t i = 0; i < r->n_block; i++) {
        for (size_t j = 0; j < r->block[i].n; j++) {
            score_put_row(&w->out, &w->tracks, r, &r->block[i], j);
            buf_put_u8(&w->out, '\n');
            w->n_rows++;
        }
        if (w->out.n >= FLUSH_BYTES && flush(w, e))
            return -1;
    }
    return 0;
}

int
score_text_finish(struct score_writer *w, const struct meta *trailer, struct err *e)
{
    if (trailer)
        put_meta(&w->out, trailer);
    put_text(&w->out, META_TEXT_PREFIX "end=");
    put_int(&w->out, (int64_t)w->n_rows);
    buf_put_u8(&w->out, '\n');
    if (flush(w, e))
        return -1;
    return fflush(w->fp) ? err_sys(e, "%s: cannot write", w->name) : 0;
}
