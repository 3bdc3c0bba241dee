/* SPDX-License-Identifier: MIT */
#include "sample/bases.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "genome/genome.h"
#include "prog/mem.h"

/* Where a contig is in the file, as the columns of the .fai say. */
struct layout {
    int64_t offset, line_bases, line_bytes;
};

struct bases_map {
    const char *path;           /* of the genome */
    const char *data;           /* [bytes] */
    size_t bytes;
    struct layout *contig;
};

static int
genome_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    return genome_fetch(arg, letter, (int)contig, pos, pos + 1, e);
}

static int
mapped_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    const struct bases_map *map = arg;
    const struct layout *at = &map->contig[contig];
    const char c = map->data[at->offset + pos / at->line_bases * at->line_bytes +
                             pos % at->line_bases];

    if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '*')
        return err_set(e, "%s: position %lld is no letter; the file is damaged or not the one its "
                       "index was made for; remove %s.fai and run: samtools faidx %s", map->path,
                       (long long)pos + 1, map->path, map->path);
    *letter = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    return 0;
}

/* Place in the file of the last letter, or -1 when there can be no such place. */
static int64_t
last_byte(const struct layout *at, int64_t len)
{
    int64_t place;

    if (at->line_bases < 1 || at->line_bytes < at->line_bases || at->offset < 0 ||
        __builtin_mul_overflow((len - 1) / at->line_bases, at->line_bytes, &place) ||
        __builtin_add_overflow(place, (len - 1) % at->line_bases + at->offset, &place))
        return -1;
    return place;
}

/* One line of the .fai: is it the contig that is expected, and inside the file? */
static bool
parse_layout(struct layout *at, const char *line, const char *name, int64_t len, size_t bytes)
{
    const size_t n = strlen(name);
    int64_t length, last;

    if (strncmp(line, name, n) != 0 || line[n] != '\t' ||
        sscanf(line + n, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, &length, &at->offset,
               &at->line_bases, &at->line_bytes) != 4 || length != len)
        return false;
    last = len ? last_byte(at, len) : 0;
    return last >= 0 && last < (int64_t)bytes;
}

static bool
read_layout(struct bases_map *map, const struct bases *b)
{
    char *fai = mem_printf("%s.fai", map->path), *line = NULL;
    FILE *fp = fopen(fai, "r");
    size_t cap = 0, i = 0;
    bool ok = fp != NULL;

    free(fai);
    map->contig = mem_array(b->n, sizeof *map->contig);
    while (ok && i < b->n && getline(&line, &cap, fp) > 0) {
        ok = parse_layout(&map->contig[i], line, b->name[i], b->len[i], map->bytes);
        i++;
    }
    free(line);
    if (fp)
        fclose(fp);
    return ok && i == b->n;
}

static void
unmap(struct bases_map *map)
{
    if (!map)
        return;
    if (map->data)
        munmap((void *)map->data, map->bytes);
    free(map->contig);
    free(map);
}

/* NULL when the file is compressed or its index is not as expected: then the reader decides. */
static struct bases_map *
map_genome(const struct bases *b, const struct genome *g)
{
    const int fd = open(genome_path(g), O_RDONLY | O_CLOEXEC);
    struct bases_map *map = mem_zalloc(sizeof *map);
    struct stat st;
    void *data = MAP_FAILED;

    map->path = genome_path(g);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        map->bytes = (size_t)st.st_size;
        data = mmap(NULL, map->bytes, PROT_READ, MAP_SHARED, fd, 0);
    }
    if (fd >= 0)
        close(fd);
    if (data != MAP_FAILED)
        map->data = data;
    if (map->data && *map->data == '>' && read_layout(map, b)) {
        madvise(data, map->bytes, MADV_RANDOM);
        return map;
    }
    unmap(map);
    return NULL;
}

void
bases_of_genome(struct bases *b, struct genome *g)
{
    b->n = (size_t)genome_n_contigs(g);
    b->name = mem_array(b->n, sizeof *b->name);
    b->len = mem_array(b->n, sizeof *b->len);
    for (size_t i = 0; i < b->n; i++) {
        b->name[i] = genome_contig_name(g, (int)i);
        b->len[i] = genome_contig_len(g, (int)i);
    }
    b->map = map_genome(b, g);
    b->letter = b->map ? mapped_letter : genome_letter;
    b->arg = b->map ? (void *)b->map : (void *)g;
}

void
bases_free(struct bases *b)
{
    unmap(b->map);
    free(b->name);
    free(b->len);
}

int
bases_code(char letter)
{
    switch (letter) {
    case 'A': return 0;
    case 'C': return 1;
    case 'G': return 2;
    case 'T': return 3;
    default: return -1;
    }
}
