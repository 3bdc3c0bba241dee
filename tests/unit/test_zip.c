/* SPDX-License-Identifier: MIT */
#include "npz/zip.h"

#include "check.h"
#include "zip_build.h"

static struct zip_build sample;

/* Two members, so that each byte of every record is known by its place. */
static void
build(struct zip_build *b)
{
    memset(b, 0, sizeof *b);
    zip_build_add(b, "dir/a", "hello", 5);
    zip_build_add(b, "b", "worlds", 6);
    zip_build_end(b);
}

static struct zip *
open_bytes(const void *data, size_t n, struct err *e)
{
    const char *path = scratch("test.zip");

    file_save(path, data, n);
    return zip_open(path, e);
}

static void
refuse(const struct zip_build *b, const char *reason)
{
    struct err e = { "" };
    struct zip *z = open_bytes(b->bytes, b->n, &e);

    CHECK(z == NULL, "accepted, expected '%s'", reason);
    CHECK(strstr(e.msg, reason) != NULL, "'%s', expected '%s'", e.msg, reason);
    zip_close(z);
}

/* Offsets in the sample: of the first local header, of central records and of the end record. */
enum { LOCAL_A = 0, LOCAL_B = 30 + 5 + 5, CENTRAL_A = LOCAL_B + 30 + 1 + 6,
       CENTRAL_B = CENTRAL_A + 46 + 5, END = CENTRAL_B + 46 + 1 };

static void
test_read(void)
{
    struct err e = { "" };
    struct zip *z = open_bytes(sample.bytes, sample.n, &e);
    const struct zip_member *m;
    char *text;

    CHECK(z != NULL, "%s", e.msg);
    if (!z)
        return;
    CHECK_INT(sample.n, END + 22);
    CHECK_INT(z->n_member, 2);
    CHECK_STR(z->member[0].name, "dir/a");
    m = zip_find(z, "b");
    CHECK(m == &z->member[1], "found b");
    CHECK(zip_find(z, "c") == NULL && zip_find(z, "") == NULL, "absent names");
    text = zip_read(z, m, &e);
    CHECK_STR(text, "worlds");
    free(text);
    CHECK(memcmp(zip_raw(z, m, 2, 3, &e), "rld", 3) == 0, "raw bytes");
    CHECK(zip_raw(z, m, 6, 0, &e) != NULL, "empty range at the end");
    CHECK(zip_raw(z, m, 4, 3, &e) == NULL, "range past the end");
    CHECK(zip_raw(z, m, UINT64_MAX, 2, &e) == NULL, "range that wraps");
    zip_close(z);
}

/* Change one field of the sample, little-endian. */
static struct zip_build *
with(size_t at, uint64_t value, int width)
{
    static struct zip_build b;

    b = sample;
    zip_build_put(b.bytes, &at, value, width);
    return &b;
}

static void
test_refused(void)
{
    refuse(with(CENTRAL_A + 8, 1, 2), "encrypted");
    refuse(with(CENTRAL_A + 10, 12, 2), "method 12");
    refuse(with(CENTRAL_A + 10, 8, 2), "disagree");
    refuse(with(CENTRAL_A + 20, 4, 4), "stored with 4 bytes but declared as 5");
    refuse(with(CENTRAL_A + 24, 1u << 30, 4), "declared as 1073741824");
    refuse(with(CENTRAL_A + 24, UINT32_MAX, 4), "zip64");
    refuse(with(CENTRAL_A + 42, 3, 4), "no local header");
    refuse(with(CENTRAL_A + 42, UINT32_MAX - 1, 4), "no local header");
    refuse(with(CENTRAL_A + 34, 1, 2), "several parts");
    refuse(with(CENTRAL_A + 28, 60000, 2), "broken name");
    refuse(with(CENTRAL_A + 46, 0, 1), "broken name");
    refuse(with(CENTRAL_A + 46, 'x', 1), "disagree");
    refuse(with(CENTRAL_A, 0, 4), "broken record");
    refuse(with(LOCAL_A, 0, 4), "no local header");
    refuse(with(LOCAL_A + 28, 60000, 2), "reach past");
    refuse(with(END + 8, 0x00010001, 4), "follow the last of 1");
    refuse(with(END + 8, 0x00030003, 4), "does not fit");
    refuse(with(END + 8, 1, 2), "several parts");
    refuse(with(END + 12, 5000, 4), "does not fit");
    refuse(with(END + 16, 5000, 4), "does not fit");
    refuse(with(END + 16, UINT32_MAX, 4), "no zip64 locator");
    refuse(with(END, 0, 4), "no ZIP end record");
}

/* Both members at one place: the first record's offset given to the second, with its size. */
static void
test_overlap(void)
{
    struct zip_build b = { 0 };

    zip_build_add(&b, "a", "hello", 5);
    zip_build_add(&b, "a", "hello", 5);
    zip_build_end(&b);
    refuse(&b, "two members are called 'a'");
    b.bytes[b.n - 22 - 5] = 0;  /* local header offset of the second */
    refuse(&b, "overlap");
}

static void
test_cut(void)
{
    struct err e;

    for (size_t n = 0; n < sample.n; n++) {
        struct zip *z = open_bytes(sample.bytes, n, &e);

        CHECK(z == NULL, "opened when cut at %zu", n);
        zip_close(z);
    }
    CHECK(zip_open("reference", &e) == NULL, "opened a folder");
    CHECK(zip_open("reference/none.zip", &e) == NULL, "opened what is not there");
}

/* Every single changed byte either is refused or harms nothing that zip_read does not notice. */
static void
test_flip(void)
{
    struct err e;

    for (size_t i = 0; i < sample.n; i++) {
        struct zip_build b = sample;
        struct zip *z;

        b.bytes[i] ^= 0xff;
        z = open_bytes(b.bytes, b.n, &e);
        for (size_t k = 0; z && k < z->n_member; k++)
            free(zip_read(z, &z->member[k], &e));
        zip_close(z);
    }
    sample.bytes[LOCAL_B - 1] ^= 1;
    {
        struct zip *z = open_bytes(sample.bytes, sample.n, &e);

        CHECK(z && !zip_read(z, &z->member[0], &e), "a changed byte goes unnoticed");
        CHECK(strstr(e.msg, "CRC-32") != NULL, "%s", e.msg);
        zip_close(z);
    }
    sample.bytes[LOCAL_B - 1] ^= 1;
}

/* zip64: saturated fields, with the numbers in a zip64 end record and an extra field. */
static void
test_zip64(void)
{
    struct zip_build b = { 0 };
    size_t n = 0, at, end64;
    struct err e = { "" };
    struct zip *z;
    uint8_t extra[12];

    zip_build_add(&b, "b", "worlds", 6);
    zip_build_put(extra, &n, 1, 2);
    zip_build_put(extra, &n, 8, 2);
    zip_build_put(extra, &n, 0, 8);
    n = 30;
    zip_build_put(b.central, &n, sizeof extra, 2);
    n = 42;
    zip_build_put(b.central, &n, UINT32_MAX, 4);
    memcpy(b.central + b.n_central, extra, sizeof extra);
    b.n_central += sizeof extra;
    at = b.n;
    memcpy(b.bytes + b.n, b.central, b.n_central);
    b.n += b.n_central;
    end64 = b.n;
    zip_build_put(b.bytes, &b.n, 0x06064b50, 4);
    zip_build_put(b.bytes, &b.n, 44, 8);
    zip_build_put(b.bytes, &b.n, 45, 4);
    zip_build_put(b.bytes, &b.n, 0, 8);
    zip_build_put(b.bytes, &b.n, 1, 8);
    zip_build_put(b.bytes, &b.n, 1, 8);
    zip_build_put(b.bytes, &b.n, b.n_central, 8);
    zip_build_put(b.bytes, &b.n, at, 8);
    zip_build_put(b.bytes, &b.n, 0x07064b50, 4);
    zip_build_put(b.bytes, &b.n, 0, 4);
    zip_build_put(b.bytes, &b.n, end64, 8);
    zip_build_put(b.bytes, &b.n, 1, 4);
    zip_build_put(b.bytes, &b.n, 0x06054b50, 4);
    zip_build_put(b.bytes, &b.n, 0, 4);
    zip_build_put(b.bytes, &b.n, UINT64_MAX, 8);
    zip_build_put(b.bytes, &b.n, UINT64_MAX, 4);
    zip_build_put(b.bytes, &b.n, 0, 2);
    z = open_bytes(b.bytes, b.n, &e);
    CHECK(z != NULL, "%s", e.msg);
    if (z) {
        char *text = zip_read(z, zip_find(z, "b"), &e);
        const uint8_t *p = zip_extra(&z->member[0], 1, &n);

        CHECK_STR(text, "worlds");
        CHECK(p && n == 8, "zip64 extra field");
        CHECK(zip_extra(&z->member[0], 2, &n) == NULL, "an extra field that is not there");
        free(text);
    }
    zip_close(z);
    b.bytes[end64] = 0;
    refuse(&b, "no zip64 end record");
}

/* numpy's compressed archive, whole and with its declared sizes changed. */
static void
test_deflate(void)
{
    static const char path[] = "reference/weights/deflated.npz";
    struct err e = { "" };
    struct zip *z = zip_open(path, &e);
    uint8_t *data;
    size_t n, at;

    CHECK(z != NULL, "%s", e.msg);
    if (!z)
        return;
    CHECK_INT(z->n_member, 6);
    CHECK_INT(z->member[0].method, ZIP_DEFLATED);
    for (size_t i = 0; i < z->n_member; i++) {
        void *bytes = zip_read(z, &z->member[i], &e);

        CHECK(bytes != NULL, "%s", e.msg);
        free(bytes);
    }
    data = file_load(path, &n);
    at = (size_t)(z->member[0].extra - z->map) - strlen(z->member[0].name) - 46 + 24;
    zip_close(z);
    data[at]--;
    z = open_bytes(data, n, &e);
    CHECK(z && !zip_read(z, &z->member[0], &e), "unpacks to more than declared");
    zip_close(z);
    data[at] = (uint8_t)(data[at] + 2);
    z = open_bytes(data, n, &e);
    CHECK(z && !zip_read(z, &z->member[0], &e), "unpacks to less than declared");
    zip_close(z);
    data[at + 3] = 0x7f;
    CHECK(open_bytes(data, n, &e) == NULL, "accepted two gigabytes from a few bytes");
    CHECK(strstr(e.msg, "cannot unpack to") != NULL, "%s", e.msg);
    free(data);
}

int
main(void)
{
    build(&sample);
    test_read();
    test_refused();
    test_overlap();
    test_cut();
    test_flip();
    test_zip64();
    test_deflate();
    return check_done();
}
