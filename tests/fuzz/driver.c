/* SPDX-License-Identifier: MIT */
/*
 * A main for fuzz targets where there is no libFuzzer, and for replaying a corpus in "make test".
 *
 *   fuzz_hdf5 [-runs=N] [-seed=S] [-max_len=BYTES] FILE|FOLDER...
 *
 * Runs every file, then N inputs made from them: cut, spliced, with bits flipped and numbers set
 * to values at which arithmetic breaks.  Input number i follows from seed, i and the corpus alone;
 * when one takes more than 20 seconds or crashes, crash-SEED-I holds it.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum { MAX_FILES = 4096, SECONDS = 20 };

struct input {
    uint8_t *p;
    size_t n;
};

static struct input corpus[MAX_FILES];
static size_t n_corpus;
static uint64_t state;

/* What to write when the process is about to die. */
static struct input running;
static char crash_name[80];

static uint64_t
draw(void)
{
    uint64_t x = state += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static size_t
below(size_t n)
{
    return n ? draw() % n : 0;
}

static void
save_crash(int signal_number)
{
    FILE *f = crash_name[0] ? fopen(crash_name, "wb") : NULL;

    if (f) {
        fwrite(running.p, 1, running.n, f);
        fclose(f);
        fprintf(stderr, "signal %d: input in %s\n", signal_number, crash_name);
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* --- the corpus --- */

static int
by_text(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void
load_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct input *x = &corpus[n_corpus];
    struct stat st;

    if (!f || fstat(fileno(f), &st) < 0 || n_corpus == MAX_FILES) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    x->n = (size_t)st.st_size;
    x->p = malloc(x->n + 1);
    if (!x->p || fread(x->p, 1, x->n, f) != x->n)
        exit(1);
    fclose(f);
    n_corpus++;
}

static void
load(const char *path)
{
    struct dirent **entry;
    int n = scandir(path, &entry, NULL, by_text);
    char name[4096];

    if (n < 0) {
        load_file(path);
        return;
    }
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s/%s", path, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.')
            load_file(name);
        free(entry[i]);
    }
    free(entry);
}

/* --- changing an input; n bytes of room for max --- */

static const uint64_t boundaries[] = {
    0, 1, 2, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff, 0x80000000,
    0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffff8,
    0xffffffffffffffff
};

static void
set_number(uint8_t *p, size_t n)
{
    size_t width = (size_t)1 << below(4), at;
    uint64_t v = boundaries[below(ARRAY_LEN(boundaries))];

    if (below(4) == 0)
        v = n - 1 + below(3);
    if (n < width)
        return;
    at = below(n - width + 1);
    memcpy(p + at, &v, width);
}

/* Put a piece of another input, or of this one, over or into it. */
static size_t
splice(uint8_t *p, size_t n, size_t max)
{
    const struct input *from = &corpus[below(n_corpus)];
    size_t len = 1 + below(from->n < 256 ? from->n : 256), at = below(n + 1);
    size_t source = below(from->n + 1);

    if (len > from->n - source)
        len = from->n - source;
    if (draw() & 1 && n + len <= max) {
        memmove(p + at + len, p + at, n - at);
        n += len;
    } else if (len > n - at) {
        len = n - at;
    }
    memcpy(p + at, from->p + source, len);
    return n;
}

static size_t
cut_out(uint8_t *p, size_t n)
{
    size_t at = below(n), len = 1 + below(n - at < 64 ? n - at : 64);

    if (len > n - at)
        len = n - at;
    memmove(p + at, p + at + len, n - at - len);
    return n - len;
}

static size_t
change(uint8_t *p, size_t n, size_t max)
{
    if (n == 0)
        return splice(p, n, max);
    switch (below(8)) {
    case 0:  return below(n);
    case 1:  return cut_out(p, n);
    case 2:  return splice(p, n, max);
    case 3:  p[below(n)] = (uint8_t)draw(); return n;
    case 4:  p[below(n)] += below(2) ? 1 : 255; return n;
    case 5:
    case 6:  set_number(p, n); return n;
    default: p[below(n)] ^= (uint8_t)(1 << below(8)); return n;
    }
}

static void
run(uint8_t *p, size_t n)
{
    running = (struct input){ p, n };
    alarm(SECONDS);
    LLVMFuzzerTestOneInput(p, n);
}

static void
mutate(uint64_t seed, uint64_t runs, size_t max)
{
    uint8_t *p = malloc(max);

    for (uint64_t i = 0; p && i < runs; i++) {
        const struct input *from;
        size_t n;

        state = seed * 0x2545f4914f6cdd1du + i;
        from = &corpus[below(n_corpus)];
        n = from->n < max ? from->n : max;
        memcpy(p, from->p, n);
        for (size_t k = 1 + below(6); k > 0; k--)
            n = change(p, n, max);
        snprintf(crash_name, sizeof crash_name, "crash-%llu-%llu", (unsigned long long)seed,
                 (unsigned long long)i);
        run(p, n);
    }
    free(p);
}

int
main(int argc, char **argv)
{
    unsigned long long runs = 0, seed = 1, max = 65536;

    for (int i = 1; i < argc; i++)
        if (sscanf(argv[i], "-runs=%llu", &runs) != 1 && sscanf(argv[i], "-seed=%llu", &seed) != 1 &&
            sscanf(argv[i], "-max_len=%llu", &max) != 1)
            load(argv[i]);
    signal(SIGALRM, save_crash);
    signal(SIGABRT, save_crash);
    signal(SIGSEGV, save_crash);
    for (size_t i = 0; i < n_corpus; i++) {
        /* Exactly as long as the input, so that reading past it is noticed. */
        uint8_t *copy = malloc(corpus[i].n ? corpus[i].n : 1);

        if (!copy)
            return 1;
        memcpy(copy, corpus[i].p, corpus[i].n);
        run(copy, corpus[i].n);
        free(copy);
    }
    if (n_corpus)
        mutate(seed, runs, max);
    printf("%zu files, %llu changed inputs\n", n_corpus, runs);
    for (size_t i = 0; i < n_corpus; i++)
        free(corpus[i].p);
    return n_corpus == 0;
}
