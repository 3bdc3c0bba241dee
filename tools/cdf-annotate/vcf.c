/* SPDX-License-Identifier: MIT */
/*
 * A VCF or BCF with the fields added.  Scores come in the order of the records they were made
 * from, so both files are read side by side, and memory holds two sites; --any-order holds all.
 */
#include <htslib/bgzf.h>
#include <htslib/hts_log.h>
#include <htslib/vcf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "annotate.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/table.h"
#include "prog/tally.h"
#include "threads/thread.h"

KHASH_MAP_INIT_STR(alleles, struct allele *)

struct vcf {
    const struct options *o;
    struct groups *groups;
    const struct layout *layout;
    const char *name;           /* of the VCF read */
    htsFile *in, *out;
    bcf_hdr_t *header;
    bcf1_t *record;
    int n_contig, n_id;         /* declared when the header was written */
    uint64_t n_records, n_alleles, n_annotated;
    struct tally *tally;
    char *first_allele;         /* key of the first record's, for messages */

    struct group current, next; /* chrom NULL: none */
    khash_t(alleles) *all;      /* --any-order: by key */
    struct group *kept;
    size_t n_kept, cap_kept;

    float *number;              /* of one tag, by allele */
    struct allele **allele;     /* of the record's; NULL for none */
    size_t cap_allele;
    char *text;
    size_t cap_text;
};

static void
open_input(struct vcf *v)
{
    mem_headroom();
    hts_set_log_level(HTS_LOG_OFF);
    v->name = fio_name_in(v->o->vcf);
    v->in = hts_open(strcmp(v->o->vcf, "-") == 0 ? "-" : v->o->vcf, "r");
    if (!v->in)
        die("%s: cannot be opened as VCF or BCF", v->name);
    if (v->in->format.format != vcf && v->in->format.format != bcf)
        die("%s: is neither VCF nor BCF", v->name);
    fio_reads(v->o->vcf);
    v->header = bcf_hdr_read(v->in);
    if (!v->header)
        die("%s: VCF header cannot be read; the file is damaged or was cut short", v->name);
    v->record = bcf_init();
}

static void
append_line(struct vcf *v, char *line)
{
    if (bcf_hdr_append(v->header, line))
        die("%s: cannot write the header line '%s'", fio_name_out(v->o->out), line);
    free(line);
}

static bool
header_has(const struct vcf *v, const char *key, const char *value)
{
    for (int i = 0; i < v->header->nhrec; i++) {
        const bcf_hrec_t *h = v->header->hrec[i];

        if (h->type == BCF_HL_GEN && strcmp(h->key, key) == 0 && h->value &&
            strcmp(h->value, value) == 0)
            return true;
    }
    return false;
}

/* Fields of an earlier run are declared anew: their meaning may differ. */
static void
extend_header(struct vcf *v)
{
    const struct layout *y = v->layout;
    struct meta m;

    meta_init(&m);
    groups_meta(&m, v->groups);
    for (size_t i = 0; i < m.n; i++) {
        char *key = mem_printf("pertrack_%s", m.line[i].key);

        if (!header_has(v, key, m.line[i].value))
            append_line(v, mem_printf("##%s=%s", key, m.line[i].value));
        free(key);
    }
    meta_free(&m);
    for (size_t i = 0; i < y->n_tag; i++) {
        bcf_hdr_remove(v->header, BCF_HL_INFO, y->tag[i].name);
        append_line(v, mem_printf("##INFO=<ID=%s,Number=A,Type=%s,Description=\"%s\">",
                                  y->tag[i].name, y->tag[i].is_text ? "String" : "Float",
                                  y->tag[i].description));
    }
    if (bcf_hdr_sync(v->header))
        die("%s: cannot make the header", fio_name_out(v->o->out));
}

static bool
ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);

    return n >= k && strcmp(text + n - k, end) == 0;
}

static char
output_type(const struct options *o)
{
    if (o->type)
        return *o->type;
    if (o->out && ends_with(o->out, ".bcf"))
        return 'b';
    return o->out && ends_with(o->out, ".vcf.gz") ? 'z' : 'v';
}

/* Threads that compress: with one that writes these are as many as --threads says. */
static void
start_threads(struct vcf *v)
{
    const size_t asked = (size_t)v->o->threads, n = thread_try(asked);

    if (n < asked)
        note("the system allows %zu of %zu threads (ulimit -u, -v); going on with these",
             n > 1 ? n : 1, asked);
    if (n > 1 && hts_set_threads(v->out, (int)n - 1))
        die("%s: threads that compress cannot be started; give fewer --threads",
            fio_name_out(v->o->out));
}

static void
open_output(struct vcf *v)
{
    const char *path = v->o->out;
    bool to_stdout = !path || strcmp(path, "-") == 0;
    char type = output_type(v->o);
    const char *mode = type == 'v' ? "w" : type == 'z' ? "wz" : type == 'u' ? "wbu" : "wb";

    if (to_stdout)
        fio_open_out(NULL, type != 'v');        /* refuses a terminal */
    v->out = hts_open(to_stdout ? "-" : fio_begin(path), mode);
    if (!v->out)
        die("%s: cannot write", fio_name_out(path));
    if (v->o->threads > 1 && (type == 'z' || type == 'b'))
        start_threads(v);
    if (bcf_hdr_write(v->out, v->header))
        die("%s: cannot write", fio_name_out(path));
    v->n_contig = v->header->n[BCF_DT_CTG];
    v->n_id = v->header->n[BCF_DT_ID];
}

static bool
read_record(struct vcf *v)
{
    int rc = bcf_read(v->in, v->header, v->record);

    if (rc == -1 && v->in->format.compression == bgzf && v->in->fp.bgzf->no_eof_block)
        rc = -2;
    if (rc < -1 || (rc == 0 && (v->record->errcode & ~(BCF_ERR_CTG_UNDEF | BCF_ERR_TAG_UNDEF))))
        die("%s: cannot be read beyond record %llu; the file is damaged or was cut short", v->name,
            (unsigned long long)v->n_records);
    if (rc == -1)
        return false;
    v->n_records++;
    if (v->out->format.format == bcf && (v->header->n[BCF_DT_CTG] != v->n_contig ||
                                         v->header->n[BCF_DT_ID] != v->n_id))
        die("%s: record %llu uses a contig or field that the header does not declare, which BCF "
            "cannot hold; declare it (bcftools reheader), or write VCF", v->name,
            (unsigned long long)v->n_records);
    if (bcf_unpack(v->record, BCF_UN_INFO))
        die("%s: record %llu cannot be read; the file is damaged", v->name,
            (unsigned long long)v->n_records);
    return true;
}

static void
make_room(struct vcf *v, size_t n)
{
    if (n <= v->cap_allele)
        return;
    v->cap_allele = 2 * n;
    v->number = mem_resize(v->number, v->cap_allele, sizeof *v->number);
    v->allele = mem_resize(v->allele, v->cap_allele, sizeof *v->allele);
}

static char *
allele_key(const struct vcf *v, size_t i)
{
    return variant_key(groups_genome(v->groups), bcf_seqname_safe(v->header, v->record),
                       v->record->pos, v->record->d.allele[0], v->record->d.allele[i + 1]);
}

/* Look for the record's alleles that are still missing in a group; how many were found. */
static size_t
take_from(struct vcf *v, struct group *g, size_t n)
{
    size_t found = 0;

    if (!g->chrom)
        return 0;
    for (size_t i = 0; i < n; i++) {
        char *key = v->allele[i] ? NULL : allele_key(v, i);

        if (key && (v->allele[i] = group_find(g, key)) != NULL)
            found++;
        free(key);
    }
    g->used |= found > 0;
    return found;
}

/* The site after the current one; one with the same alleles (a record scored twice) is dropped. */
static void
read_next(struct vcf *v)
{
    bool same = true;

    while (same && groups_next(&v->next, v->groups))
        for (size_t i = 0; i < v->next.n && same; i++)
            same = group_find(&v->current, v->next.allele[i].key) != NULL;
}

/*
 * Side by side: the current group may belong to several records (a site split into one record per
 * allele), and a record to several groups (alleles joined); a group that no record has used is
 * never passed.
 */
static void
find_in_order(struct vcf *v, size_t n)
{
    size_t found = take_from(v, &v->current, n), more;

    while (found < n && v->current.used && (more = take_from(v, &v->next, n)) > 0) {
        found += more;
        /* What was found in the old group must live until the record is written. */
        mem_grow(&v->kept, &v->cap_kept, v->n_kept + 1, sizeof *v->kept);
        v->kept[v->n_kept++] = v->current;
        v->current = v->next;
        memset(&v->next, 0, sizeof v->next);
        read_next(v);
    }
}

static void
find_anywhere(struct vcf *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *key = allele_key(v, i);
        khint_t k = kh_get(alleles, v->all, key);

        v->allele[i] = k == kh_end(v->all) ? NULL : kh_val(v->all, k);
        free(key);
    }
}

static void
update_number(struct vcf *v, const char *tag, size_t number, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (v->allele[i] && !isnan(v->allele[i]->number[number]))
            v->number[i] = (float)v->allele[i]->number[number];
        else
            bcf_float_set_missing(v->number[i]);
    }
    if (bcf_update_info_float(v->header, v->record, tag, v->number, (int)n))
        die("%s: cannot add INFO/%s to record %llu", v->name, tag,
            (unsigned long long)v->n_records);
}

static void
update_text(struct vcf *v, const char *tag, size_t n)
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        const char *track = v->allele[i] ? v->allele[i]->top_track : ".";
        size_t length = strlen(track);

        mem_grow(&v->text, &v->cap_text, used + length + 2, 1);
        if (i)
            v->text[used++] = ',';
        memcpy(v->text + used, track, length + 1);
        used += length;
    }
    if (bcf_update_info_string(v->header, v->record, tag, v->text))
        die("%s: cannot add INFO/%s to record %llu", v->name, tag,
            (unsigned long long)v->n_records);
}

static void
update_record(struct vcf *v, size_t n)
{
    const struct layout *y = v->layout;
    size_t number = 0;

    for (size_t t = 0; t < y->n_tag; t++) {
        if (y->tag[t].is_text)
            update_text(v, y->tag[t].name, n);
        else
            update_number(v, y->tag[t].name, number++, n);
    }
}

static void
count_record(struct vcf *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        v->n_alleles++;
        if (v->allele[i]) {
            v->allele[i]->used = true;
            v->n_annotated++;
        } else {
            tally_add(v->tally, 1, "without a score", "%s:%lld %s>%s",
                      bcf_seqname_safe(v->header, v->record), (long long)v->record->pos + 1,
                      v->record->d.allele[0], v->record->d.allele[i + 1]);
        }
    }
    if (n && !v->first_allele)
        v->first_allele = mem_printf("%s:%lld %s>%s", bcf_seqname_safe(v->header, v->record),
                                     (long long)v->record->pos + 1, v->record->d.allele[0],
                                     v->record->d.allele[1]);
}

static void
free_kept(struct vcf *v)
{
    for (size_t i = 0; i < v->n_kept; i++)
        group_free(&v->kept[i]);
    v->n_kept = 0;
}

static void
annotate_record(struct vcf *v)
{
    size_t n = v->record->n_allele > 1 ? (size_t)v->record->n_allele - 1 : 0;

    make_room(v, n + 1);
    memset(v->allele, 0, n * sizeof *v->allele);
    if (v->all)
        find_anywhere(v, n);
    else
        find_in_order(v, n);
    count_record(v, n);
    if (n)
        update_record(v, n);
    if (bcf_write(v->out, v->header, v->record))
        die("%s: cannot write", fio_name_out(v->o->out));
    if (!v->all)
        free_kept(v);
}

static void
load_all(struct vcf *v)
{
    struct group g = { 0 };
    int absent;

    v->all = kh_init(alleles);
    while (groups_next(&g, v->groups)) {
        mem_grow(&v->kept, &v->cap_kept, v->n_kept + 1, sizeof *v->kept);
        v->kept[v->n_kept++] = g;
        memset(&g, 0, sizeof g);
    }
    for (size_t i = 0; i < v->n_kept; i++) {
        for (size_t j = 0; j < v->kept[i].n; j++) {
            struct allele *a = &v->kept[i].allele[j];
            khint_t k = kh_put(alleles, v->all, a->key, &absent);

            if (absent > 0)
                kh_val(v->all, k) = a;
            else
                a->used = true;         /* the first of equal ones is told */
        }
    }
}

/* Scores that no record has used: fatal side by side, where they mean that the order differs. */
static void
check_leftovers(const struct vcf *v)
{
    const struct group *left = v->current.chrom && !v->current.used ? &v->current
                               : v->next.chrom ? &v->next : NULL;
    uint64_t unused = 0;

    if (v->n_annotated == 0 && !(v->o->allow_empty && groups_empty(v->groups)))
        die("%s: none of its %llu alleles has a score in %s%s%s; are they of the same variants "
            "and assembly%s?%s", v->name, (unsigned long long)v->n_alleles, groups_name(v->groups),
            v->first_allele ? "; its first is " : "", v->first_allele ? v->first_allele : "",
            v->all ? "" : ", in the same order (else --any-order)", groups_advice(v->groups));
    if (left)
        die("%s: the scores of %s:%lld %s>%s belong to no record of %s behind the ones before; "
            "give the VCF that was scored, or use --any-order%s", groups_name(v->groups),
            left->chrom, (long long)left->start + 1, left->allele[0].ref, left->allele[0].alt,
            v->name, groups_advice(v->groups));
    for (size_t i = 0; v->all && i < v->n_kept; i++)
        for (size_t j = 0; j < v->kept[i].n; j++)
            unused += !v->kept[i].allele[j].used;
    if (unused)
        note("%llu scored alleles are not in %s", (unsigned long long)unused, v->name);
}

static void
vcf_free(struct vcf *v)
{
    free_kept(v);
    free(v->kept);
    group_free(&v->current);
    group_free(&v->next);
    if (v->all)
        kh_destroy(alleles, v->all);
    bcf_destroy(v->record);
    bcf_hdr_destroy(v->header);
    tally_free(v->tally);
    free(v->first_allele);
    free(v->number);
    free(v->allele);
    free(v->text);
}

void
annotate_vcf(const struct options *o, struct groups *s)
{
    struct vcf v = { .o = o, .groups = s, .layout = groups_layout(s),
                     .tally = tally_new(o->strict) };

    open_input(&v);
    extend_header(&v);
    if (o->any_order)
        load_all(&v);
    else if (groups_next(&v.current, s))
        read_next(&v);
    open_output(&v);
    while (read_record(&v))
        annotate_record(&v);
    groups_report(s);
    check_leftovers(&v);
    tally_report(v.tally, v.n_alleles, "alleles");
    if (tally_total(v.tally) && *groups_advice(s))
        note("%s%s", groups_name(s), groups_advice(s));
    if (hts_close(v.out))
        die("%s: cannot write", fio_name_out(o->out));
    if (o->out && strcmp(o->out, "-") != 0)
        fio_commit(o->out);
    hts_close(v.in);
    vcf_free(&v);
}
