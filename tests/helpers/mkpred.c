/* SPDX-License-Identifier: MIT */
/*
 * mkpred [--segments] - make a prediction stream from a description on standard input:
 *
 *   meta KEY VALUE           header line; trailer KEY VALUE: trailer line
 *   track ID LAYER N_BINS BIN_BP N_STRANDS
 *   variant CHROM POS1 REF ALT[,ALT] ID STRATUM
 *   region CHROM START0 END0 ID STRATUM
 *   v NUMBER...              behind a site, per track, allele and strand: all bins
 *   r FIRST STEP             in place of it: bins that ascend by a step
 *
 * With --segments only the bins that scoring needs are written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "prog/mem.h"
#include "record/prediction.h"
#include "score/demand.h"
#include "stream/stream.h"
#include "wanted_one.h"

struct maker {
    struct meta meta, trailer;
    struct track_table tracks;
    struct stream_writer *w;
    bool segments;
    struct perbin_rule rule;
};

/* Next blank-separated word of the line, or die. */
static char *
word(char **line)
{
    char *w = strsep(line, " ");

    if (!w || !*w)
        die("description: a word is missing");
    return w;
}

static void
add_track(struct maker *m, char *line)
{
    struct err e;
    struct track t = { 0 };

    t.id = word(&line);
    t.layer = word(&line);
    t.oracle = "test";
    t.n_bins = (uint32_t)atoi(word(&line));
    t.bin_bp = (uint32_t)atoi(word(&line));
    t.n_strands = (uint32_t)atoi(word(&line));
    if (track_table_add(&m->tracks, &t, &e))
        die_err(&e);
}

static void
start(struct maker *m)
{
    const char *perbin = meta_get(&m->meta, "perbin");
    unsigned long long seed = 0;
    struct err e;

    if (m->w)
        return;
    if (perbin && sscanf(perbin, "{\"n\":%u,\"seed\":%llu}", &m->rule.n, &seed) != 2)
        die("description: perbin '%s'", perbin);
    m->rule.seed = seed;
    if (!meta_get(&m->meta, "content"))
        meta_add(&m->meta, "content", STREAM_PREDICTIONS);
    track_table_to_meta(&m->tracks, &m->meta);
    m->w = stream_create(stdout, "standard output", &m->meta, &e);
    if (!m->w)
        die_err(&e);
}

static void
parse_variant(struct site *s, char *line)
{
    char *alts, *alt;

    s->kind = SITE_VARIANT;
    s->chrom = mem_strdup(word(&line));
    s->start = atoll(word(&line)) - 1;
    s->ref = mem_strdup(word(&line));
    s->end = s->start + (int64_t)strlen(s->ref);
    alts = word(&line);
    s->alt = mem_array(strlen(alts), sizeof *s->alt);
    while ((alt = strsep(&alts, ",")))
        s->alt[s->n_alt++] = mem_strdup(alt);
    s->id = mem_strdup(word(&line));
    s->stratum = mem_strdup(word(&line));
}

static void
parse_region(struct site *s, char *line)
{
    s->kind = SITE_REGION;
    s->chrom = mem_strdup(word(&line));
    s->start = atoll(word(&line));
    s->end = atoll(word(&line));
    s->ref = mem_strdup("");
    s->id = mem_strdup(word(&line));
    s->stratum = mem_strdup(word(&line));
}

/* The bins of one line "v ..." or "r ..." that the segments hold. */
static void
read_values(float *values, const struct prediction_track *t, uint32_t n_bins)
{
    char *line = NULL, *p;
    size_t cap = 0, seg = 0, n = 0;
    float first = 0, step = 0;
    bool ramp;

    if (getline(&line, &cap, stdin) < 2 || (line[0] != 'v' && line[0] != 'r'))
        die("description: a line of values is missing");
    ramp = line[0] == 'r';
    if (ramp && sscanf(line, "r %f %f", &first, &step) != 2)
        die("description: r FIRST STEP");
    p = line + 1;
    for (uint32_t bin = 0; bin < n_bins; bin++) {
        float v = ramp ? first + step * (float)bin : strtof(p, &p);

        while (seg < t->n_seg && t->seg[seg].start + t->seg[seg].len <= bin)
            seg++;
        if (seg < t->n_seg && t->seg[seg].start <= bin)
            values[n++] = v;
    }
    free(line);
}

static void
read_track(struct prediction_track *t, const struct maker *m, size_t i, const struct site *s,
           size_t n_alleles)
{
    const struct track *track = &m->tracks.track[i];

    t->n_strands = track->n_strands;
    if (m->segments) {
        wanted_one(&t->seg, &t->n_seg, &t->cap_seg, track, layer_find(track->layer), s,
                   &m->rule);
    } else {
        t->seg = mem_array(1, sizeof *t->seg);
        t->seg[0].len = track->n_bins;
        t->n_seg = 1;
    }
    for (size_t j = 0; j < t->n_seg; j++)
        t->n_values += t->seg[j].len;
    t->log_count = mem_array(n_alleles, sizeof *t->log_count);
    t->values = mem_array(n_alleles * t->n_strands * t->n_values, sizeof *t->values);
    for (size_t j = 0; j < n_alleles * t->n_strands; j++)
        read_values(t->values + j * t->n_values, t, track->n_bins);
}

static void
add_site(struct maker *m, char *line, bool region)
{
    struct buf b = { 0 };
    struct prediction p;
    struct err e;

    start(m);
    prediction_init(&p);
    if (region)
        parse_region(&p.site, line);
    else
        parse_variant(&p.site, line);
    p.n_alleles = 1 + p.site.n_alt;
    p.n_tracks = m->tracks.n;
    p.track = mem_array(p.n_tracks, sizeof *p.track);
    for (size_t i = 0; i < p.n_tracks; i++)
        read_track(&p.track[i], m, i, &p.site, p.n_alleles);
    prediction_encode(&b, &p);
    if (stream_write(m->w, b.p, b.n, &e))
        die_err(&e);
    buf_free(&b);
    prediction_free(&p);
}

static void
do_line(struct maker *m, char *line)
{
    char *what;

    if (!*line || *line == '#')
        return;
    what = word(&line);
    if (strcmp(what, "meta") == 0 || strcmp(what, "trailer") == 0) {
        const char *key = word(&line);

        meta_add(*what == 'm' ? &m->meta : &m->trailer, key, line ? line : "");
    } else if (strcmp(what, "track") == 0) {
        add_track(m, line);
    } else if (strcmp(what, "variant") == 0 || strcmp(what, "region") == 0) {
        add_site(m, line, *what == 'r');
    } else {
        die("description: unknown line '%s'", what);
    }
}

int
main(int argc, char **argv)
{
    struct maker m = { .segments = argc > 1 && strcmp(argv[1], "--segments") == 0 };
    char *line = NULL;
    size_t cap = 0;
    struct err e;

    prog_name = "mkpred";
    while (getline(&line, &cap, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        do_line(&m, line);
    }
    start(&m);
    if (stream_finish(m.w, &m.trailer, &e))
        die_err(&e);
    meta_free(&m.meta);
    meta_free(&m.trailer);
    track_table_free(&m.tracks);
    free(line);
    return EXIT_OK;
}
