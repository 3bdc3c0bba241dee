/* SPDX-License-Identifier: MIT */
#include "oracle/registry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "family/declare.h"
#include "prog/mem.h"

static const struct {
    const char *word, *organism;
} organisms[] = {
    { "human", "human" }, { "homo sapiens", "human" }, { "9606", "human" }, { "hg38", "human" },
    { "grch38", "human" }, { "hg19", "human" }, { "grch37", "human" },
    { "mouse", "mouse" }, { "mus musculus", "mouse" }, { "10090", "mouse" }, { "mm10", "mouse" },
    { "grcm38", "mouse" }, { "mm39", "mouse" }, { "grcm39", "mouse" },
};

/* Chromosome 1 of the assemblies in use (UCSC's chrom.sizes of each). */
static const struct {
    int64_t len;
    const char *organism;
} chromosome1[] = {
    { 248956422, "human" }, { 249250621, "human" },     /* GRCh38, GRCh37 */
    { 195471971, "mouse" }, { 195154279, "mouse" },     /* GRCm38, GRCm39 */
};

const char *
registry_organism(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(organisms); i++)
        if (strcasecmp(word, organisms[i].word) == 0)
            return organisms[i].organism;
    return NULL;
}

const char *
registry_genome_organism(const struct genome *g)
{
    int contig = genome_contig_find(g, "chr1");

    if (contig < 0)
        contig = genome_contig_find(g, "1");
    for (size_t i = 0; contig >= 0 && i < ARRAY_LEN(chromosome1); i++)
        if (genome_contig_len(g, contig) == chromosome1[i].len)
            return chromosome1[i].organism;
    return NULL;
}

/* Is folder/file there?  Then its path, else NULL; every path tried is added to places. */
static char *
try_folder(const char *folder, size_t n_folder, const char *file, char **places)
{
    char *path = n_folder ? mem_printf("%.*s/%s", (int)n_folder, folder, file) : mem_strdup(file);
    char *more;

    if (access(path, F_OK) == 0)
        return path;
    more = mem_printf("%s%s%s", *places ? *places : "", *places ? ", " : "", path);
    free(*places);
    *places = more;
    free(path);
    return NULL;
}

static char *
find_one(const char *file, const char *table, char **places)
{
    const char *slash = table ? strrchr(table, '/') : NULL, *at = getenv("PERTRACK_MODELS");
    char *path = NULL;

    if (file[0] == '/' || !slash)
        path = try_folder("", 0, file, places);
    else
        path = try_folder(table, (size_t)(slash - table), file, places);
    while (!path && file[0] != '/' && at && *at) {
        size_t n = strcspn(at, ":");

        if (n)
            path = try_folder(at, n, file, places);
        at += n + (at[n] == ':');
    }
    return path;
}

static void
explain(struct err *e, const char *file, const char *places, const char *family)
{
    const struct declaration *d = family ? declaration_find(family) : NULL;
    const char *where = d ? d->published : NULL;

    err_set(e, "%s: no such file (looked for %s)%s%s%s%s", file, places,
            getenv("PERTRACK_MODELS") ? "" : "; folders in $PERTRACK_MODELS are searched too",
            where ? "; such weights are published at " : "", where ? where : "",
            where ? " (models/fetch.sh)" : "");
}

char *
registry_find(const char *files, const char *table, const char *family, struct err *e)
{
    char *copy = mem_strdup(files), *found = mem_strdup(""), *places = NULL;

    for (char *at = copy, *word; found && (word = strsep(&at, ",")) != NULL;) {
        char *path = find_one(word, table, &places), *more = NULL;

        if (path)
            more = mem_printf("%s%s%s", found, *found ? "," : "", path);
        else
            explain(e, word, places, family);
        free(found);
        free(path);
        found = more;
    }
    free(copy);
    free(places);
    return found;
}
