/* SPDX-License-Identifier: MIT */
#include "genome/gtf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest/hash256.h"
#include "genome/sites_parse.h"
#include "genome/tabfile.h"
#include "prog/mem.h"
#include "prog/table.h"

KHASH_MAP_INIT_STR(gene_name, uint32_t)

enum { CHROM, SOURCE, FEATURE, START, END, SCORE, STRAND, FRAME, ATTRIBUTES, COLUMNS };

/* Longest part of a wrong value that a message quotes. */
enum { QUOTED = 40 };

/* What the hash of the gene table needs beyond the row; in the order of the file. */
struct label {
    char *chrom, *id, *type;
};

struct reader {
    struct gtf *g;
    struct tabfile *file;
    struct chrom_cache chrom;
    khash_t(gene_name) *names;  /* keys belong to g->name */
    struct label *label;
    size_t cap_genes, cap_exons, cap_names, cap_labels;
    uint32_t n_records;
};

static char *
trim(char *s)
{
    size_t n;

    s += strspn(s, " \t");
    n = strlen(s);
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        s[--n] = '\0';
    return s;
}

static char *
unquote(char *s)
{
    size_t n;

    s += strspn(s, "\"");
    n = strlen(s);
    while (n && s[n - 1] == '"')
        s[--n] = '\0';
    return s;
}

struct attributes {
    const char *name, *id, *type, *biotype, *transcript;
};

/* Pieces between semicolons, each a key and a value separated by its first blank. */
static void
parse_attributes(struct attributes *a, char *text)
{
    char *piece;

    memset(a, 0, sizeof *a);
    while ((piece = strsep(&text, ";")) != NULL) {
        char *value;

        piece = trim(piece);
        value = strchr(piece, ' ');
        if (!value)
            continue;
        *value++ = '\0';
        if (strcmp(piece, "gene_name") == 0)
            a->name = unquote(value);
        else if (strcmp(piece, "gene_id") == 0)
            a->id = unquote(value);
        else if (strcmp(piece, "gene_type") == 0)
            a->type = unquote(value);
        else if (strcmp(piece, "gene_biotype") == 0)
            a->biotype = unquote(value);
        else if (strcmp(piece, "transcript_id") == 0)
            a->transcript = unquote(value);
    }
}

/* FNV-1a: only transcripts of one gene name on one chromosome need to differ. */
static uint64_t
hash_text(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *s; s++)
        h = (h ^ (uint8_t)*s) * 0x100000001b3u;
    return h;
}

static uint32_t
intern(struct reader *r, const char *name)
{
    struct gtf *g = r->g;
    khiter_t k = kh_get(gene_name, r->names, name);
    int absent;

    if (k != kh_end(r->names))
        return kh_value(r->names, k);
    mem_grow(&g->name, &r->cap_names, g->n_names + 1, sizeof *g->name);
    g->name[g->n_names] = mem_strdup(name);
    k = kh_put(gene_name, r->names, g->name[g->n_names], &absent);
    kh_value(r->names, k) = (uint32_t)g->n_names;
    return (uint32_t)g->n_names++;
}

static int
parse_place(struct gtf_row *row, char **field, struct reader *r, struct err *e)
{
    int64_t start, end;

    if (!sites_parse_int(&start, field[START]) || !sites_parse_int(&end, field[END]) ||
        start < 1 || end < start)
        return err_set(e, "%s: start and end are '%.*s' and '%.*s', expected whole numbers from "
                       "1, start not beyond end", tabfile_where(r->file), QUOTED, field[START],
                       QUOTED, field[END]);
    row->contig = chrom_cache_find(&r->chrom, field[CHROM]);
    row->rank = (int16_t)r->chrom.rank;
    row->start = start - 1;
    row->end = end;
    row->plus = strcmp(field[STRAND], "+") == 0;
    if (row->contig >= 0 && end > r->chrom.len)
        return err_set(e, "%s: interval ends at %lld, but %s has %lld bp; is --genome the "
                       "assembly of the annotation?", tabfile_where(r->file), (long long)end,
                       field[CHROM], (long long)r->chrom.len);
    return 0;
}

static void
add_label(struct reader *r, const char *chrom, const struct attributes *a)
{
    const char *type = a->type ? a->type : a->biotype;

    mem_grow(&r->label, &r->cap_labels, r->g->n_genes, sizeof *r->label);
    r->label[r->g->n_genes - 1] = (struct label){ mem_strdup(chrom), mem_strdup(a->id ? a->id : ""),
                                                  mem_strdup(type ? type : "") };
}

static void
add_row(struct reader *r, struct gtf_row *row, bool is_gene, const char *chrom, char *attributes)
{
    struct gtf *g = r->g;
    struct attributes a;
    const char *type;

    parse_attributes(&a, attributes);
    type = a.type ? a.type : a.biotype;
    row->name = intern(r, a.name ? a.name : a.id ? a.id : "");
    row->coding = is_gene && type && strcmp(type, "protein_coding") == 0;
    row->transcript = is_gene || !a.transcript ? 0 : hash_text(a.transcript);
    row->line = r->n_records++;
    if (is_gene) {
        mem_grow(&g->gene, &r->cap_genes, g->n_genes + 1, sizeof *g->gene);
        g->gene[g->n_genes++] = *row;
        add_label(r, chrom, &a);
    } else {
        mem_grow(&g->exon, &r->cap_exons, g->n_exons + 1, sizeof *g->exon);
        g->exon[g->n_exons++] = *row;
    }
}

/* A line that ends within a quoted value was cut off. */
static bool
quotes_balance(const char *attributes)
{
    size_t n = 0;

    for (const char *p = strchr(attributes, '"'); p; p = strchr(p + 1, '"'))
        n++;
    return n % 2 == 0;
}

static int
read_line(struct reader *r, char *line, struct err *e)
{
    char *field[COLUMNS];
    const size_t n = *line == '#' ? 0 : tabfile_split(field, COLUMNS, line);
    struct gtf_row row;
    bool is_gene;

    if (*line == '#')
        return 0;
    if (n < COLUMNS) {
        if (!r->g->n_short++)
            r->g->first_short = tabfile_number(r->file);
        return 0;
    }
    if (!quotes_balance(field[ATTRIBUTES]))
        return err_set(e, "%s: a quote in column 9 is not closed; the file was cut short",
                       tabfile_where(r->file));
    is_gene = strcmp(field[FEATURE], "gene") == 0;
    if (!is_gene && strcmp(field[FEATURE], "exon") != 0)
        return 0;
    if (parse_place(&row, field, r, e))
        return -1;
    if (row.contig != CHROM_SKIP)
        add_row(r, &row, is_gene, field[CHROM], field[ATTRIBUTES]);
    return 0;
}

static int
by_place(const void *pa, const void *pb)
{
    const struct gtf_row *a = pa, *b = pb;

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

/* Labels are in the order of the file; a gene's is found by its line. */
static void
hash_genes(struct gtf *g, const struct label *label)
{
    size_t *of_line = NULL, n = 0;
    struct hash256 *h = hash256_new();

    for (size_t i = 0; i < g->n_genes; i++)
        n = g->gene[i].line >= n ? g->gene[i].line + 1 : n;
    of_line = mem_array(n, sizeof *of_line);
    for (size_t i = 0; i < g->n_genes; i++)
        of_line[g->gene[i].line] = i;
    if (g->n_genes)
        qsort(g->gene, g->n_genes, sizeof *g->gene, by_place);
    for (size_t i = 0; i < g->n_genes; i++) {
        const struct gtf_row *row = &g->gene[i];
        const struct label *l = &label[of_line[row->line]];
        char *text = mem_printf("%s\t%lld\t%lld\t%c\t%s\t%s\t%s\n", l->chrom,
                                (long long)row->start + 1, (long long)row->end,
                                row->plus ? '+' : '-', g->name[row->name], l->id, l->type);

        hash256_add(h, text, strlen(text));
        free(text);
    }
    free(of_line);
    hash256_hex(h, g->genes_sha256);
}

/* Exons belong to protein-coding genes by the gene's name, namesakes on any chromosome included. */
static void
mark_exons(struct gtf *g)
{
    bool *coding = mem_array(g->n_names, sizeof *coding);

    for (size_t i = 0; i < g->n_genes; i++)
        coding[g->gene[i].name] |= g->gene[i].coding;
    for (size_t i = 0; i < g->n_exons; i++)
        g->exon[i].coding = coding[g->exon[i].name];
    if (g->n_exons)
        qsort(g->exon, g->n_exons, sizeof *g->exon, by_place);
    free(coding);
}

static int
read_all(struct reader *r, struct err *e)
{
    char *line;
    int got;

    while ((got = tabfile_next(r->file, &line, e)) == 1)
        if (read_line(r, line, e)) {
            got = -1;
            break;
        }
    if (tabfile_close(r->file, got == 0 ? r->g->sha256 : NULL, e) || got)
        return -1;
    if (!r->n_records && r->g->n_short)
        return err_set(e, "%s:%llu: has fewer than the 9 columns of GTF, separated by tabs; is the "
                       "file GTF?", r->g->file, (unsigned long long)r->g->first_short);
    if (!r->n_records)
        return err_set(e, "%s: has no genes or exons on the wanted chromosomes", r->g->file);
    return 0;
}

struct gtf *
gtf_read(const char *path, const struct chrom_finder *f, struct err *e)
{
    struct reader r = { .file = tabfile_open(path, "GTF", true, e) };
    struct gtf *g;
    int status;

    if (!r.file)
        return NULL;
    g = r.g = mem_zalloc(sizeof *g);
    g->file = mem_strdup(tabfile_name(r.file));
    r.names = kh_init(gene_name);
    chrom_cache_init(&r.chrom, f);
    status = read_all(&r, e);
    if (status == 0) {
        hash_genes(g, r.label);
        mark_exons(g);
    }
    for (size_t i = 0; i < g->n_genes; i++) {
        free(r.label[i].chrom);
        free(r.label[i].id);
        free(r.label[i].type);
    }
    free(r.label);
    kh_destroy(gene_name, r.names);
    chrom_cache_free(&r.chrom);
    if (status == 0)
        return g;
    gtf_free(g);
    return NULL;
}

void
gtf_free(struct gtf *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->n_names; i++)
        free(g->name[i]);
    free(g->name);
    free(g->gene);
    free(g->exon);
    free(g->file);
    free(g);
}

int64_t
gtf_tss1(const struct gtf_row *gene)
{
    return gene->plus ? gene->start + 1 : gene->end;
}
