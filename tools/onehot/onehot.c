/* SPDX-License-Identifier: MIT */
/* onehot - sites and a genome, or sequences, to one-hot records. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "genome/alias.h"
#include "genome/dna.h"
#include "genome/genome.h"
#include "genome/seqs.h"
#include "genome/sites.h"
#include "genome/window.h"
#include "prog/die.h"
#include "prog/mem.h"
#include "prog/opt.h"
#include "prog/progress.h"
#include "prog/prov.h"
#include "prog/tally.h"
#include "record/onehot.h"
#include "sink.h"
#include "stream/stream.h"

/* Input length of ChromBPNet and its relatives, the largest family of the suite. */
enum { DEFAULT_LENGTH = 2114 };

/* Longest window: seven alleles of it fit into one record. */
#define MAX_LENGTH ((double)(1 << 26))

struct options {
    const char *genome, *in, *out, *order;
    int64_t length;             /* 0: not given */
    double n_value, max_n;
    bool reverse, text, npy, strict, skip_contigs;
};

static void
parse_options(struct options *o, int argc, char **argv)
{
    const struct opt opts[] = {
        { OPT_TEXT, 'g', "genome", "FASTA", &o->genome,
          "read INPUT as sites (VCF, BCF, BED) in this genome", 0, 0, true },
        { OPT_INT, 'L', "length", "BP", &o->length, "window around a site, even [2114]", 2,
          MAX_LENGTH, false },
        { OPT_REAL, 0, "max-n", "FRACTION", &o->max_n,
          "leave out windows with more N than this [0.5]", 0, 1, false },
        { OPT_TEXT, 0, "order", "LETTERS", &o->order, "order of the channels [ACGT]", 0, 0,
          false },
        { OPT_REAL, 0, "n-value", "VALUE", &o->n_value,
          "all four channels of an unknown base, 0 or 0.25 [0]", 0, 0.25, false },
        { OPT_FLAG, 0, "reverse-complement", NULL, &o->reverse, "write the other strand", 0, 0,
          false },
        { OPT_FLAG, 0, "text", NULL, &o->text, "write a table, a line per position", 0, 0, true },
        { OPT_FLAG, 0, "npy", NULL, &o->npy, "write one .npy array (alleles, length, 4)", 0, 0,
          true },
        { OPT_FLAG, 0, "skip-contigs", NULL, &o->skip_contigs,
          "leave out sites on contigs the genome has not", 0, 0, false },
        { OPT_FLAG, 0, "strict", NULL, &o->strict, "leaving out anything is an error", 0, 0,
          false },
        { OPT_TEXT, 'o', "output", "FILE", &o->out, "write to FILE [standard output]", 0, 0,
          true },
        { 0 },
    };
    const struct opt_program program = {
        "onehot", "[-g FASTA] [options] [INPUT]",
        "Turn sites and a genome, or plain sequences, into one-hot records.", opts,
        "Without --genome, INPUT is FASTA or text with one sequence per line.\n"
        "Table: name, allele (ref, ALT or .), index from 0, base, four channels.\n"
        "Memory: one site, 5 bytes per base and allele (17 with --n-value 0.25).\n"
        "Examples: onehot -g hg38.fa sites.vcf.gz | predict ...\n"
        "          echo GATTACA | onehot --text\n",
    };
    int first = opt_parse(&program, argc, argv);

    if (argc - first > 1)
        die_usage("one INPUT at a time, got also '%s'", argv[first + 1]);
    o->in = first < argc ? argv[first] : NULL;
}

static void
check_options(struct options *o, struct dna_channels *channels)
{
    struct err e;

    if (o->text && o->npy)
        die_usage("--text and --npy are two forms of output; give one");
    if (!o->genome && (o->length || o->skip_contigs))
        die_usage("--length and --skip-contigs are for sites; give the genome with --genome");
    if (o->length % 2)
        die_usage("--length must be even, got %" PRId64, o->length);
    if (o->n_value != 0 && o->n_value != 0.25)
        die_usage("--n-value must be 0 or 0.25, got %g", o->n_value);
    if (dna_channels_parse(channels, o->order, (float)o->n_value, &e))
        die_usage("--order: %s", e.msg);
    if (!o->length)
        o->length = DEFAULT_LENGTH;
    if (!o->in && isatty(STDIN_FILENO))
        die_usage("nothing to read: name a file, or pipe something in");
}

/* Everything one run needs; genome and what follows only for sites. */
struct run {
    const struct options *o;
    const struct dna_channels *channels;
    struct meta meta;
    struct sink *sink;
    uint8_t *codes;             /* of the alleles of one record */
    size_t cap_codes;
    const uint8_t **allele;
    size_t cap_allele;

    struct genome *genome;
    struct sites *sites;
    struct alias_map *alias;
    struct window_spec spec;
    struct window window;
    struct tally *tally;
    uint64_t n_alleles, n_written;      /* alternate alleles, or regions; records */
};

/* Complete the metadata and begin the output; length 0 when records may differ. */
static void
open_sink(struct run *r, size_t length)
{
    struct onehot_encoding x = {
        .n_value = r->channels->n_value, .reverse_complement = r->o->reverse,
        .length = (uint32_t)length,
    };

    memcpy(x.order, r->o->order, sizeof x.order);
    meta_set(&r->meta, "content", STREAM_ONEHOT);
    onehot_encoding_to_meta(&r->meta, &x);
    prov_append(&r->meta, NULL);
    r->sink = sink_open(r->o->out, r->o->text ? SINK_TEXT : r->o->npy ? SINK_NPY : SINK_STREAM,
                        r->channels, &r->meta);
}

/* Room for n alleles of length codes, in r->codes and r->allele. */
static void
fit(struct run *r, size_t n, size_t length)
{
    mem_grow(&r->codes, &r->cap_codes, n * length, 1);
    mem_grow(&r->allele, &r->cap_allele, n, sizeof *r->allele);
    for (size_t i = 0; i < n; i++)
        r->allele[i] = r->codes + i * length;
}

static void
put(struct run *r, const struct site *site, size_t n, size_t length)
{
    for (size_t i = 0; i < n && r->o->reverse; i++)
        dna_reverse_complement(r->codes + i * length, r->codes + i * length, length);
    sink_put(r->sink, site, r->allele, n, length);
    r->n_written++;
}

static void
open_sites(struct run *r)
{
    const char *name = r->o->in ? r->o->in : "-";
    struct err e;

    r->sites = sites_open(name, SITES_AUTO, &e);
    if (!r->sites)
        die_err(&e);
    name = sites_name(r->sites);
    if (sites_is_stream(r->sites))
        die("%s: is a binary stream already; expected VCF, BCF or BED", name);
    r->genome = genome_open(r->o->genome, &e);
    if (!r->genome)
        die_err(&e);
    if (genome_warning(r->genome))
        warn("%s", genome_warning(r->genome));
    r->alias = alias_new(r->genome, name);
    meta_copy(&r->meta, sites_meta(r->sites));
    if (!genome_matches_meta(r->genome, &r->meta))
        die("%s: its sites were made for another genome (%s) than %s; use the same FASTA", name,
            meta_get(&r->meta, "genome"), r->o->genome);
    if (sites_check_genome(r->sites, r->genome, r->alias, &e) ||
        genome_to_meta(r->genome, &r->meta, &e))
        die_err(&e);
    r->spec = window_spec_make(r->o->length, r->o->max_n);
    window_init(&r->window);
}

/* Alternate alleles of a variant, at least 1; regions count 1. */
static uint64_t
count_alleles(const struct site *s)
{
    return s->n_alt ? s->n_alt : 1;
}

static int
find_contig(struct run *r, const struct site *s)
{
    int contig = alias_find(r->alias, s->chrom);
    struct err e;

    if (contig >= 0)
        return contig;
    if (!r->o->skip_contigs && !r->o->strict) {
        alias_explain(r->alias, s->chrom, &e);
        die("%s: %s; --skip-contigs leaves such sites out and counts them",
            sites_where(r->sites), e.msg);
    }
    tally_add(r->tally, count_alleles(s), "contig not in the genome", "%s: %s",
              sites_where(r->sites), s->chrom);
    return -1;
}

static void
leave_out(struct run *r, const struct site *s)
{
    const struct window *w = &r->window;
    const char *reason = window_reason_text(w->reason);

    if (w->reason == WINDOW_REF_DIFFERS)
        tally_add(r->tally, count_alleles(s), reason, "%s: %s:%" PRId64 " REF %.50s, genome %s",
                  sites_where(r->sites), s->chrom, s->start + 1, s->ref, w->genome_ref);
    else
        tally_add(r->tally, count_alleles(s), reason, "%s: %s:%" PRId64, sites_where(r->sites),
                  s->chrom, window_position(s) + 1);
}

/* Write a site whose window is built, with the alleles that can be scored. */
static void
put_site(struct run *r, const struct site *s)
{
    const struct window *w = &r->window;
    size_t length = (size_t)r->spec.len_bp, n = w->n_alt + 1;
    struct site kept = *s;

    for (size_t i = 0; i < w->n_left_out; i++)
        tally_add(r->tally, 1, window_reason_text(w->left_out[i].reason),
                  "%s: %s:%" PRId64 " ALT %.50s", sites_where(r->sites), s->chrom, s->start + 1,
                  s->alt[w->left_out[i].index]);
    if (s->kind == SITE_VARIANT && !w->n_alt)
        return;
    fit(r, n, length);
    memcpy(r->codes, w->ref, length);
    kept.alt = mem_array(n, sizeof *kept.alt);
    kept.n_alt = w->n_alt;
    for (size_t i = 0; i < w->n_alt; i++) {
        memcpy(r->codes + (i + 1) * length, w->alt[i].code, length);
        kept.alt[i] = s->alt[w->alt[i].index];
    }
    put(r, &kept, n, length);
    free(kept.alt);
}

static void
encode_site(struct run *r, const struct site *s)
{
    int contig = find_contig(r, s);
    struct err e;

    r->n_alleles += count_alleles(s);
    if (contig < 0)
        return;
    if (window_build(&r->window, r->genome, contig, s, &r->spec, &e))
        die_err(&e);
    if (r->window.reason == WINDOW_OK)
        put_site(r, s);
    else
        leave_out(r, s);
}

/* After the output is closed, so that a reader that has gone ends the program without a word. */
static void
report(struct run *r)
{
    if (alias_used(r->alias))
        note("contig names: %s", alias_used(r->alias));
    tally_report(r->tally, r->n_alleles,
                 sites_is_variants(r->sites) ? "alternate alleles" : "sites");
}

static void
encode_sites(struct run *r)
{
    struct progress *bar = progress_new("sites", 0);
    struct site site;
    struct err e;
    int got;

    open_sites(r);
    open_sink(r, (size_t)r->o->length);
    site_init(&site);
    while ((got = sites_next(r->sites, &site, &e)) == 1) {
        encode_site(r, &site);
        progress_set(bar, sites_count(r->sites));
    }
    progress_end(bar);
    if (got < 0)
        die_err(&e);
    site_free(&site);
    if (!r->n_written) {
        report(r);
        die("%s: none of its %" PRIu64 " sites could be encoded", sites_name(r->sites),
            sites_count(r->sites));
    }
    sink_close(r->sink);
    report(r);
}

static void
encode_seq(struct run *r, const struct seq *seq)
{
    struct site site = {
        .kind = SITE_REGION, .chrom = (char *)seq->name, .start = 0, .end = (int64_t)seq->length,
        .ref = "", .id = (char *)seq->name, .stratum = ".", .ordinal = r->n_written,
    };

    fit(r, 1, seq->length);
    dna_encode(r->codes, seq->letters, seq->length);
    put(r, &site, 1, seq->length);
}

static void
encode_seqs(struct run *r)
{
    struct progress *bar = progress_new("sequences", 0);
    struct err e;
    struct seqs *in = seqs_open(r->o->in, &e);
    struct seq seq;
    size_t length = 0;
    int got;

    if (!in)
        die_err(&e);
    while ((got = seqs_next(in, &seq, &e)) == 1) {
        if (!r->sink) {
            length = r->o->text ? 0 : seq.length;
            open_sink(r, length);
        }
        if (length && seq.length != length)
            die("%s: sequence '%s' has %zu letters, those before it %zu; only --text takes "
                "sequences of several lengths", seqs_name(in), seq.name, seq.length, length);
        encode_seq(r, &seq);
        progress_set(bar, r->n_written);
    }
    progress_end(bar);
    if (got < 0)
        die_err(&e);
    if (!r->n_written)
        die("%s: holds no sequences", seqs_name(in));
    sink_close(r->sink);
    seqs_close(in);
}

static void
onehot(const struct options *o, const struct dna_channels *channels)
{
    struct run r = { .o = o, .channels = channels, .tally = tally_new(o->strict) };

    meta_init(&r.meta);
    if (o->genome)
        encode_sites(&r);
    else
        encode_seqs(&r);
    window_free(&r.window);
    alias_free(r.alias);
    sites_close(r.sites);
    genome_close(r.genome);
    tally_free(r.tally);
    meta_free(&r.meta);
    free(r.codes);
    free(r.allele);
}

int
main(int argc, char **argv)
{
    struct options o = { .order = "ACGT", .max_n = 0.5 };
    struct dna_channels channels;

    prog_name = "onehot";
    parse_options(&o, argc, argv);
    check_options(&o, &channels);
    onehot(&o, &channels);
    return EXIT_OK;
}
