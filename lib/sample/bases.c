/* SPDX-License-Identifier: MIT */
#include "sample/bases.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "genome/dna.h"
#include "genome/genome.h"
#include "prog/mem.h"

struct bases_map {
    struct genome *genome;
    const char *data;           /* [bytes], or NULL: not mapped */
    size_t bytes;
    bool *checked;              /* per contig: it is where the index says, and inside data */
};

static int
genome_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    return genome_fetch(arg, letter, (int)contig, pos, pos + 1, e);
}

static int
check_mapped(struct bases_map *map, size_t contig, struct err *e)
{
    const struct fasta_contig *c = genome_contig(map->genome, (int)contig);

    if (genome_check_contig(map->genome, (int)contig, e))
        return -1;
    if (c->len && fasta_contig_byte(c, c->len - 1) >= (int64_t)map->bytes)
        return err_set(e, "%s: has become shorter; leave it alone while it is used",
                       genome_path(map->genome));
    map->checked[contig] = true;
    return 0;
}

static int
mapped_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    struct bases_map *map = arg;
    const struct fasta_contig *c = genome_contig(map->genome, (int)contig);
    char found;

    if (!map->checked[contig] && check_mapped(map, contig, e))
        return -1;
    found = map->data[fasta_contig_byte(c, pos)];
    *letter = dna_upper[(unsigned char)found];
    return *letter ? 0 : genome_not_a_base(map->genome, (int)contig, pos, found, e);
}

static void
unmap(struct bases_map *map)
{
    if (!map)
        return;
    if (map->data)
        munmap((void *)map->data, map->bytes);
    free(map->checked);
    free(map);
}

/* Not mapped when the file is compressed or cannot be: then the genome's reader is asked. */
static struct bases_map *
map_genome(const struct bases *b, struct genome *g)
{
    const int fd = open(genome_path(g), O_RDONLY | O_CLOEXEC);
    struct bases_map *map = mem_zalloc(sizeof *map);
    struct stat st;
    void *data = MAP_FAILED;

    map->genome = g;
    map->checked = mem_array(b->n, sizeof *map->checked);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        map->bytes = (size_t)st.st_size;
        data = mmap(NULL, map->bytes, PROT_READ, MAP_SHARED, fd, 0);
    }
    if (fd >= 0)
        close(fd);
    if (data != MAP_FAILED && *(char *)data == '>') {
        map->data = data;
        madvise(data, map->bytes, MADV_RANDOM);
    } else if (data != MAP_FAILED) {
        munmap(data, map->bytes);
    }
    return map;
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
    b->letter = b->map->data ? mapped_letter : genome_letter;
    b->arg = b->map->data ? (void *)b->map : (void *)g;
}

int
bases_check(const struct bases *b, size_t contig, struct err *e)
{
    return b->map ? genome_check_contig(b->map->genome, (int)contig, e) : 0;
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
