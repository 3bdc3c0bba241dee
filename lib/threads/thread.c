/* SPDX-License-Identifier: MIT */
#include "threads/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "prog/mem.h"

/* Pages mapped by this process, and those of them that are data or stacks; false: not known. */
static bool
pages_mapped(uint64_t *all, uint64_t *data)
{
    FILE *fp = fopen("/proc/self/statm", "re");
    unsigned long long n[6] = { 0 };
    int got;

    if (!fp)
        return false;
    got = fscanf(fp, "%llu %llu %llu %llu %llu %llu", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]);
    fclose(fp);
    *all = n[0];
    *data = n[5];
    return got == 6;
}

/* What is left of a limit in bytes of which so many pages are used. */
static uint64_t
left_of(int which, uint64_t pages)
{
    const uint64_t used = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    struct rlimit limit;

    if (getrlimit(which, &limit) || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

/* Bytes that may still be mapped; UINT64_MAX: no limit. */
static uint64_t
room(void)
{
    uint64_t all = 0, data = 0, of_all, of_data;

    if (!pages_mapped(&all, &data))
        return UINT64_MAX;
    of_all = left_of(RLIMIT_AS, all);
    of_data = left_of(RLIMIT_DATA, data);
    return of_all < of_data ? of_all : of_data;
}

size_t
thread_room(size_t n, size_t bytes)
{
    /* Some is left for what the program itself will take: records, files, libraries. */
    const uint64_t each = (uint64_t)bytes + THREAD_STACK, most = room() / 4 * 3 / each;

    return most >= n ? n : most ? (size_t)most : 1;
}

/* The C library would set 64 MB of addresses aside for each thread's small blocks. */
static void
share_memory(void)
{
    if (room() != UINT64_MAX)
        mem_share_arena();
}

int
thread_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
    pthread_attr_t attr;
    int status;

    share_memory();
    status = pthread_attr_init(&attr);
    if (status)
        return status;
    pthread_attr_setstacksize(&attr, THREAD_STACK);
    status = pthread_create(thread, &attr, run, arg);
    pthread_attr_destroy(&attr);
    return status;
}

static void *
pass_gate(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

/* Bytes of a stack where nobody says. */
static size_t
ordinary_stack(void)
{
    pthread_attr_t attr;
    size_t bytes = 0;

    if (pthread_attr_init(&attr))
        return THREAD_STACK;
    pthread_attr_getstacksize(&attr, &bytes);
    pthread_attr_destroy(&attr);
    return bytes;
}

size_t
thread_try(size_t n)
{
    enum { WORKSPACE = 1 << 20 };       /* of a thread that compresses */
    const size_t most = thread_room(n, WORKSPACE + ordinary_stack());
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *thread = mem_array(most, sizeof *thread);
    size_t started = 0;

    share_memory();
    pthread_mutex_lock(&gate);
    while (started < most && pthread_create(&thread[started], NULL, pass_gate, &gate) == 0)
        started++;
    pthread_mutex_unlock(&gate);
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    pthread_mutex_destroy(&gate);
    free(thread);
    return started;
}
