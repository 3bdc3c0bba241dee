/* SPDX-License-Identifier: MIT */
/* Plain files of a tar archive in memory (POSIX ustar, pax and GNU long names). */
#ifndef PT_WEIGHTS_TAR_H
#define PT_WEIGHTS_TAR_H

#include "base/base.h"
#include "base/err.h"

struct tar_member {
    char *name;
    uint64_t at, n;             /* where its bytes are, inside the archive */
};

struct tar {
    struct tar_member *member;
    size_t n, cap;
};

/* By the first header. */
bool tar_is(const void *data, uint64_t n);

/* Free with tar_free, also after failure. */
int tar_read(struct tar *t, const void *data, uint64_t n, struct err *e);
void tar_free(struct tar *t);

/* The member of that name, or NULL. */
const struct tar_member *tar_find(const struct tar *t, const char *name);

#endif
