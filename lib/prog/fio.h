/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing the files of a tool, with every failure checked.
 *
 * A named output file appears whole or not at all: it is written as a hidden file beside the
 * target, synced, and renamed by the closing function.  When the program ends by die(), exit() or
 * a signal before that, the hidden file is removed and the target is as it was.
 */
#ifndef PT_FIO_H
#define PT_FIO_H

#include <stdio.h>

#include "base/base.h"

/* Open for reading; NULL or "-" is standard input.  Dies with a message when it cannot. */
FILE *fio_open_in(const char *path);

/* Close what fio_open_in opened; dies if a read on it failed. */
void fio_close_in(FILE *fp, const char *path);

/*
 * Open for writing; NULL or "-" is standard output.  binary refuses a terminal (exit 2): binary
 * data there is always a mistake.
 */
FILE *fio_open_out(const char *path, bool binary);

/* Flush, check, sync and rename; dies if any write failed (full disk, quota). */
void fio_close_out(FILE *fp, const char *path);

/*
 * No output takes the place of an input: what opens a file for reading by other means than
 * fio_open_in calls fio_reads (NULL or "-": standard input), and an output that is the same file,
 * by another name, a link or a redirection, ends the program with a message.  fio_replaces excepts
 * one, of a tool that is asked to replace it.  fio_check_output is for outputs that are not opened
 * here.  Safe in threads, but for fio_replaces.
 */
void fio_reads(const char *path);
void fio_replaces(const char *path);
void fio_check_output(const char *path);

/*
 * The same for writers that open files by name themselves (htslib): the name to write to, and
 * after closing it, fio_commit to sync and rename.  The name belongs to fio.
 */
const char *fio_begin(const char *path);
void fio_commit(const char *path);

/*
 * From now on the first SIGTERM or SIGINT does not end the program but is remembered, so that the
 * record at hand can be finished; the program must ask, and end with a message and without the
 * end mark of its output.  also (may be NULL) is called from the handler.  A second one ends it.
 */
void fio_stop_gracefully(void (*also)(int sig));
int fio_stop_signal(void);      /* the signal, or 0 */

/* "standard input" for NULL or "-", else the path itself: for messages. */
const char *fio_name_in(const char *path);
const char *fio_name_out(const char *path);

#endif
