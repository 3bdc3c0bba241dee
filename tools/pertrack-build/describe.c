/* SPDX-License-Identifier: MIT */
/* The description of a build: a line per fact, a key and what follows it. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background/grid.h"
#include "build.h"
#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

const char *const kind_name[KINDS] = { "variants", "baselines" };

enum form { TEXT, NUMBER, WORDS };

struct key {
    const char *name;
    enum form form;
    void *dest;
    double min, max;
};

/* The key table of b; returns its length. */
static size_t
make_keys(struct key key[32], struct build *b)
{
    const struct key all[] = {
        { "oracle", TEXT, &b->oracle, 0, 0 },
        { "tracks", TEXT, &b->tracks, 0, 0 },
        { "genome", TEXT, &b->genome, 0, 0 },
        { "assembly", TEXT, &b->assembly, 0, 0 },
        { "gtf", TEXT, &b->gtf, 0, 0 },
        { "ccre", TEXT, &b->ccre, 0, 0 },
        { "dhs", TEXT, &b->dhs, 0, 0 },
        { "variants", WORDS, &b->recipe[VARIANTS], 0, 0 },
        { "variants-file", TEXT, &b->sites_file[VARIANTS], 0, 0 },
        { "baselines", WORDS, &b->recipe[BASELINES], 0, 0 },
        { "baselines-file", TEXT, &b->sites_file[BASELINES], 0, 0 },
        { "predict", WORDS, &b->predict, 0, 0 },
        { "score-effect", WORDS, &b->score, 0, 0 },
        { "cdf-pack", WORDS, &b->pack, 0, 0 },
        { "sbatch", WORDS, &b->sbatch, 0, 0 },
        { "kernels", TEXT, &b->kernels, 0, 0 },
        { "folder", TEXT, &b->folder, 0, 0 },
        { "output", TEXT, &b->output, 0, 0 },
        { "append", TEXT, &b->append, 0, 0 },
        { "replace", TEXT, &b->replace, 0, 0 },
        { "held-out", TEXT, &b->held_out, 0, 0 },
        { "shards", NUMBER, &b->shards, 1, 100000 },
        { "tracks-per-set", NUMBER, &b->per_set, 1, 1e6 },
        { "threads", NUMBER, &b->threads, 1, 4096 },
        { "gpus", NUMBER, &b->gpus, 1, 4096 },
        { "capacity", NUMBER, &b->capacity, 1, 1e12 },
        { "tail", NUMBER, &b->tail, 1, 1e12 },
        { "expected", NUMBER, &b->expected, 1, 1e15 },
        { "width", NUMBER, &b->width, GRID_WIDTH_MIN, GRID_WIDTH_MAX },
    };

    _Static_assert(ARRAY_LEN(all) <= 32, "the caller's table is too small");
    memcpy(key, all, sizeof all);
    return ARRAY_LEN(all);
}

static char *
key_names(const struct key *key, size_t n)
{
    char *text = mem_strdup("");

    for (size_t i = 0; i < n; i++) {
        char *old = text;

        text = mem_printf("%s%s%s", old, i ? ", " : "", key[i].name);
        free(old);
    }
    return text;
}

static bool
is_set(const struct key *k)
{
    switch (k->form) {
    case TEXT: return *(char **)k->dest != NULL;
    case NUMBER: return *(int64_t *)k->dest != 0;
    default: return ((struct words *)k->dest)->n != 0;
    }
}

static int64_t
number(const struct key *k, const char *text, const char *file, unsigned line)
{
    char *end;
    double v;

    errno = 0;
    v = strtod(text, &end);
    v *= *end == 'K' ? 1e3 : *end == 'M' ? 1e6 : *end == 'G' ? 1e9 : 1;
    end += *end && strchr("KMG", *end);
    if (errno || end == text || *end || v < k->min || v > k->max || v != (double)(int64_t)v)
        die("%s:%u: %s must be a whole number from %.0f to %.0f (K, M and G may follow), got '%s'",
            file, line, k->name, k->min, k->max, text);
    return (int64_t)v;
}

static void
take_line(const struct key *key, size_t n, char *text, const char *file, unsigned line)
{
    size_t len = strcspn(text, " \t"), i = 0;
    char *value = text + len + strspn(text + len, " \t");
    struct err e;

    for (size_t end = strlen(value); end && strchr(" \t\r\n", value[end - 1]); end--)
        value[end - 1] = '\0';
    while (i < n && (strlen(key[i].name) != len || strncmp(key[i].name, text, len) != 0))
        i++;
    if (i == n)
        die("%s:%u: '%.*s' is not a key of a build; known are %s", file, line, (int)len, text,
            key_names(key, n));
    if (!*value)
        die("%s:%u: %s has no value", file, line, key[i].name);
    if (is_set(&key[i]))
        die("%s:%u: %s was given before; give it once", file, line, key[i].name);
    if (key[i].form == TEXT)
        *(char **)key[i].dest = mem_strdup(value);
    else if (key[i].form == NUMBER)
        *(int64_t *)key[i].dest = number(&key[i], value, file, line);
    else if (words_split(key[i].dest, value, &e))
        die("%s:%u: %s", file, line, e.msg);
}

/* Make the description's directory the working one; what is left of path is its name there. */
static void
enter(struct build *b, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? mem_strndup(path, slash > path ? (size_t)(slash - path) : 1)
                      : mem_strdup(".");
    char self[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (chdir(dir))
        die("%s: cannot enter its directory: %s", path, strerror(errno));
    b->file = mem_strdup(slash ? slash + 1 : path);
    b->where = getcwd(NULL, 0);
    if (!b->where)
        die("%s: cannot tell the working directory: %s", path, strerror(errno));
    b->self = n > 0 ? mem_strndup(self, (size_t)n) : mem_strdup("pertrack-build");
    free(dir);
}

/* "bpnet" of "bpnet.build". */
static char *
stem_of(const char *file)
{
    const char *dot = strrchr(file, '.');

    return dot && dot != file ? mem_strndup(file, (size_t)(dot - file)) : mem_strdup(file);
}

static void
need(const struct build *b, const char *value, const char *key, const char *example)
{
    if (!value)
        die("%s: has no line '%s'; add one, for example: %s %s", b->file, key, key, example);
}

static void
check_keys(struct build *b)
{
    need(b, b->oracle, "oracle", "chrombpnet");
    need(b, b->tracks, "tracks", "tracks.tsv");
    need(b, b->genome, "genome", "hg38.fa");
    for (int k = 0; k < KINDS; k++)
        if (b->recipe[k].n && b->sites_file[k])
            die("%s: %s and %s-file exclude each other: sites are drawn, or there", b->file,
                kind_name[k], kind_name[k]);
    if (!build_has(b, VARIANTS) && !build_has(b, BASELINES))
        die("%s: has no sites: add variants (or variants-file), baselines (or baselines-file), or "
            "both, for example: variants accessibility", b->file);
    if (b->output && b->replace)
        die("%s: output and replace exclude each other: replace says where the result goes",
            b->file);
    if (!b->output && !b->replace)
        need(b, NULL, "output", "mycell_pertrack.npz");
    if (b->held_out && !b->replace)
        die("%s: held-out is of use with replace only", b->file);
    if (!b->capacity && (b->tail || b->expected))
        die("%s: %s is of use with capacity only", b->file, b->tail ? "tail" : "expected");
    if (b->capacity && !b->tail && !b->expected)
        die("%s: capacity needs tail, or expected to derive it: the ends of a background must be "
            "exact", b->file);
}

void
build_read(struct build *b, const char *path)
{
    FILE *fp = fio_open_in(path);
    struct key key[32];
    size_t room = 0, n_keys;
    char *text = NULL;
    unsigned line = 0;

    memset(b, 0, sizeof *b);
    n_keys = make_keys(key, b);
    while (getline(&text, &room, fp) > 0) {
        line++;
        if (text[strspn(text, " \t\r\n")] && text[strspn(text, " \t")] != '#')
            take_line(key, n_keys, text + strspn(text, " \t"), path, line);
    }
    free(text);
    fio_close_in(fp, path);
    enter(b, path);
    check_keys(b);
    if (!b->shards)
        b->shards = 1;
    if (!b->folder) {
        char *stem = stem_of(b->file);

        b->folder = mem_printf("%s.units", stem);
        free(stem);
    }
}

void
build_free(struct build *b)
{
    struct key key[32];
    const size_t n = make_keys(key, b);

    for (size_t i = 0; i < n; i++) {
        if (key[i].form == TEXT)
            free(*(char **)key[i].dest);
        else if (key[i].form == WORDS)
            words_free(key[i].dest);
    }
    free(b->file);
    free(b->where);
    free(b->self);
}

bool
build_has(const struct build *b, enum kind k)
{
    return b->recipe[k].n || b->sites_file[k];
}

char *
build_sites(const struct build *b, enum kind k)
{
    if (b->sites_file[k])
        return mem_strdup(b->sites_file[k]);
    return folder_path(b, "sites/%s", k == VARIANTS ? "variants.vcf" : "baselines.bed");
}
