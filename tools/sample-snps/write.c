/* SPDX-License-Identifier: MIT */
/*
 * Lines of VCF are put together here: through htslib's records they cost four times as much, most
 * of what sample-snps does.  BCF is left to htslib; a test compares the two.
 */
#include "write.h"

#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/kstring.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

/* Bytes of text that are collected before they are written. */
enum { BLOCK = 1 << 16 };

struct out {
    const char *path;
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *record;
    kstring_t text;
    int32_t ordinal;
    int pass, rejected;     /* numbers of the filters in the header */
};

static void
fail(const char *path)
{
    die("%s: cannot write", fio_name_out(path));
}

void
write_add_line(bcf_hdr_t *header, const char *path, char *line)
{
    if (bcf_hdr_append(header, line))
        die("%s: cannot write the header line '%s'", fio_name_out(path), line);
    free(line);
}

/* Without a date line, which would make equal runs differ. */
static void
make_header(struct out *o, const struct bases *b, const struct meta *meta, bool rejected)
{
    bcf_hdr_t *h = o->header = bcf_hdr_init("w");

    for (size_t i = 0; i < meta->n; i++)
        write_add_line(h, o->path,
                       mem_printf(META_TEXT_PREFIX "%s=%s", meta->line[i].key,
                                  meta->line[i].value));
    if (rejected)
        write_add_line(h, o->path,
                       mem_strdup("##FILTER=<ID=rejected,Description=\"Drawn but not used\">"));
    write_add_line(h, o->path, mem_strdup("##INFO=<ID=STRATUM,Number=1,Type=String,"
                                          "Description=\"Stratum of the sampling recipe\">"));
    write_add_line(h, o->path, mem_strdup("##INFO=<ID=ORD,Number=1,Type=Integer,"
                                          "Description=\"Place in the recipe's order, from 0\">"));
    if (rejected)
        write_add_line(h, o->path,
                       mem_strdup("##INFO=<ID=REJECT,Number=1,Type=String,"
                                  "Description=\"Why the position was rejected\">"));
    for (size_t i = 0; i < b->n; i++)
        write_add_line(h, o->path,
                       mem_printf("##contig=<ID=%s,length=%lld>", b->name[i],
                                  (long long)b->len[i]));
    if (bcf_hdr_sync(h))
        fail(o->path);
    for (size_t i = 0; i < b->n; i++)
        if (bcf_hdr_name2id(h, b->name[i]) != (int)i)
            die("contig name '%s' cannot be written to a VCF header; rename the contig",
                b->name[i]);
    o->pass = bcf_hdr_id2int(h, BCF_DT_ID, "PASS");
    o->rejected = bcf_hdr_id2int(h, BCF_DT_ID, "rejected");
}

/* VCF has no other letters than these in REF; an IUPAC code becomes N, like an unread base. */
static char
ref_letter(const struct sample_site *site)
{
    return bases_code(site->ref) < 0 ? 'N' : site->ref;
}

/* Jitter may have left the contig; -1 is VCF's place before its first base. */
static int64_t
vcf_position(const struct sample_site *site)
{
    return site->pos < -1 ? -1 : site->pos;
}

static void
write_record(struct out *o, const struct sample_site *site)
{
    const char ref[2] = { ref_letter(site) }, alt[2] = { site->alt };
    const char *allele[2] = { ref, alt };
    int *filter = site->reason == SAMPLE_KEPT ? &o->pass : &o->rejected;
    bcf1_t *r = o->record;

    bcf_clear(r);
    r->rid = (int32_t)site->contig;
    r->pos = vcf_position(site);
    if (bcf_update_alleles(o->header, r, allele, site->alt ? 2 : 1) ||
        bcf_update_filter(o->header, r, filter, 1) ||
        bcf_update_info_string(o->header, r, "STRATUM", site->stratum) ||
        bcf_update_info_int32(o->header, r, "ORD", &o->ordinal, 1) ||
        (site->reason != SAMPLE_KEPT &&
         bcf_update_info_string(o->header, r, "REJECT", sample_reason_id(site->reason))) ||
        bcf_write(o->file, o->header, r))
        fail(o->path);
    o->ordinal++;
}

static void
flush_text(struct out *o)
{
    const ssize_t done = o->file->format.compression == no_compression
                             ? hwrite(o->file->fp.hfile, o->text.s, o->text.l)
                             : bgzf_write(o->file->fp.bgzf, o->text.s, o->text.l);

    if (done != (ssize_t)o->text.l)
        fail(o->path);
    o->text.l = 0;
}

static void
write_line(struct out *o, const struct sample_site *site, const struct bases *b)
{
    kstring_t *t = &o->text;
    const char alleles[5] = { '\t', ref_letter(site), '\t', site->alt ? site->alt : '.', '\t' };

    kputs(b->name[site->contig], t);
    kputc_('\t', t);
    kputll(vcf_position(site) + 1, t);
    kputsn_("\t.", 2, t);
    kputsn_(alleles, 5, t);
    kputs(site->reason == SAMPLE_KEPT ? ".\tPASS\tSTRATUM=" : ".\trejected\tSTRATUM=", t);
    kputs(site->stratum, t);
    kputsn_(";ORD=", 5, t);
    kputw(o->ordinal++, t);
    if (site->reason != SAMPLE_KEPT) {
        kputs(";REJECT=", t);
        kputs(sample_reason_id(site->reason), t);
    }
    kputc('\n', t);
    if (t->l >= BLOCK)
        flush_text(o);
}

static void
write_sites(struct out *o, const struct sample_list *list, const struct bases *b, bool text)
{
    for (size_t i = 0; i < list->n; i++)
        if (text)
            write_line(o, &list->site[i], b);
        else
            write_record(o, &list->site[i]);
}

static bool
to_stdout(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

static htsFile *
open_file(const char *path, char type)
{
    const char *mode = type == 'v' ? "w" : type == 'z' ? "wz" : type == 'u' ? "wbu" : "wb";
    htsFile *file;

    if (to_stdout(path))
        fio_open_out(NULL, type != 'v');    /* refuses a terminal */
    file = hts_open(to_stdout(path) ? "-" : fio_begin(path), mode);
    if (!file)
        fail(path);
    return file;
}

static void
close_file(htsFile *file, const char *path)
{
    if (hts_close(file))
        fail(path);
    if (!to_stdout(path))
        fio_commit(path);
}

void
write_snps(const char *path, char type, const struct sample *s, const struct bases *b,
           const struct meta *meta, bool rejected)
{
    const bool text = type == 'v' || type == 'z';
    struct out o = { .path = path, .file = open_file(path, type) };

    make_header(&o, b, meta, rejected);
    o.record = bcf_init();
    if (bcf_hdr_write(o.file, o.header))
        fail(path);
    write_sites(&o, &s->kept, b, text);
    if (rejected)
        write_sites(&o, &s->rejected, b, text);
    if (o.text.l)
        flush_text(&o);
    close_file(o.file, path);
    free(o.text.s);
    bcf_destroy(o.record);
    bcf_hdr_destroy(o.header);
}

void
write_records(const char *path, char type, bcf_hdr_t *header, bcf1_t *const *record, size_t n)
{
    htsFile *file = open_file(path, type);

    if (bcf_hdr_write(file, header))
        fail(path);
    for (size_t i = 0; i < n; i++)
        if (bcf_write(file, header, record[i]))
            fail(path);
    close_file(file, path);
}
