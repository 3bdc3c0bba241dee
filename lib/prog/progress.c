/* SPDX-License-Identifier: MIT */
#include "prog/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "prog/die.h"
#include "prog/mem.h"

struct progress {
    const char *unit;
    uint64_t total, done;
    double start, drawn;
    bool bar;
};

static double
now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

static bool
draws_bar(void)
{
    return !prog_quiet && isatty(STDERR_FILENO);
}

uint64_t
progress_count_records(const char *path)
{
    uint64_t n = 0;
    struct stat st;
    bool start = true, text = true;
    FILE *fp;
    int c;

    if (!draws_bar() || !path || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return 0;
    fp = fopen(path, "rb");
    if (!fp)
        return 0;
    while (text && (c = getc_unlocked(fp)) != EOF) {
        text = c >= ' ' || c == '\t' || c == '\n' || c == '\r';
        n += start && c != '#' && c != '\n';
        start = c == '\n';
    }
    fclose(fp);
    return text ? n : 0;
}

struct progress *
progress_new(const char *unit, uint64_t total)
{
    struct progress *p = mem_zalloc(sizeof *p);

    p->unit = unit;
    p->total = total;
    p->start = p->drawn = now();
    p->bar = draws_bar();
    return p;
}

static void
draw(const struct progress *p, double t)
{
    double seconds = t - p->start, rate = seconds > 0 ? (double)p->done / seconds : 0;
    char bar[21] = "....................";

    if (!p->total) {
        fprintf(stderr, "\r%s: %llu %s, %.1f/s \033[K", prog_name, (unsigned long long)p->done,
                p->unit, rate);
        return;
    }
    memset(bar, '#', p->done < p->total ? 20 * p->done / p->total : 20);
    fprintf(stderr, "\r%s: [%s] %llu/%llu %s, %.1f/s, %.0f s left \033[K", prog_name, bar,
            (unsigned long long)p->done, (unsigned long long)p->total, p->unit, rate,
            rate > 0 ? (double)(p->total - p->done) / rate : 0);
}

void
progress_set(struct progress *p, uint64_t done)
{
    p->done = done;
    if (p->bar) {
        double t = now();

        if (t - p->drawn < 0.2)
            return;
        p->drawn = t;
        draw(p, t);
    }
}

void
progress_end(struct progress *p)
{
    double seconds = now() - p->start;

    if (p->bar)
        fprintf(stderr, "\r\033[K");
    chat("%llu %s in %.2f s, %.1f/s", (unsigned long long)p->done, p->unit, seconds,
         seconds > 0 ? (double)p->done / seconds : 0);
    free(p);
}
