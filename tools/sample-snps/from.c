/* SPDX-License-Identifier: MIT */
/*
 * Of a line of VCF only the first five columns are looked at; the lines that are kept in the end
 * are parsed then.  So a record that is not kept costs little more than reading it.
 */
#include "from.h"

#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/hts_log.h>
#include <htslib/kstring.h>
#include <htslib/vcf.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "digest/hash256.h"
#include "genome/lines.h"
#include "genome/sites_parse.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/progress.h"
#include "prog/prov.h"
#include "rng/keyed.h"
#include "sample/thin.h"
#include "stream/meta.h"
#include "write.h"

#define RNG_NAME "keyed-blake2b/1"

enum { CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO, COLUMNS };

struct from {
    const char *name;           /* of the input, for messages */
    uint64_t seed;
    struct thin thin;
    struct progress *progress;
    uint64_t n_records;
    uint64_t sum;               /* of all hashes: the population, whatever its order */
    bcf_hdr_t *header;
    kstring_t key;
    bool is_text;
};

/* A record of the result. */
struct kept {
    bcf1_t *record;
    int32_t rank;
};

static uint64_t
key_hash(struct from *f, const char *chrom, size_t n_chrom, const char *pos, size_t n_pos,
         const char *alleles, size_t n_alleles)
{
    const size_t chr = n_chrom > 3 && strncmp(chrom, "chr", 3) == 0 ? 3 : 0;
    kstring_t *k = &f->key;

    k->l = 0;
    kputsn(chrom + chr, (int)(n_chrom - chr), k);
    kputc('\t', k);
    kputsn(pos, (int)n_pos, k);
    kputc('\t', k);
    kputsn(alleles, (int)n_alleles, k);
    sites_upper(k->s);
    return keyed_bytes(k->s, k->l, f->seed);
}

/* Is the record one to keep for now? */
static bool
count_record(struct from *f, uint64_t hash)
{
    f->n_records++;
    f->sum += hash;
    if (f->n_records % 4096 == 0)
        progress_set(f->progress, f->n_records);
    return thin_wants(&f->thin, hash);
}

/* The starts of the columns, ending with that of INFO; false when there are fewer. */
static bool
find_columns(const char **column, const char *line)
{
    column[0] = line;
    for (int i = 1; i < COLUMNS; i++) {
        const char *tab = strchr(column[i - 1], '\t');

        if (!tab)
            return false;
        column[i] = tab + 1;
    }
    return true;
}

static void
read_line(struct from *f, char *line, uint64_t number)
{
    const char *column[COLUMNS];
    uint64_t hash;

    if (!find_columns(column, line))
        die("%s:%llu: has fewer than 8 columns separated by tabs; is the file VCF, and complete?",
            f->name, (unsigned long long)number);
    if (column[POS][strspn(column[POS], "0123456789")] != '\t' || *column[POS] == '\t')
        die("%s:%llu: POS is not a whole number", f->name, (unsigned long long)number);
    hash = key_hash(f, line, (size_t)(column[POS] - 1 - line), column[POS],
                    (size_t)(column[ID] - 1 - column[POS]), column[REF],
                    (size_t)(column[QUAL] - 1 - column[REF]));
    if (count_record(f, hash))
        thin_add(&f->thin, hash, number, mem_strdup(line));
}

static void
read_text(struct from *f, struct hFILE *hf)
{
    kstring_t header = { 0, 0, NULL };
    struct lines *lines;
    struct err e;
    char *line;
    int got;

    f->is_text = true;
    thin_init(&f->thin, f->thin.wanted, free);
    lines = lines_open(hf, f->name, &e);
    if (!lines)
        die_err(&e);
    while ((got = lines_next(lines, &line, &e)) == 1 && *line == '#') {
        kputs(line, &header);
        kputc('\n', &header);
    }
    if (got < 0)
        die_err(&e);
    f->header = bcf_hdr_init("r");
    if (!header.l || !strstr(header.s, "\n#CHROM\t") || bcf_hdr_parse(f->header, header.s) < 0)
        die("%s: is neither VCF (##fileformat=VCF ... #CHROM) nor BCF", f->name);
    free(header.s);
    for (; got == 1; got = lines_next(lines, &line, &e))
        if (*line)
            read_line(f, line, lines_number(lines));
    if (got < 0)
        die_err(&e);
    lines_close(lines);
}

static void
free_record(void *record)
{
    bcf_destroy(record);
}

static void
read_record(struct from *f, bcf1_t *r, kstring_t *alleles)
{
    const char *chrom = bcf_seqname(f->header, r);
    char pos[24];
    uint64_t hash;
    int n;

    if (!chrom || r->errcode || bcf_unpack(r, BCF_UN_STR) || !r->n_allele)
        die("%s: record %llu cannot be read; the file is damaged", f->name,
            (unsigned long long)f->n_records + 1);
    alleles->l = 0;
    for (int i = 0; i < r->n_allele; i++) {
        if (i)
            kputc(i == 1 ? '\t' : ',', alleles);
        kputs(r->d.allele[i], alleles);
    }
    if (r->n_allele == 1)
        kputs("\t.", alleles);
    n = snprintf(pos, sizeof pos, "%lld", (long long)r->pos + 1);
    hash = key_hash(f, chrom, strlen(chrom), pos, (size_t)n, alleles->s, alleles->l);
    if (count_record(f, hash))
        thin_add(&f->thin, hash, f->n_records, bcf_dup(r));
}

static void
read_bcf(struct from *f, struct hFILE *hf)
{
    htsFile *file = hts_hopen(hf, f->name, "r");
    kstring_t alleles = { 0, 0, NULL };
    bcf1_t *r = bcf_init();
    int rc;

    thin_init(&f->thin, f->thin.wanted, free_record);
    f->header = file ? bcf_hdr_read(file) : NULL;
    if (!f->header)
        die("%s: BCF header cannot be read; the file is damaged or was cut short", f->name);
    while ((rc = bcf_read(file, f->header, r)) == 0)
        read_record(f, r, &alleles);
    if (rc < -1 || (file->format.compression == bgzf && file->fp.bgzf->no_eof_block))
        die("%s: cannot be read beyond record %llu; the file is damaged or was cut short", f->name,
            (unsigned long long)f->n_records);
    free(alleles.s);
    bcf_destroy(r);
    hts_close(file);
}

static void
read_all(struct from *f, const char *path)
{
    struct hFILE *hf = hopen(path, "r");
    htsFormat format;
    char first;

    if (!hf)
        die("%s: cannot open", f->name);
    fio_reads(path);
    if (hpeek(hf, &first, 1) != 1)
        die("%s: is empty or cannot be read; expected VCF or BCF", f->name);
    if (hts_detect_format(hf, &format) == 0 && format.format == bcf)
        read_bcf(f, hf);
    else
        read_text(f, hf);
}

/* The kept lines become records; what the header does not declare is added to it by htslib. */
static struct kept *
make_records(struct from *f)
{
    struct kept *kept = mem_array(f->thin.n, sizeof *kept);

    for (size_t i = 0; i < f->thin.n; i++) {
        struct thin_item *item = &f->thin.item[i];

        kept[i].rank = (int32_t)i;
        if (f->is_text) {
            kstring_t text = { strlen(item->data), strlen(item->data) + 1, item->data };

            kept[i].record = bcf_init();
            if (vcf_parse(&text, f->header, kept[i].record) ||
                (kept[i].record->errcode & ~(BCF_ERR_CTG_UNDEF | BCF_ERR_TAG_UNDEF)))
                die("%s:%llu: cannot be parsed as VCF; does it have the columns and types of the "
                    "header?", f->name, (unsigned long long)item->ordinal);
            kept[i].record->errcode = 0;
            free(text.s);
        } else {
            kept[i].record = item->data;
        }
        bcf_unpack(kept[i].record, BCF_UN_ALL);
    }
    f->thin.n = 0;
    return kept;
}

static int
by_place(const void *pa, const void *pb)
{
    const struct kept *a = pa, *b = pb;
    const bcf1_t *x = a->record, *y = b->record;

    if (x->rid != y->rid)
        return x->rid < y->rid ? -1 : 1;
    if (x->pos != y->pos)
        return x->pos < y->pos ? -1 : 1;
    for (int i = 0; i < x->n_allele && i < y->n_allele; i++) {
        const int order = strcmp(x->d.allele[i], y->d.allele[i]);

        if (order)
            return order;
    }
    if (x->n_allele != y->n_allele)
        return x->n_allele < y->n_allele ? -1 : 1;
    return a->rank < b->rank ? -1 : 1;
}

/* Declare a tag unless the header has it; false when it has it with another type. */
static bool
declare(struct from *f, const char *tag, int type, const char *line)
{
    if (!bcf_hdr_get_hrec(f->header, BCF_HL_INFO, "ID", tag, NULL)) {
        write_add_line(f->header, NULL, mem_strdup(line));
        return true;
    }
    return bcf_hdr_id2type(f->header, BCF_HL_INFO, bcf_hdr_id2int(f->header, BCF_DT_ID, tag)) ==
           (uint32_t)type;
}

static void
annotate(struct from *f, struct kept *kept, size_t n)
{
    const bool ord = declare(f, "ORD", BCF_HT_INT, "##INFO=<ID=ORD,Number=1,Type=Integer,"
                             "Description=\"Place in the recipe's order, from 0\">");
    const bool stratum = declare(f, "STRATUM", BCF_HT_STR, "##INFO=<ID=STRATUM,Number=1,"
                                 "Type=String,Description=\"Stratum of the sampling recipe\">");

    if (!ord || !stratum)
        die("%s: has INFO/ORD or INFO/STRATUM of another type; rename it with bcftools annotate",
            f->name);
    if (bcf_hdr_sync(f->header))
        die("%s: header cannot be completed", f->name);
    for (size_t i = 0; i < n; i++) {
        bcf1_t *r = kept[i].record;

        if (bcf_update_info_int32(f->header, r, "ORD", &kept[i].rank, 1) ||
            (!bcf_get_info(f->header, r, "STRATUM") &&
             bcf_update_info_string(f->header, r, "STRATUM", "from")))
            die("%s: a record cannot be annotated", f->name);
    }
}

static void
hash_records(const struct from *f, const struct kept *kept, size_t n, char hex[65])
{
    struct hash256 *h = hash256_new();

    for (size_t i = 0; i < n; i++) {
        const bcf1_t *r = kept[i].record;
        char *text = mem_printf("%s\t%lld", bcf_seqname(f->header, r), (long long)r->pos + 1);

        hash256_add(h, text, strlen(text));
        free(text);
        for (int k = 0; k < r->n_allele; k++) {
            hash256_add(h, k < 2 ? "\t" : ",", 1);
            hash256_add(h, r->d.allele[k], strlen(r->d.allele[k]));
        }
        hash256_add(h, "\n", 1);
    }
    hash256_hex(h, hex);
}

/* Earlier entries of the chain are in the header already. */
static void
add_provenance(struct from *f, const struct kept *kept, size_t n, int64_t wanted)
{
    kstring_t text = { 0, 0, NULL };
    struct meta meta;
    const char *last = NULL;
    char hex[65], population[17];
    size_t old = 0, count = 0;

    meta_init(&meta);
    if (bcf_hdr_format(f->header, 0, &text))
        die("%s: header cannot be formatted", f->name);
    for (char *rest = text.s, *line; (line = strsep(&rest, "\n")) != NULL;)
        meta_parse_text(&meta, line);
    free(text.s);
    while (meta_get_nth(&meta, "prov", old))
        old++;
    hash_records(f, kept, n, hex);
    snprintf(population, sizeof population, "%016llx", (unsigned long long)f->sum);
    prov_append(&meta, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s}", "recipe", "from",
                                 "rng", RNG_NAME, "seed", (json_int_t)f->seed, "n_requested",
                                 (json_int_t)wanted, "n_kept", (json_int_t)n, "n_records",
                                 (json_int_t)f->n_records, "records_key", population,
                                 "sites_sha256", hex));
    for (count = old; meta_get_nth(&meta, "prov", count); count++)
        last = meta_get_nth(&meta, "prov", count);
    if (last)
        write_add_line(f->header, NULL, mem_printf(META_TEXT_PREFIX "prov=%s", last));
    meta_free(&meta);
}

static void
report(const struct from *f, size_t n, int64_t wanted)
{
    note("%zu kept of %llu records, %lld requested", n, (unsigned long long)f->n_records,
         (long long)wanted);
    if (f->thin.duplicates)
        note("%llu records that were met before counted once",
             (unsigned long long)f->thin.duplicates);
}

void
thin_vcf(const char *from, int64_t n, uint64_t seed, const char *out, char type)
{
    struct from f = { .name = strcmp(from, "-") ? from : "standard input", .seed = seed };
    struct kept *kept;
    bcf1_t **record;
    size_t n_kept;

    hts_set_log_level(HTS_LOG_OFF);
    f.thin.wanted = (size_t)n;
    f.progress = progress_new("records", 0);
    read_all(&f, from);
    progress_set(f.progress, f.n_records);
    progress_end(f.progress);
    if (!f.n_records)
        die("%s: has no records to draw from", f.name);
    thin_finish(&f.thin);
    n_kept = f.thin.n;
    kept = make_records(&f);
    qsort(kept, n_kept, sizeof *kept, by_place);
    annotate(&f, kept, n_kept);
    add_provenance(&f, kept, n_kept, n);
    record = mem_array(n_kept, sizeof *record);
    for (size_t i = 0; i < n_kept; i++)
        record[i] = kept[i].record;
    write_records(out, type, f.header, record, n_kept);
    report(&f, n_kept, n);
    for (size_t i = 0; i < n_kept; i++)
        bcf_destroy(record[i]);
    free(record);
    free(kept);
    free(f.key.s);
    thin_free(&f.thin);
    bcf_hdr_destroy(f.header);
}
