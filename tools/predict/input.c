/* SPDX-License-Identifier: MIT */
/*
 * From sites to sequences: VCF, BCF and BED against the genome, or ready one-hot records.
 *
 * All sites of the input are read and hashed, also those of other shards, so that every shard can
 * say which whole list it is a part of.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "genome/alias.h"
#include "genome/genome.h"
#include "genome/normalise.h"
#include "genome/sites.h"
#include "genome/window.h"
#include "oracle/registry.h"
#include "predict.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "record/onehot.h"
#include "stream/stream.h"

struct input {
    const struct options *o;
    size_t in_len;
    double n_fraction;
    bool only_acgtn;
    const char *organism;           /* of the models; NULL: not said */
    struct sites *sites;
    struct genome *genome;
    struct alias_map *alias;
    struct window_spec spec;
    struct window window;
    struct site site;
    struct normalised part;         /* --normalise: the record's; those from next_part on to come */
    size_t next_part;
    struct stream_reader *stream;   /* one-hot input */
    struct onehot onehot;
    struct dna_channels channels;
    struct meta meta;
    struct tally *tally;
    struct hash256 *hash;
    struct buf row;
    uint64_t n_sites, n_shard, n_alleles, n_predicted;      /* alleles: alternate, or regions */
    uint64_t ref_checked, ref_differs;
    char *ref_example;
    uint64_t n_spelled;             /* alleles that are not normalised, or were not before */
    char *spelled_example;
};

static void
open_genome(struct input *in)
{
    const char *organism;
    struct err e;

    if (!in->o->genome)
        die_usage("a genome is needed to read the sequences of sites: --genome FASTA");
    in->genome = genome_open(in->o->genome, &e);
    if (!in->genome)
        die_err(&e);
    if (genome_warning(in->genome))
        warn("%s", genome_warning(in->genome));
    in->alias = alias_new(in->genome, sites_name(in->sites));
    if (sites_check_genome(in->sites, in->genome, in->alias, &e))
        die_err(&e);
    if (!genome_matches_meta(in->genome, &in->meta))
        die("%s: its sites were made for another genome (%s) than --genome %s; use the same FASTA",
            sites_name(in->sites), meta_get(&in->meta, "genome"), in->o->genome);
    if (genome_to_meta(in->genome, &in->meta, &e))
        die_err(&e);
    if (in->o->normalise)
        meta_set(&in->meta, "alleles", "normalised");
    organism = registry_genome_organism(in->genome);
    if (organism && in->organism && strcmp(organism, in->organism) != 0)
        die("--genome %s is of %s, but the models are of %s (column organism of --tracks); give "
            "models of the genome's organism", in->o->genome, organism, in->organism);
    in->spec = window_spec_make((int64_t)in->in_len, in->n_fraction);
    in->spec.only_acgtn = in->only_acgtn;
    in->spec.variant_index += in->o->decide.second[DECIDE_CENTRE];
}

static void
open_stream(struct input *in)
{
    struct onehot_encoding x;
    struct err e;

    if (in->o->normalise)
        die("%s: one-hot records are windows already; leave out --normalise, or read the sites "
            "themselves", sites_name(in->sites));
    if (in->o->decide.second[DECIDE_CENTRE])
        die("%s: one-hot records hold the variant left of the window's centre, as onehot puts it; "
            "leave out --centre, or read the sites themselves", sites_name(in->sites));

    in->stream = stream_open(sites_read, in->sites, sites_name(in->sites), STREAM_ONEHOT, &e);
    if (!in->stream)
        die_err(&e);
    if (onehot_encoding_from_meta(&x, stream_meta(in->stream), &e) ||
        dna_channels_parse(&in->channels, x.order, x.n_value, &e))
        die("%s: %s", sites_name(in->sites), e.msg);
    if (x.reverse_complement)
        die("%s: the sequences are reverse complements; leave out --reverse-complement in onehot",
            sites_name(in->sites));
    meta_copy(&in->meta, stream_meta(in->stream));
    meta_remove(&in->meta, "content");
    meta_remove(&in->meta, "encoding");
}

struct input *
input_open(const struct options *o, const struct models *m)
{
    struct input *in = mem_zalloc(sizeof *in);
    struct err e;

    in->o = o;
    in->in_len = m->in_len;
    in->n_fraction = m->n_fraction;
    in->only_acgtn = m->only_acgtn;
    in->organism = m->organism;
    in->sites = sites_open(o->in, o->regions ? SITES_BED : SITES_AUTO, &e);
    if (!in->sites)
        die_err(&e);
    meta_init(&in->meta);
    site_init(&in->site);
    window_init(&in->window);
    onehot_init(&in->onehot);
    in->tally = tally_new(o->strict);
    in->hash = hash256_new();
    if (sites_is_stream(in->sites)) {
        open_stream(in);
    } else {
        meta_copy(&in->meta, sites_meta(in->sites));
        open_genome(in);
    }
    return in;
}

const struct meta *
input_meta(const struct input *in)
{
    return &in->meta;
}

bool
input_is_variants(const struct input *in)
{
    return sites_is_variants(in->sites);
}

/* The checksum of all sites covers, per site, one line of what identifies it. */
static void
hash_site(struct input *in, const struct site *s)
{
    char number[64], *p;
    const char *text[] = { s->chrom, number, s->ref };

    p = decimal_put(number, s->start);
    *p++ = '\t';
    *decimal_put(p, s->end) = '\0';
    buf_clear(&in->row);
    for (size_t i = 0; i < ARRAY_LEN(text); i++) {
        buf_put(&in->row, text[i], strlen(text[i]));
        buf_put_u8(&in->row, '\t');
    }
    for (size_t i = 0; i < s->n_alt; i++) {
        buf_put(&in->row, s->alt[i], strlen(s->alt[i]));
        buf_put_u8(&in->row, i + 1 < s->n_alt ? ',' : '\t');
    }
    buf_put(&in->row, s->id, strlen(s->id));
    buf_put_u8(&in->row, '\t');
    buf_put(&in->row, s->stratum, strlen(s->stratum));
    buf_put_u8(&in->row, '\n');
    hash256_add(in->hash, in->row.p, in->row.n);
}

/* Count a site of the input; false when another shard predicts it. */
static bool
take_site(struct input *in, const struct site *s)
{
    in->n_sites++;
    hash_site(in, s);
    if (in->o->shard_n && site_key(s) % in->o->shard_n != in->o->shard_i - 1)
        return false;
    in->n_shard++;
    in->n_alleles += s->kind == SITE_REGION || !s->n_alt ? 1 : s->n_alt;
    return true;
}

/* Give s room for n alleles of in_len codes. */
static void
fit(struct work_site *s, size_t n, size_t in_len)
{
    mem_grow(&s->codes, &s->codes_cap, n * in_len, 1);
    mem_grow(&s->allele, &s->allele_cap, n, sizeof *s->allele);
    s->p.n_alleles = n;
    for (size_t a = 0; a < n; a++)
        s->allele[a] = (struct model_allele){ .codes = s->codes + a * in_len, .allele = a };
}

/* Most REF alleles differing means the wrong assembly, not bad records: stop early, and say so. */
static void
check_ref_rate(struct input *in, bool differs, const char *genome_ref)
{
    const struct site *s = &in->site;

    in->ref_checked++;
    in->ref_differs += differs;
    if (differs && !in->ref_example)
        in->ref_example = mem_printf("%s:%" PRId64 " has REF %.50s, genome %s", s->chrom,
                                     s->start + 1, s->ref, genome_ref);
    if (in->ref_checked >= 100 && 2 * in->ref_differs > in->ref_checked)
        die("%s: REF differs from the genome for %llu of the first %llu variants (%s); is "
            "--genome %s the assembly of the variants?", sites_where(in->sites),
            (unsigned long long)in->ref_differs, (unsigned long long)in->ref_checked,
            in->ref_example, in->o->genome);
}

static void
leave_out_site(struct input *in, const struct window *w)
{
    const struct site *s = &in->site;
    uint64_t n = s->kind == SITE_REGION || !s->n_alt ? 1 : s->n_alt;
    const char *reason = window_reason_text(w->reason);

    if (w->reason == WINDOW_REF_DIFFERS)
        tally_add(in->tally, n, reason, "%s: %s:%" PRId64 " REF %.50s, genome %s",
                  sites_where(in->sites), s->chrom, s->start + 1, s->ref, w->genome_ref);
    else
        tally_add(in->tally, n, reason, "%s: %s:%" PRId64, sites_where(in->sites), s->chrom,
                  window_position(s) + 1);
}

/* Contig number of the site just read, or -1 when it is counted out. */
static int
resolve_contig(struct input *in)
{
    int contig = alias_find(in->alias, in->site.chrom);
    struct err e;

    if (contig >= 0)
        return contig;
    if (!in->o->skip_contigs) {
        alias_explain(in->alias, in->site.chrom, &e);
        die("%s: %s; --skip-contigs leaves such sites out and counts them",
            sites_where(in->sites), e.msg);
    }
    tally_add(in->tally, in->site.n_alt ? in->site.n_alt : 1, "contig not in the genome", "%s: %s",
              sites_where(in->sites), in->site.chrom);
    return -1;
}

/* The site with the alleles that are scored only. */
static void
copy_site(struct work_site *s, const struct site *from, const struct window *w)
{
    struct site trimmed = *from;
    char **alt = mem_array(w->n_alt, sizeof *alt);

    for (size_t a = 0; a < w->n_alt; a++)
        alt[a] = from->alt[w->alt[a].index];
    trimmed.alt = alt;
    trimmed.n_alt = w->n_alt;
    site_copy(&s->p.site, &trimmed);
    free(alt);
}

/* The same allele in other words has another window, and so another score. */
static void
count_spellings(struct input *in, const struct window *w)
{
    const struct site *s = &in->site;

    for (size_t i = 0; i < w->n_alt && !in->o->normalise; i++) {
        const char *alt = s->alt[w->alt[i].index];

        if (!normalise_would(s->start, s->ref, alt))
            continue;
        in->n_spelled++;
        if (!in->spelled_example)
            in->spelled_example = mem_printf("%s: %s:%" PRId64 " %.50s>%.50s",
                                             sites_where(in->sites), s->chrom, s->start + 1,
                                             s->ref, alt);
    }
}

/* Windows of the site just read into s; false when nothing of it can be scored. */
static bool
make_windows(struct input *in, struct work_site *s, int contig)
{
    struct window *w = &in->window;
    struct err e;

    if (window_build(w, in->genome, contig, &in->site, &in->spec, &e))
        die_err(&e);
    if (in->site.kind == SITE_VARIANT)
        check_ref_rate(in, w->reason == WINDOW_REF_DIFFERS, w->genome_ref);
    if (w->reason != WINDOW_OK) {
        leave_out_site(in, w);
        return false;
    }
    count_spellings(in, w);
    for (size_t i = 0; i < w->n_left_out; i++)
        tally_add(in->tally, 1, window_reason_text(w->left_out[i].reason),
                  "%s: %s:%" PRId64 " ALT %.50s", sites_where(in->sites), in->site.chrom,
                  in->site.start + 1, in->site.alt[w->left_out[i].index]);
    if (in->site.kind == SITE_VARIANT && !w->n_alt)
        return false;
    copy_site(s, &in->site, w);
    fit(s, 1 + w->n_alt, in->in_len);
    memcpy(s->codes, w->ref, in->in_len);
    for (size_t a = 0; a < w->n_alt; a++) {
        memcpy(s->codes + (a + 1) * in->in_len, w->alt[a].code, in->in_len);
        s->allele[a + 1].lo = (size_t)w->alt[a].lo;
        s->allele[a + 1].hi = (size_t)w->alt[a].hi;
    }
    in->n_predicted += w->n_alt ? w->n_alt : 1;
    return true;
}

/* Sites of the record just read, with --normalise one for each place and REF of its alleles. */
static void
normalise_record(struct input *in, int contig)
{
    struct err e;

    if (normalise_split(&in->part, &in->site, in->genome, contig, &e))
        die_err(&e);
    if (in->part.n_changed && !in->spelled_example)
        in->spelled_example = mem_printf("%s: %s:%" PRId64, sites_where(in->sites), in->site.chrom,
                                         in->site.start + 1);
    in->n_spelled += in->part.n_changed;
    in->next_part = 0;
}

/* The next of them; false when all have been. */
static bool
take_part(struct input *in)
{
    struct site swap = in->site;

    if (in->next_part == in->part.n)
        return false;
    in->site = in->part.site[in->next_part];
    in->part.site[in->next_part++] = swap;
    return true;
}

static int
next_site(struct input *in, struct work_site *s)
{
    struct err e;
    int got;

    for (;;) {
        int contig;

        while (take_part(in))
            if (make_windows(in, s, alias_find(in->alias, in->site.chrom)))
                return 1;
        got = sites_next(in->sites, &in->site, &e);
        if (got <= 0)
            break;
        if (!take_site(in, &in->site))
            continue;
        contig = resolve_contig(in);
        if (contig >= 0 && in->o->normalise)
            normalise_record(in, contig);
        else if (contig >= 0 && make_windows(in, s, contig))
            return 1;
    }
    if (got < 0)
        die_err(&e);
    return 0;
}

/* First and last position at which an allele's codes differ from the reference's. */
static void
find_change(struct model_allele *x, const uint8_t *ref, size_t n)
{
    x->lo = 0;
    x->hi = n;
    while (x->lo < n && x->codes[x->lo] == ref[x->lo])
        x->lo++;
    while (x->hi > x->lo && x->codes[x->hi - 1] == ref[x->hi - 1])
        x->hi--;
}

static int
next_record(struct input *in, struct work_site *s)
{
    const uint8_t *payload;
    size_t bytes;
    struct err e;
    int got;

    while ((got = stream_next(in->stream, &payload, &bytes, &e)) > 0) {
        if (onehot_decode(&in->onehot, payload, bytes, &e))
            die_err(&e);
        if (in->onehot.length != in->in_len)
            die("%s: sequences of %u bp, expected the %zu the model reads; use onehot --length %zu",
                sites_name(in->sites), in->onehot.length, in->in_len, in->in_len);
        if (!take_site(in, &in->onehot.site))
            continue;
        site_copy(&s->p.site, &in->onehot.site);
        fit(s, in->onehot.n_alleles, in->in_len);
        for (size_t a = 0; a < in->onehot.n_alleles; a++) {
            if (onehot_codes(s->codes + a * in->in_len, &in->onehot, a, &in->channels, &e))
                die("%s: %s", sites_name(in->sites), e.msg);
            find_change(&s->allele[a], s->codes, in->in_len);
        }
        in->n_predicted += in->onehot.n_alleles > 1 ? in->onehot.n_alleles - 1 : 1;
        return 1;
    }
    if (got < 0)
        die_err(&e);
    return 0;
}

int
input_next(struct input *in, struct work_site *s)
{
    return in->stream ? next_record(in, s) : next_site(in, s);
}

/* What became of the input, as counts that add up over shards. */
static char *
tally_json(const struct input *in)
{
    json_t *o = json_pack("{s:I, s:I, s:I}", "sites read", (json_int_t)in->n_shard, "alleles read",
                          (json_int_t)in->n_alleles, "alleles predicted",
                          (json_int_t)in->n_predicted);
    char *text;

    for (size_t i = 0; i < tally_size(in->tally); i++) {
        uint64_t n;
        const char *reason = tally_reason(in->tally, i, &n);

        json_object_set_new(o, reason, json_integer((json_int_t)n));
    }
    text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(o);
    return text;
}

/* With --allow-empty one thing stays an error: sites that are of another genome. */
static void
check_yield(const struct input *in, uint64_t predicted)
{
    const char *differs = window_reason_text(WINDOW_REF_DIFFERS);
    const bool wrong_genome = in->n_alleles && tally_count(in->tally, differs) == in->n_alleles;

    if (!in->n_sites && !in->o->allow_empty)
        die("%s: holds no sites; nothing to predict (--allow-empty passes such a file on)",
            sites_name(in->sites));
    if (in->n_sites && !predicted && !in->o->shard_n && (!in->o->allow_empty || wrong_genome))
        die("%s: none of its %llu sites could be predicted%s", sites_name(in->sites),
            (unsigned long long)in->n_sites,
            wrong_genome ? "" : " (--allow-empty passes such a file on)");
}

static void
report_spellings(const struct input *in)
{
    if (!in->n_spelled)
        return;
    if (in->o->normalise)
        note("normalised %llu of %llu alternate alleles (first: %s)",
             (unsigned long long)in->n_spelled, (unsigned long long)in->n_alleles,
             in->spelled_example);
    else
        note_always("%llu of %llu alternate alleles are not normalised (first: %s); spelled in "
                    "another way they have other scores: use --normalise, or bcftools norm before",
                    (unsigned long long)in->n_spelled, (unsigned long long)in->n_alleles,
                    in->spelled_example);
}

void
input_finish(struct input *in, struct meta *trailer, uint64_t predicted)
{
    char hex[65], *tally = tally_json(in);

    hash256_hex(in->hash, hex);
    in->hash = NULL;
    if (in->alias && alias_used(in->alias))
        note("contig names: %s", alias_used(in->alias));
    tally_report(in->tally, in->n_alleles,
                 sites_is_variants(in->sites) ? "alternate alleles" : "sites");
    report_spellings(in);
    check_yield(in, predicted);
    meta_addf(trailer, "sites", "{\"n\":%llu,\"sha256\":\"%s\"}", (unsigned long long)in->n_sites,
              hex);
    meta_add(trailer, "tally", tally);
    free(tally);
}

void
input_close(struct input *in)
{
    window_free(&in->window);
    site_free(&in->site);
    onehot_free(&in->onehot);
    stream_close(in->stream);
    alias_free(in->alias);
    sites_close(in->sites);
    genome_close(in->genome);
    meta_free(&in->meta);
    tally_free(in->tally);
    buf_free(&in->row);
    free(in->ref_example);
    free(in->spelled_example);
    normalised_free(&in->part);
    free(in);
}
