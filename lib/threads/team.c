/* SPDX-License-Identifier: MIT */
#include "threads/team.h"

#include <stdlib.h>

#include "prog/mem.h"
#include "threads/thread.h"

struct member {
    struct team *team;
    size_t number;
    pthread_t thread;
};

struct team {
    struct member *member;      /* n; number 0 is the caller and has no thread here */
    size_t n;                   /* who take part: fewer than asked for where threads ran out */
    pthread_mutex_t lock;
    pthread_cond_t start, finish;
    team_part *part;
    void *context;
    uint64_t round;             /* of work handed out; members do each round once */
    size_t busy;
    bool closed;
};

static void *
work(void *arg)
{
    struct member *m = arg;
    struct team *t = m->team;
    uint64_t done = 0;

    pthread_mutex_lock(&t->lock);
    for (;;) {
        while (t->round == done && !t->closed)
            pthread_cond_wait(&t->start, &t->lock);
        if (t->closed)
            break;
        done = t->round;
        pthread_mutex_unlock(&t->lock);
        t->part(t->context, m->number, t->n);
        pthread_mutex_lock(&t->lock);
        if (--t->busy == 0)
            pthread_cond_signal(&t->finish);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

struct team *
team_new(size_t n)
{
    struct team *t;

    if (n < 2)
        return NULL;
    t = mem_zalloc(sizeof *t);
    t->n = 1;
    t->member = mem_array(n, sizeof *t->member);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->start, NULL);
    pthread_cond_init(&t->finish, NULL);
    while (t->n < n) {
        struct member *m = &t->member[t->n];

        *m = (struct member){ .team = t, .number = t->n };
        if (thread_start(&m->thread, work, m))
            break;
        t->n++;
    }
    return t;
}

void
team_free(struct team *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->closed = true;
    pthread_cond_broadcast(&t->start);
    pthread_mutex_unlock(&t->lock);
    for (size_t i = 1; i < t->n; i++)
        pthread_join(t->member[i].thread, NULL);
    pthread_cond_destroy(&t->finish);
    pthread_cond_destroy(&t->start);
    pthread_mutex_destroy(&t->lock);
    free(t->member);
    free(t);
}

size_t
team_size(const struct team *t)
{
    return t ? t->n : 1;
}

void
team_run(struct team *t, team_part *part, void *context)
{
    if (!t) {
        part(context, 0, 1);
        return;
    }
    pthread_mutex_lock(&t->lock);
    t->part = part;
    t->context = context;
    t->busy = t->n - 1;
    t->round++;
    pthread_cond_broadcast(&t->start);
    pthread_mutex_unlock(&t->lock);
    part(context, 0, t->n);
    pthread_mutex_lock(&t->lock);
    while (t->busy)
        pthread_cond_wait(&t->finish, &t->lock);
    pthread_mutex_unlock(&t->lock);
}
