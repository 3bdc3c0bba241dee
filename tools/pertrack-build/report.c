/* SPDX-License-Identifier: MIT */
/* The report of a finished build: what is in the background, and how it was made. */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "npz/npz_read.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/prov.h"
#include "reservoir/retention.h"

/* Points of a row that are drawn: evenly, and more of them in the last percents of each end. */
static size_t
choose_points(size_t at[CURVE_MAX], size_t width)
{
    static const double end[] = { 0, 0.0003, 0.001, 0.002, 0.004, 0.007 };
    double share[CURVE_MAX];
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < ARRAY_LEN(end); i++)
        share[n++] = end[i];
    for (int i = 1; i < 100; i += 1)
        share[n++] = i / 100.0;
    for (size_t i = ARRAY_LEN(end); i-- > 0;)
        share[n++] = 1 - end[i];
    for (size_t i = 0; i < n; i++) {
        const size_t j = (size_t)(share[i] * (double)(width - 1) + 0.5);

        if (!kept || at[kept - 1] != j)
            at[kept++] = j;
    }
    return kept;
}

static int64_t
read_tail(const struct background *bg, int kind)
{
    char *key = mem_printf("%s_tail_k", score_kind_name[kind]);
    struct npy a;
    struct err e;
    int64_t *v = npz_has(bg->zip, key) ? npz_read(bg->zip, key, 'i', 8, &a, &e) : NULL, tail = 0;

    if (v)
        tail = v[0];
    free(v);
    free(key);
    return tail;
}

static void
read_curves(struct report *r, int kind)
{
    const size_t width = r->bg->kind[kind].width, n_tracks = r->bg->n;
    float *row = mem_array(width, sizeof *row);
    struct curves *c = &r->curve[kind];
    size_t at[CURVE_MAX];
    struct err e;

    c->n = choose_points(at, width);
    c->value = mem_array(n_tracks * c->n, sizeof *c->value);
    c->low = mem_array(n_tracks, sizeof *c->low);
    c->middle = mem_array(n_tracks, sizeof *c->middle);
    c->high = mem_array(n_tracks, sizeof *c->high);
    c->most = mem_array(n_tracks, sizeof *c->most);
    c->tail_k = read_tail(r->bg, kind);
    for (size_t i = 0; i < c->n; i++)
        c->share[i] = ((double)at[i] + 0.5) / (double)width;
    for (size_t t = 0; t < n_tracks; t++) {
        if (background_row(r->bg, row, (enum score_kind)kind, t, &e))
            die_err(&e);
        for (size_t i = 0; i < c->n; i++)
            c->value[t * c->n + i] = row[at[i]];
        c->low[t] = row[0];
        c->middle[t] = row[(width - 1) / 2];
        c->high[t] = row[(size_t)(0.99 * (double)(width - 1))];
        c->most[t] = row[width - 1];
    }
    free(row);
}

int64_t
report_exact_points(const struct report *r, int kind, size_t track)
{
    const struct background_kind *k = &r->bg->kind[kind];

    if (!k->offered || !k->retained || k->retained[track] >= k->offered[track])
        return (int64_t)k->width;
    return (int64_t)retention_exact_slots((uint64_t)r->curve[kind].tail_k,
                                          (uint64_t)k->offered[track], k->width);
}

json_t *
report_run(const struct report *r, int kind)
{
    const json_t *all = json_object_get(r->config, "provenance");

    return json_array_get(json_object_get(all, score_kind_name[kind]), 0);
}

json_t *
report_drops(const struct report *r, int kind)
{
    const json_t *all = json_object_get(r->config, "provenance");
    json_t *least = json_object(), *most = json_object(), *out = json_object(), *run, *v;
    const char *reason;
    size_t i;

    json_array_foreach(json_object_get(all, score_kind_name[kind]), i, run) {
        json_object_foreach(json_object_get(run, "tally"), reason, v) {
            const json_int_t n = json_integer_value(v);
            json_t *a = json_object_get(least, reason), *z = json_object_get(most, reason);

            if (!json_is_integer(v))
                continue;
            if (!a || n < json_integer_value(a))
                json_object_set_new(least, reason, json_integer(n));
            if (!z || n > json_integer_value(z))
                json_object_set_new(most, reason, json_integer(n));
        }
    }
    json_object_foreach(least, reason, v) {
        const long long a = json_integer_value(v);
        const long long z = json_integer_value(json_object_get(most, reason));
        char text[64];

        snprintf(text, sizeof text, a == z ? "%lld" : "%lld to %lld", a, z);
        json_object_set_new(out, reason, json_string(text));
    }
    json_decref(least);
    json_decref(most);
    return out;
}

static void
print_tracks(const struct report *r, FILE *fp)
{
    fputs("#track\tid\tlayer\tsigned\tkind\tvalues\tkept\texact_points\tleast\tmedian\tp99\t"
          "greatest\n", fp);
    for (int k = 0; k < SCORE_KINDS; k++) {
        const struct background_kind *x = &r->bg->kind[k];
        const struct curves *c = &r->curve[k];

        for (size_t t = 0; x->present && t < r->bg->n; t++) {
            fprintf(fp, "track\t%s\t%s\t%s\t%s\t", r->bg->track_id[t],
                    r->bg->layer ? r->bg->layer[t] : ".", r->bg->is_signed[t] ? "yes" : "no",
                    score_kind_name[k]);
            if (x->offered && x->retained)
                fprintf(fp, "%lld\t%lld\t", (long long)x->offered[t], (long long)x->retained[t]);
            else
                fputs(".\t.\t", fp);
            fprintf(fp, "%lld\t%.9g\t%.9g\t%.9g\t%.9g\n", (long long)report_exact_points(r, k, t),
                    (double)c->low[t], (double)c->middle[t], (double)c->high[t],
                    (double)c->most[t]);
        }
    }
}

static void
print_counts(const struct report *r, FILE *fp)
{
    fputs("#count\tkind\twhat\tn\n", fp);
    for (int k = 0; k < SCORE_KINDS; k++) {
        json_t *drops, *v;
        const char *reason;

        if (!r->bg->kind[k].present || k == SCORE_PERBIN)
            continue;
        drops = report_drops(r, k);
        json_object_foreach(drops, reason, v) {
            fprintf(fp, "count\t%s\t%s\t%s\n", score_kind_name[k], reason, json_string_value(v));
        }
        json_decref(drops);
    }
}

static void
print_units(const struct report *r, FILE *fp)
{
    fputs("#unit\tname\tsites\ttracks\tseconds\tcpu_seconds\tmemory_mb\thost\tattempts\n", fp);
    for (size_t i = 0; i < r->p->n; i++) {
        const struct unit *u = &r->p->unit[i];
        const struct timing *t = &r->timing[i];

        fprintf(fp, "unit\t%s\t%lld\t%lld", u->name, (long long)u->sites, (long long)u->tracks);
        if (*t->host)
            fprintf(fp, "\t%.3f\t%.3f\t%.1f\t%s\t%d\n", t->wall_s, t->cpu_s,
                    (double)t->memory_kb / 1024, t->host, t->attempts);
        else
            fputs("\t.\t.\t.\t.\t.\n", fp);
    }
}

static void
print_made(const struct report *r, FILE *fp)
{
    char *id = folder_path(r->b, "build.id"), *line = NULL;
    FILE *in = fopen(id, "r");
    size_t room = 0, i;
    json_t *entry;

    fputs("#build\tkey\tvalue\n", fp);
    while (in && getline(&line, &room, in) > 0)
        fprintf(fp, "build\t%s", line);
    if (in)
        fclose(in);
    free(line);
    free(id);
    fputs("#made\tkind\tentry\n", fp);
    for (int k = 0; k < SCORE_KINDS; k++) {
        json_array_foreach(json_object_get(report_run(r, k), "chain"), i, entry) {
            char *text = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);

            fprintf(fp, "made\t%s\t%s\n", score_kind_name[k], text);
            free(text);
        }
    }
}

/* "bg.report.html" of "bg.npz". */
static char *
report_name(const char *output, const char *tail)
{
    const size_t n = strlen(output);
    const bool npz = n > 4 && strcmp(output + n - 4, ".npz") == 0;

    return mem_printf("%.*s.report.%s", (int)(npz ? n - 4 : n), output, tail);
}

static void
take_timings(struct report *r)
{
    r->timing = mem_array(r->p->n, sizeof *r->timing);
    for (size_t i = 0; i < r->p->n; i++) {
        struct timing *t = &r->timing[i];

        if (!timing_read(t, r->b, &r->p->unit[i]))
            continue;
        r->wall_s += t->wall_s;
        r->cpu_s += t->cpu_s;
        r->memory_kb = t->memory_kb > r->memory_kb ? t->memory_kb : r->memory_kb;
    }
}

static void
write_files(const struct report *r)
{
    char *tsv = report_name(r->path, "tsv"), *html = report_name(r->path, "html");
    FILE *fp = fio_open_out(tsv, false);

    print_tracks(r, fp);
    print_counts(r, fp);
    print_units(r, fp);
    print_made(r, fp);
    fio_close_out(fp, tsv);
    fp = fio_open_out(html, false);
    report_write_html(r, fp);
    fio_close_out(fp, html);
    note("%s, %s, %s", r->path, tsv, html);
    free(tsv);
    free(html);
}

void
report(const struct build *b, const struct plan *p)
{
    struct report r = { .b = b, .p = p, .path = b->replace ? b->replace : b->output };
    struct err e;
    char *text;

    r.bg = background_open(r.path, &e);
    if (!r.bg || !(text = background_config(r.bg, &e)))
        die_err(&e);
    r.config = json_loads(text, 0, NULL);
    free(text);
    for (int k = 0; k < SCORE_KINDS; k++)
        if (r.bg->kind[k].present)
            read_curves(&r, k);
    take_timings(&r);
    write_files(&r);
    for (int k = 0; k < SCORE_KINDS; k++) {
        free(r.curve[k].value);
        free(r.curve[k].low);
        free(r.curve[k].middle);
        free(r.curve[k].high);
        free(r.curve[k].most);
    }
    free(r.timing);
    json_decref(r.config);
    background_close(r.bg);
}
