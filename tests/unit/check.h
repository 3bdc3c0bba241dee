/* SPDX-License-Identifier: MIT */
/* Assertions of the unit tests: each failure prints place and values; check_done() gives the exit. */
#ifndef PT_CHECK_H
#define PT_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_failed, check_passed;

#define CHECK(cond, ...)                                                                          \
    do {                                                                                          \
        if (cond) {                                                                               \
            check_passed++;                                                                       \
        } else {                                                                                  \
            check_failed++;                                                                       \
            fprintf(stderr, "%s:%d: not true: %s:", __FILE__, __LINE__, #cond);                   \
            fprintf(stderr, " " __VA_ARGS__);                                                     \
            fputc('\n', stderr);                                                                  \
        }                                                                                         \
    } while (0)

#define CHECK_INT(got, want)                                                                      \
    do {                                                                                          \
        long long g_ = (long long)(got), w_ = (long long)(want);                                  \
        CHECK(g_ == w_, "%s is %lld, expected %lld", #got, g_, w_);                               \
    } while (0)

#define CHECK_STR(got, want)                                                                      \
    do {                                                                                          \
        const char *g_ = (got), *w_ = (want);                                                     \
        CHECK(g_ && strcmp(g_, w_) == 0, "%s is '%s', expected '%s'", #got, g_ ? g_ : "(null)", w_); \
    } while (0)

#define CHECK_NEAR(got, want, tol)                                                                \
    do {                                                                                          \
        double g_ = (got), w_ = (want), t_ = (tol);                                               \
        CHECK(fabs(g_ - w_) <= t_, "%s is %.17g, expected %.17g within %g", #got, g_, w_, t_);    \
    } while (0)

/* Exit status of a unit test: 77 is SKIP (print the reason first), 1 is failure. */
static inline int
check_done(void)
{
    if (check_failed)
        fprintf(stderr, "%d checks failed, %d passed\n", check_failed, check_passed);
    return check_failed != 0;
}

#endif
