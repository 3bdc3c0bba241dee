/* SPDX-License-Identifier: MIT */
/*
 * predict - run an oracle on variants or regions.
 *
 * One thread reads sites and writes records in input order; the others predict batches of sites
 * (lib/threads/pipe.h).  A worker takes a batch through one model after another, so that a model's weights
 * stay in its cache, and sites that follow each other with one reference window (records of one
 * position, split alleles) through one reference pass.  What a record holds does not depend on
 * batch, thread or shard.
 */
#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "family/declare.h"
#include "genome/window.h"
#include "predict.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/progress.h"
#include "prog/prov.h"
#include "rng/nprandom.h"
#include "stream/stream.h"
#include "threads/pipe.h"
#include "threads/thread.h"

/*
 * Sites that travel together.  Those with one reference window are not parted, unless there are
 * more than MAX_GROUP of them: memory must not grow with the input.
 */
enum { MAX_GROUP = 256 };

struct job {
    struct work_site *site;
    size_t n, cap;
};

/* A thread's working memory. */
struct worker {
    struct model_scratch scratch;
    struct model_group *group;      /* of one job */
    size_t group_cap;
    struct model_allele *allele;    /* of all groups of a job */
    size_t allele_cap;
};

struct run {
    const struct options *o;
    const struct models *m;
    struct input *in;
    struct score_rules rules;   /* by which bins are wanted */
    struct gene_index *genes;   /* those of rules, or NULL */
    char gtf_sha256[65];
    struct wanted *wanted;      /* NULL: all bins */
    struct job *job;
    struct work_site ahead;     /* read, but the first of the next job */
    bool has_ahead;
    size_t batch;               /* sites of a full job */
    struct worker *worker;
    FILE *out;
    struct stream_writer *stream;       /* NULL with --text */
    struct buf record;
    struct progress *progress;
    uint64_t n_written;
};

static bool
is_same_window(const struct run *r, const struct work_site *a, const struct work_site *b)
{
    return memcmp(a->codes, b->codes, r->m->in_len) == 0;
}

/* Here, where sites pass in order, since bins may be drawn in sequence. */
static void
want_bins(struct run *r, struct work_site *s)
{
    const bool draws = s->p.site.kind == SITE_REGION && r->rules.perbin.n > 0;

    if (!r->wanted)
        return;
    if (draws && r->rules.draw_in_sequence && r->o->shard_n)
        die("--compat chorus draws the bins of regions in one sequence over all of them, so they "
            "cannot be predicted in shards; leave out --shard, or give --bins 0");
    if (draws && r->rules.draw_in_sequence && wanted_by_gene(r->wanted) && !r->genes)
        die("--compat chorus draws bins from the exons of genes too; give --gtf, or --bins 0");
    wanted_site(r->wanted, &s->wanted, &s->p.site);
}

/* Put the next site behind those of the job; false at the end of the input. */
static bool
read_site(struct run *r, struct job *job)
{
    size_t had = job->cap;

    mem_grow(&job->site, &job->cap, job->n + 1, sizeof *job->site);
    memset(job->site + had, 0, (job->cap - had) * sizeof *job->site);
    if (r->has_ahead) {
        struct work_site swap = job->site[job->n];

        job->site[job->n] = r->ahead;
        r->ahead = swap;
        r->has_ahead = false;
        return true;
    }
    if (!input_next(r->in, &job->site[job->n]))
        return false;
    want_bins(r, &job->site[job->n]);
    return true;
}

static bool
read_job(void *context, size_t slot)
{
    struct run *r = context;
    struct job *job = &r->job[slot];

    for (job->n = 0; !fio_stop_signal() && read_site(r, job); job->n++) {
        struct work_site *s = &job->site[job->n];

        s->same_window = job->n && is_same_window(r, s - 1, s);
        if (job->n >= r->batch && (!s->same_window || job->n >= r->batch + MAX_GROUP)) {
            struct work_site swap = r->ahead;

            r->ahead = *s;
            *s = swap;
            r->has_ahead = true;
            break;
        }
    }
    return job->n > 0;
}

/* The bins wanted of a track at a site; the floats of its values and counts are returned. */
static size_t
choose_bins(const struct run *r, size_t track, struct work_site *s)
{
    struct prediction_track *t = &s->p.track[track];

    t->n_strands = r->m->tracks.track[track].n_strands;
    if (r->wanted) {
        wanted_segments(&t->seg, &t->n_seg, &t->cap_seg, r->wanted, &s->wanted, track);
        for (size_t i = 0; i < t->n_seg; i++)
            t->n_values += t->seg[i].len;
    } else {
        t->n_seg = 1;
        t->n_values = r->m->tracks.track[track].n_bins;
    }
    return s->p.n_alleles * (1 + t->n_strands * t->n_values);
}

/*
 * Room for what the models predict of a site.  One block holds the values of all tracks, and their
 * bins where all are wanted: Sei's 21,947 tracks of one bin take half a megabyte in it, and two in
 * blocks of their own.
 */
static void
make_values(const struct run *r, struct work_site *s)
{
    struct prediction *p = &s->p;
    size_t n = r->m->tracks.n, whole = r->wanted ? 0 : n, floats = 0;
    struct bin_segment *seg;
    float *at;

    p->n_tracks = n;
    p->track = mem_array(n, sizeof *p->track);
    for (size_t i = 0; i < n; i++)
        floats += choose_bins(r, i, s);
    s->block = mem_alloc(whole * sizeof *seg + floats * sizeof *at);
    seg = s->block;
    at = (float *)(seg + whole);
    for (size_t i = 0; i < n; i++) {
        struct prediction_track *t = &p->track[i];

        if (i < whole) {
            seg[i] = (struct bin_segment){ 0, (uint32_t)t->n_values };
            t->seg = &seg[i];
        }
        t->log_count = at;
        t->values = at + p->n_alleles;
        memset(t->log_count, 0, p->n_alleles * sizeof *at);
        at += p->n_alleles * (1 + t->n_strands * t->n_values);
    }
}

/* The alleles of a job, those of sites with one reference window in one group. */
static size_t
make_groups(struct worker *w, struct job *job)
{
    size_t n_groups = 0, n = 0;

    for (size_t i = 0; i < job->n; i++)
        n += job->site[i].p.n_alleles;
    mem_grow(&w->group, &w->group_cap, job->n, sizeof *w->group);
    mem_grow(&w->allele, &w->allele_cap, n, sizeof *w->allele);
    n = 0;
    for (size_t i = 0; i < job->n; i++) {
        struct work_site *s = &job->site[i];

        if (!s->same_window)
            w->group[n_groups++] = (struct model_group){ s->codes, w->allele + n, 0 };
        for (size_t a = 0; a < s->p.n_alleles; a++) {
            w->allele[n] = s->allele[a];
            w->allele[n++].p = &s->p;
        }
        w->group[n_groups - 1].n += s->p.n_alleles;
    }
    return n_groups;
}

static void
work_job(void *context, size_t worker, size_t slot)
{
    struct run *r = context;
    struct job *job = &r->job[slot];
    struct worker *w = &r->worker[worker];
    size_t n_groups;

    for (size_t i = 0; i < job->n; i++)
        make_values(r, &job->site[i]);
    n_groups = make_groups(w, job);
    for (size_t i = 0; i < r->m->n; i++)
        model_predict(r->m->model[i], &w->scratch, r->m->first_track[i], w->group, n_groups);
}

static void
print_values(FILE *fp, const struct prediction *p, size_t track, size_t allele, size_t strand,
             const char *id)
{
    const struct prediction_track *t = &p->track[track];
    const struct site *s = &p->site;
    const char *base = s->kind == SITE_REGION ? "." : allele ? s->alt[allele - 1] : s->ref;
    const float *v = prediction_values(p, track, allele, strand);
    const char *sign = t->n_strands == 1 ? "." : strand ? "-" : "+";

    for (size_t i = 0; i < t->n_seg; i++) {
        fprintf(fp, "%s\t%" PRId64 "\t%s\t%s\t%s\t%s\t%.9g\t%u\t", s->chrom,
                window_position(s) + 1, s->id, id, base, sign, (double)t->log_count[allele],
                t->seg[i].start);
        for (size_t j = 0; j < t->seg[i].len; j++)
            fprintf(fp, "%s%.9g", j ? "," : "", (double)*v++);
        putc('\n', fp);
    }
}

static void
print_site(const struct run *r, const struct prediction *p)
{
    for (size_t t = 0; t < p->n_tracks; t++)
        for (size_t a = 0; a < p->n_alleles; a++)
            for (size_t s = 0; s < p->track[t].n_strands; s++)
                print_values(r->out, p, t, a, s, r->m->tracks.track[t].id);
}

/*
 * Records of thousands of tracks take megabytes; kept for the slot's next job they would be in
 * memory for all slots and not only for those that are being computed.
 */
static void
release_values(struct work_site *s)
{
    struct prediction *p = &s->p;

    for (size_t i = 0; i < p->n_tracks; i++)
        if (p->track[i].cap_seg)    /* otherwise they are in the block */
            free(p->track[i].seg);
    free(s->block);
    free(p->track);
    s->block = NULL;
    p->track = NULL;
    p->n_tracks = 0;
}

static void
write_job(void *context, size_t slot)
{
    struct run *r = context;
    const struct job *job = &r->job[slot];
    struct err e;

    for (size_t i = 0; i < job->n; i++) {
        if (r->stream) {
            buf_clear(&r->record);
            prediction_encode(&r->record, &job->site[i].p);
            if (stream_write(r->stream, r->record.p, r->record.n, &e))
                die_err(&e);
        } else {
            print_site(r, &job->site[i].p);
            if (ferror(r->out))
                die("%s: cannot write", fio_name_out(r->o->out));
        }
        release_values(&job->site[i]);
        r->n_written++;
    }
    progress_set(r->progress, r->n_written);
}

/* The decisions that have a say in these predictions. */
static unsigned
in_force(const struct run *r)
{
    unsigned which = 1u << DECIDE_CENTRE;

    if (strcmp(r->o->oracle, "sei") == 0)
        which |= 1u << DECIDE_STRANDS;
    if (r->wanted)
        which |= score_decisions(&r->m->tracks, (const struct layer *const *)r->m->layer,
                                 &r->rules);
    return which;
}

/* Everything downstream needs to know about the predictions, and how they were made. */
static void
make_meta(const struct run *r, struct meta *m)
{
    const struct options *o = r->o;
    char *exons = r->wanted && wanted_by_gene(r->wanted)
                      ? score_exon_rules(&r->rules, r->gtf_sha256) : NULL;

    meta_init(m);
    meta_add(m, "content", STREAM_PREDICTIONS);
    meta_add(m, "values", o->raw ? "logits" : "expected_counts");
    meta_addf(m, "window", "{\"len_bp\":%" PRId64 ",\"variant_index\":%" PRId64 "}",
              r->rules.len_bp, r->rules.variant_index);
    meta_addf(m, "perbin", "{%s\"n\":%" PRIu32 ",\"seed\":%" PRIu64 "}",
              r->wanted && r->rules.draw_in_sequence ? "\"draw\":\"" NPRANDOM_NAME "\"," : "",
              r->rules.perbin.n, r->rules.perbin.seed);
    if (exons)
        meta_add(m, "exon_bins", exons);
    free(exons);
    if (o->shard_n)
        meta_addf(m, "shard", "%" PRIu64 "/%" PRIu64, o->shard_i, o->shard_n);
    track_table_to_meta(&r->m->tracks, m);
    meta_copy(m, input_meta(r->in));
    decisions_to_meta(m, &o->decide, in_force(r));
    prov_append(m, json_pack("{s:s}", "kernels", r->m->ops_name));
}

static void
open_output(struct run *r)
{
    struct meta m;
    struct err e;

    make_meta(r, &m);
    r->out = fio_open_out(r->o->out, !r->o->text);
    if (r->o->text) {
        meta_write_text(r->out, &m);
        fprintf(r->out, "#chrom\tpos\tid\ttrack\tallele\tstrand\tlog_count\tfirst_bin\tvalues\n");
    } else {
        r->stream = stream_create(r->out, fio_name_out(r->o->out), &m, &e);
        if (!r->stream)
            die_err(&e);
    }
    meta_free(&m);
}

static void
close_output(struct run *r)
{
    struct meta trailer;
    struct err e;

    meta_init(&trailer);
    input_finish(r->in, &trailer, r->n_written);
    if (r->stream) {
        if (stream_finish(r->stream, &trailer, &e))
            die_err(&e);
    } else {
        meta_write_text(r->out, &trailer);
    }
    fio_close_out(r->out, r->o->out);
    meta_free(&trailer);
}

/*
 * With many tracks a batch lets a model's weights, once in the cache, serve several sites; with one
 * they stay there anyway, and small jobs share the end of the input better.
 */
static size_t
batch_size(const struct run *r)
{
    size_t most = r->m->n > 1 ? 8 : 1;

    for (size_t i = 0; i < r->m->n; i++)
        most = r->m->model[i]->batch > most ? r->m->model[i]->batch : most;
    return r->o->batch ? (size_t)r->o->batch : most;
}

/* Activations of all windows in flight may take this much before threads share a window. */
enum { ACTIVATION_MB = 1024 };

/* Activations of one window, of the network that needs most. */
static size_t
window_bytes(const struct run *r)
{
    size_t most = 1;

    for (size_t i = 0; i < r->m->n; i++) {
        const size_t bytes = model_workspace_bytes(r->m->model[i]);

        most = bytes > most ? bytes : most;
    }
    return most;
}

/*
 * Threads that compute one window together: few large networks at a time rather than one for each
 * of many threads, when those would take too much memory.
 */
static size_t
window_threads(const struct run *r)
{
    const size_t threads = (size_t)r->o->threads, mb = window_bytes(r) >> 20;
    size_t team = 1;

    if (r->o->window_threads)
        return (size_t)r->o->window_threads;
    while (team < threads && (threads / team) * mb > ACTIVATION_MB)
        team++;
    return team;
}

/* Windows at a time, as many as --threads asks for and a limit on memory lets live together. */
static size_t
windows_at_a_time(const struct run *r, size_t team)
{
    const size_t threads = (size_t)r->o->threads, asked = threads / team ? threads / team : 1;
    const size_t each = window_bytes(r) + team * (r->m->ops.thread_bytes + THREAD_STACK);
    const size_t n = thread_room(asked, each - THREAD_STACK);

    if (n < asked)
        note("memory is limited (ulimit -v): %zu window%s at a time, not %zu", n, n > 1 ? "s" : "",
             asked);
    return n;
}

/* Results do not depend on the number of threads, but the user may wonder at the speed. */
static void
note_missing(const struct run *r, size_t n_workers, size_t n_started, size_t team)
{
    size_t n = 0;

    for (size_t i = 0; i < n_workers; i++)
        n += net_workspace_threads(r->worker[i].scratch.ws) - 1;
    n += n_started;
    if (n < n_workers * team)
        note("the system allows %zu of %zu threads (ulimit -u, -v); going on with these", n ? n : 1,
             n_workers * team);
}

static void
make_jobs(struct run *r, size_t n_workers, size_t team)
{
    r->batch = batch_size(r);
    r->job = mem_array(pipe_slots(n_workers), sizeof *r->job);
    r->worker = mem_array(n_workers, sizeof *r->worker);
    for (size_t i = 0; i < n_workers; i++) {
        r->worker[i].scratch.ws = net_workspace_new(team);
        if (r->o->profile)
            net_measure(r->worker[i].scratch.ws);
    }
}

static void
print_profile(const struct run *r, size_t n_workers)
{
    struct net_workspace **ws = mem_array(n_workers, sizeof *ws);

    for (size_t i = 0; i < n_workers; i++)
        ws[i] = r->worker[i].scratch.ws;
    profile_print(r->m, ws, n_workers);
    free(ws);
}

static void
free_site(struct work_site *s)
{
    prediction_free(&s->p);
    wanted_bins_free(&s->wanted);
    free(s->codes);
    free(s->allele);
}

static void
free_jobs(struct run *r, size_t n_workers)
{
    for (size_t i = 0; i < pipe_slots(n_workers); i++) {
        for (size_t j = 0; j < r->job[i].cap; j++)
            free_site(&r->job[i].site[j]);
        free(r->job[i].site);
    }
    free_site(&r->ahead);
    free(r->job);
    for (size_t i = 0; i < n_workers; i++) {
        struct worker *w = &r->worker[i];

        net_workspace_free(w->scratch.ws);
        free(w->scratch.f32);
        free(w->scratch.f64);
        free(w->scratch.u8);
        free(w->group);
        free(w->allele);
    }
    free(r->worker);
}

/* By what rules scoring will look at bins, so that just these are predicted. */
static void
make_rules(struct run *r, struct options *o)
{
    struct err e;

    r->rules = (struct score_rules){
        .perbin = { (uint32_t)o->bins, (uint64_t)o->bin_seed },
        .draw_in_sequence = o->decide.compat != NULL, .len_bp = (int64_t)r->m->in_len,
        .variant_index = (int64_t)r->m->in_len / 2 - 1 + o->decide.second[DECIDE_CENTRE],
    };
    if (r->rules.draw_in_sequence && o->bin_seed > UINT32_MAX)
        die_usage("--bin-seed must be at most %u with --compat chorus", UINT32_MAX);
    if (o->full)
        return;
    if (o->gtf && !(r->genes = score_read_genes(&r->rules, o->gtf, o->genes, &o->decide,
                                                r->gtf_sha256, &e)))
        die_err(&e);
    r->wanted = wanted_new(&r->m->tracks, (const struct layer *const *)r->m->layer, &r->rules, &e);
    if (!r->wanted)
        die_err(&e);
    if (r->genes && !wanted_by_gene(r->wanted))
        note("no track is scored over genes; --gtf changes nothing");
    if (!r->genes && wanted_by_gene(r->wanted))
        note("all bins of %zu tracks that are scored over genes are written; with --gtf only those "
             "of exons", wanted_by_gene(r->wanted));
}

static void
predict(struct options *o)
{
    struct models m;
    struct run r = { .o = o, .m = &m };
    size_t n_workers, team;
    struct pipe *pipe;

    mem_return_large();
    models_load(&m, o);
    if (o->list_tracks || o->describe) {
        if (o->list_tracks)
            models_list(&m);
        else
            models_describe(&m);
        fio_close_out(stdout, NULL);
        models_free(&m);
        return;
    }
    make_rules(&r, o);
    r.in = input_open(o, &m);
    open_output(&r);
    team = window_threads(&r);
    n_workers = windows_at_a_time(&r, team);
    chat("%zu windows at a time, %zu threads each", n_workers, team);
    make_jobs(&r, n_workers, team);
    pipe = pipe_new(work_job, &r, n_workers, false);
    note_missing(&r, n_workers, pipe_threads(pipe), team);
    r.progress = progress_new("sites", progress_count_records(o->in) /
                                           (o->shard_n ? o->shard_n : 1));
    fio_stop_gracefully(NULL);
    pipe_run(pipe, read_job, write_job);
    pipe_free(pipe);
    progress_end(r.progress);
    if (fio_stop_signal())
        die("ended by signal %d after %llu sites; what was written has no end record",
            fio_stop_signal(), (unsigned long long)r.n_written);
    close_output(&r);
    if (o->profile)
        print_profile(&r, n_workers);
    free_jobs(&r, n_workers);
    buf_free(&r.record);
    input_close(r.in);
    wanted_free(r.wanted);
    gene_index_free(r.genes);
    models_free(&m);
}

static int64_t
all_cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n > 0 ? n : 1;
}

/* "i/n", 1 <= i <= n. */
static void
parse_shard(struct options *o)
{
    char *end = NULL;

    if (!o->shard)
        return;
    o->shard_i = strtoull(o->shard, &end, 10);
    if (*end == '/' && end[1] >= '0' && end[1] <= '9')
        o->shard_n = strtoull(end + 1, &end, 10);
    if (*end || !o->shard_i || o->shard_i > o->shard_n || o->shard_n > 1000000)
        die_usage("--shard takes i/n with 1 <= i <= n, for example 3/40, got '%s'", o->shard);
}

/* The oracle of a preset, and how many bins are drawn. */
static void
apply_preset(struct options *o)
{
    const struct preset *p = o->preset ? preset_find(o->preset) : NULL;

    if (o->preset && !p)
        die_usage("preset '%s' is not known; known are %s", o->preset, preset_names());
    if (p && !o->oracle)
        o->oracle = o->preset;
    if (p && strcmp(o->oracle, o->preset) != 0)
        die_usage("--preset %s is of another oracle than --oracle %s", o->preset, o->oracle);
    if (o->bins < 0)
        o->bins = p ? p->bins : PERBIN_DEFAULT;
}

/* "1000", or "1000,1960": of the network and of the bias network composed with it. */
static void
parse_out_len(struct options *o)
{
    char *at = (char *)o->out_len_text;

    for (size_t i = 0; at; i++) {
        unsigned long n = isdigit((unsigned char)*at) ? strtoul(at, &at, 10) : 0;

        if (i == ARRAY_LEN(o->out_len) || n < 2 || n % 2 || n > 1 << 24 || (*at && *at != ','))
            die_usage("--output-length takes an even number of positions, or two separated by a "
                      "comma (of a network and its bias network), got '%s'", o->out_len_text);
        o->out_len[i] = n;
        at = *at ? at + 1 : NULL;
    }
}

static void
check_options(struct options *o, int argc, char **argv, int first)
{
    struct err e;

    if (argc - first > 1)
        die_usage("one input at a time, got '%s' and '%s'; join VCFs with bcftools concat first",
                  argv[first], argv[first + 1]);
    o->in = first < argc ? argv[first] : NULL;
    if (o->describe && o->in && !o->oracle && !o->table && !o->weights.n)
        return;                 /* of the file itself */
    apply_preset(o);
    o->decide.given[DECIDE_STRANDS] = o->forward ? "forward" : NULL;
    if (decisions_settle(&o->decide, &e))
        die_usage("%s", e.msg);
    if (!o->oracle)
        die_usage("--oracle is needed: %s", declaration_names());
    if (!declaration_find(o->oracle))
        die_usage("oracle '%s' is not known; known are %s", o->oracle, declaration_names());
    if (!o->table && !o->weights.n)
        die_usage("no model: give --weights ID=FILE, or --tracks TABLE");
    if (o->residual && strcmp(o->residual, "pre") != 0 && strcmp(o->residual, "post") != 0)
        die_usage("--residual must be pre or post, got '%s'", o->residual);
    if (o->in_len % 2)
        die_usage("--input-length must be even, got %" PRId64, o->in_len);
    parse_out_len(o);
    if (o->genes && gene_rule_find(o->genes) == GENE_RULES)
        die_usage("--genes takes overlap, tss or nearby, got '%s'", o->genes);
    if (o->genes && !o->gtf)
        die_usage("--genes needs an annotation; give --gtf");
    if (o->layer && !layer_find(o->layer))
        die_usage("layer '%s' is not known; layers are %s", o->layer, layer_names());
    parse_shard(o);
}

int
main(int argc, char **argv)
{
    struct options o = { .threads = all_cores(), .bins = -1,
                         .bin_seed = PERBIN_SEED };
    const struct opt opts[] = {
        { OPT_TEXT, 'm', "oracle", "NAME", &o.oracle, "model family: see predict(1), MODELS", 0, 0,
          false },
        { OPT_TEXT, 0, "preset", "ORACLE", &o.preset,
          "as the published background of that oracle: --oracle and --bins", 0, 0, false },
        { OPT_LIST, 'w', "weights", "ID=FILE", &o.weights,
          "a track and its weight file; may be repeated", 0, 0, true },
        { OPT_TEXT, 't', "tracks", "TABLE", &o.table,
          "tracks from a TSV: id, weights, assay, biosample, layer, ...", 0, 0, true },
        { OPT_TEXT, 'g', "genome", "FASTA", &o.genome, "genome, plain or bgzip, with its .fai", 0, 0,
          true },
        { OPT_TEXT, 'o', "output", "FILE", &o.out, "write to FILE [standard output]", 0, 0, true },
        { OPT_FLAG, 0, "text", NULL, &o.text, "write a readable TSV instead of records", 0, 0,
          true },
        { OPT_INT, '@', "threads", "NUM", &o.threads, "threads that predict [all cores]", 1, 4096,
          true },
        { OPT_INT, 0, "window-threads", "NUM", &o.window_threads,
          "threads that share one window [1, more for large networks]", 1, 4096, true },
        { OPT_INT, 0, "batch", "NUM", &o.batch,
          "sites handed to a thread at a time [8, or 1 for one track]", 1, 10000, true },
        { OPT_TEXT, 0, "shard", "i/n", &o.shard, "predict the i-th of n parts of the sites", 0, 0,
          true },
        { OPT_FLAG, 0, "full", NULL, &o.full, "all bins, not only those that scoring needs", 0, 0,
          true },
        { OPT_FLAG, 0, "raw", NULL, &o.raw, "profile logits instead of expected counts", 0, 0,
          false },
        { OPT_INT, 0, "bins", "NUM", &o.bins, "bins drawn per region for perbin rows [by preset, else 32]", 0, 1e6,
          false },
        { OPT_INT, 0, "bin-seed", "NUM", &o.bin_seed, "seed of that draw [999]", 0, 9e15, false },
        { OPT_TEXT, 0, "layer", "NAME", &o.layer,
          "scoring layer of all tracks [table, else by oracle]", 0, 0, false },
        { OPT_TEXT, 0, "residual", "FORM", &o.residual,
          "pre or post, for torch state dictionaries [post]", 0, 0, false },
        { OPT_INT, 0, "input-length", "BP", &o.in_len,
          "bases of a window, where weights do not say [by oracle]", 2, 1 << 24, true },
        { OPT_TEXT, 0, "output-length", "BP", &o.out_len_text,
          "positions predicted, where weights do not say [1000 of 2114]", 0, 0, false },
        { OPT_TEXT, 0, "weights-key", "NAME", &o.weights_key,
          "where in a weight file the network is, if at several places", 0, 0, false },
        { OPT_FLAG, 0, "average-strands", NULL, &o.average_strands,
          "mean of both strands' predictions (epinformerseq, legnet)", 0, 0, false },
        { OPT_FLAG, 0, "signals", NULL, &o.signals,
          "both signals by base, not their maxima (epinformerseq)", 0, 0, false },
        { OPT_TEXT, 0, "adapters", "NAME", &o.adapters,
          "chorus, upstream or none: around the insert (legnet) [chorus]", 0, 0, false },
        { OPT_FLAG, 0, "n-channel", NULL, &o.n_channel,
          "N is the mean of the four bases, not nothing (multimolecule)", 0, 0, false },
        { OPT_TEXT, 0, "counts", "NAME", &o.counts,
          "multimolecule: totals of exp(C), as there [exp(C) - 1]", 0, 0, false },
        { OPT_TEXT, 0, "rounding", "NAME", &o.rounding,
          "cuda: bfloat16 where Cherimoya has it on a GPU [float32]", 0, 0, false },
        { OPT_TEXT, 0, "head", "NAME", &o.head,
          "human or mouse: which head (enformer, borzoi) [human]", 0, 0, false },
        { OPT_FLAG, 0, "forward", NULL, &o.forward,
          "the forward strand alone, as chorus' backgrounds (sei) [mean of both]", 0, 0, false },
        { OPT_TEXT, 0, "gtf", "FILE", &o.gtf,
          "of tracks scored over genes the bins of these exons only", 0, 0, false },
        { OPT_TEXT, 0, "genes", "RULE", &o.genes,
          "genes that count at a site: overlap, tss or nearby [overlap]", 0, 0, false },
        { OPT_TEXT, 0, "exon-origin", "WHERE", &o.decide.given[DECIDE_EXON_ORIGIN],
          "bins begin with the output, or the input as in chorus [output]", 0, 0, false },
        { OPT_TEXT, 0, "exons", "KIND", &o.decide.given[DECIDE_EXONS],
          "numbers of --gtf are GTF's, or BED's as in chorus: gtf, bed [gtf]", 0, 0, false },
        { OPT_TEXT, 0, "gene-strand", "WHICH", &o.decide.given[DECIDE_GENE_STRAND],
          "genes for tracks of one strand: same, or any as in chorus [same]", 0, 0, false },
        { OPT_TEXT, 0, "window-bins", "HOW", &o.decide.given[DECIDE_WINDOW_BINS],
          "bins of a window: odd, or ceil as AlphaGenome's authors [odd]", 0, 0, false },
        { OPT_TEXT, 0, "centre", "WHERE", &o.decide.given[DECIDE_CENTRE],
          "variant left of the centre, or right as in chorus' queries [left]", 0, 0,
          false },
        { OPT_TEXT, 0, "compat", "chorus", &o.decide.compat,
          "the choices and draws of chorus' backgrounds", 0, 0, false },
        { OPT_FLAG, 0, "unsquash", NULL, &o.unsquash,
          "undo the squashing of the training targets (borzoi)", 0, 0, false },
        { OPT_FLAG, 0, "regions", NULL, &o.regions, "read text input as BED whatever it looks like",
          0, 0, false },
        { OPT_FLAG, 0, "normalise", NULL, &o.normalise,
          "trim and left-align alleles first, as bcftools norm -m -any", 0, 0, false },
        { OPT_FLAG, 0, "skip-contigs", NULL, &o.skip_contigs,
          "count sites on unknown contigs instead of stopping", 0, 0, false },
        { OPT_FLAG, 0, "allow-empty", NULL, &o.allow_empty,
          "input without sites that can be predicted is no error", 0, 0, true },
        { OPT_FLAG, 0, "strict", NULL, &o.strict, "any site left out is an error", 0, 0, true },
        { OPT_FLAG, 0, "profile", NULL, &o.profile,
          "say at the end what each layer cost", 0, 0, true },
        { OPT_FLAG, 0, "list-tracks", NULL, &o.list_tracks, "print the track table and end", 0, 0,
          true },
        { OPT_FLAG, 0, "describe", NULL, &o.describe, "print what the weight files hold (or FILE) and end", 0,
          0, true },
        { 0 }
    };
    const struct opt_program program = {
        .name = "predict",
        .usage = "--oracle NAME --weights ID=FILE --genome FASTA [OPTION]... [SITES]",
        .summary = "Predict the tracks of an oracle for every allele of variants, or for regions.",
        .opts = opts,
        .details =
            "Input:  VCF, BCF or BED (or one-hot records of onehot), from a file or a pipe.\n"
            "Output: prediction records for score-effect (pertrack-stream(5)); with --text a TSV\n"
            "        of chrom, pos, id, track, allele, strand, log_count, first_bin, values.\n"
            "Memory: the weights twice, and about 36 MB per thread for ChromBPNet (5 MB for BPNet).\n"
            "Example: predict -m chrombpnet -w DNASE:K562=model.h5 -g hg38.fa in.vcf.gz |\n"
            "         score-effect | cdf-lookup -b chrombpnet_pertrack.npz\n",
    };
    int first;

    prog_name = program.name;
    first = opt_parse(&program, argc, argv);
    check_options(&o, argc, argv, first);
    if (o.describe && !o.oracle)
        describe_file(&o);
    else
        predict(&o);
    free(o.weights.item);
    return EXIT_OK;
}
