/* SPDX-License-Identifier: MIT */
#include "genome/sites_parse.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

/* VCF columns that are used, and the fewest a line may have. */
enum { CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO, VCF_FIRST, VCF_LEAST = 5 };

/* As much of a wrong field as a message quotes. */
enum { QUOTED = 40 };

bool
sites_parse_int(int64_t *value, const char *text)
{
    int64_t v = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, *text - '0', &v))
            return false;
    }
    *value = v;
    return true;
}

void
sites_upper(char *s)
{
    for (; *s; s++)
        if (*s >= 'a' && *s <= 'z')
            *s = (char)(*s - 'a' + 'A');
}

size_t
sites_count_columns(const char *line)
{
    size_t n = 1;

    while ((line = strchr(line, '\t')) != NULL) {
        line++;
        n++;
    }
    return n;
}

/* Cut line at its first max - 1 tabs (further columns are cut off); returns the fields found. */
static size_t
split(char **field, size_t max, char *line)
{
    size_t n = 0;

    while (line && n < max) {
        field[n++] = line;
        line = strchr(line, '\t');
        if (line)
            *line++ = '\0';
    }
    return n;
}

static int
too_few_columns(const char *line, size_t n, size_t need, const char *format, struct err *e)
{
    if (n == 1 && strchr(line, ' '))
        return err_set(e, "columns are separated by spaces, %s needs tabs; convert with: "
                       "tr -s ' ' '\\t'", format);
    return err_set(e, "line has %zu column%s, expected %zu of %s; was the file cut short?", n,
                   n == 1 ? "" : "s", need, format);
}

/* INFO/STRATUM as a new string; "." when it is not there. */
static char *
find_stratum(const char *info)
{
    static const char key[] = "STRATUM=";
    const char *p = info;

    while (p) {
        if (strncmp(p, key, sizeof key - 1) == 0 && p[sizeof key - 1] &&
            p[sizeof key - 1] != ';') {
            p += sizeof key - 1;
            return mem_strndup(p, strcspn(p, ";"));
        }
        p = strchr(p, ';');
        if (p)
            p++;
    }
    return mem_strdup(".");
}

static int
split_alts(struct site *site, char *text, struct err *e)
{
    size_t n = 1;

    if (strcmp(text, ".") == 0)
        return 0;
    for (const char *p = text; *p; p++)
        n += *p == ',';
    site->alt = mem_array(n, sizeof *site->alt);
    while (text) {
        char *comma = strchr(text, ',');

        if (comma)
            *comma++ = '\0';
        if (!*text)
            return err_set(e, "ALT has an empty allele");
        sites_upper(text);
        site->alt[site->n_alt++] = mem_strdup(text);
        text = comma;
    }
    return 0;
}

int
sites_parse_vcf(struct site *site, char *line, size_t n_columns, struct err *e)
{
    size_t found = sites_count_columns(line), n;
    char *field[VCF_FIRST + 1];
    int64_t pos;

    site_free(site);
    if (found < VCF_LEAST || (n_columns && found != n_columns))
        return too_few_columns(line, found, n_columns ? n_columns : VCF_LEAST, "VCF", e);
    n = split(field, ARRAY_LEN(field), line);
    if (!*field[CHROM] || !*field[REF])
        return err_set(e, "%s is empty", *field[CHROM] ? "REF" : "CHROM");
    if (!sites_parse_int(&pos, field[POS]))
        return err_set(e, "POS is '%.*s', expected a whole number", QUOTED, field[POS]);
    sites_upper(field[REF]);
    site->kind = SITE_VARIANT;
    site->start = pos - 1;
    site->end = site->start + (int64_t)strlen(field[REF]);
    site->chrom = mem_strdup(field[CHROM]);
    site->ref = mem_strdup(field[REF]);
    site->id = mem_strdup(*field[ID] ? field[ID] : ".");
    site->stratum = n > INFO ? find_stratum(field[INFO]) : mem_strdup(".");
    return split_alts(site, field[ALT], e);
}

bool
sites_bed_skips(const char *line)
{
    static const char *const words[] = { "track", "browser" };

    if (line[strspn(line, " \t")] == '\0' || *line == '#')
        return true;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);

        if (strncmp(line, words[i], n) == 0 && (line[n] == ' ' || line[n] == '\0'))
            return true;
    }
    return false;
}

int
sites_parse_bed(struct site *site, char *line, struct err *e)
{
    char *field[5];
    size_t n = split(field, ARRAY_LEN(field), line);
    int64_t start, end;

    site_free(site);
    if (n < 3)
        return too_few_columns(line, n, 3, "BED (chrom, start, end) or VCF", e);
    if (!*field[0])
        return err_set(e, "chromosome is empty");
    if (!sites_parse_int(&start, field[1]))
        return err_set(e, "start is '%.*s', expected a whole number as in BED (a header line must "
                       "begin with '#', a VCF with ##fileformat=VCF)", QUOTED, field[1]);
    if (!sites_parse_int(&end, field[2]))
        return err_set(e, "end is '%.*s', expected a whole number as in BED (a VCF must begin "
                       "with ##fileformat=VCF)", QUOTED, field[2]);
    if (start >= end)
        return err_set(e, "start %lld is not below end %lld; BED counts from 0 and leaves the end "
                       "out", (long long)start, (long long)end);
    site->kind = SITE_REGION;
    site->start = start;
    site->end = end;
    site->chrom = mem_strdup(field[0]);
    site->ref = mem_strdup("");
    site->id = mem_strdup(".");
    site->stratum = mem_strdup(n > 3 && *field[3] ? field[3] : ".");
    return 0;
}

/* End of a value that may be quoted. */
static const char *
value_end(const char *p)
{
    if (*p != '"')
        return p + strcspn(p, ",>");
    for (p++; *p && *p != '"'; p++)
        if (*p == '\\' && p[1])
            p++;
    return *p ? p + 1 : p;
}

char *
sites_header_value(const char *line, const char *key)
{
    const char *p = strchr(line, '<');
    size_t n = strlen(key);

    if (!p)
        return NULL;
    while (*p && *p != '>') {
        const char *name = p + 1, *eq = name + strcspn(name, "=,>"), *end;

        if (*eq != '=')
            return NULL;
        end = value_end(eq + 1);
        if ((size_t)(eq - name) == n && strncmp(name, key, n) == 0) {
            size_t quote = eq[1] == '"' && end > eq + 2;

            return mem_strndup(eq + 1 + quote, (size_t)(end - eq - 1) - 2 * quote);
        }
        p = end;
    }
    return NULL;
}
