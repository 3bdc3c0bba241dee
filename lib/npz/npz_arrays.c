/* SPDX-License-Identifier: MIT */
/* The small arrays of a background, from C's own types. */
#include <stdlib.h>

#include "npz/npz_write.h"
#include "npz/utf.h"
#include "prog/mem.h"

static struct npy
vector_of(char kind, size_t item, size_t n)
{
    return (struct npy){ .kind = kind, .item = item, .ndim = n > 0, .shape = { n },
                         .count = n ? n : 1 };
}

int
npz_add_int64(struct npz_writer *w, const char *key, const int64_t *v, size_t n, struct err *e)
{
    struct npy a = vector_of('i', sizeof *v, n);

    return npz_add(w, key, &a, v, e);
}

int
npz_add_bool(struct npz_writer *w, const char *key, const bool *v, size_t n, struct err *e)
{
    struct npy a = vector_of('b', sizeof *v, n);

    return npz_add(w, key, &a, v, e);
}

int
npz_add_text(struct npz_writer *w, const char *key, char *const *v, size_t n, struct err *e)
{
    size_t cell = 1, count = n ? n : 1;
    uint32_t *wide;
    struct npy a;
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++) {
        ptrdiff_t points = utf8_length(v[i]);

        if (points < 0)
            return err_set(e, "%s: '%s' for array '%s' is not valid UTF-8; rename it", npz_name(w),
                           v[i], key);
        if ((size_t)points > cell)
            cell = (size_t)points;
    }
    wide = mem_array(count * cell, sizeof *wide);
    for (size_t i = 0; i < count; i++)
        utf8_to_ucs4(wide + i * cell, v[i]);
    a = vector_of('U', 4 * cell, n);
    status = npz_add(w, key, &a, wide, e);
    free(wide);
    return status;
}
