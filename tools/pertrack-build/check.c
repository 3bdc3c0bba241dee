/* SPDX-License-Identifier: MIT */
/* Mistakes that would cost days, found before the first unit. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "background/background.h"
#include "background/grid.h"
#include "genome/alias.h"
#include "genome/sites.h"
#include "prepare.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "record/track.h"
#include "reservoir/retention.h"
#include "stream/stream.h"

/* Variants whose REF is compared, and regions whose ends are: enough to tell an assembly. */
enum { COMPARED = 1000 };

static size_t
missing(const struct build *b, const char *key, const char *path)
{
    if (!path || access(path, R_OK) == 0)
        return 0;
    fprintf(stderr, "%s: %s: %s %s: %s\n", prog_name, b->file, key, path, strerror(errno));
    return 1;
}

void
check_files(const struct build *b, const struct table *t)
{
    size_t n = missing(b, "genome", b->genome) + missing(b, "gtf", b->gtf) +
        missing(b, "ccre", b->ccre) + missing(b, "dhs", b->dhs) +
        missing(b, "variants-file", b->sites_file[VARIANTS]) +
        missing(b, "baselines-file", b->sites_file[BASELINES]) +
        missing(b, "append", b->append) + missing(b, "replace", b->replace) +
        missing(b, "held-out", b->held_out);

    for (size_t i = 0; i < t->n; i++) {
        char *what = mem_printf("weights of track '%s'", t->row[i].id);

        for (size_t k = 0; k < t->row[i].file.n; k++)
            n += missing(b, what, t->row[i].file.item[k]);
        free(what);
    }
    if (n)
        die("%s: %zu files are missing or cannot be read; nothing was begun", b->file, n);
}

static void
check_assembly(const struct build *b, const struct genome *g)
{
    const int chr1 = alias_resolve(g, "chr1", NULL);
    const char *is = chr1 >= 0 ? genome_assembly(genome_contig_len(g, chr1)) : NULL;

    if (b->assembly && is && strcmp(is, b->assembly) != 0)
        die("%s: assembly is %s, but chromosome 1 of %s has the length of %s; give the FASTA of "
            "%s", b->file, b->assembly, b->genome, is, b->assembly);
    if (b->assembly && !is)
        note("%s: cannot tell whether %s is %s: the length of its chromosome 1 is of no assembly "
             "known here", b->file, b->genome, b->assembly);
}

/* A background that rows join or replace must be of this genome. */
static void
check_background(const struct build *b, const char *path, struct genome *g)
{
    static const char *const hash[] = { "fai_sha256", "fasta_sha256_prefix64mb" };
    struct background *old;
    json_t *config, *genome;
    struct meta m;
    char *text;
    struct err e;

    if (!path)
        return;
    meta_init(&m);
    if (!(old = background_open(path, &e)) || !(text = background_config(old, &e)) ||
        genome_to_meta(g, &m, &e))
        die_err(&e);
    config = json_loads(text, 0, NULL);
    genome = json_loads(meta_get(&m, "genome"), 0, NULL);
    for (size_t i = 0; i < ARRAY_LEN(hash); i++) {
        const char *mine = json_string_value(json_object_get(genome, hash[i]));
        const char *theirs = json_string_value(json_object_get(config, hash[i]));

        if (mine && theirs && strcmp(mine, theirs) != 0)
            die("%s: %s was built with another genome than %s (%s is %s, expected %s); use the "
                "same FASTA", b->file, path, b->genome, hash[i], mine, theirs);
    }
    json_decref(config);
    json_decref(genome);
    free(text);
    meta_free(&m);
    background_close(old);
}

/* What disagrees with the genome among the first sites of a user's file. */
struct compared {
    int64_t n, differs, beyond;
    char *example;
};

static void
compare_site(struct compared *c, struct genome *g, const struct site *s, int contig)
{
    const size_t len = strlen(s->ref);
    char *have = NULL;
    struct err e;

    c->n++;
    if (s->end > genome_contig_len(g, contig)) {
        c->beyond++;
        if (!c->example)
            c->example = mem_printf("%s:%lld is past the end of the contig", s->chrom,
                                    (long long)s->end);
        return;
    }
    if (s->kind == SITE_REGION || !len)
        return;
    have = mem_zalloc(len + 1);
    if (genome_fetch(g, have, contig, s->start, s->start + (int64_t)len, &e))
        die_err(&e);
    if (strcmp(have, s->ref) != 0) {
        c->differs++;
        if (!c->example)
            c->example = mem_printf("%s:%lld has REF %.40s, genome %.40s", s->chrom,
                                    (long long)s->start + 1, s->ref, have);
    }
    free(have);
}

static void
check_sites_file(const struct build *b, enum kind k, struct genome *g)
{
    const char *path = b->sites_file[k];
    struct compared c = { 0 };
    struct alias_map *alias;
    struct sites *s;
    struct site site;
    struct err e;
    int got = 0;

    if (!path)
        return;
    s = sites_open(path, SITES_AUTO, &e);
    if (!s)
        die_err(&e);
    if (sites_is_stream(s))
        die("%s: is a binary stream; %s-file takes VCF, BCF or BED", path, kind_name[k]);
    alias = alias_new(g, path);
    if (sites_check_genome(s, g, alias, &e))
        die_err(&e);
    if (!genome_matches_meta(g, sites_meta(s)))
        die("%s: its sites were made for another genome (%s) than %s; use the same FASTA", path,
            meta_get(sites_meta(s), "genome"), b->genome);
    site_init(&site);
    while (c.n < COMPARED && (got = sites_next(s, &site, &e)) > 0) {
        const int contig = alias_find(alias, site.chrom);

        if (contig >= 0)
            compare_site(&c, g, &site, contig);
    }
    if (got < 0)
        die_err(&e);
    if (2 * (c.differs + c.beyond) > c.n)
        die("%s: %lld of its first %lld sites do not fit the genome (%s); is %s their assembly?",
            path, (long long)(c.differs + c.beyond), (long long)c.n, c.example, b->genome);
    free(c.example);
    site_free(&site);
    alias_free(alias);
    sites_close(s);
}

void
check_genome(const struct build *b, struct genome *g)
{
    check_assembly(b, g);
    check_background(b, b->append, g);
    check_background(b, b->replace, g);
    for (int k = 0; k < KINDS; k++)
        check_sites_file(b, (enum kind)k, g);
}

static enum kind
kind_of(int score_kind)
{
    return score_kind == SCORE_EFFECT ? VARIANTS : BASELINES;
}

/* Values that a track will have, by the short run; 0 when it is not known. */
static double
expected_values(const struct plan *p, const struct estimate *x, int score_kind)
{
    return x->values[score_kind] * (double)p->sites[kind_of(score_kind)];
}

void
check_tails(const struct build *b, const struct plan *p, const struct estimate *x)
{
    const uint64_t width = b->width ? (uint64_t)b->width : GRID_WIDTH;
    const uint64_t tail = b->tail ? (uint64_t)b->tail
                                  : retention_derive_tail((uint64_t)b->expected, width);

    for (int s = 0; b->capacity && s < SCORE_KINDS; s++) {
        const uint64_t n = (uint64_t)expected_values(p, x, s);

        if (n > (uint64_t)b->capacity && !retention_is_exact_enough(tail, n, width))
            die("%s: about %llu %s values per track are to come, and tail %llu makes %llu of %llu "
                "points exact at each end, at least %llu are wanted; give tail %llu", b->file,
                (unsigned long long)n, score_kind_name[s], (unsigned long long)tail,
                (unsigned long long)retention_exact_slots(tail, n, width),
                (unsigned long long)width, (unsigned long long)width / 50,
                (unsigned long long)retention_derive_tail(n + n / 10, width));
    }
}

/* The tracks that all sets together will have, from the headers expected of their units. */
static void
read_tracks(struct track_table *all, const struct build *b, const struct plan *p)
{
    const enum kind k = build_has(b, VARIANTS) ? VARIANTS : BASELINES;
    struct err e;

    track_table_init(all);
    for (int64_t set = 1; set <= p->sets; set++) {
        char *path = expect_path(b, k, set);
        FILE *fp = fio_open_in(path);
        struct stream_reader *in = stream_open_file(fp, path, STREAM_RESERVOIR, &e);
        struct track_table t;

        track_table_init(&t);
        if (!in || track_table_from_meta(&t, stream_meta(in), &e))
            die_err(&e);
        for (size_t i = 0; i < t.n; i++)
            if (track_table_add(all, &t.track[i], &e))
                die("%s: %s", b->tracks, e.msg);
        track_table_free(&t);
        stream_close(in);
        fio_close_in(fp, path);
        free(path);
    }
}

int64_t
count_tracks(const struct build *b, const struct plan *p)
{
    struct track_table t;
    int64_t n;

    read_tracks(&t, b, p);
    n = (int64_t)t.n;
    track_table_free(&t);
    return n;
}

/* Tracks that the old background has and the new one will not. */
static void
check_tracks(const struct build *b, const struct plan *p, const struct background *old,
             const char *path, bool smaller)
{
    struct track_table t;
    const char *first = NULL;
    size_t n = 0;

    read_tracks(&t, b, p);
    for (size_t i = 0; i < old->n; i++) {
        if (track_table_find(&t, old->track_id[i]) >= 0)
            continue;
        first = first ? first : old->track_id[i];
        n++;
    }
    track_table_free(&t);
    if (n && !smaller && !b->append)
        die("%s: %s has %zu tracks that %s lacks (first: '%s'), and would lose them; add them, or "
            "append to it, or --allow-smaller", b->file, path, n, b->tracks, first);
}

static int
by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Half of the old rows have at least as many values as this. */
static double
usual_count(const struct background *old, int kind)
{
    int64_t *v = mem_array(old->n, sizeof *v);
    double middle;

    memcpy(v, old->kind[kind].offered, old->n * sizeof *v);
    qsort(v, old->n, sizeof *v, by_number);
    middle = (double)v[old->n / 2];
    free(v);
    return middle;
}

void
check_scope(const struct build *b, const struct plan *p, const struct estimate *x, bool smaller)
{
    const char *path = b->replace ? b->replace : b->output;
    struct background *old;
    struct err e;

    /* A file of that name which no lookup could use is no loss. */
    if (!is_file(path) || merge_made(b, path))
        return;
    old = background_open(path, &e);
    if (!old && b->replace)
        die_err(&e);
    if (!old)
        return;
    check_tracks(b, p, old, path, smaller);
    for (int s = 0; s < SCORE_KINDS && !smaller; s++)
        if (old->kind[s].present && !build_has(b, kind_of(s)))
            die("%s: %s has %s rows, but the build has no %s; add them, or --allow-smaller",
                b->file, path, score_kind_name[s], kind_name[kind_of(s)]);
    for (int s = 0; s < SCORE_KINDS; s++) {
        const double n = expected_values(p, x, s);
        double had;

        if (!old->kind[s].present)
            continue;
        if (!old->kind[s].offered) {
            note("%s does not record how many %s values it was made from: cannot tell whether "
                 "this build is smaller", path, score_kind_name[s]);
            continue;
        }
        had = usual_count(old, s);
        if (n && n < 0.9 * had && !smaller)
            die("%s: about %.0f %s values per track are to come, but %s was made from %.0f; a "
                "background is not replaced by a smaller one: draw more %s, or --allow-smaller",
                b->file, n, score_kind_name[s], path, had, kind_name[kind_of(s)]);
    }
    background_close(old);
}

/* Bytes that units, rows and the joined file will take. */
static double
bytes_needed(const struct build *b, const struct plan *p, const struct estimate *x)
{
    const double width = b->width ? (double)b->width : GRID_WIDTH;
    double bytes = 1e6;

    for (int s = 0; s < SCORE_KINDS; s++) {
        double n = expected_values(p, x, s);

        if (b->capacity && n > (double)(b->shards * (b->capacity + 2 * b->tail)))
            n = (double)(b->shards * (b->capacity + 2 * b->tail));
        bytes += (double)p->tracks * n * (s == SCORE_PERBIN ? 4 : 8);
        if (n > 0)
            bytes += (double)p->tracks * width * 4 * (p->sets > 1 ? 2 : 1);
    }
    return bytes;
}

void
check_space(const struct build *b, const struct plan *p, const struct estimate *x)
{
    double need = bytes_needed(b, p, x), have;
    struct statvfs fs;
    char a[32], c[32];

    for (size_t i = 0; i < p->n; i++) {
        char *path = unit_path(b, &p->unit[i], "units", ".res");
        struct stat st;

        if (stat(path, &st) == 0)
            need -= (double)st.st_size;
        free(path);
    }

    if (statvfs(b->folder, &fs))
        return;
    have = (double)fs.f_bavail * (double)fs.f_frsize;
    show_bytes(a, need);
    show_bytes(c, have);
    if (have < need)
        die("%s: the units and the background will take about %s, but %s has %s free; make room, "
            "or give 'folder' a place on another disk", b->file, a, b->folder, c);
    chat("disk: about %s of %s", a, c);
}
