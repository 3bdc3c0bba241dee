/* SPDX-License-Identifier: MIT */
/* Messages of a tool and its three exit codes. */
#ifndef PT_DIE_H
#define PT_DIE_H

#include "base/base.h"
#include "base/err.h"

enum { EXIT_OK = 0, EXIT_DATA = 1, EXIT_USAGE = 2 };

extern const char *prog_name;   /* set first thing in main; prefix of every message */
extern bool prog_quiet;         /* --quiet: no notes, no progress; errors and counts stay */
extern int prog_verbose;        /* times --verbose was given */

/* Print "prog: message", remove unfinished output files, exit 1. */
void die(const char *fmt, ...) PT_NORETURN PT_PRINTF(1, 2);
void die_err(const struct err *e) PT_NORETURN;

/* Print "prog: message" and a pointer to --help, exit 2. */
void die_usage(const char *fmt, ...) PT_NORETURN PT_PRINTF(1, 2);

void warn(const char *fmt, ...) PT_PRINTF(1, 2);    /* "prog: warning: ..." unless quiet */
void note(const char *fmt, ...) PT_PRINTF(1, 2);    /* "prog: ..." unless quiet */
void note_always(const char *fmt, ...) PT_PRINTF(1, 2);    /* "prog: ..." always: counts */
void chat(const char *fmt, ...) PT_PRINTF(1, 2);    /* "prog: ..." only with --verbose */

#endif
