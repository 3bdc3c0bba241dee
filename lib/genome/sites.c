/* SPDX-License-Identifier: MIT */
/*
 * BCF goes through htslib's reader.  VCF text is parsed here: five columns and one INFO key are
 * needed, a fault can be reported with its line, contigs need not be declared, and records with
 * thousands of genotypes cost no more than finding their line end.
 */
#include "genome/sites.h"

#include <stdlib.h>
#include <string.h>

#include "genome/lines.h"
#include "genome/lookalike.h"
#include "genome/sites_parse.h"
#include "htslib/bgzf.h"
#include "htslib/hfile.h"
#include "htslib/hts.h"
#include "htslib/hts_log.h"
#include "htslib/kstring.h"
#include "htslib/vcf.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "stream/stream.h"

enum form { FORM_STREAM, FORM_VCF, FORM_BCF, FORM_BED };

/* First records without a header to explain them that are looked at for what else they may be. */
enum { LOOKED_AT = 100 };

struct contig {
    char *name;
    int64_t length;
};

struct sites {
    char *name, *where;
    enum form form;
    enum sites_kind kind;       /* as the caller has said */
    struct meta meta;
    struct contig *contig;      /* of the header, those with a length */
    size_t n_contigs, cap_contigs;
    uint64_t n_read;

    struct hFILE *stream;       /* FORM_STREAM only */
    struct lines *lines;        /* text only */
    char *pending;              /* line read while looking for the header's end, or NULL */
    size_t n_columns;           /* of the #CHROM line, 0 without */
    htsFile *bcf;               /* BCF only */
    bcf_hdr_t *header;
    bcf1_t *record;
    char *info;                 /* INFO/STRATUM */
    int cap_info;
};

static void
add_contig(struct sites *s, const char *line)
{
    char *name = sites_header_value(line, "ID"), *length = sites_header_value(line, "length");
    int64_t n;

    if (name && length && sites_parse_int(&n, length) && n > 0) {
        mem_grow(&s->contig, &s->cap_contigs, s->n_contigs + 1, sizeof *s->contig);
        s->contig[s->n_contigs++] = (struct contig){ name, n };
        name = NULL;
    }
    free(name);
    free(length);
}

static void
header_line(struct sites *s, const char *line)
{
    if (strncmp(line, "##contig=<", 10) == 0)
        add_contig(s, line);
    else
        meta_parse_text(&s->meta, line);
}

/* VCF header: up to and including the #CHROM line. */
static int
read_vcf_header(struct sites *s, char *line, struct err *e)
{
    int got = 1;

    while (got == 1 && strncmp(line, "##", 2) == 0) {
        header_line(s, line);
        got = lines_next(s->lines, &line, e);
    }
    if (got < 0)
        return -1;
    if (got == 0)
        return err_set(e, "%s: ends within the VCF header; the file was cut short", s->name);
    if (strncmp(line, "#CHROM", 6) != 0)
        return err_set(e, "%s:%llu: VCF header has no #CHROM line before the first record",
                       s->name, (unsigned long long)lines_number(s->lines));
    s->n_columns = sites_count_columns(line);
    if (s->n_columns < 5)
        return err_set(e, "%s:%llu: #CHROM line has %zu columns separated by tabs, expected at "
                       "least 5 (CHROM POS ID REF ALT)", s->name,
                       (unsigned long long)lines_number(s->lines), s->n_columns);
    return 0;
}

static int
read_bed_header(struct sites *s, char *line, struct err *e)
{
    int got = 1;

    while (got == 1 && sites_bed_skips(line)) {
        meta_parse_text(&s->meta, line);
        got = lines_next(s->lines, &line, e);
    }
    if (got == 1)
        s->pending = line;
    return got < 0 ? -1 : 0;
}

static bool
looks_like_text(const char *line)
{
    for (const unsigned char *p = (const unsigned char *)line; *p; p++)
        if (*p < ' ' && *p != '\t')
            return false;
    return true;
}

static int
open_text(struct sites *s, struct hFILE *hf, enum sites_kind kind, struct err *e)
{
    char *line;
    int got;

    s->lines = lines_open(hf, s->name, e);
    if (!s->lines)
        return -1;
    got = lines_next(s->lines, &line, e);
    if (got < 0)
        return -1;
    if (got == 0)
        return err_set(e, "%s: is empty; expected VCF, BCF or BED", s->name);
    if (*line == '>')
        return err_set(e, "%s: is FASTA; expected VCF, BCF or BED", s->name);
    if (!looks_like_text(line))
        return err_set(e, "%s: is neither VCF, BCF nor BED", s->name);
    if (strncmp(line, "##fileformat=VCF", 16) == 0 || strncmp(line, "#CHROM\tPOS\t", 11) == 0) {
        if (kind == SITES_BED)
            return err_set(e, "%s: is VCF; expected BED", s->name);
        s->form = FORM_VCF;
        return read_vcf_header(s, line, e);
    }
    if (kind == SITES_VCF) {
        s->form = FORM_VCF;
        if (*line == '#')
            return read_vcf_header(s, line, e);
        s->pending = line;
        return 0;
    }
    s->form = FORM_BED;
    return read_bed_header(s, line, e);
}

static int
open_bcf(struct sites *s, struct hFILE *hf, enum sites_kind kind, struct err *e)
{
    kstring_t text = { 0, 0, NULL };
    char *line, *rest;

    s->form = FORM_BCF;
    s->bcf = hts_hopen(hf, s->name, "r");
    if (!s->bcf) {
        hclose_abruptly(hf);
        return err_set(e, "%s: cannot be read as BCF; the file is damaged", s->name);
    }
    if (kind == SITES_BED)
        return err_set(e, "%s: is BCF; expected BED", s->name);
    s->header = bcf_hdr_read(s->bcf);
    if (!s->header || bcf_hdr_format(s->header, 0, &text) != 0) {
        free(text.s);
        return err_set(e, "%s: BCF header cannot be read; the file is damaged or was cut short",
                       s->name);
    }
    for (line = strtok_r(text.s, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        header_line(s, line);
    free(text.s);
    s->record = bcf_init();
    return 0;
}

/* Look at the first bytes and open what they say; takes hf over. */
static int
open_form(struct sites *s, struct hFILE *hf, enum sites_kind kind, struct err *e)
{
    uint8_t start[STREAM_MAGIC_LEN];
    ssize_t n = hpeek(hf, start, sizeof start);
    htsFormat format;

    if (n == (ssize_t)sizeof start && memcmp(start, STREAM_MAGIC, sizeof start) == 0) {
        s->form = FORM_STREAM;
        s->stream = hf;
        return 0;
    }
    if (n > 0)
        return hts_detect_format(hf, &format) == 0 && format.format == bcf
                   ? open_bcf(s, hf, kind, e) : open_text(s, hf, kind, e);
    if (n < 0)
        err_sys(e, "%s: cannot read", s->name);
    else
        err_set(e, "%s: is empty; expected VCF, BCF or BED", s->name);
    hclose_abruptly(hf);
    return -1;
}

struct sites *
sites_open(const char *path, enum sites_kind kind, struct err *e)
{
    bool is_stdin = !path || strcmp(path, "-") == 0;
    struct hFILE *hf;
    struct sites *s;

    mem_headroom();
    hts_set_log_level(HTS_LOG_OFF);
    hf = hopen(is_stdin ? "-" : path, "r");
    if (!hf) {
        err_sys(e, "%s: cannot open", is_stdin ? "standard input" : path);
        return NULL;
    }
    fio_reads(path);
    s = mem_zalloc(sizeof *s);
    s->name = mem_strdup(is_stdin ? "standard input" : path);
    s->kind = kind;
    meta_init(&s->meta);
    if (open_form(s, hf, kind, e)) {
        sites_close(s);
        return NULL;
    }
    return s;
}

void
sites_close(struct sites *s)
{
    if (!s)
        return;
    if (s->stream)
        hclose_abruptly(s->stream);
    lines_close(s->lines);
    if (s->record)
        bcf_destroy(s->record);
    if (s->header)
        bcf_hdr_destroy(s->header);
    if (s->bcf)
        hts_close(s->bcf);
    for (size_t i = 0; i < s->n_contigs; i++)
        free(s->contig[i].name);
    free(s->contig);
    meta_free(&s->meta);
    free(s->info);
    free(s->where);
    free(s->name);
    free(s);
}

static char *
upper_copy(const char *text)
{
    char *copy = mem_strdup(text);

    sites_upper(copy);
    return copy;
}

static char *
bcf_stratum(struct sites *s)
{
    int n = bcf_get_info_string(s->header, s->record, "STRATUM", &s->info, &s->cap_info);

    return mem_strdup(n > 0 && *s->info ? s->info : ".");
}

static int
bcf_to_site(struct sites *s, struct site *site, struct err *e)
{
    bcf1_t *r = s->record;
    const char *chrom = bcf_seqname(s->header, r);

    if (!chrom || r->errcode || bcf_unpack(r, BCF_UN_INFO) != 0 || r->n_allele < 1)
        return err_set(e, "%s: record cannot be read; the file is damaged", sites_where(s));
    site_free(site);
    site->kind = SITE_VARIANT;
    site->chrom = mem_strdup(chrom);
    site->ref = upper_copy(r->d.allele[0]);
    site->start = r->pos;
    site->end = r->pos + (int64_t)strlen(site->ref);
    site->id = mem_strdup(r->d.id && *r->d.id ? r->d.id : ".");
    site->stratum = bcf_stratum(s);
    site->alt = mem_array(r->n_allele, sizeof *site->alt);
    for (int i = 1; i < r->n_allele; i++)
        site->alt[site->n_alt++] = upper_copy(r->d.allele[i]);
    return 0;
}

static int
next_bcf(struct sites *s, struct site *site, struct err *e)
{
    int rc = bcf_read(s->bcf, s->header, s->record);

    if (rc == -1 && s->bcf->format.compression == bgzf && s->bcf->fp.bgzf->no_eof_block)
        rc = -2;
    if (rc < -1 || (rc == 0 && s->record->errcode))
        return err_set(e, "%s: cannot be read beyond record %llu; the file is damaged or was cut "
                       "short", s->name, (unsigned long long)s->n_read);
    if (rc == -1)
        return 0;
    s->n_read++;
    return bcf_to_site(s, site, e) ? -1 : 1;
}

/* Next line that holds a record. */
static int
next_line(struct sites *s, char **line, struct err *e)
{
    int got = 1;

    if (s->pending) {
        *line = s->pending;
        s->pending = NULL;
        return 1;
    }
    do
        got = lines_next(s->lines, line, e);
    while (got == 1 && (s->form == FORM_BED ? sites_bed_skips(*line) : **line == '\0'));
    return got;
}

/* Is the text perhaps a table of another kind? */
static int
check_lookalike(const struct sites *s, const char *line, struct err *e)
{
    if (s->n_columns || s->n_read > LOOKED_AT)
        return 0;
    return lookalike_check(line, s->form == FORM_VCF ? LOOKALIKE_VARIANT
                                 : s->kind == SITES_BED ? LOOKALIKE_REGION : LOOKALIKE_UNSURE, e);
}

static int
next_text(struct sites *s, struct site *site, struct err *e)
{
    char *line;
    int got = next_line(s, &line, e);

    if (got != 1)
        return got;
    s->n_read++;
    got = check_lookalike(s, line, e);
    if (got == 0)
        got = s->form == FORM_BED ? sites_parse_bed(site, line, e)
                                  : sites_parse_vcf(site, line, s->n_columns, e);
    return got ? err_prefix(e, "%s", sites_where(s)) : 1;
}

int
sites_next(struct sites *s, struct site *site, struct err *e)
{
    int got;

    if (s->form == FORM_STREAM)
        return err_set(e, "%s: is a binary stream; expected VCF, BCF or BED", s->name);
    got = s->form == FORM_BCF ? next_bcf(s, site, e) : next_text(s, site, e);
    if (got == 1)
        site->ordinal = s->n_read - 1;
    return got;
}

const struct meta *
sites_meta(const struct sites *s)
{
    return &s->meta;
}

bool
sites_is_variants(const struct sites *s)
{
    return s->form == FORM_VCF || s->form == FORM_BCF;
}

const char *
sites_name(const struct sites *s)
{
    return s->name;
}

const char *
sites_where(struct sites *s)
{
    free(s->where);
    if (s->lines)
        s->where = mem_printf("%s:%llu", s->name, (unsigned long long)lines_number(s->lines));
    else
        s->where = mem_printf("%s: record %llu", s->name, (unsigned long long)s->n_read);
    return s->where;
}

uint64_t
sites_count(const struct sites *s)
{
    return s->n_read;
}

int64_t
sites_contig_len(const struct sites *s, const char *name)
{
    for (size_t i = 0; i < s->n_contigs; i++)
        if (strcmp(s->contig[i].name, name) == 0)
            return s->contig[i].length;
    return 0;
}

/* " (hg19?)" when the length is that of a known chromosome 1. */
static const char *
guess(char text[16], int64_t length)
{
    const char *assembly = genome_assembly(length);

    text[0] = '\0';
    if (assembly)
        strcat(strcat(strcpy(text, " ("), assembly), "?)");
    return text;
}

int
sites_check_genome(const struct sites *s, const struct genome *g, struct alias_map *a,
                   struct err *e)
{
    char theirs[16], ours[16];

    for (size_t i = 0; i < s->n_contigs; i++) {
        const struct contig *c = &s->contig[i];
        int contig = alias_resolve(g, c->name, NULL);
        int64_t length = contig < 0 ? 0 : genome_contig_len(g, contig);

        if (a)
            alias_add_name(a, c->name);
        if (contig >= 0 && length != c->length)
            return err_set(e, "%s: %s is %lld bp in the VCF header%s but %lld in %s%s; use the "
                           "genome the variants were called on", s->name, c->name,
                           (long long)c->length, guess(theirs, c->length), (long long)length,
                           genome_name(g), guess(ours, length));
    }
    return 0;
}

bool
sites_is_stream(const struct sites *s)
{
    return s->form == FORM_STREAM;
}

ssize_t
sites_read(void *sites, void *buffer, size_t bytes)
{
    return hread(((struct sites *)sites)->stream, buffer, bytes);
}
