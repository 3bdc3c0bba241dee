/* SPDX-License-Identifier: MIT */
/* Starting threads within a user's limits (ulimit -u, -v, -d, -s; a batch system's memory). */
#ifndef PT_THREAD_H
#define PT_THREAD_H

#include <pthread.h>

#include "base/base.h"

/*
 * Start run(arg) on a thread with a stack of THREAD_STACK bytes, whatever `ulimit -s` says; 0, or an
 * errno when the system allows no more threads.  All threads of the library are started here.
 */
enum { THREAD_STACK = 1 << 20 };
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg);

/*
 * How many of n threads that will take that many bytes each, besides their stacks, fit into the
 * memory that this process may still map; at least 1.  n where there is no limit.
 */
size_t thread_room(size_t n, size_t bytes);

/*
 * How many of n threads with ordinary stacks can be started at once: for libraries that start
 * theirs themselves and go on as if they had (htslib).
 */
size_t thread_try(size_t n);

#endif
