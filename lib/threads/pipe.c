/* SPDX-License-Identifier: MIT */
/*
 * Slots go round in a ring: free -> filled (by the caller) -> taken and computed (by a worker) ->
 * done -> used (by the caller) -> free.  head counts slots filled, next the slots taken, tail the
 * slots given back; slot numbers are these counters modulo the ring's size.  Only the caller changes
 * head and tail, so that it reads them without the lock.
 */
#include "threads/pipe.h"

#include <stdlib.h>

#include "prog/mem.h"
#include "threads/thread.h"

struct worker {
    struct pipe *pipe;
    size_t number;
    pthread_t thread;
};

struct pipe {
    pipe_work *work;
    void *context;
    size_t n_slots;
    uint64_t head, next, tail;
    bool *done;
    bool closed, helps;
    struct worker *worker;
    size_t n_worker;
    pthread_mutex_t lock;
    pthread_cond_t readable;    /* a slot was filled, or no more will be: for workers */
    pthread_cond_t finished;    /* a slot is done: for the caller */
};

size_t
pipe_slots(size_t n_workers)
{
    return 4 * n_workers + 2;
}

/* Compute the next slot, there being one.  The lock is held on entry and return. */
static void
work_next(struct pipe *p, size_t worker)
{
    const size_t slot = p->next++ % p->n_slots;

    pthread_mutex_unlock(&p->lock);
    p->work(p->context, worker, slot);
    pthread_mutex_lock(&p->lock);
    p->done[slot] = true;
    pthread_cond_signal(&p->finished);
}

static void *
work(void *arg)
{
    struct worker *w = arg;
    struct pipe *p = w->pipe;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->next == p->head && !p->closed)
            pthread_cond_wait(&p->readable, &p->lock);
        if (p->closed)
            break;
        work_next(p, w->number);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pipe *
pipe_new(pipe_work *work_slot, void *context, size_t n_workers, bool helps)
{
    struct pipe *p = mem_zalloc(sizeof *p);

    p->work = work_slot;
    p->context = context;
    p->n_slots = pipe_slots(n_workers);
    p->done = mem_array(p->n_slots, sizeof *p->done);
    p->worker = mem_array(n_workers, sizeof *p->worker);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->readable, NULL);
    pthread_cond_init(&p->finished, NULL);
    while (p->n_worker < n_workers) {
        struct worker *w = &p->worker[p->n_worker];

        *w = (struct worker){ .pipe = p, .number = p->n_worker };
        if (thread_start(&w->thread, work, w))
            break;
        p->n_worker++;
    }
    p->helps = helps || !p->n_worker;
    return p;
}

size_t
pipe_threads(const struct pipe *p)
{
    return p->n_worker;
}

void
pipe_free(struct pipe *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    pthread_cond_broadcast(&p->readable);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->n_worker; i++)
        pthread_join(p->worker[i].thread, NULL);
    pthread_cond_destroy(&p->finished);
    pthread_cond_destroy(&p->readable);
    pthread_mutex_destroy(&p->lock);
    free(p->done);
    free(p->worker);
    free(p);
}

bool
pipe_is_full(const struct pipe *p)
{
    return p->head - p->tail == p->n_slots;
}

size_t
pipe_place(const struct pipe *p)
{
    return p->head % p->n_slots;
}

void
pipe_submit(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->head++;
    pthread_cond_signal(&p->readable);
    pthread_mutex_unlock(&p->lock);
}

bool
pipe_oldest(struct pipe *p, bool wait, size_t *slot)
{
    bool is_done;

    if (p->tail == p->head)
        return false;
    *slot = p->tail % p->n_slots;
    pthread_mutex_lock(&p->lock);
    while (wait && !p->done[*slot])
        if (p->helps && p->next < p->head)
            work_next(p, p->n_worker);
        else
            pthread_cond_wait(&p->finished, &p->lock);
    is_done = p->done[*slot];
    pthread_mutex_unlock(&p->lock);
    return is_done;
}

void
pipe_release(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->done[p->tail++ % p->n_slots] = false;
    pthread_mutex_unlock(&p->lock);
}

void
pipe_run(struct pipe *p, bool (*read)(void *context, size_t slot),
         void (*write)(void *context, size_t slot))
{
    bool more = true;
    size_t slot;

    while (more || p->tail < p->head) {
        /* Where nobody else computes, what was read is computed at once. */
        const bool wait = !more || pipe_is_full(p) || !p->n_worker;

        if (pipe_oldest(p, wait, &slot)) {
            write(p->context, slot);
            pipe_release(p);
        } else {
            more = read(p->context, pipe_place(p));
            if (more)
                pipe_submit(p);
        }
    }
}
