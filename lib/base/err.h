/* SPDX-License-Identifier: MIT */
/*
 * The message a failing library function hands up to the tool, which prints it and exits 1.
 * A message says where, what is wrong (found X, expected Y) and, after a semicolon, what to do.
 */
#ifndef PT_ERR_H
#define PT_ERR_H

#include "base/base.h"

struct err {
    char msg[2048];
};

/* Set the message; always returns -1 so that callers can `return err_set(...)`. */
int err_set(struct err *e, const char *fmt, ...) PT_PRINTF(2, 3);

/* Like err_set, and append ": " with the text of errno. */
int err_sys(struct err *e, const char *fmt, ...) PT_PRINTF(2, 3);

/* Put "context: " before the message already in e (file names are added on the way up). */
int err_prefix(struct err *e, const char *fmt, ...) PT_PRINTF(2, 3);

#endif
