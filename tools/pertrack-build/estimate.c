/* SPDX-License-Identifier: MIT */
/*
 * What a site costs and how many values it gives: from a short run of the real programs on a part
 * of the real sites, the first track set's.  The part grows until the run takes long enough to be
 * measured, and no run may take more than MOST_S, so that all of it is done within a minute.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prepare.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "reservoir/state.h"

/* A run of at least LONG_ENOUGH_S tells the time per site; the first tries FEW sites. */
#define LONG_ENOUGH_S 1.5
#define SHORT_BUILD_S 10.0      /* all sites of a kind: not worth a better estimate */
enum { FEW = 12, GROWTH = 6, MOST_S = 20 };

void
estimate_read(struct estimate *x, const struct build *b)
{
    char *path = folder_path(b, "estimate.tsv"), line[256], kind[16];
    FILE *fp = fopen(path, "r");
    double start, site, v[SCORE_KINDS];

    memset(x, 0, sizeof *x);
    free(path);
    if (!fp)
        return;
    while (fgets(line, sizeof line, fp)) {
        if (sscanf(line, "%15s %lf %lf %lf %lf %lf", kind, &start, &site, &v[0], &v[1], &v[2]) != 6)
            continue;
        for (int k = 0; k < KINDS; k++) {
            if (strcmp(kind, kind_name[k]) != 0)
                continue;
            x->known[k] = true;
            x->start_s[k] = start;
            x->site_s[k] = site;
            for (int s = 0; s < SCORE_KINDS; s++)
                x->values[s] = v[s] > 0 ? v[s] : x->values[s];
        }
    }
    fclose(fp);
}

static void
write_estimate(const struct estimate *x, const struct build *b)
{
    char *path = folder_path(b, "estimate.tsv");
    FILE *fp = fio_open_out(path, false);

    fputs("#kind\tstart_s\tsite_s\teffects\tsummaries\tbins\n", fp);
    for (int k = 0; k < KINDS; k++)
        if (x->known[k])
            fprintf(fp, "%s\t%.4f\t%.7f\t%.4f\t%.4f\t%.4f\n", kind_name[k], x->start_s[k],
                    x->site_s[k], k == VARIANTS ? x->values[SCORE_EFFECT] : 0,
                    k == BASELINES ? x->values[SCORE_SUMMARY] : 0,
                    k == BASELINES ? x->values[SCORE_PERBIN] : 0);
    fio_close_out(fp, path);
    free(path);
}

/* Most values of any track and kind in a state, added to most. */
static void
count_values(double most[SCORE_KINDS], const char *path)
{
    struct value_set set = { 0 };
    FILE *fp = fio_open_in(path);
    struct stream_reader *in;
    struct state_reader *r;
    struct err e;
    int got = 0;

    in = stream_open_file(fp, path, STREAM_RESERVOIR, &e);
    r = in ? state_open(in, path, &e) : NULL;
    while (r && (got = state_next(r, &set, &e)) > 0)
        if ((double)set.offered > most[set.kind])
            most[set.kind] = (double)set.offered;
    if (!r || got < 0)
        die_err(&e);
    value_set_free(&set);
    state_close(r);
    fio_close_in(fp, path);
}

struct trial {
    int64_t sites;              /* in the part */
    double seconds;
    double values[SCORE_KINDS];
    bool too_long;
};

/* Run the shard-th of `of` parts of the sites. */
static void
try_part(struct trial *x, const struct build *b, enum kind k, int64_t of, int64_t sites)
{
    char *table = set_table(b, 1), *out = folder_path(b, "calibrate/%s.res", kind_name[k]);
    char *log = folder_path(b, "log/calibrate.%s.log", kind_name[k]);
    struct pipeline p = { .b = b, .kind = k, .table = table, .out = out, .log = log,
                          .threads = b->threads ? b->threads : 1, .keep_all = true,
                          .limit_s = MOST_S };
    struct err e;

    memset(x, 0, sizeof *x);
    p.shard = of > 1 ? mem_printf("1/%lld", (long long)of) : NULL;
    unlink(log);
    if (pipeline_run(&p, &e) && !p.timed_out) {
        stop_if_asked();
        die("%s: a short run on %s failed: %s; see %s", b->file, kind_name[k], e.msg, log);
    }
    stop_if_asked();
    x->seconds = p.wall_s;
    x->sites = sites;
    x->too_long = p.timed_out;
    if (!p.timed_out)
        count_values(x->values, out);
    unlink(out);
    free(p.shard);
    free(table);
    free(out);
    free(log);
}

static void
estimate_kind(struct estimate *x, const struct build *b, const struct plan *p, enum kind k)
{
    const double tracks = (double)p->unit[0].tracks;
    int64_t want = FEW;
    struct trial none, t;

    try_part(&none, b, k, 1000000, 0);
    for (;; want *= GROWTH) {
        const int64_t of = p->sites[k] / want > 1 ? p->sites[k] / want : 1;

        try_part(&t, b, k, of, sites_in_part(b, k, of));
        if (t.too_long || t.seconds >= LONG_ENOUGH_S || of == 1 ||
            (t.seconds - none.seconds) * (double)of < SHORT_BUILD_S)
            break;
    }
    if (t.too_long)
        note("%s: %d s were not enough for %lld sites; the estimate is a lower bound", kind_name[k],
             MOST_S, (long long)t.sites);
    x->known[k] = true;
    x->start_s[k] = none.seconds;
    x->site_s[k] = t.sites && t.seconds > none.seconds
        ? (t.seconds - none.seconds) / (double)t.sites / tracks : 0;
    for (int s = 0; t.sites && s < SCORE_KINDS; s++)
        if (t.values[s] > 0)
            x->values[s] = t.values[s] / (double)t.sites;
}

void
estimate_make(struct estimate *x, const struct build *b, const struct plan *p)
{
    bool changed = false;

    for (int k = 0; k < KINDS; k++) {
        if (x->known[k] || !build_has(b, (enum kind)k))
            continue;
        estimate_kind(x, b, p, (enum kind)k);
        changed = true;
    }
    if (changed)
        write_estimate(x, b);
}
