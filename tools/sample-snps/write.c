/* SPDX-License-Identifier: MIT */
#include "write.h"

#include <htslib/vcf.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

struct out {
    const char *path;
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *record;
    int32_t ordinal;
    int pass, rejected;     /* numbers of the filters in the header */
};

static void
fail(const struct out *o)
{
    die("%s: cannot write", fio_name_out(o->path));
}

static void
add_line(struct out *o, char *line)
{
    if (bcf_hdr_append(o->header, line))
        die("%s: cannot write the header line '%s'", fio_name_out(o->path), line);
    free(line);
}

/* Without a date line, which would make equal runs differ. */
static void
make_header(struct out *o, const struct bases *b, const struct meta *meta, bool rejected)
{
    o->header = bcf_hdr_init("w");
    for (size_t i = 0; i < meta->n; i++)
        add_line(o, mem_printf(META_TEXT_PREFIX "%s=%s", meta->line[i].key, meta->line[i].value));
    if (rejected)
        add_line(o, mem_strdup("##FILTER=<ID=rejected,Description=\"Drawn but not used\">"));
    add_line(o, mem_strdup("##INFO=<ID=STRATUM,Number=1,Type=String,"
                           "Description=\"Stratum of the sampling recipe\">"));
    add_line(o, mem_strdup("##INFO=<ID=ORD,Number=1,Type=Integer,"
                           "Description=\"Place in the recipe's order, from 0\">"));
    if (rejected)
        add_line(o, mem_strdup("##INFO=<ID=REJECT,Number=1,Type=String,"
                               "Description=\"Why the position was rejected\">"));
    for (size_t i = 0; i < b->n; i++)
        add_line(o, mem_printf("##contig=<ID=%s,length=%lld>", b->name[i], (long long)b->len[i]));
    if (bcf_hdr_sync(o->header))
        fail(o);
    for (size_t i = 0; i < b->n; i++)
        if (bcf_hdr_name2id(o->header, b->name[i]) != (int)i)
            die("contig name '%s' cannot be written to a VCF header; rename the contig",
                b->name[i]);
    o->pass = bcf_hdr_id2int(o->header, BCF_DT_ID, "PASS");
    o->rejected = bcf_hdr_id2int(o->header, BCF_DT_ID, "rejected");
}

static void
write_site(struct out *o, const struct sample_site *site)
{
    /* VCF has no other letters than these in REF; an IUPAC code becomes N. */
    const char ref[2] = { bases_code(site->ref) < 0 ? 'N' : site->ref }, alt[2] = { site->alt };
    const char *allele[2] = { ref, alt };
    int *filter = site->reason == SAMPLE_KEPT ? &o->pass : &o->rejected;
    bcf1_t *r = o->record;

    bcf_clear(r);
    r->rid = (int32_t)site->contig;
    r->pos = site->pos;
    if (bcf_update_alleles(o->header, r, allele, site->alt ? 2 : 1) ||
        bcf_update_filter(o->header, r, filter, 1) ||
        bcf_update_info_string(o->header, r, "STRATUM", site->stratum) ||
        bcf_update_info_int32(o->header, r, "ORD", &o->ordinal, 1) ||
        (site->reason != SAMPLE_KEPT &&
         bcf_update_info_string(o->header, r, "REJECT", sample_reason_id(site->reason))) ||
        bcf_write(o->file, o->header, r))
        fail(o);
    o->ordinal++;
}

static void
open_file(struct out *o, char type)
{
    const bool to_stdout = !o->path || strcmp(o->path, "-") == 0;
    const char *mode = type == 'v' ? "w" : type == 'z' ? "wz" : type == 'u' ? "wbu" : "wb";

    if (to_stdout)
        fio_open_out(NULL, type != 'v');    /* refuses a terminal */
    o->file = hts_open(to_stdout ? "-" : fio_begin(o->path), mode);
    if (!o->file)
        fail(o);
}

void
write_snps(const char *path, char type, const struct sample *s, const struct bases *b,
           const struct meta *meta, bool rejected)
{
    struct out o = { .path = path };

    open_file(&o, type);
    make_header(&o, b, meta, rejected);
    o.record = bcf_init();
    if (bcf_hdr_write(o.file, o.header))
        fail(&o);
    for (size_t i = 0; i < s->kept.n; i++)
        write_site(&o, &s->kept.site[i]);
    for (size_t i = 0; i < s->rejected.n; i++)
        write_site(&o, &s->rejected.site[i]);
    if (hts_close(o.file))
        fail(&o);
    if (path && strcmp(path, "-") != 0)
        fio_commit(path);
    bcf_destroy(o.record);
    bcf_hdr_destroy(o.header);
}
