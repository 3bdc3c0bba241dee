/* SPDX-License-Identifier: MIT */
#include "sample/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "genome/alias.h"
#include "prog/mem.h"

struct finder {
    struct alias_map *alias;
    const struct genome *genome;
    const bool *wanted;
    int max_rank;
};

static int
find_contig(void *arg, const char *name, int64_t *len)
{
    const struct finder *f = arg;
    int contig;

    if (!f->wanted && chrom_rank(name) > f->max_rank)
        return CHROM_SKIP;
    if (f->wanted) {
        contig = alias_resolve(f->genome, name, NULL);
        if (contig < 0 || !f->wanted[contig])
            return CHROM_SKIP;
    }
    contig = alias_find(f->alias, name);
    if (contig < 0)
        return CHROM_ABSENT;
    *len = genome_contig_len(f->genome, contig);
    return contig;
}

/* After reading: names that the genome lacks, and those it has by another name. */
static int
check_names(struct finder *f, const struct recipe *r, char **note, struct err *e)
{
    const char *missing = alias_first_missing(f->alias);

    if (alias_used(f->alias))
        *note = mem_strdup(alias_used(f->alias));
    if (!missing || r->anchored)
        return 0;
    alias_explain(f->alias, missing, e);
    strncat(e->msg, "; name the contigs to draw from with --contigs",
            sizeof e->msg - strlen(e->msg) - 1);
    return -1;
}

static int
read_gtf(struct sample_inputs *in, struct finder *f, const struct recipe *r, const char *path,
         struct err *e)
{
    size_t coding = 0, here = 0;

    f->max_rank = r->anchored ? CHROM_OTHER : CHROM_AUTOSOMES;
    in->gtf = gtf_read(path, &(struct chrom_finder){ find_contig, f }, e);
    if (!in->gtf || check_names(f, r, &in->alias_note[0], e))
        return -1;
    for (size_t i = 0; i < in->gtf->n_genes; i++) {
        coding += in->gtf->gene[i].coding;
        here += in->gtf->gene[i].coding && in->gtf->gene[i].contig >= 0;
    }
    if (coding && !here)
        return alias_explain(f->alias, alias_first_missing(f->alias), e);
    if (!coding)
        return err_set(e, "%s: has no gene line with gene_type \"protein_coding\" on the wanted "
                       "chromosomes; is the file the annotation of GENCODE?", in->gtf->file);
    return 0;
}

static int
read_ccre(struct sample_inputs *in, struct finder *f, const struct recipe *r, const char *path,
          struct err *e)
{
    size_t here = 0;

    f->max_rank = CHROM_X;
    in->ccre = ccre_read(path, &(struct chrom_finder){ find_contig, f }, e);
    if (!in->ccre || check_names(f, r, &in->alias_note[1], e))
        return -1;
    for (size_t i = 0; i < in->ccre->n; i++)
        here += in->ccre->row[i].contig >= 0;
    return here ? 0 : alias_explain(f->alias, alias_first_missing(f->alias), e);
}

static int
read_dhs(struct sample_inputs *in, struct finder *f, const struct recipe *r, const char *path,
         struct err *e)
{
    f->max_rank = CHROM_AUTOSOMES;
    in->dhs = dhs_read(path, &(struct chrom_finder){ find_contig, f }, e);
    return !in->dhs || check_names(f, r, &in->alias_note[2], e) ? -1 : 0;
}

int
inputs_read(struct sample_inputs *in, const struct recipe *r, const struct sample_request *q,
            const struct genome *g, const bool *wanted, struct err *e)
{
    const struct {
        unsigned need;
        const char *path;
        int (*read)(struct sample_inputs *, struct finder *, const struct recipe *, const char *,
                    struct err *);
    } file[] = { { NEEDS_GTF, q->gtf, read_gtf }, { NEEDS_CCRE, q->ccre, read_ccre },
                 { NEEDS_DHS, q->dhs, read_dhs } };
    int status = 0;

    memset(in, 0, sizeof *in);
    for (size_t i = 0; i < ARRAY_LEN(file) && status == 0; i++) {
        struct finder f = { .genome = g, .wanted = wanted };

        if (!(q->needs & file[i].need))
            continue;
        f.alias = alias_new(g, strcmp(file[i].path, "-") ? file[i].path : "standard input");
        status = file[i].read(in, &f, r, file[i].path, e);
        alias_free(f.alias);
    }
    return status;
}

void
inputs_free(struct sample_inputs *in)
{
    gtf_free(in->gtf);
    ccre_free(in->ccre);
    dhs_free(in->dhs);
    for (size_t i = 0; i < ARRAY_LEN(in->alias_note); i++)
        free(in->alias_note[i]);
}

/* Without the directories, which differ between machines. */
static json_t *
file_provenance(const char *file, const char *sha256)
{
    const char *slash = strrchr(file, '/');

    return json_pack("{s:s, s:s}", "file", slash ? slash + 1 : file, "sha256", sha256);
}

json_t *
inputs_provenance(const struct sample_inputs *in)
{
    json_t *o = json_object();

    if (in->gtf) {
        json_t *gtf = file_provenance(in->gtf->file, in->gtf->sha256);

        json_object_set_new(gtf, "genes_sha256", json_string(in->gtf->genes_sha256));
        json_object_set_new(o, "gtf", gtf);
    }
    if (in->ccre)
        json_object_set_new(o, "ccre", file_provenance(in->ccre->file, in->ccre->sha256));
    if (in->dhs)
        json_object_set_new(o, "dhs", file_provenance(in->dhs->file, in->dhs->sha256));
    return o;
}
