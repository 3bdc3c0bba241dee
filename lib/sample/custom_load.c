/* SPDX-License-Identifier: MIT */
/* The places of a user's strata: read from their files, hashed, put in the order of hashes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "digest/hash256.h"
#include "genome/alias.h"
#include "genome/gtf.h"
#include "genome/sites.h"
#include "prog/mem.h"
#include "rng/keyed.h"
#include "sample/bases.h"
#include "sample/custom.h"

struct loader {
    struct custom_stratum *t;
    const struct genome *genome;
    const bool *wanted;
    struct alias_map *alias;
    uint64_t seed;
};

/* The name without "chr", so that the same place has the same hash under both names. */
static uint64_t
place_hash(const struct loader *l, const struct custom_place *at)
{
    const char *name = genome_contig_name(l->genome, at->contig);
    char text[320];
    const int n = snprintf(text, sizeof text, "%.250s\t%lld\t%lld\t%c\t%c",
                           strncmp(name, "chr", 3) == 0 ? name + 3 : name, (long long)at->start,
                           (long long)at->end, at->ref ? at->ref : '.', at->alt ? at->alt : '.');

    return keyed_bytes(text, (size_t)n, l->seed);
}

static void
add_place(const struct loader *l, const struct custom_place *at)
{
    struct custom_stratum *t = l->t;

    mem_grow(&t->place, &t->cap, t->n_places + 1, sizeof *t->place);
    t->place[t->n_places] = *at;
    t->place[t->n_places++].hash = place_hash(l, at);
}

/* Contig of a site, or -1 when it is not wanted, or -2 with e set. */
static int
site_contig(const struct loader *l, struct sites *sites, const struct site *site, struct err *e)
{
    const int contig = alias_find(l->alias, site->chrom);

    if (contig < 0) {
        if (l->wanted)
            return -1;
        alias_explain(l->alias, site->chrom, e);
    } else if (site->end > genome_contig_len(l->genome, contig) || site->start < 0) {
        err_set(e, "place ends at %lld, but %s has %lld bp; is --genome the assembly of the file?",
                (long long)site->end, site->chrom,
                (long long)genome_contig_len(l->genome, contig));
    } else {
        return l->wanted && !l->wanted[contig] ? -1 : contig;
    }
    err_prefix(e, "%s", sites_where(sites));
    return -2;
}

static void
add_variants(const struct loader *l, const struct site *site, struct custom_place *at)
{
    bool any = false;

    for (size_t i = 0; i < site->n_alt; i++)
        if (strlen(site->ref) == 1 && strlen(site->alt[i]) == 1 &&
            bases_code(*site->ref) >= 0 && bases_code(*site->alt[i]) >= 0) {
            at->ref = *site->ref;
            at->alt = *site->alt[i];
            add_place(l, at);
            any = true;
        }
    l->t->left_out += !any;
}

static int
add_site(const struct loader *l, struct sites *sites, const struct site *site, struct err *e)
{
    const int contig = site_contig(l, sites, site, e);
    struct custom_place at = { .contig = contig, .start = site->start, .end = site->end };

    if (contig < 0)
        return contig == -2 ? -1 : 0;
    if (l->t->from == FROM_VCF) {
        add_variants(l, site, &at);
        return 0;
    }
    if (l->t->from == FROM_BED) {
        at.start = (site->start + site->end) / 2;
        at.end = at.start + 1;
    }
    add_place(l, &at);
    return 0;
}

static int
load_sites(const struct loader *l, struct err *e)
{
    struct custom_stratum *t = l->t;
    struct sites *sites;
    struct site site;
    struct stat st;
    int status;

    if (stat(t->file, &st) == 0 && !S_ISREG(st.st_mode))
        return err_set(e, "%s: is not a regular file; it must be, to be read twice", t->file);
    if (hash256_file(t->sha256, t->file, -1, e))
        return -1;
    sites = sites_open(t->file, t->from == FROM_VCF ? SITES_VCF : SITES_BED, e);
    if (!sites)
        return -1;
    site_init(&site);
    while ((status = sites_next(sites, &site, e)) > 0)
        if (add_site(l, sites, &site, e)) {
            status = -1;
            break;
        }
    site_free(&site);
    sites_close(sites);
    return status;
}

static int
find_contig(void *arg, const char *name, int64_t *len)
{
    const struct loader *l = arg;
    const int contig = alias_find(l->alias, name);

    if (contig < 0 || (l->wanted && !l->wanted[contig]))
        return CHROM_SKIP;
    *len = genome_contig_len(l->genome, contig);
    return contig;
}

static void
add_base(const struct loader *l, int contig, int64_t pos)
{
    add_place(l, &(struct custom_place){ .contig = contig, .start = pos, .end = pos + 1 });
}

static int
load_genes(struct loader *l, struct err *e)
{
    struct custom_stratum *t = l->t;
    struct gtf *g = gtf_read(t->file, &(struct chrom_finder){ find_contig, l }, e);

    if (!g)
        return alias_first_missing(l->alias) && strstr(e->msg, "on the wanted")
                   ? alias_explain(l->alias, alias_first_missing(l->alias), e) : -1;
    strcpy(t->sha256, g->sha256);
    t->left_out = g->n_short;
    for (size_t i = 0; i < g->n_genes && t->from != FROM_JUNCTION; i++) {
        const struct gtf_row *gene = &g->gene[i];

        if (gene->coding && t->from == FROM_TSS)
            add_base(l, gene->contig, gtf_tss1(gene) - 1);
        else if (gene->coding)
            add_place(l, &(struct custom_place){ .contig = gene->contig, .start = gene->start,
                                                 .end = gene->end });
    }
    for (size_t i = 0; i < g->n_exons && t->from == FROM_JUNCTION; i++)
        if (g->exon[i].coding) {
            add_base(l, g->exon[i].contig, g->exon[i].start);
            add_base(l, g->exon[i].contig, g->exon[i].end - 1);
        }
    gtf_free(g);
    return 0;
}

static int
by_hash(const void *pa, const void *pb)
{
    const struct custom_place *a = pa, *b = pb;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

static void
sort_places(struct custom_stratum *t)
{
    size_t n = 0;

    if (t->n_places)
        qsort(t->place, t->n_places, sizeof *t->place, by_hash);
    for (size_t i = 0; i < t->n_places; i++)
        if (!n || by_hash(&t->place[n - 1], &t->place[i]) != 0)
            t->place[n++] = t->place[i];
    t->n_places = n;
}

static int
load_stratum(struct loader *l, struct err *e)
{
    struct custom_stratum *t = l->t;
    int status;

    l->alias = alias_new(l->genome, t->file);
    status = t->from == FROM_BED || t->from == FROM_BED_BASE || t->from == FROM_VCF
                 ? load_sites(l, e) : load_genes(l, e);
    alias_free(l->alias);
    if (status)
        return -1;
    sort_places(t);
    if (!t->n_places)
        return err_set(e, "%s: stratum %s has nothing to draw from", t->file, t->name);
    return 0;
}

int
custom_load(struct custom *c, const struct genome *g, const bool *wanted, uint64_t seed,
            struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        struct custom_stratum *t = &c->stratum[i];
        struct loader l = { .t = t, .genome = g, .wanted = wanted,
                            .seed = keyed_bytes(t->name, strlen(t->name), seed) };

        if (t->from != FROM_RANDOM && load_stratum(&l, e))
            return -1;
    }
    return 0;
}
