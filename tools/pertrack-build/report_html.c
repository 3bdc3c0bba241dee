/* SPDX-License-Identifier: MIT */
/*
 * The report as one HTML page: no script, nothing to fetch, pictures as inline SVG.  Curves are
 * cumulative distributions over a value axis that is linear around zero and logarithmic beyond
 * (an inverse hyperbolic sine), one for all tracks of a kind, so that rows can be compared.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "prog/mem.h"
#include "prog/prov.h"
#include "report.h"

/* Tracks that get a colour and a name of their own in the large pictures. */
enum { NAMED_TRACKS = 6 };

/* More curves cannot be told apart in one picture; more rows get numbers alone. */
enum { DRAWN_TRACKS = 400, DRAWN_ROWS = 1000 };

static const char style[] =
    ":root{--bg:#fcfcfb;--ink:#1d2126;--soft:#59616b;--line:#d9dcdf;--face:#fff;--c1:#2a6fbb;"
    "--c2:#c8551b;--c3:#2d8a57;--c4:#8b4bb0;--c5:#b8860b;--c6:#c23b6b}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#16191d;--ink:#e6e8ea;--soft:#9aa3ad;"
    "--line:#343a41;--face:#1d2126;--c1:#6aa9ea;--c2:#f0905a;--c3:#63c08c;--c4:#c394e3;"
    "--c5:#dfb84a;--c6:#ee82a8}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);"
    "font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
    "main{max-width:1180px;margin:0 auto;padding:28px 24px 64px}\n"
    "h1{font-size:25px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}"
    "h2{font-size:18px;margin:38px 0 8px}\n"
    "p{margin:4px 0 12px;color:var(--soft);max-width:78ch}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:10px;"
    "margin:20px 0}\n.tile{background:var(--face);border:1px solid var(--line);border-radius:8px;"
    "padding:10px 14px}\n.tile b{display:block;font-size:21px;font-weight:600;"
    "font-variant-numeric:tabular-nums}.tile span{color:var(--soft);font-size:13px}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(330px,1fr));gap:14px}\n"
    "figure{margin:0;background:var(--face);border:1px solid var(--line);border-radius:8px;"
    "padding:12px 12px 8px}figcaption{font-weight:600;margin:0 0 4px 4px}"
    "figcaption small{font-weight:400;color:var(--soft)}\n"
    "svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font-size:11px}"
    ".grid{stroke:var(--line);stroke-width:1}.curve{fill:none;stroke:var(--c1);stroke-width:1.6;"
    "stroke-linejoin:round}.faint{stroke-width:1}.mid{stroke:var(--ink);stroke-width:2}\n"
    ".bar{fill:var(--c1)}\n"
    ".legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:10px 0 0;font-size:13px}"
    ".legend i{display:inline-block;width:18px;height:3px;border-radius:2px;margin-right:6px;"
    "vertical-align:middle}\n"
    ".scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px;"
    "background:var(--face)}\ntable{border-collapse:collapse;width:100%;font-size:13px}"
    "th,td{text-align:left;padding:6px 10px;border-top:1px solid var(--line);"
    "vertical-align:middle}thead th{border-top:0;color:var(--soft);font-weight:600;"
    "white-space:nowrap}tbody tr:first-child td{border-top:1px solid var(--line)}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "td.id{font-weight:600;overflow-wrap:anywhere;min-width:120px}"
    "td.id small{display:block;font-weight:400;color:var(--soft)}\n"
    "td.cell{width:27%;min-width:210px}td.cell svg{height:44px}"
    "td.cell small{color:var(--soft);font-variant-numeric:tabular-nums}\n"
    "details{margin:10px 0}summary{cursor:pointer;color:var(--soft);padding:4px 0}\n"
    "code{font:12px/1.5 ui-monospace,'DejaVu Sans Mono',Menlo,monospace;overflow-wrap:anywhere}\n"
    "nav{display:flex;flex-wrap:wrap;gap:4px 20px}a{color:var(--c1);text-decoration:none}"
    "a:hover{text-decoration:underline}h3{font-size:15px;margin:18px 0 6px}\n"
    "@media print{details{display:block}}\n";

static const char *const kind_title[SCORE_KINDS] = {
    "Effects of variants", "Activity of regions", "Single bins"
};

static void
put_text(FILE *fp, const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '&': fputs("&amp;", fp); break;
        case '<': fputs("&lt;", fp); break;
        case '>': fputs("&gt;", fp); break;
        case '"': fputs("&quot;", fp); break;
        default: putc(*s, fp);
        }
    }
}

/* 1234567 as 1,234,567. */
static void
put_number(FILE *fp, long long v)
{
    char text[32];
    const int n = snprintf(text, sizeof text, "%lld", v);

    for (int i = 0; i < n; i++) {
        if (i && text[i - 1] != '-' && (n - i) % 3 == 0)
            putc(',', fp);
        putc(text[i], fp);
    }
}

/* The value axis of a kind. */
struct axis {
    double unit;                /* linear below, logarithmic above */
    double low, high;           /* of asinh(value / unit) */
};

static double
place(const struct axis *a, double v)
{
    return (asinh(v / a->unit) - a->low) / (a->high - a->low);
}

static int
by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static float
middle_of(const float *v, size_t n)
{
    float *copy = mem_array(n, sizeof *copy), m;

    memcpy(copy, v, n * sizeof *v);
    qsort(copy, n, sizeof *copy, by_value);
    m = copy[n / 2];
    free(copy);
    return m;
}

static void
make_axis(struct axis *a, const struct curves *c, size_t n)
{
    double least = c->low[0], most = c->most[0];

    for (size_t t = 1; t < n; t++) {
        least = c->low[t] < least ? c->low[t] : least;
        most = c->most[t] > most ? c->most[t] : most;
    }
    /* The bulk of an ordinary track takes the linear part. */
    a->unit = fabs((double)middle_of(c->middle, n));
    if (a->unit < 0.02 * (fabs(least) > fabs(most) ? fabs(least) : fabs(most)))
        a->unit = fabs((double)middle_of(c->high, n)) / 10;
    if (a->unit <= 0)
        a->unit = most > 0 ? most : 1;
    if (most <= least)
        most = least + 1;
    a->low = asinh(least / a->unit);
    a->high = asinh(most / a->unit);
}

/* Corner of a picture's plot, and its size. */
struct frame {
    double x, y, width, height;
};

static void
put_curve(FILE *fp, const struct frame *f, const struct axis *a, const struct curves *c,
          const float *v, const char *attributes)
{
    /* Nearer than this, in pixels, is not seen. */
    const double near = f->height < 100 ? 0.9 : 0.35;
    double last_x = -1, last_y = -1;

    fprintf(fp, "<path class=\"curve\" %s d=\"", attributes);
    for (size_t i = 0; i < c->n; i++) {
        const double x = f->x + f->width * place(a, v[i]), y = f->y + f->height * (1 - c->share[i]);

        if (i && i + 1 < c->n && fabs(x - last_x) < near && fabs(y - last_y) < near)
            continue;
        fprintf(fp, "%s%.1f %.1f", i ? "L" : "M", x, y);
        last_x = x;
        last_y = y;
    }
    fputs("\"/>", fp);
}

/* A tick unless it lies outside, or too near to one that is there; returns the number of ticks. */
static size_t
add_tick(double at[64], size_t n, FILE *fp, const struct frame *f, const struct axis *a, double v)
{
    const double x = f->x + f->width * place(a, v);

    if (n == 64 || x < f->x - 0.5 || x > f->x + f->width + 0.5)
        return n;
    for (size_t i = 0; i < n; i++)
        if (fabs(at[i] - x) < 42)
            return n;
    at[n] = x;
    fprintf(fp, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>", x, x, f->y,
            f->y + f->height, x, f->y + f->height + 15, v);
    return n + 1;
}

/* Zero, powers of ten from the outside in, then what has room between them. */
static void
put_ticks(FILE *fp, const struct frame *f, const struct axis *a)
{
    static const double step[] = { 1, 5, 2 };
    double at[64];
    size_t n = add_tick(at, 0, fp, f, a, 0);

    for (size_t i = 0; i < ARRAY_LEN(step); i++) {
        for (int e = 6; e >= -6; e--) {
            n = add_tick(at, n, fp, f, a, step[i] * pow(10, e));
            n = add_tick(at, n, fp, f, a, -step[i] * pow(10, e));
        }
    }
}

static void
put_shares(FILE *fp, const struct frame *f)
{
    for (int i = 0; i <= 4; i++) {
        const double y = f->y + f->height * (1 - i / 4.0);

        fprintf(fp, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%d %%</text>", f->x,
                f->x + f->width, y, y, f->x - 5, y + 4, 25 * i);
    }
}

/* The median over tracks at each share: what an ordinary track looks like. */
static void
put_middle(FILE *fp, const struct frame *f, const struct axis *a, const struct curves *c, size_t n)
{
    float *column = mem_array(n, sizeof *column), *middle = mem_array(c->n, sizeof *middle);

    for (size_t i = 0; i < c->n; i++) {
        for (size_t t = 0; t < n; t++)
            column[t] = c->value[t * c->n + i];
        middle[i] = middle_of(column, n);
    }
    put_curve(fp, f, a, c, middle, "style=\"stroke:var(--ink);stroke-width:2\"");
    free(column);
    free(middle);
}

static void
put_picture(FILE *fp, const struct report *r, int kind, const struct axis *a)
{
    const struct frame f = { 44, 8, 320, 196 };
    const struct curves *c = &r->curve[kind];
    const size_t n = r->bg->n;

    fprintf(fp, "<figure><figcaption>%s <small>%s</small></figcaption>"
            "<svg viewBox=\"0 0 376 230\" role=\"img\" aria-label=\"cumulative distribution, %s\">",
            kind_title[kind], score_kind_name[kind], score_kind_name[kind]);
    put_shares(fp, &f);
    put_ticks(fp, &f, a);
    for (size_t t = 0; t < n; t += n > DRAWN_TRACKS ? n / DRAWN_TRACKS : 1) {
        char look[96];

        if (n <= NAMED_TRACKS)
            snprintf(look, sizeof look, "style=\"stroke:var(--c%zu)\"", t + 1);
        else
            snprintf(look, sizeof look, "style=\"stroke-width:1;stroke-opacity:%.2f\"",
                     n > 100 ? 0.18 : n > 30 ? 0.3 : 0.5);
        put_curve(fp, &f, a, c, c->value + t * c->n, look);
    }
    if (n > NAMED_TRACKS)
        put_middle(fp, &f, a, c, n);
    fputs("</svg></figure>\n", fp);
}

static void
put_legend(FILE *fp, const struct report *r)
{
    fputs("<div class=\"legend\">", fp);
    if (r->bg->n > NAMED_TRACKS)
        fprintf(fp, "<span><i style=\"background:var(--c1)\"></i>%s of %zu tracks</span><span>"
                "<i style=\"background:var(--ink)\"></i>median of the tracks</span>",
                r->bg->n > DRAWN_TRACKS ? "some" : "each", r->bg->n);
    for (size_t t = 0; t < r->bg->n && r->bg->n <= NAMED_TRACKS; t++) {
        fprintf(fp, "<span><i style=\"background:var(--c%zu)\"></i>", t + 1);
        put_text(fp, r->bg->track_id[t]);
        fputs("</span>", fp);
    }
    fputs("</div>\n", fp);
}

static void
put_tile(FILE *fp, const char *value, const char *what)
{
    fputs("<div class=\"tile\"><b>", fp);
    put_text(fp, value);
    fputs("</b><span>", fp);
    put_text(fp, what);
    fputs("</span></div>\n", fp);
}

static void
put_count_tile(FILE *fp, long long n, const char *what)
{
    fputs("<div class=\"tile\"><b>", fp);
    put_number(fp, n);
    fprintf(fp, "</b><span>%s</span></div>\n", what);
}

static void
put_head(FILE *fp, const struct report *r)
{
    const char *slash = strrchr(r->path, '/'), *name = slash ? slash + 1 : r->path;
    const char *genome = json_string_value(json_object_get(r->config, "genome"));
    char text[32];
    struct stat st;

    fputs("<h1>", fp);
    put_text(fp, name);
    fputs("</h1>\n<p>Background of ", fp);
    put_text(fp, r->b->oracle);
    if (genome) {
        fputs(" on ", fp);
        put_text(fp, genome);
    }
    fputs(", built from ", fp);
    put_text(fp, r->b->file);
    fputs(" by pertrack ", fp);
    put_text(fp, prog_version);
    fputs(".</p>\n<div class=\"tiles\">\n", fp);
    put_count_tile(fp, (long long)r->bg->n, "tracks");
    if (r->p->sites[VARIANTS])
        put_count_tile(fp, r->p->sites[VARIANTS], "variants");
    if (r->p->sites[BASELINES])
        put_count_tile(fp, r->p->sites[BASELINES], "regions");
    put_count_tile(fp, (long long)r->p->n, "units");
    show_seconds(text, r->cpu_s);
    put_tile(fp, text, "processor time");
    if (stat(r->path, &st) == 0) {
        show_bytes(text, (double)st.st_size);
        put_tile(fp, text, "background file");
    }
    fputs("</div>\n<nav><a href=\"#curves\">Distributions</a><a href=\"#tracks\">Tracks</a>"
          "<a href=\"#counts\">Left out</a><a href=\"#timings\">Timings</a>"
          "<a href=\"#made\">How it was made</a></nav>\n", fp);
}

/* A track's cell of a kind: small curve and the numbers that matter. */
static void
put_cell(FILE *fp, const struct report *r, int kind, const struct axis *a, size_t t)
{
    const struct frame f = { 1, 2, 218, 40 };
    const struct background_kind *k = &r->bg->kind[kind];
    const struct curves *c = &r->curve[kind];
    char look[64];

    snprintf(look, sizeof look, "style=\"stroke:var(--c%zu)\"",
             r->bg->n <= NAMED_TRACKS ? t + 1 : 1);
    fputs("<td class=\"cell\">", fp);
    if (r->bg->n <= DRAWN_ROWS) {
        fputs("<svg viewBox=\"0 0 220 44\" preserveAspectRatio=\"none\">"
              "<line class=\"grid\" x1=\"1\" x2=\"219\" y1=\"42\" y2=\"42\"/>", fp);
        put_curve(fp, &f, a, c, c->value + t * c->n, look);
        fputs("</svg>", fp);
    }
    fputs("<small>", fp);
    if (k->offered) {
        put_number(fp, (long long)k->offered[t]);
        fputs(" values", fp);
        if (k->retained && k->retained[t] < k->offered[t]) {
            fputs(", ", fp);
            put_number(fp, (long long)k->retained[t]);
            fputs(" kept", fp);
        }
        fputs("<br>", fp);
    }
    fprintf(fp, "median %.3g &middot; 99 %% %.3g &middot; max %.3g", (double)c->middle[t],
            (double)c->high[t], (double)c->most[t]);
    if (report_exact_points(r, kind, t) < (int64_t)k->width)
        fprintf(fp, "<br>%lld of %zu points exact at each end",
                (long long)report_exact_points(r, kind, t), k->width);
    fputs("</small></td>", fp);
}

static void
put_tracks(FILE *fp, const struct report *r, const struct axis axis[SCORE_KINDS])
{
    fputs("<h2 id=\"tracks\">Tracks</h2>\n<div class=\"scroll\"><table><thead><tr><th>track</th>", fp);
    for (int k = 0; k < SCORE_KINDS; k++)
        if (r->bg->kind[k].present)
            fprintf(fp, "<th>%s</th>", kind_title[k]);
    fputs("</tr></thead><tbody>\n", fp);
    for (size_t t = 0; t < r->bg->n; t++) {
        fputs("<tr><td class=\"id\">", fp);
        put_text(fp, r->bg->track_id[t]);
        fputs("<small>", fp);
        if (r->bg->layer)
            put_text(fp, r->bg->layer[t]);
        fputs(r->bg->is_signed[t] ? ", signed</small></td>" : "</small></td>", fp);
        for (int k = 0; k < SCORE_KINDS; k++)
            if (r->bg->kind[k].present)
                put_cell(fp, r, k, &axis[k], t);
        fputs("</tr>\n", fp);
    }
    fputs("</tbody></table></div>\n", fp);
}

static void
put_drops(FILE *fp, const struct report *r)
{
    fputs("<h2 id=\"counts\">What was read and left out</h2>\n<p>Every site and allele of the input is scored or "
          "counted under a reason.</p>\n<div class=\"scroll\"><table><thead><tr><th>of</th>"
          "<th>what</th><th class=\"n\">number</th></tr></thead><tbody>\n", fp);
    for (int k = 0; k < SCORE_PERBIN; k++) {
        json_t *drops, *v;
        const char *reason;

        if (!r->bg->kind[k].present)
            continue;
        drops = report_drops(r, k);
        json_object_foreach(drops, reason, v) {
            fprintf(fp, "<tr><td>%s</td><td>", k == SCORE_EFFECT ? "variants" : "regions");
            put_text(fp, reason);
            fprintf(fp, "</td><td class=\"n\">%s</td></tr>\n", json_string_value(v));
        }
        json_decref(drops);
    }
    fputs("</tbody></table></div>\n", fp);
}

/* A bar per unit, as high as it took long. */
static void
put_bars(FILE *fp, const struct report *r)
{
    const double width = 1100, height = 110, step = width / (double)r->p->n;
    const double gap = step > 4 ? 2 : step > 1.5 ? 0.4 : 0;
    double most = 0;

    for (size_t i = 0; i < r->p->n; i++)
        most = r->timing[i].wall_s > most ? r->timing[i].wall_s : most;
    fprintf(fp, "<figure><figcaption>Seconds per unit <small>greatest %.1f s</small></figcaption>"
            "<svg viewBox=\"0 0 1100 118\" role=\"img\" aria-label=\"seconds per unit\">"
            "<line class=\"grid\" x1=\"0\" x2=\"1100\" y1=\"113\" y2=\"113\"/>", most);
    for (size_t i = 0; i < r->p->n && most > 0; i++) {
        const double h = height * r->timing[i].wall_s / most;
        const double w = step - gap < 28 ? step - gap : 28;

        fprintf(fp, "<rect class=\"bar\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" "
                "rx=\"%d\"><title>%s: %.2f s on %s</title></rect>", step * (double)i, 113 - h, w,
                h, w > 8 ? 2 : 0, r->p->unit[i].name, r->timing[i].wall_s, r->timing[i].host);
    }
    fputs("</svg></figure>\n", fp);
}

static void
put_timings(FILE *fp, const struct report *r)
{
    char wall[32], cpu[32], memory[32];

    show_seconds(wall, r->wall_s);
    show_seconds(cpu, r->cpu_s);
    show_bytes(memory, (double)r->memory_kb * 1024);
    fprintf(fp, "<h2 id=\"timings\">Timings</h2>\n<p>All units one after the other: %s, %s of processor time; "
            "at most %s of memory in one program.</p>\n", wall, cpu, memory);
    put_bars(fp, r);
    fputs("<details><summary>every unit</summary><div class=\"scroll\"><table><thead><tr>"
          "<th>unit</th><th class=\"n\">sites</th><th class=\"n\">tracks</th><th class=\"n\">"
          "seconds</th><th class=\"n\">processor</th><th class=\"n\">memory</th><th>host</th>"
          "<th class=\"n\">attempts</th></tr></thead><tbody>\n", fp);
    for (size_t i = 0; i < r->p->n; i++) {
        const struct unit *u = &r->p->unit[i];
        const struct timing *t = &r->timing[i];

        fprintf(fp, "<tr><td>%s</td><td class=\"n\">%lld</td><td class=\"n\">%lld</td>"
                "<td class=\"n\">%.2f</td><td class=\"n\">%.2f</td><td class=\"n\">%.0f MB</td>"
                "<td>", u->name, (long long)u->sites, (long long)u->tracks, t->wall_s, t->cpu_s,
                (double)t->memory_kb / 1024);
        put_text(fp, *t->host ? t->host : "not recorded");
        fprintf(fp, "</td><td class=\"n\">%d</td></tr>\n", t->attempts);
    }
    fputs("</tbody></table></div></details>\n", fp);
}

/* One program of the chain. */
static void
put_entry(FILE *fp, const json_t *entry)
{
    const char *key;
    json_t *v;

    fputs("<tr><td>", fp);
    put_text(fp, json_string_value(json_object_get(entry, "pn")) ?
             json_string_value(json_object_get(entry, "pn")) : "?");
    fputs("</td><td>", fp);
    if (json_string_value(json_object_get(entry, "vn")))
        put_text(fp, json_string_value(json_object_get(entry, "vn")));
    fputs("</td><td><code>", fp);
    if (json_string_value(json_object_get(entry, "cl")))
        put_text(fp, json_string_value(json_object_get(entry, "cl")));
    fputs("</code></td><td><code>", fp);
    json_object_foreach((json_t *)entry, key, v) {
        char *text;

        if (strcmp(key, "pn") == 0 || strcmp(key, "vn") == 0 || strcmp(key, "cl") == 0 ||
            strcmp(key, "id") == 0 || strcmp(key, "pp") == 0)
            continue;
        text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
        put_text(fp, key);
        fputs(" ", fp);
        put_text(fp, text);
        fputs("<br>", fp);
        free(text);
    }
    fputs("</code></td></tr>\n", fp);
}

static void
put_provenance(FILE *fp, const struct report *r)
{
    char *id = folder_path(r->b, "build.id"), *line = NULL;
    FILE *in = fopen(id, "r");
    size_t room = 0, i;
    json_t *entry;

    fputs("<h2 id=\"made\">How it was made</h2>\n", fp);
    for (int k = 0; k < SCORE_PERBIN; k++) {
        if (!r->bg->kind[k].present || !report_run(r, k))
            continue;
        fprintf(fp, "<h3>%s</h3>\n<div class=\"scroll\"><table><thead><tr><th>program</th>"
                "<th>version</th><th>command</th><th>and</th></tr></thead><tbody>\n",
                kind_title[k]);
        json_array_foreach(json_object_get(report_run(r, k), "chain"), i, entry) {
            put_entry(fp, entry);
        }
        fputs("</tbody></table></div>\n", fp);
    }
    fputs("<details><summary>everything the build depends on, with checksums</summary>"
          "<div class=\"scroll\"><table><tbody>\n", fp);
    while (in && getline(&line, &room, in) > 0) {
        char *tab = strchr(line, '\t');

        line[strcspn(line, "\n")] = '\0';
        if (!tab)
            continue;
        *tab = '\0';
        fputs("<tr><td>", fp);
        put_text(fp, line);
        fputs("</td><td><code>", fp);
        put_text(fp, tab + 1);
        fputs("</code></td></tr>\n", fp);
    }
    fputs("</tbody></table></div></details>\n", fp);
    if (in)
        fclose(in);
    free(line);
    free(id);
}

void
report_write_html(const struct report *r, FILE *fp)
{
    struct axis axis[SCORE_KINDS];

    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\""
          " content=\"width=device-width,initial-scale=1\">\n<title>", fp);
    put_text(fp, r->path);
    fprintf(fp, "</title>\n<style>\n%s</style></head>\n<body><main>\n", style);
    put_head(fp, r);
    fputs("<h2 id=\"curves\">Distributions</h2>\n<p>Share of values below a value. The axis is linear around zero "
          "and logarithmic beyond, the same for all tracks of a kind.</p>\n"
          "<div class=\"charts\">\n", fp);
    for (int k = 0; k < SCORE_KINDS; k++) {
        if (!r->bg->kind[k].present)
            continue;
        make_axis(&axis[k], &r->curve[k], r->bg->n);
        put_picture(fp, r, k, &axis[k]);
    }
    fputs("</div>\n", fp);
    put_legend(fp, r);
    put_tracks(fp, r, axis);
    put_drops(fp, r);
    put_timings(fp, r);
    put_provenance(fp, r);
    fputs("</main></body></html>\n", fp);
}
