/* SPDX-License-Identifier: MIT */
/* The record stream: round trip, every truncation point, every flipped byte, wrong content. */
#include <stdio.h>

#include "base/buf.h"
#include "check.h"
#include "stream/stream.h"

static char *
make_stream(size_t *bytes, const char *content, int n_records)
{
    char *mem = NULL;
    FILE *fp = open_memstream(&mem, bytes);
    struct meta m, trailer;
    struct err e;
    struct stream_writer *w;

    meta_init(&m);
    meta_init(&trailer);
    meta_add(&m, "content", content);
    meta_add(&m, "prov", "{\"id\":\"1:x\"}");
    meta_add(&trailer, "sites", "{\"n\":3}");
    w = stream_create(fp, "memory", &m, &e);
    for (int i = 0; i < n_records; i++) {
        char text[40];
        int n = snprintf(text, sizeof text, "record %d", i * i);

        CHECK_INT(stream_write(w, text, (size_t)n, &e), 0);
    }
    CHECK_INT(stream_finish(w, &trailer, &e), 0);
    fclose(fp);
    meta_free(&m);
    meta_free(&trailer);
    return mem;
}

/* Number of records read, or -1 when the stream is refused. */
static int
read_all(const char *mem, size_t bytes, struct err *e)
{
    FILE *fp = fmemopen((void *)mem, bytes ? bytes : 1, "rb");
    struct stream_reader *r;
    const uint8_t *payload;
    size_t n;
    int got = -1, count = 0;

    if (!bytes)
        getc(fp);
    r = stream_open_file(fp, "memory", STREAM_SCORES, e);
    if (r) {
        while ((got = stream_next(r, &payload, &n, e)) > 0)
            count++;
        if (got == 0)
            CHECK_STR(meta_get(stream_trailer(r), "sites"), "{\"n\":3}");
        stream_close(r);
    }
    fclose(fp);
    return got < 0 ? -1 : count;
}

static void
test_damage(void)
{
    size_t bytes;
    char *mem = make_stream(&bytes, STREAM_SCORES, 5);
    char *two = malloc(2 * bytes);
    struct err e;

    CHECK_INT(read_all(mem, bytes, &e), 5);
    for (size_t n = 0; n < bytes; n++)
        CHECK(read_all(mem, n, &e) == -1, "a stream cut at byte %zu of %zu was accepted", n, bytes);
    for (size_t i = 0; i < bytes; i++) {
        mem[i] ^= 0x20;
        CHECK(read_all(mem, bytes, &e) == -1, "a flipped bit in byte %zu was accepted", i);
        mem[i] ^= 0x20;
    }
    memcpy(two, mem, bytes);
    memcpy(two + bytes, mem, bytes);
    CHECK_INT(read_all(two, 2 * bytes, &e), -1);
    CHECK(strstr(e.msg, "follows the end record"), "%s", e.msg);
    free(two);
    free(mem);
}

static void
test_wrong_input(void)
{
    size_t bytes;
    char *mem = make_stream(&bytes, STREAM_PREDICTIONS, 1);
    struct err e;

    CHECK_INT(read_all(mem, bytes, &e), -1);
    CHECK(strstr(e.msg, "pipe it through score-effect"), "%s", e.msg);
    CHECK_INT(read_all("#chrom\tpos\tref\n", 15, &e), -1);
    CHECK(strstr(e.msg, "is text"), "%s", e.msg);
    CHECK_INT(read_all("", 0, &e), -1);
    CHECK(strstr(e.msg, "is empty"), "%s", e.msg);
    CHECK_INT(read_all("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00", 9, &e), -1);
    CHECK(strstr(e.msg, "magic"), "%s", e.msg);
    free(mem);
}

static void
test_cursor(void)
{
    struct buf b = { 0 };
    struct cur c;
    char *s;

    buf_put_u8(&b, 7);
    buf_put_u16(&b, 65535);
    buf_put_u32(&b, 4000000000u);
    buf_put_u64(&b, 1ull << 63);
    buf_put_f64(&b, -0.5);
    buf_put_str(&b, "chr1");
    c = (struct cur){ b.p, b.p + b.n, false };
    CHECK_INT(cur_u8(&c), 7);
    CHECK_INT(cur_u16(&c), 65535);
    CHECK_INT(cur_u32(&c), 4000000000u);
    CHECK(cur_u64(&c) == 1ull << 63, "u64");
    CHECK_NEAR(cur_f64(&c), -0.5, 0);
    s = cur_str(&c);
    CHECK_STR(s, "chr1");
    free(s);
    CHECK(!c.bad && c.p == c.end, "cursor position");
    CHECK_INT(cur_u32(&c), 0);
    CHECK(c.bad, "reading past the end is noticed");
    buf_free(&b);
}

static void
test_meta(void)
{
    struct meta m;
    struct err e;
    char *text;

    meta_init(&m);
    CHECK(meta_parse_text(&m, "##pertrack_genome={\"name\":\"a=b\"}\r\n"), "own line");
    CHECK(meta_parse_text(&m, "##bcftools_viewCommand=view -i 'x=1' -; Date=Fri Nov 20 2026"),
          "bcftools line");
    CHECK(!meta_parse_text(&m, "##INFO=<ID=X>"), "foreign line");
    CHECK(!meta_parse_text(&m, "##bcftools_viewVersion=1.16+htslib-1.16"), "version line");
    CHECK_STR(meta_get(&m, "genome"), "{\"name\":\"a=b\"}");
    CHECK_STR(meta_get(&m, "prov"),
              "{\"cl\":\"view -i 'x=1' -\",\"id\":\"1:bcftools\",\"pn\":\"bcftools\"}");
    meta_add(&m, "note", "two\nlines");
    CHECK_STR(meta_get(&m, "note"), "two lines");
    meta_set(&m, "note", "one");
    CHECK_STR(meta_get(&m, "note"), "one");
    text = meta_format(&m);
    meta_free(&m);
    CHECK_INT(meta_parse(&m, text, strlen(text), &e), 0);
    CHECK_INT(m.n, 3);
    CHECK_INT(meta_parse(&m, "no equals sign", 14, &e), -1);
    free(text);
    meta_remove(&m, "prov");
    CHECK(!meta_get(&m, "prov"), "removed");
    meta_free(&m);
}

int
main(void)
{
    test_damage();
    test_wrong_input();
    test_cursor();
    test_meta();
    return check_done();
}
