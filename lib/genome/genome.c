/* SPDX-License-Identifier: MIT */
/*
 * Reading ahead: a request near the cached block is taken for a scan in order, and each such miss
 * doubles what is read beyond it up to READ_AHEAD; any other request reads little more than it
 * asks for, so that random positions do not pay for bases nobody wants.
 */
#include "genome/genome.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest/hash256.h"
#include "genome/dna.h"
#include "genome/fasta_file.h"
#include "htslib/bgzf.h"
#include "htslib/faidx.h"
#include "htslib/hts_log.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "prog/table.h"

KHASH_MAP_INIT_STR(name, int)

enum { READ_AHEAD_MIN = 512, READ_AHEAD = 256 * 1024 };

/* Blocks of lines up to this length begin and end with lines, so that some line end is seen. */
enum { SHORT_LINE = 4096 };

/* Length of the FASTA prefix that background files record. */
#define PREFIX_BYTES ((int64_t)64 << 20)

struct genome {
    char *path, *fai_path, *gzi_path;   /* gzi_path: NULL of a plain file */
    const char *base;           /* inside path */
    char *warning;
    struct fasta_index fai;
    struct fasta_file *file;
    bool *checked;              /* per contig: it is where the index says */
    int n;
    int64_t total;
    khash_t(name) *index;       /* keys belong to fai */

    char *block;                /* letters of [block_start, block_end) of block_contig */
    size_t cap_block;
    char *raw;                  /* the file's bytes for them */
    size_t cap_raw;
    int block_contig;
    bool block_other;           /* some of the letters are no bases */
    int64_t block_start, block_end;
    int64_t ahead;
};

static bool
exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* 0 plain, 2 bgzip; anything else is refused. */
static int
check_compression(const char *path, struct err *e)
{
    struct stat st;
    BGZF *fp;
    int kind, first;

    if (stat(path, &st) != 0)
        return err_sys(e, "%s: cannot open", path);
    if (S_ISDIR(st.st_mode))
        return err_set(e, "%s: is a directory; give a FASTA file", path);
    fp = bgzf_open(path, "r");
    if (!fp)
        return err_sys(e, "%s: cannot open", path);
    kind = bgzf_compression(fp);
    first = bgzf_peek(fp);
    bgzf_close(fp);
    if (kind == gzip)
        return err_set(e, "%s: is compressed by gzip, which cannot be read at random; recompress "
                       "with bgzip: gunzip -c %s | bgzip > NEW.fa.gz", path, path);
    if (first == -1)
        return err_set(e, "%s: is empty; expected FASTA", path);
    if (first != '>')
        return err_set(e, "%s: is not FASTA (does not begin with '>')", path);
    return kind;
}

/* Move an index file that was built under a temporary name into place, unless one is there. */
static int
install_index(const char *temporary, const char *path, struct err *e)
{
    if (!exists(temporary))
        return 0;
    if (exists(path)) {
        unlink(temporary);
        return 0;
    }
    return rename(temporary, path) ? err_sys(e, "%s: cannot create", path) : 0;
}

/* Both index files are built under temporary names, so that no other program sees half of one. */
static int
build_index(const char *path, const char *fai, const char *gzi, struct err *e)
{
    char *fai_tmp = mem_printf("%s.%ld.part", fai, (long)getpid());
    char *gzi_tmp = mem_printf("%s.%ld.part", gzi, (long)getpid());
    int rc;

    if (fai_build3(path, fai_tmp, gzi_tmp) != 0)
        rc = err_set(e, "%s: has no complete index (.fai, for bgzip also .gzi) and none could be "
                     "built; where the directory is writable, run: samtools faidx %s", path, path);
    else
        rc = install_index(fai_tmp, fai, e) || install_index(gzi_tmp, gzi, e) ? -1 : 0;
    unlink(fai_tmp);
    unlink(gzi_tmp);
    free(fai_tmp);
    free(gzi_tmp);
    return rc;
}

static int
load_index(struct genome *g, bool bgzipped, struct err *e)
{
    char *gzi = mem_printf("%s.gzi", g->path);
    int rc = 0;

    if (!exists(g->fai_path) || (bgzipped && !exists(gzi)))
        rc = build_index(g->path, g->fai_path, gzi, e);
    if (bgzipped)
        g->gzi_path = gzi;
    else
        free(gzi);
    if (rc || fasta_index_read(&g->fai, g->fai_path, e))
        return -1;
    g->file = fasta_file_open(g->path, g->gzi_path, e);
    return g->file ? 0 : -1;
}

static void
list_contigs(struct genome *g)
{
    g->n = (int)g->fai.n;
    g->checked = mem_array(g->fai.n, sizeof *g->checked);
    g->index = kh_init(name);
    for (int i = 0; i < g->n; i++) {
        int absent;
        khiter_t k = kh_put(name, g->index, g->fai.contig[i].name, &absent);

        kh_value(g->index, k) = i;
        g->total += g->fai.contig[i].len;
    }
}

/* Was a written after b?  False when that is not known. */
static bool
is_newer(const char *a, const char *b)
{
    struct stat x, y;

    if (stat(a, &x) || stat(b, &y))
        return false;
    return x.st_mtim.tv_sec != y.st_mtim.tv_sec ? x.st_mtim.tv_sec > y.st_mtim.tv_sec
                                                : x.st_mtim.tv_nsec > y.st_mtim.tv_nsec;
}

/* The order of age alone proves nothing: copies are made in any order. */
static int
check_age(struct genome *g, struct err *e)
{
    const char *older = is_newer(g->path, g->fai_path) ? g->fai_path
        : g->gzi_path && is_newer(g->path, g->gzi_path) ? g->gzi_path : NULL;

    if (!older)
        return 0;
    for (int i = 0; i < g->n; i++)
        if (genome_check_contig(g, i, e))
            return -1;
    g->warning = mem_printf("%s: is newer than its index %s; its %d contigs begin and end where that "
                            "says, so it is used: touch %s, or remove it to have it made anew",
                            g->path, older, g->n, older);
    return 0;
}

struct genome *
genome_open(const char *path, struct err *e)
{
    struct genome *g;
    const char *slash = strrchr(path, '/');
    int kind;

    mem_headroom();
    hts_set_log_level(HTS_LOG_OFF);
    kind = check_compression(path, e);
    if (kind < 0)
        return NULL;
    fio_reads(path);
    g = mem_zalloc(sizeof *g);
    g->path = mem_strdup(path);
    g->base = g->path + (slash ? slash - path + 1 : 0);
    g->fai_path = mem_printf("%s.fai", path);
    g->block_contig = -1;
    g->ahead = READ_AHEAD_MIN;
    if (load_index(g, kind == bgzf, e) == 0) {
        list_contigs(g);
        if (check_age(g, e) == 0)
            return g;
    }
    genome_close(g);
    return NULL;
}

void
genome_close(struct genome *g)
{
    if (!g)
        return;
    if (g->index)
        kh_destroy(name, g->index);
    fasta_file_close(g->file);
    fasta_index_free(&g->fai);
    free(g->checked);
    free(g->block);
    free(g->raw);
    free(g->warning);
    free(g->gzi_path);
    free(g->fai_path);
    free(g->path);
    free(g);
}

const char *
genome_warning(const struct genome *g)
{
    return g->warning;
}

const char *
genome_path(const struct genome *g)
{
    return g->path;
}

const char *
genome_name(const struct genome *g)
{
    return g->base;
}

int
genome_n_contigs(const struct genome *g)
{
    return g->n;
}

const char *
genome_contig_name(const struct genome *g, int contig)
{
    return g->fai.contig[contig].name;
}

int64_t
genome_contig_len(const struct genome *g, int contig)
{
    return g->fai.contig[contig].len;
}

int64_t
genome_length(const struct genome *g)
{
    return g->total;
}

const struct fasta_contig *
genome_contig(const struct genome *g, int contig)
{
    return &g->fai.contig[contig];
}

int
genome_contig_find(const struct genome *g, const char *name)
{
    khiter_t k = kh_get(name, g->index, name);

    return k == kh_end(g->index) ? -1 : kh_value(g->index, k);
}

/* How far to read beyond a request that is not in the block. */
static int64_t
choose_ahead(const struct genome *g, int contig, int64_t start, int64_t end)
{
    int64_t most = end - start > READ_AHEAD ? end - start : READ_AHEAD;
    int64_t next;

    if (contig != g->block_contig || start < g->block_start || start > g->block_end + READ_AHEAD)
        return READ_AHEAD_MIN;
    next = 2 * g->ahead > end - start ? 2 * g->ahead : end - start;
    return next < most ? next : most;
}

int
genome_check_contig(struct genome *g, int contig, struct err *e)
{
    if (g->checked[contig])
        return 0;
    if (fasta_file_check(g->file, &g->fai.contig[contig], e))
        return -1;
    g->checked[contig] = true;
    return 0;
}

/* A message about a place, and that the index may be of another file. */
static int
misfit(const struct genome *g, int contig, int64_t pos, const char *what, struct err *e)
{
    return err_set(e, "%s: %s at %s:%lld; the file is damaged or not the one its index was made of: "
                   "remove %s%s%s, %s made anew", g->path, what, genome_contig_name(g, contig),
                   (long long)pos + 1, g->fai_path, g->gzi_path ? " and " : "",
                   g->gzi_path ? g->gzi_path : "", g->gzi_path ? "they are" : "it is");
}

/* Are these bytes blanks that end with LF? */
static bool
is_line_end(const char *s, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isspace((unsigned char)s[i]))
            return false;
    return n > 0 && s[n - 1] == '\n';
}

/* Upper-case letters into dst; true when all are bases. */
static bool
copy_letters(char *dst, const char *src, int64_t n)
{
    bool all = true;

    for (int64_t i = 0; i < n; i++) {
        const char upper = dna_upper[(unsigned char)src[i]];

        all &= upper != 0;
        dst[i] = upper ? upper : src[i];
    }
    return all;
}

/* The letters of [start, stop) out of the file's bytes, line by line. */
static int
unfold(struct genome *g, int contig, int64_t start, int64_t stop, int64_t bytes, struct err *e)
{
    const struct fasta_contig *c = &g->fai.contig[contig];
    const int64_t gap = c->line_bytes - c->line_bases, first = fasta_contig_byte(c, start);

    g->block_other = false;
    for (int64_t pos = start; pos < stop;) {
        const int64_t rest = c->line_bases - pos % c->line_bases;
        const int64_t n = rest < stop - pos ? rest : stop - pos;
        const char *line = g->raw + (fasta_contig_byte(c, pos) - first);

        if (!copy_letters(g->block + (pos - start), line, n))
            g->block_other = true;
        pos += n;
        if (n == rest && pos < c->len && line + n + gap <= g->raw + bytes &&
            !is_line_end(line + n, gap))
            return misfit(g, contig, pos - 1, "no line ends", e);
    }
    return 0;
}

/* Bytes of the file from the first letter to the last, and to the line end behind it, if any. */
static int64_t
bytes_of(const struct fasta_contig *c, int64_t start, int64_t stop)
{
    const int64_t n = fasta_contig_byte(c, stop - 1) + 1 - fasta_contig_byte(c, start);

    return stop < c->len && stop % c->line_bases == 0 ? n + c->line_bytes - c->line_bases : n;
}

static int
read_block(struct genome *g, int contig, int64_t start, int64_t end, struct err *e)
{
    const struct fasta_contig *c = &g->fai.contig[contig];
    const int64_t ahead = choose_ahead(g, contig, start, end);
    int64_t stop = end + ahead < c->len ? end + ahead : c->len, bytes, got;

    g->block_contig = -1;
    if (genome_check_contig(g, contig, e))
        return -1;
    if (c->line_bases <= SHORT_LINE) {
        start -= start % c->line_bases;
        stop += (c->line_bases - stop % c->line_bases) % c->line_bases;
        stop = stop < c->len ? stop : c->len;
    }
    bytes = bytes_of(c, start, stop);
    mem_grow(&g->raw, &g->cap_raw, (size_t)bytes, 1);
    mem_grow(&g->block, &g->cap_block, (size_t)(stop - start), 1);
    got = fasta_file_read(g->file, g->raw, fasta_contig_byte(c, start), bytes, e);
    if (got < 0)
        return -1;
    if (got < bytes)
        return misfit(g, contig, stop - 1, "there is nothing", e);
    if (unfold(g, contig, start, stop, bytes, e))
        return -1;
    g->block_contig = contig;
    g->block_start = start;
    g->block_end = stop;
    g->ahead = ahead;
    return 0;
}

int
genome_not_a_base(const struct genome *g, int contig, int64_t pos, char letter, struct err *e)
{
    char what[64];

    if (isgraph((unsigned char)letter))
        snprintf(what, sizeof what, "'%c', which is no base,", letter);
    else
        snprintf(what, sizeof what, "byte 0x%02x, which is no base,", (unsigned char)letter);
    return misfit(g, contig, pos, what, e);
}

int
genome_fetch(struct genome *g, char *dst, int contig, int64_t start, int64_t end, struct err *e)
{
    if (contig < 0 || contig >= g->n || start < 0 || end < start ||
        end > g->fai.contig[contig].len)
        return err_set(e, "%s: range %lld-%lld is outside its contig", g->path,
                       (long long)start + 1, (long long)end);
    if (start == end)
        return 0;
    if (contig != g->block_contig || start < g->block_start || end > g->block_end)
        if (read_block(g, contig, start, end, e))
            return -1;
    memcpy(dst, g->block + (start - g->block_start), (size_t)(end - start));
    for (int64_t i = 0; g->block_other && i < end - start; i++)
        if (!dna_upper[(unsigned char)dst[i]])
            return genome_not_a_base(g, contig, start + i, dst[i], e);
    return 0;
}

/* Which state of which file: any change of its contents sets the time of change anew. */
static char *
file_state(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return mem_strdup("?");
    return mem_printf("%llx:%llx:%llx:%llx.%09ld:%llx.%09ld ", (unsigned long long)st.st_dev,
                      (unsigned long long)st.st_ino, (unsigned long long)st.st_size,
                      (unsigned long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                      (unsigned long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

/* Hashing 64 MiB takes a process that starts often longer than all else that it does at first. */
static int
hash_prefix(char hex[65], const struct genome *g, struct err *e)
{
    const char *known = getenv("PERTRACK_FASTA_ID");
    char *state = file_state(g->path);
    const size_t n = strlen(state);
    int status = 0;

    if (known && *state != '?' && strncmp(known, state, n) == 0 &&
        strspn(known + n, "0123456789abcdef") == 64 && known[n + 64] == '\0')
        memcpy(hex, known + n, 65);
    else
        status = hash256_file(hex, g->path, PREFIX_BYTES, e);
    free(state);
    return status;
}

char *
genome_fasta_id(const struct genome *g, struct err *e)
{
    char hex[65], *state = file_state(g->path), *id = NULL;

    if (hash256_file(hex, g->path, PREFIX_BYTES, e) == 0)
        id = mem_printf("%s%s", state, hex);
    free(state);
    return id;
}

int
genome_to_meta(struct genome *g, struct meta *m, struct err *e)
{
    char fai_hex[65], fasta_hex[65];
    json_t *object;
    char *text;

    if (hash256_file(fai_hex, g->fai_path, -1, e) ||
        hash_prefix(fasta_hex, g, e))
        return -1;
    object = json_pack("{s:s, s:s, s:s, s:i, s:I}", "fai_sha256", fai_hex,
                       "fasta_sha256_prefix64mb", fasta_hex, "name", g->base, "n_contigs", g->n,
                       "length", (json_int_t)g->total);
    if (!object)
        return err_set(e, "%s: file name is not valid UTF-8; rename the file", g->path);
    text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    meta_set(m, "genome", text);
    free(text);
    json_decref(object);
    return 0;
}

bool
genome_matches_meta(const struct genome *g, const struct meta *m)
{
    const char *text = meta_get(m, "genome");
    json_t *object = text ? json_loads(text, 0, NULL) : NULL;
    bool same = true;

    if (json_is_integer(json_object_get(object, "length")))
        same = json_integer_value(json_object_get(object, "length")) == g->total &&
               json_integer_value(json_object_get(object, "n_contigs")) == g->n;
    json_decref(object);
    return same;
}

const char *
genome_assembly(int64_t chr1_length)
{
    /* Lengths of chromosome 1 as published with each assembly. */
    static const struct {
        int64_t length;
        const char *name;
    } known[] = {
        { 248956422, "hg38" }, { 249250621, "hg19" }, { 195154279, "mm39" },
        { 195471971, "mm10" }, { 197195432, "mm9" },
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].length == chr1_length)
            return known[i].name;
    return NULL;
}
