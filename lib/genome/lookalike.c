/* SPDX-License-Identifier: MIT */
/*
 * A line is cut at one set of separators after another until it has a name, a number and, behind
 * them, two neighbouring columns of bases.  The sets are awk's too, so the columns found are those
 * of the command in the message.
 */
#include "genome/lookalike.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "genome/sites_parse.h"
#include "prog/mem.h"

/* MAX_FIELDS are looked at; QUOTED is as much of a field as a message shows. */
enum { MAX_FIELDS = 16, MAX_LINE = 4096, QUOTED = 20 };

/* A line cut up; field 0 is the first, column 1 of awk. */
struct cut {
    char *text;
    char *field[MAX_FIELDS];
    size_t n;
};

/* Columns from 1; 0: there is none. */
struct columns {
    size_t chrom, pos, id, ref, alt;
};

struct separators {
    const char *set;            /* a character of it ends a column */
    const char *awk;            /* the same for awk -F */
    const char *what;           /* of a line whose alleles it shows */
};

/* A '-' among separators is a hyphen: awk has it last. */
static const struct separators by_tab = {
    "\t", "\\t", "is a table of variants without the header of VCF (a VCF must begin with "
                  "##fileformat=VCF)"
};
static const struct separators by_pair = { "\t/>|", "[\\t/>|]", "is a table of variants" };
static const struct separators others[] = {
    { ",", ",", "is a table of variants with commas between its columns" },
    { ";", ";", "is a table of variants with semicolons between its columns" },
    { " ", " ", "is a table of variants with spaces between its columns" },
    { ":", ":", "names variants in one column" },
    { "\t,;:_>/-", "[\\t,;:_>/-]", "names variants in one column" },
};

static void
cut(struct cut *c, const char *line, const char *set)
{
    char *p;

    free(c->text);
    c->text = p = mem_strndup(line, strnlen(line, MAX_LINE));
    c->n = 0;
    while (p && c->n < MAX_FIELDS) {
        char *end = p + strcspn(p, set);

        c->field[c->n++] = p;
        p = *end ? end + 1 : NULL;
        *end = '\0';
    }
}

/* In quotes or not, of the letters only; empty is none. */
static bool
only_of(const char *text, const char *letters)
{
    size_t n;

    text += *text == '"';
    n = strspn(text, letters);
    return n > 0 && strcmp(text + n, text[n] == '"' ? "\"" : "") == 0;
}

static bool
is_number(const char *text)
{
    return only_of(text, "0123456789");
}

static bool
is_bases(const char *text)
{
    return only_of(text, "ACGTNacgtn");
}

static bool
is_dash(const char *text)
{
    return strcmp(text, "-") == 0 || strcmp(text, "\"-\"") == 0;
}

/* REF and one or more ALT; some tables have a dash for no bases. */
static bool
are_alleles(const char *ref, const char *alt)
{
    return (is_bases(ref) && (only_of(alt, "ACGTNacgtn,") || is_dash(alt))) ||
           (is_dash(ref) && is_bases(alt));
}

/* Column of the first of two neighbours that hold alleles, from column first on; 0: none. */
static size_t
find_alleles(const struct cut *c, size_t first)
{
    for (size_t i = first; i + 1 <= c->n && i < MAX_FIELDS; i++)
        if (i < c->n && are_alleles(c->field[i - 1], c->field[i]))
            return i;
    return 0;
}

static bool
is_bed(const struct cut *c)
{
    return c->n >= 3 && *c->field[0] && is_number(c->field[1]) && is_number(c->field[2]);
}

/*
 * Added to column 2 for POS: 1 where, as in BED, it counts from 0.  A table in which start and
 * last base are one number for an SNV counts from 1.
 */
static int
shift_of(const struct cut *c, const char *ref)
{
    int64_t start, end;

    if (!sites_parse_int(&start, c->field[1]) || !sites_parse_int(&end, c->field[2]))
        return 1;
    return end - start == (int64_t)strlen(ref) - 1 ? 0 : 1;
}

/*
 * A gene may be called CAT and a strand stand behind it: where an allele is '-', the region must be
 * that of the other.
 */
static bool
fits_region(const struct cut *c, size_t ref)
{
    const char *a = c->field[ref - 1], *b = c->field[ref];
    const int64_t n = is_dash(a) ? 0 : (int64_t)strlen(a);
    int64_t start, end;

    if (!is_dash(a) && !is_dash(b))
        return true;
    return sites_parse_int(&start, c->field[1]) && sites_parse_int(&end, c->field[2]) &&
           end >= start && (end - start == n || end - start == (n ? n - 1 : 1));
}

/* The sentence with the awk command; names: the first line names columns. */
static int
tell(struct err *e, const char *what, const char *awk, const struct columns *c, int shift,
     bool names, bool quotes)
{
    char id[32] = "\".\"";

    if (c->id)
        snprintf(id, sizeof id, "$%zu", c->id);
    return err_set(e, "%s; make a VCF of it: awk -F'%s' -v OFS='\\t' 'BEGIN {print "
                   "\"##fileformat=VCFv4.2\\n#CHROM\", \"POS\", \"ID\", \"REF\", \"ALT\", \"QUAL\", "
                   "\"FILTER\", \"INFO\"} %s {%sprint $%zu, $%zu%s, %s, $%zu, $%zu, \".\", \".\", "
                   "\".\"}' FILE >FILE.vcf", what, awk, names ? "NR > 1" : "!/^#/",
                   quotes ? "gsub(/\"/, \"\"); " : "", c->chrom, c->pos, shift ? " + 1" : "", id,
                   c->ref, c->alt);
}

static int
tell_alleles(struct err *e, const struct cut *c, const struct separators *s, const char *what,
             size_t ref, int shift, bool quotes)
{
    const struct columns columns = { 1, 2, ref == 4 && !is_number(c->field[2]) ? 3 : 0, ref,
                                     ref + 1 };
    const char *a = c->field[ref - 1], *b = c->field[ref];

    if (is_dash(a) || is_dash(b))
        return err_set(e, "%s, with '-' for no bases; make a VCF of it, in which every allele has "
                       "a base: where one has none, both begin with the genome's base before it",
                       what);
    return tell(e, what, s->awk, &columns, shift, false, quotes);
}

/* A line that is BED, perhaps with alleles behind the region. */
static int
check_bed(struct cut *c, const char *line, struct err *e)
{
    const struct separators *s = &by_tab;
    size_t ref = find_alleles(c, 4);
    char *what;
    int rc;

    if (!ref && c->n > 3) {
        const size_t n = c->n;

        s = &by_pair;
        cut(c, line, s->set);
        ref = c->n > n && is_bed(c) && find_alleles(c, 4) == 4 ? 4 : 0;
    }
    if (!ref || !fits_region(c, ref))
        return 0;
    what = s == &by_tab
               ? mem_printf("columns %zu and %zu hold bases (%.*s, %.*s): a table of variants, "
                            "which BED takes for regions", ref, ref + 1, QUOTED,
                            c->field[ref - 1], QUOTED, c->field[ref])
               : mem_printf("column %zu holds alleles (%.*s, %.*s): a table of variants, which "
                            "BED takes for regions", ref, QUOTED, c->field[ref - 1], QUOTED,
                            c->field[ref]);
    rc = tell_alleles(e, c, s, what, ref, shift_of(c, c->field[ref - 1]), false);
    free(what);
    strncat(e->msg, " (if they are regions: cut -f 1-3 FILE)", sizeof e->msg - strlen(e->msg) - 1);
    return rc;
}

/* Two numbers behind a name and a colon. */
static bool
is_place(const char *line)
{
    const char *colon = strchr(line, ':'), *p;

    if (!colon || colon == line)
        return false;
    p = colon + 1 + strspn(colon + 1, "0123456789,");
    return p > colon + 1 && *p == '-' && p[1] && p[1 + strspn(p + 1, "0123456789,")] == '\0';
}

/* Names that say what, but not where in a genome. */
static int
check_names(const char *line, struct err *e)
{
    size_t digits = strncmp(line, "rs", 2) == 0 ? strspn(line + 2, "0123456789") : 0;

    if (digits && strchr("\t ,;", line[2 + digits]))
        return err_set(e, "names variants by rs numbers, which have no place; look them up in "
                       "dbSNP: bcftools view -i 'ID=@FILE' dbsnp.vcf.gz");
    if (strstr(line, ":g.") || strstr(line, ":c.") || strstr(line, ":n.") || strstr(line, ":m."))
        return err_set(e, "names variants as HGVS does (%.*s); have them made into VCF, for "
                       "example with vep --format hgvs --vcf", 2 * QUOTED, line);
    if (is_place(line))
        return err_set(e, "names regions as browsers do (%.*s); make BED of it: awk -F'[:-]' -v "
                       "OFS='\\t' '{gsub(/,/, \"\"); print $1, $2 - 1, $3}' FILE", 2 * QUOTED,
                       line);
    return 0;
}

static size_t
find_name(const struct cut *c, const char *const *names)
{
    for (; *names; names++)
        for (size_t i = 0; i < c->n; i++) {
            const char *f = c->field[i] + strspn(c->field[i], "\"#");
            size_t n = strcspn(f, "\"");

            if (n == strlen(*names) && strncasecmp(f, *names, n) == 0)
                return i + 1;
        }
    return 0;
}

/* The line of column names of a table. */
static int
check_header(const struct cut *c, const struct separators *s, bool quotes, struct err *e)
{
    static const char *const chrom[] = { "chrom", "chr", "chromosome", "contig", "seqnames", NULL };
    static const char *const pos[] = { "pos", "position", "bp", "base_pair_location", NULL };
    static const char *const id[] = { "id", "rsid", "snp", "variant_id", "variant", "name", NULL };
    static const char *const ref[] = { "ref", "ref_allele", "reference", "reference_allele",
                                       "reference_bases", NULL };
    static const char *const alt[] = { "alt", "alt_allele", "alternate", "alternate_allele",
                                       "alternate_bases", "alternative", NULL };
    const struct columns columns = { find_name(c, chrom), find_name(c, pos), find_name(c, id),
                                     find_name(c, ref), find_name(c, alt) };

    if (!columns.chrom || !columns.pos || !columns.ref || !columns.alt)
        return 0;
    return tell(e, "names the columns of a table of variants", s->awk, &columns, 0, true, quotes);
}

/* SPDI counts from 0, and only it has RefSeq names here. */
static int
shift_of_name(const struct cut *c, const struct separators *s)
{
    return *s->set == ':' && strncmp(c->field[0], "NC_", 3) == 0;
}

static int
check_separators(struct cut *c, const char *line, const struct separators *s, struct err *e)
{
    const bool quotes = strchr(line, '"') != NULL;
    size_t ref;

    cut(c, line, s->set);
    if (c->n < 4 || !*c->field[0])
        return 0;
    if (!is_number(c->field[1]))
        return check_header(c, s, quotes, e);
    ref = find_alleles(c, 3);
    if (!ref)
        return 0;
    return tell_alleles(e, c, s, s->what, ref,
                        ref > 3 && is_bed(c) ? shift_of(c, c->field[ref - 1])
                                             : shift_of_name(c, s), quotes);
}

/* Neither VCF nor BED: the first kind of table that it fits. */
static int
check_others(struct cut *c, const char *line, struct err *e)
{
    int rc = check_names(line, e);

    if (rc == 0)
        rc = check_separators(c, line, &by_tab, e);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(others); i++)
        rc = check_separators(c, line, &others[i], e);
    if (rc)
        return rc;
    cut(c, line, ",");
    if (c->n >= 3 && !strchr(line, '\t'))
        return err_set(e, "has commas between its columns, VCF and BED have tabs; convert with: "
                       "tr , '\\t' <FILE");
    return 0;
}

int
lookalike_check(const char *line, enum lookalike_reading reading, struct err *e)
{
    struct cut c = { 0 };
    int rc = 0;

    cut(&c, line, "\t");
    if (is_bed(&c) && reading != LOOKALIKE_VARIANT)
        rc = reading == LOOKALIKE_UNSURE ? check_bed(&c, line, e) : 0;
    else if (reading != LOOKALIKE_VARIANT || c.n < 5)
        rc = check_others(&c, line, e);
    free(c.text);
    return rc;
}
