/* SPDX-License-Identifier: MIT */
/*
 * Jobs come back in the order they were given and every part is done once, with as many threads as
 * asked for, with fewer, and with none.
 */
#include <sys/resource.h>
#include <unistd.h>

#include "base/base.h"
#include "check.h"
#include "threads/pipe.h"
#include "threads/team.h"
#include "threads/thread.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMITED "SKIP threads that cannot be made: the sanitizers need addresses"
#endif

enum { JOBS = 500, MANY = 6 };

struct sums {
    long slot[4 * MANY + 2];
    long n_read, n_written;
    size_t most;                /* greatest worker number seen */
    bool ordered;
};

/* Worker numbers are compared by the thread that reads; what a race may lose does not matter. */
static void
square(void *context, size_t worker, size_t slot)
{
    struct sums *s = context;
    volatile long spin = 0;

    while (spin < (long)(slot % 3) * 2000)      /* so that threads finish out of order */
        spin++;
    s->slot[slot] *= s->slot[slot];
    if (worker > __atomic_load_n(&s->most, __ATOMIC_RELAXED))
        __atomic_store_n(&s->most, worker, __ATOMIC_RELAXED);
}

static bool
read_number(void *context, size_t slot)
{
    struct sums *s = context;

    if (s->n_read == JOBS)
        return false;
    s->slot[slot] = s->n_read++;
    return true;
}

static void
write_number(void *context, size_t slot)
{
    struct sums *s = context;

    s->ordered &= s->slot[slot] == s->n_written * s->n_written;
    s->n_written++;
}

static void
check_pulled(size_t asked, size_t least, size_t most)
{
    struct sums s = { .ordered = true };
    struct pipe *p = pipe_new(square, &s, asked, false);

    CHECK(pipe_threads(p) >= least && pipe_threads(p) <= most, "%zu threads", pipe_threads(p));
    pipe_run(p, read_number, write_number);
    pipe_free(p);
    CHECK_INT(s.n_written, JOBS);
    CHECK(s.ordered, "jobs come back in another order with %zu threads", asked);
    CHECK(s.most < asked, "worker %zu of %zu", s.most, asked);
}

static void
check_pushed(size_t asked)
{
    struct sums s = { .ordered = true };
    struct pipe *p = pipe_new(square, &s, asked, true);
    size_t slot;

    for (long i = 0; i < JOBS; i++) {
        if (pipe_is_full(p) && pipe_oldest(p, true, &slot)) {
            write_number(&s, slot);
            pipe_release(p);
        }
        s.slot[pipe_place(p)] = i;
        pipe_submit(p);
    }
    while (pipe_oldest(p, true, &slot)) {
        write_number(&s, slot);
        pipe_release(p);
    }
    CHECK_INT(s.n_written, JOBS);
    CHECK(s.ordered, "pushed jobs come back in another order with %zu threads", asked);
    CHECK(s.most <= asked, "worker %zu of %zu", s.most, asked);
    s.slot[pipe_place(p)] = 1;
    pipe_submit(p);
    pipe_free(p);               /* with a job that nobody takes back */
}

/* Adds its number, so that parts done twice or not at all show. */
static void
add_part(void *context, size_t i, size_t n)
{
    __atomic_fetch_add((size_t *)context, 1 + i, __ATOMIC_RELAXED);
    (void)n;
}

static void
check_team(size_t asked, size_t least)
{
    struct team *t = team_new(asked);
    const size_t n = team_size(t);

    CHECK(n >= least && n <= asked, "a team of %zu", n);
    for (int round = 0; round < 50; round++) {
        size_t sum = 0;

        team_run(t, add_part, &sum);
        CHECK_INT(sum, n * (n + 1) / 2);
    }
    team_free(t);
}

#ifndef LIMITED
/* Leave the process that many more bytes than it has. */
static void
limit_addresses(size_t bytes)
{
    struct rlimit limit;
    FILE *fp = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;

    if (!fp || fscanf(fp, "%lu", &pages) != 1 || getrlimit(RLIMIT_AS, &limit))
        exit(77);
    fclose(fp);
    limit.rlim_cur = pages * (size_t)sysconf(_SC_PAGESIZE) + bytes;
    if (setrlimit(RLIMIT_AS, &limit))
        exit(77);
}

/* Least room first: the C library keeps the stacks of threads that ended for those to come. */
static void
check_limits(void)
{
    const size_t mb = 1 << 20;

    limit_addresses(mb / 2);
    check_pulled(MANY, 0, 0);
    check_pushed(MANY);
    check_team(MANY, 1);
    CHECK_INT(thread_try(3), 0);
    limit_addresses(5 * mb / 2);
    check_pulled(MANY, 1, 2);
    check_pushed(MANY);
    check_team(MANY, 1);
    limit_addresses(64 * mb);
    CHECK_INT(thread_room(4, mb), 4);
    CHECK(thread_room(1000, mb) < 32, "%zu threads of 2 MB in 64", thread_room(1000, mb));
    CHECK_INT(thread_room(1000, 100 * mb), 1);
    CHECK(thread_try(1000) < 1000, "1000 threads in 64 MB");
}
#endif

int
main(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit))
        return 77;
#ifdef LIMITED
    puts(LIMITED);
#else
    check_limits();
#endif
    setrlimit(RLIMIT_AS, &limit);
    check_pulled(1, 1, 1);
    check_pulled(MANY, MANY, MANY);
    check_pushed(0);
    check_pushed(1);
    check_pushed(MANY);
    check_team(1, 1);
    check_team(MANY, MANY);
    CHECK_INT(thread_room(7, 1 << 20), 7);
    CHECK_INT(thread_try(3), 3);
    return check_done();
}
