/* SPDX-License-Identifier: MIT */
/* Bytes put aside come back, from memory and from the file. */
#include "check.h"
#include "npz/spool.h"
#include "prog/mem.h"

enum { PIECES = 200 };

static void
test_spool(const char *folder, size_t memory)
{
    struct spool *s = spool_new(folder, memory);
    uint64_t at[PIECES];
    uint8_t data[PIECES];
    struct buf b = { 0 };
    struct err e = { "" };

    for (size_t i = 0; i < PIECES; i++) {
        memset(data, (int)i, sizeof data);
        CHECK(spool_put(s, &at[i], data, i, &e) == 0, "%s", e.msg);
    }
    for (size_t i = PIECES; i-- > 0;) {
        buf_clear(&b);
        CHECK(spool_get(s, &b, at[i], i, &e) == 0, "%s", e.msg);
        memset(data, (int)i, sizeof data);
        CHECK(b.n == i && memcmp(b.p, data, i) == 0, "piece %zu", i);
    }
    buf_free(&b);
    spool_free(s);
}

int
main(void)
{
    const char *scratch = getenv("T");
    struct spool *s = spool_new("/no/such/folder", 0);
    struct err e = { "" };
    uint64_t at;

    test_spool(scratch ? scratch : ".", 0);
    test_spool(scratch ? scratch : ".", 5000);
    test_spool(scratch ? scratch : ".", 1 << 20);
    CHECK_INT(spool_put(s, &at, "x", 1, &e), -1);
    CHECK(strstr(e.msg, "/no/such/folder: cannot create"), "%s", e.msg);
    spool_free(s);
    spool_free(NULL);
    return check_done();
}
