/* SPDX-License-Identifier: MIT */
#include "prog/die.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *prog_name = "pertrack";
bool prog_quiet;
int prog_verbose;

/* One fprintf per message, so that messages of piped tools do not interleave mid-line. */
static void
say(const char *kind, const char *fmt, va_list ap)
{
    char text[4096];

    vsnprintf(text, sizeof text, fmt, ap);
    fprintf(stderr, "%s: %s%s\n", prog_name, kind, text);
}

/*
 * Threads may find at the same time that there is no memory left: one ends the program, the others
 * wait for that, since exit() is for one thread only.
 */
static void
wait_for_other(void)
{
    static atomic_flag ending = ATOMIC_FLAG_INIT;
    static _Thread_local bool mine;

    if (!mine && atomic_flag_test_and_set(&ending))
        for (;;)
            pause();
    mine = true;
}

void
die(const char *fmt, ...)
{
    va_list ap;

    wait_for_other();
    va_start(ap, fmt);
    say("", fmt, ap);
    va_end(ap);
    exit(EXIT_DATA);
}

void
die_err(const struct err *e)
{
    die("%s", e->msg);
}

void
die_usage(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say("", fmt, ap);
    va_end(ap);
    fprintf(stderr, "Try '%s --help' for more information.\n", prog_name);
    exit(EXIT_USAGE);
}

void
warn(const char *fmt, ...)
{
    va_list ap;

    if (prog_quiet)
        return;
    va_start(ap, fmt);
    say("warning: ", fmt, ap);
    va_end(ap);
}

void
note(const char *fmt, ...)
{
    va_list ap;

    if (prog_quiet)
        return;
    va_start(ap, fmt);
    say("", fmt, ap);
    va_end(ap);
}

void
note_always(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say("", fmt, ap);
    va_end(ap);
}

void
chat(const char *fmt, ...)
{
    va_list ap;

    if (prog_verbose < 1)
        return;
    va_start(ap, fmt);
    say("", fmt, ap);
    va_end(ap);
}
