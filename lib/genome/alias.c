/* SPDX-License-Identifier: MIT */
#include "genome/alias.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "prog/table.h"

KHASH_MAP_INIT_STR(contig, int)

/* As many names of each side as a message shows. */
enum { SHOWN = 8 };

static const char *const mito[] = { "chrM", "M", "MT", "chrMT" };

struct alias_map {
    const struct genome *genome;
    char *file;
    khash_t(contig) *known;     /* name in the file -> contig or -1; owns the names */
    const char *shown[SHOWN];   /* first names of the file, owned by known */
    size_t n_shown, n_names;
    const char *last;           /* most recent name, owned by known */
    int last_contig;
    const char *missing;        /* first name without a contig */
    char *first[ALIAS_RULES];   /* "'1' taken as 'chr1'" */
    uint64_t n_rule[ALIAS_RULES];
    char *used;                 /* answer of alias_used */
};

static bool
is_mito(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(mito); i++)
        if (strcmp(name, mito[i]) == 0)
            return true;
    return false;
}

/* The genome's only mitochondrion, -1 when it has none or two under different names. */
static int
find_mito(const struct genome *g)
{
    int found = -1;

    for (size_t i = 0; i < ARRAY_LEN(mito); i++) {
        int contig = genome_contig_find(g, mito[i]);

        if (contig >= 0 && found >= 0)
            return -1;
        if (contig >= 0)
            found = contig;
    }
    return found;
}

static int
find_with_chr(const struct genome *g, const char *name)
{
    char *longer = mem_printf("chr%s", name);
    int contig = genome_contig_find(g, longer);

    free(longer);
    return contig;
}

int
alias_resolve(const struct genome *g, const char *name, enum alias_rule *rule)
{
    enum alias_rule r = ALIAS_EXACT;
    int contig = genome_contig_find(g, name);

    if (contig < 0 && is_mito(name)) {
        r = ALIAS_MITO;
        contig = find_mito(g);
    } else if (contig < 0 && strncmp(name, "chr", 3) == 0 && name[3]) {
        r = ALIAS_DROP_CHR;
        contig = genome_contig_find(g, name + 3);
    } else if (contig < 0) {
        r = ALIAS_ADD_CHR;
        contig = find_with_chr(g, name);
    }
    if (rule)
        *rule = contig < 0 ? ALIAS_NONE : r;
    return contig;
}

struct alias_map *
alias_new(const struct genome *g, const char *file)
{
    struct alias_map *a = mem_zalloc(sizeof *a);

    a->genome = g;
    a->file = mem_strdup(file);
    a->known = kh_init(contig);
    return a;
}

void
alias_free(struct alias_map *a)
{
    if (!a)
        return;
    for (khiter_t k = kh_begin(a->known); k != kh_end(a->known); k++)
        if (kh_exist(a->known, k))
            free((char *)kh_key(a->known, k));
    kh_destroy(contig, a->known);
    for (size_t i = 0; i < ALIAS_RULES; i++)
        free(a->first[i]);
    free(a->used);
    free(a->file);
    free(a);
}

/* Slot of a name; what is not known yet is entered with value -2: not resolved. */
static khiter_t
slot(struct alias_map *a, const char *name)
{
    khiter_t k = kh_get(contig, a->known, name);
    int absent;

    if (k != kh_end(a->known))
        return k;
    k = kh_put(contig, a->known, mem_strdup(name), &absent);
    kh_value(a->known, k) = -2;
    a->n_names++;
    if (a->n_shown < SHOWN)
        a->shown[a->n_shown++] = kh_key(a->known, k);
    return k;
}

void
alias_add_name(struct alias_map *a, const char *name)
{
    slot(a, name);
}

static int
resolve_new(struct alias_map *a, const char *name)
{
    enum alias_rule rule;
    int contig = alias_resolve(a->genome, name, &rule);

    a->n_rule[rule]++;
    if (!a->first[rule] && contig >= 0)
        a->first[rule] = mem_printf("'%s' taken as '%s'", name,
                                    genome_contig_name(a->genome, contig));
    return contig;
}

int
alias_find(struct alias_map *a, const char *name)
{
    khiter_t k;

    if (a->last && strcmp(a->last, name) == 0)
        return a->last_contig;
    k = slot(a, name);
    if (kh_value(a->known, k) == -2)
        kh_value(a->known, k) = resolve_new(a, name);
    a->last = kh_key(a->known, k);
    a->last_contig = kh_value(a->known, k);
    if (a->last_contig < 0 && !a->missing)
        a->missing = a->last;
    return a->last_contig;
}

const char *
alias_used(struct alias_map *a)
{
    static const enum alias_rule rules[] = { ALIAS_ADD_CHR, ALIAS_DROP_CHR, ALIAS_MITO };
    char *text = NULL;

    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        enum alias_rule r = rules[i];
        char *longer;

        if (!a->n_rule[r])
            continue;
        longer = mem_printf("%s%s%s (%llu name%s)", text ? text : "", text ? ", " : "",
                            a->first[r], (unsigned long long)a->n_rule[r],
                            a->n_rule[r] == 1 ? "" : "s");
        free(text);
        text = longer;
    }
    free(a->used);
    a->used = text;
    return a->used;
}

const char *
alias_first_missing(const struct alias_map *a)
{
    return a->missing;
}

/* "chr1, chr2, ..." */
static void
list_names(char *text, size_t bytes, const char *const *name, size_t n, size_t total)
{
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < n && at < bytes; i++)
        at += (size_t)snprintf(text + at, bytes - at, "%s%.60s", i ? ", " : "", name[i]);
    if (total > n && at < bytes)
        snprintf(text + at, bytes - at, ", ...");
}

int
alias_explain(const struct alias_map *a, const char *name, struct err *e)
{
    const char *contigs[SHOWN];
    char theirs[SHOWN * 64], ours[SHOWN * 64];
    size_t total = (size_t)genome_n_contigs(a->genome), n = total < SHOWN ? total : SHOWN;

    for (size_t i = 0; i < n; i++)
        contigs[i] = genome_contig_name(a->genome, (int)i);
    list_names(ours, sizeof ours, contigs, n, total);
    list_names(theirs, sizeof theirs, a->shown, a->n_shown, a->n_names);
    return err_set(e, "contig '%s' of %s is not in %s; %s has %s; %s has %s", name, a->file,
                   genome_name(a->genome), genome_name(a->genome), ours, a->file, theirs);
}
