/* SPDX-License-Identifier: MIT */
/* Answers as columns of a table. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pyfloat.h"
#include "lookup.h"
#include "lookup/render.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/prov.h"

enum { FLUSH_BYTES = 1 << 18, PERCENTILE_MAX = 28 };

/*
 * A row of 10,000 points has 10,001 percentiles; making the shortest text of one takes longer than
 * all the rest of a lookup, so each is made once.
 */
struct rank_text {
    size_t width;
    bool is_signed;
    char (*text)[PERCENTILE_MAX];       /* width + 1; "" until needed */
    struct rank_text *next;
};

void
output_text(struct buf *out, const char *s)
{
    buf_put(out, s, strlen(s));
}

void
output_columns(struct buf *out, const struct options *o)
{
    output_text(out, "\t");
    output_text(out, o->scale);
    output_text(out, "\texceedance");
    if (o->support)
        output_text(out, "\tsupport_low\tsupport_high");
    if (o->ci > 0)
        output_text(out, "\tci_low\tci_high");
    if (o->activity)
        output_text(out, "\tactivity");
    if (o->rescale)
        output_text(out, "\tdisplay");
    if (o->render)
        output_text(out, "\trendered");
}

static const char *
percentile_text(struct lookup *l, const struct query_row *row, const struct query_answer *a)
{
    struct rank_text *t = l->texts;

    while (t && (t->width != row->width || t->is_signed != row->is_signed))
        t = t->next;
    if (!t) {
        t = mem_zalloc(sizeof *t);
        *t = (struct rank_text){ row->width, row->is_signed, NULL, l->texts };
        t->text = mem_array(row->width + 1, sizeof *t->text);
        l->texts = t;
    }
    if (!*t->text[a->rank])
        pyfloat_format(t->text[a->rank], a->percentile);
    return t->text[a->rank];
}

/* "." for none, which NaN stands for. */
static void
put_number(struct buf *out, double v)
{
    char text[PYFLOAT_MAX];

    buf_put_u8(out, '\t');
    if (isnan(v))
        buf_put_u8(out, '.');
    else if (isinf(v))
        output_text(out, v > 0 ? "inf" : "-inf");
    else
        buf_put(out, text, pyfloat_format(text, v));
}

static void
put_rendered(struct buf *out, const struct query_row *row, const struct query_answer *a)
{
    char text[RENDER_MAX];

    render_percentile(text, a->percentile, row->is_signed, a->exceedance);
    buf_put_u8(out, '\t');
    output_text(out, text);
}

void
output_answer(struct buf *out, struct lookup *l, const struct query_row *row,
              const struct query_answer *a)
{
    const struct options *o = l->o;

    if (isnan(a->percentile) || a->scaled != a->percentile) {
        put_number(out, a->scaled);
    } else {
        buf_put_u8(out, '\t');
        output_text(out, percentile_text(l, row, a));
    }
    put_number(out, a->exceedance);
    if (o->support) {
        put_number(out, a->support_low);
        put_number(out, a->support_high);
    }
    if (o->ci > 0) {
        put_number(out, a->ci_low);
        put_number(out, a->ci_high);
    }
    if (o->activity)
        put_number(out, a->activity);
    if (o->rescale)
        put_number(out, a->display);
    if (o->render)
        put_rendered(out, row, a);
}

void
output_free(struct lookup *l)
{
    while (l->texts) {
        struct rank_text *next = l->texts->next;

        free(l->texts->text);
        free(l->texts);
        l->texts = next;
    }
}

void
output_meta(struct buf *out, const struct meta *m)
{
    for (size_t i = 0; i < m->n; i++) {
        output_text(out, META_TEXT_PREFIX);
        output_text(out, m->line[i].key);
        output_text(out, "=");
        output_text(out, m->line[i].value);
        output_text(out, "\n");
    }
}

void
output_provenance(struct buf *out, const struct lookup *l, const struct meta *input)
{
    char hash[BACKGROUND_HASH_MAX];
    struct meta m;

    meta_init(&m);
    if (input)
        meta_copy(&m, input);
    background_hash(hash, l->bg);
    prov_append(&m, json_pack("{s:s}", "background", hash));
    output_meta(out, &m);
    meta_free(&m);
}

void
output_flush(struct buf *out, FILE *fp, const struct options *o)
{
    if (out->n && fwrite(out->p, 1, out->n, fp) != out->n)
        die("%s: cannot write", fio_name_out(o->out));
    buf_clear(out);
}

void
output_flush_full(struct buf *out, FILE *fp, const struct options *o)
{
    if (out->n >= FLUSH_BYTES)
        output_flush(out, fp, o);
}
