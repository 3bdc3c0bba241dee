/* SPDX-License-Identifier: MIT */
/* The same fields as a table that bcftools annotate takes. */
#include <math.h>
#include <stdio.h>

#include "annotate.h"
#include "base/pyfloat.h"
#include "prog/fio.h"

static void
put_header(FILE *fp, const struct groups *s)
{
    const struct layout *y = groups_layout(s);
    struct meta m;

    meta_init(&m);
    groups_meta(&m, s);
    meta_write_text(fp, &m);
    meta_free(&m);
    for (size_t i = 0; i < y->n_tag; i++)
        fprintf(fp, "##INFO=<ID=%s,Number=A,Type=%s,Description=\"%s\">\n", y->tag[i].name,
                y->tag[i].is_text ? "String" : "Float", y->tag[i].description);
    fputs("#CHROM\tPOS\tREF\tALT", fp);
    for (size_t i = 0; i < y->n_tag; i++)
        fprintf(fp, "\t%s", y->tag[i].name);
    fputc('\n', fp);
}

static void
put_number(FILE *fp, double v)
{
    char text[PYFLOAT_MAX];

    if (isnan(v)) {
        fputc('.', fp);
    } else if (isinf(v)) {
        fputs(v > 0 ? "inf" : "-inf", fp);
    } else {
        pyfloat_format(text, v);
        fputs(text, fp);
    }
}

static void
put_group(FILE *fp, const struct group *g, const struct layout *y)
{
    size_t number = 0;

    fprintf(fp, "%s\t%lld\t%s\t", g->chrom, (long long)g->start + 1, g->allele[0].ref);
    for (size_t i = 0; i < g->n; i++)
        fprintf(fp, "%s%s", i ? "," : "", g->allele[i].alt);
    for (size_t t = 0; t < y->n_tag; t++) {
        for (size_t i = 0; i < g->n; i++) {
            fputc(i ? ',' : '\t', fp);
            if (y->tag[t].is_text)
                fputs(g->allele[i].top_track, fp);
            else
                put_number(fp, g->allele[i].number[number]);
        }
        number += !y->tag[t].is_text;
    }
    fputc('\n', fp);
}

void
annotate_table(const struct options *o, struct groups *s)
{
    FILE *fp = fio_open_out(o->out, false);
    struct group g = { 0 };

    put_header(fp, s);
    while (groups_next(&g, s))
        put_group(fp, &g, groups_layout(s));
    groups_report(s);
    fio_close_out(fp, o->out);
}
