/* SPDX-License-Identifier: MIT */
/*
 * Slots go round in a ring: free -> read (by the caller) -> taken and computed (by a worker) ->
 * done -> written (by the caller) -> free.  head counts slots read, next the slots taken, tail
 * the slots written; slot numbers are these counters modulo the ring's size.
 */
#include "threads/pipe.h"

#include <pthread.h>
#include <stdlib.h>

#include "prog/mem.h"

struct ring {
    const struct pipe_steps *steps;
    void *context;
    size_t n_slots;
    uint64_t head, next, tail;
    bool *done;
    bool closed;
    pthread_mutex_t lock;
    pthread_cond_t readable;    /* a slot was read, or the input ended: for workers */
    pthread_cond_t finished;    /* a slot is done: for the caller */
};

struct worker {
    struct ring *ring;
    size_t number;
    pthread_t thread;
};

size_t
pipe_slots(size_t n_workers)
{
    return 4 * n_workers + 2;
}

static void *
work(void *arg)
{
    struct worker *w = arg;
    struct ring *r = w->ring;

    pthread_mutex_lock(&r->lock);
    for (;;) {
        size_t slot;

        while (r->next == r->head && !r->closed)
            pthread_cond_wait(&r->readable, &r->lock);
        if (r->next == r->head)
            break;
        slot = r->next++ % r->n_slots;
        pthread_mutex_unlock(&r->lock);
        r->steps->work(r->context, w->number, slot);
        pthread_mutex_lock(&r->lock);
        r->done[slot] = true;
        pthread_cond_signal(&r->finished);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* Write what is done, oldest first; the lock is held on entry and return. */
static void
write_done(struct ring *r)
{
    while (r->tail < r->head && r->done[r->tail % r->n_slots]) {
        size_t slot = r->tail % r->n_slots;

        pthread_mutex_unlock(&r->lock);
        r->steps->write(r->context, slot);
        pthread_mutex_lock(&r->lock);
        r->done[slot] = false;
        r->tail++;
    }
}

static void
drive(struct ring *r)
{
    bool more = true;

    pthread_mutex_lock(&r->lock);
    while (more || r->tail < r->head) {
        write_done(r);
        if (more && r->head - r->tail < r->n_slots) {
            size_t slot = r->head % r->n_slots;

            pthread_mutex_unlock(&r->lock);
            more = r->steps->read(r->context, slot);
            pthread_mutex_lock(&r->lock);
            if (more)
                r->head++;
            else
                r->closed = true;
            pthread_cond_broadcast(&r->readable);
        } else if (r->tail < r->head && !r->done[r->tail % r->n_slots]) {
            pthread_cond_wait(&r->finished, &r->lock);
        }
    }
    pthread_mutex_unlock(&r->lock);
}

void
pipe_run(const struct pipe_steps *steps, void *context, size_t n_workers)
{
    struct ring r = { .steps = steps, .context = context, .n_slots = pipe_slots(n_workers) };
    struct worker *worker = mem_array(n_workers, sizeof *worker);

    r.done = mem_array(r.n_slots, sizeof *r.done);
    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.readable, NULL);
    pthread_cond_init(&r.finished, NULL);
    for (size_t i = 0; i < n_workers; i++) {
        worker[i] = (struct worker){ .ring = &r, .number = i };
        if (pthread_create(&worker[i].thread, NULL, work, &worker[i]))
            abort();
    }
    drive(&r);
    for (size_t i = 0; i < n_workers; i++)
        pthread_join(worker[i].thread, NULL);
    pthread_cond_destroy(&r.finished);
    pthread_cond_destroy(&r.readable);
    pthread_mutex_destroy(&r.lock);
    free(r.done);
    free(worker);
}
