/* SPDX-License-Identifier: MIT */
/*
 * A ring of places.  The caller fills the one at `head`; when that still holds an older job, it is
 * the oldest.  Workers take the oldest job that is ready.
 */
#include "threads/crew.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>

#include "npz/pack_row.h"
#include "prog/mem.h"

enum { PLACES_PER_THREAD = 4 };

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t ready, done;
    pthread_t *worker;
    size_t n_worker;
    struct crew_job *job;
    size_t n, head;
    bool ending;
};

static void
run_job(struct crew_job *job)
{
    buf_clear(&job->packed);
    pack_row(&job->packed, job->row, job->n);
    job->crc = libdeflate_crc32(0, job->row, job->n * sizeof *job->row);
}

/* The oldest job that waits for somebody, now busy; NULL when there is none.  Locked. */
static struct crew_job *
take_ready(struct crew *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct crew_job *job = &c->job[(c->head + i) % c->n];

        if (job->state == CREW_READY) {
            job->state = CREW_BUSY;
            return job;
        }
    }
    return NULL;
}

/* Run it and say so.  Locked, but not meanwhile. */
static void
work_on(struct crew *c, struct crew_job *job)
{
    pthread_mutex_unlock(&c->lock);
    run_job(job);
    pthread_mutex_lock(&c->lock);
    job->state = CREW_DONE;
    pthread_cond_signal(&c->done);
}

static void *
work(void *arg)
{
    struct crew *c = arg;
    struct crew_job *job;

    pthread_mutex_lock(&c->lock);
    while (!c->ending) {
        job = take_ready(c);
        if (job)
            work_on(c, job);
        else
            pthread_cond_wait(&c->ready, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

struct crew *
crew_new(int threads)
{
    struct crew *c = mem_zalloc(sizeof *c);
    const size_t n_worker = threads > 1 ? (size_t)threads - 1 : 0;

    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->ready, NULL);
    pthread_cond_init(&c->done, NULL);
    c->n = PLACES_PER_THREAD * (n_worker + 1);
    c->job = mem_array(c->n, sizeof *c->job);
    c->worker = mem_array(n_worker, sizeof *c->worker);
    /* With fewer threads than asked for, the work is done all the same. */
    while (c->n_worker < n_worker &&
           pthread_create(&c->worker[c->n_worker], NULL, work, c) == 0)
        c->n_worker++;
    return c;
}

void
crew_free(struct crew *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->ending = true;
    pthread_cond_broadcast(&c->ready);
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < c->n_worker; i++)
        pthread_join(c->worker[i], NULL);
    for (size_t i = 0; i < c->n; i++) {
        free(c->job[i].row);
        buf_free(&c->job[i].packed);
    }
    free(c->job);
    free(c->worker);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->ready);
    pthread_cond_destroy(&c->done);
    free(c);
}

/* Wait until nobody needs the place, and help meanwhile. */
static void
finish_job(struct crew *c, struct crew_job *job)
{
    pthread_mutex_lock(&c->lock);
    while (job->state == CREW_READY || job->state == CREW_BUSY) {
        struct crew_job *other = take_ready(c);

        if (other)
            work_on(c, other);
        else
            pthread_cond_wait(&c->done, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
}

struct crew_job *
crew_next(struct crew *c)
{
    struct crew_job *job = &c->job[c->head];

    finish_job(c, job);
    return job;
}

void
crew_submit(struct crew *c, struct crew_job *job)
{
    pthread_mutex_lock(&c->lock);
    job->state = CREW_READY;
    c->head = (c->head + 1) % c->n;
    pthread_cond_signal(&c->ready);
    pthread_mutex_unlock(&c->lock);
}

struct crew_job *
crew_drain(struct crew *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct crew_job *job = &c->job[(c->head + i) % c->n];

        if (job->state == CREW_FREE)
            continue;
        finish_job(c, job);
        return job;
    }
    return NULL;
}
