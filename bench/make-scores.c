/* SPDX-License-Identifier: MIT */
/*
 * make-scores SITES TRACKS BINS [SHARD N] - write a synthetic stream of binary scores to standard
 * output: a summary value and BINS perbin values of every track at every site.  With SHARD and N
 * (1 to N) only every N-th site.  With BINS -1 the sites are variants, with an effect of every
 * track.  Input of the benchmarks and tests of reservoir and cdf-pack.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "rng/keyed.h"
#include "score/record.h"

static void
make_header(struct meta *m, uint32_t n_tracks, int64_t shard, int64_t n_shards)
{
    struct track_table tracks;
    struct err e;

    track_table_init(&tracks);
    for (uint32_t i = 0; i < n_tracks; i++) {
        char id[32];
        struct track t = { .id = id, .assay = (char *)"DNASE",
                           .layer = (char *)"chromatin_accessibility",
                           .oracle = (char *)"synthetic", .n_bins = 1000, .bin_bp = 1,
                           .n_strands = 1 };

        snprintf(id, sizeof id, "DNASE:cell%u", i);
        if (track_table_add(&tracks, &t, &e))
            die_err(&e);
    }
    track_table_to_meta(&tracks, m);
    if (n_shards > 1)
        meta_addf(m, "shard", "%lld/%lld", (long long)shard, (long long)n_shards);
    track_table_free(&tracks);
}

/* Heavy-tailed positive numbers, as counts are. */
static void
fill(struct score_record *r, uint32_t n_tracks, uint32_t n_bins, uint64_t site)
{
    struct keyed_stream s;

    keyed_stream_init(&s, 1, site);
    score_record_clear(r);
    for (uint32_t t = 0; r->site.kind == SITE_VARIANT && t < n_tracks; t++) {
        struct score_block *b = score_record_add(r, SCORE_EFFECT, t, 1);

        b->score[0] = ldexp((double)(keyed_next(&s) >> 11), -(int)(keyed_next(&s) & 63) - 11);
    }
    if (r->site.kind == SITE_VARIANT)
        return;
    for (uint32_t t = 0; t < n_tracks; t++) {
        struct score_block *b = score_record_add(r, SCORE_SUMMARY, t, 1);

        b->score[0] = ldexp((double)(keyed_next(&s) >> 11), -(int)(keyed_next(&s) & 63) - 11);
        if (!n_bins)
            continue;
        b = score_record_add(r, SCORE_PERBIN, t, n_bins);
        for (uint32_t i = 0; i < n_bins; i++) {
            uint64_t word = keyed_next(&s);

            b->score[i] = (float)ldexp((double)(word >> 40), -(int)(word & 31));
            b->bin[i] = i;
        }
    }
}

int
main(int argc, char **argv)
{
    int64_t n_sites, n_tracks, n_bins, shard = 1, n_shards = 1;
    struct score_record r;
    struct score_writer *w;
    struct meta m;
    struct err e;

    prog_name = "make-scores";
    if (argc != 4 && argc != 6)
        die_usage("usage: make-scores SITES TRACKS BINS [SHARD N]");
    n_sites = opt_int(argv[1], "SITES", 1, 1e9);
    n_tracks = opt_int(argv[2], "TRACKS", 1, 1e6);
    n_bins = opt_int(argv[3], "BINS", -1, 1e6);
    if (argc == 6) {
        n_shards = opt_int(argv[5], "N", 1, 1e6);
        shard = opt_int(argv[4], "SHARD", 1, (double)n_shards);
    }
    meta_init(&m);
    make_header(&m, (uint32_t)n_tracks, shard, n_shards);
    w = score_create(stdout, "standard output", &m, false, &e);
    if (!w)
        die_err(&e);
    score_record_init(&r);
    r.site = (struct site){ .kind = SITE_REGION, .chrom = mem_strdup("chr1"), .ref = mem_strdup(""),
                            .id = mem_strdup("."), .stratum = mem_strdup("random") };
    if (n_bins < 0) {
        r.site.kind = SITE_VARIANT;
        free(r.site.ref);
        r.site.ref = mem_strdup("A");
        r.site.alt = mem_array(1, sizeof *r.site.alt);
        r.site.alt[0] = mem_strdup("C");
        r.site.n_alt = 1;
    }
    for (int64_t i = shard - 1; i < n_sites; i += n_shards) {
        r.site.start = 1000 * i;
        r.site.end = r.site.start + (n_bins < 0 ? 1 : 1000);
        r.site.ordinal = (uint64_t)i;
        fill(&r, (uint32_t)n_tracks, (uint32_t)n_bins, (uint64_t)i);
        if (score_write(w, &r, &e))
            die_err(&e);
    }
    if (score_finish(w, NULL, &e))
        die_err(&e);
    meta_free(&m);
    score_record_free(&r);
    return EXIT_OK;
}
