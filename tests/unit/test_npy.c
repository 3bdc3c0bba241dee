/* SPDX-License-Identifier: MIT */
#include "npz/npy.h"

#include "check.h"

/* A version 1 header with that text, as numpy would frame it; returns its length. */
static size_t
frame(uint8_t *out, const char *text)
{
    size_t n = strlen(text);

    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (uint8_t)n;
    out[9] = (uint8_t)(n >> 8);
    memcpy(out + 10, text, n);
    return 10 + n;
}

/* Parse the text with data of that many bytes after it. */
static int
parse(struct npy *a, const char *text, uint64_t data, struct err *e)
{
    uint8_t head[2048];
    size_t n = frame(head, text);

    return npy_parse(a, head, n, n + data, e);
}

static void
refuse(const char *text, uint64_t data, const char *reason)
{
    struct err e = { "" };
    struct npy a;

    CHECK(parse(&a, text, data, &e) < 0, "'%s' was accepted", text);
    CHECK(strstr(e.msg, reason) != NULL, "'%s' gives '%s', expected '%s'", text, e.msg, reason);
}

static void
test_spacing_and_order(void)
{
    struct err e;
    struct npy a;

    CHECK_INT(parse(&a, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8), }  \n", 96, &e),
              0);
    CHECK(a.kind == 'f' && a.item == 4 && !a.fortran, "type");
    CHECK_INT(a.ndim, 2);
    CHECK_INT(a.shape[0], 3);
    CHECK_INT(a.shape[1], 8);
    CHECK_INT(a.count, 24);
    CHECK_INT(parse(&a, "{\"shape\":(7L,),\"descr\":\"|b1\",\"fortran_order\":True}", 7, &e), 0);
    CHECK(a.kind == 'b' && a.item == 1 && a.fortran && a.ndim == 1, "compact spelling");
    CHECK_INT(parse(&a, "{ 'shape' : ( ) ,'fortran_order':False , 'descr':'<U17'}", 68, &e), 0);
    CHECK(a.kind == 'U' && a.item == 68 && a.ndim == 0 && a.count == 1, "scalar text");
}

static void
test_refused(void)
{
    refuse("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", 24, "pickle");
    refuse("{'descr': '>f4', 'fortran_order': False, 'shape': (3,), }", 12, "little-endian");
    refuse("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", 24, "type '<c8'");
    refuse("{'descr': '<U0', 'fortran_order': False, 'shape': (3,), }", 0, "type '<U0'");
    refuse("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,), }", 12, "records");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", 0, "dimension 0");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (3), }", 12, "tuple");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,-1), }", 12, "not a size");
    refuse("{'descr': '<f4', 'fortran_order': 0, 'shape': (3,), }", 12, "neither");
    refuse("{'descr': '<f4', 'descr': '<f4', 'shape': (3,), }", 12, "twice");
    refuse("{'descr': '<f4', 'shape': (3,), }", 12, "missing");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}", 12, "unknown key");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } x", 12, "after the dict");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), ", 12, "no key");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,", 12, "not a size");
    refuse("{'descr': '<f4", 12, "records or of a long");
    refuse("", 12, "not a dict");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 11, "expected");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 13, "expected");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 0,
           "larger than any file");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,), }", 0,
           "larger than any file");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,), }", 0,
           "not a size");
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
           "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1), }", 4, "more than 32");
}

/* Every prefix of a header fails, and so do other versions. */
static void
test_frames(void)
{
    static const char text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";
    uint8_t head[256];
    size_t n = frame(head, text);
    struct err e = { "" };
    struct npy a;

    for (size_t cut = 0; cut < n; cut++)
        CHECK(npy_parse(&a, head, cut, n + 4, &e) < 0, "cut at %zu", cut);
    head[6] = 4;
    CHECK(npy_parse(&a, head, n, n + 4, &e) < 0, "version 4");
    CHECK(strstr(e.msg, "version 4.0") != NULL, "%s", e.msg);
    head[6] = 2;
    CHECK(npy_parse(&a, head, n, n + 4, &e) < 0, "version 2 with a short length field");
    memmove(head + 12, head + 10, n - 10);
    head[10] = head[11] = 0;
    CHECK_INT(npy_parse(&a, head, n + 2, n + 6, &e), 0);
    CHECK_INT(a.header, n + 2);
    head[6] = 3;
    CHECK_INT(npy_parse(&a, head, n + 2, n + 6, &e), 0);
}

static int
hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Lines of reference/weights/headers.npy.txt: descr, order, ndim, shape, header in hex. */
static void
check_line(const char *line)
{
    char descr[24], got[NPY_HEADER_MAX], name[24];
    uint8_t want[NPY_HEADER_MAX];
    struct npy a = { 0 }, back;
    struct err e = { "" };
    int fortran, used;
    size_t n = 0, written;

    CHECK(sscanf(line, "%23s %d %d %n", descr, &fortran, &a.ndim, &used) == 3, "%s", line);
    line += used;
    a.kind = descr[1];
    a.item = (size_t)atoi(descr + 2) * (a.kind == 'U' ? 4 : 1);
    a.fortran = fortran;
    a.count = 1;
    for (int i = 0; i < a.ndim; i++) {
        sscanf(line, "%zu %n", &a.shape[i], &used);
        line += used;
        a.count *= a.shape[i];
    }
    for (; line[0] > ' '; line += 2)
        want[n++] = (uint8_t)(hex_digit(line[0]) << 4 | hex_digit(line[1]));
    written = npy_format(got, &a);
    CHECK(written == n && memcmp(got, want, n) == 0, "%s, %d dimensions: %zu bytes '%.*s'", descr,
          a.ndim, written, (int)written - 11, got + 10);
    npy_descr(name, a.kind, a.item);
    CHECK_STR(name, descr);
    CHECK_INT(npy_parse(&back, want, n, n + a.count * a.item, &e), 0);
    CHECK(back.kind == a.kind && back.item == a.item && back.fortran == a.fortran &&
          back.ndim == a.ndim && back.header == n &&
          memcmp(back.shape, a.shape, sizeof a.shape) == 0, "round trip of %s", descr);
}

static void
test_as_numpy(void)
{
    FILE *f = fopen("reference/weights/headers.npy.txt", "r");
    char line[8192];
    int n = 0;

    CHECK(f != NULL, "reference/weights/headers.npy.txt");
    for (; f && fgets(line, sizeof line, f); n++)
        check_line(line);
    if (f)
        fclose(f);
    CHECK_INT(n, 45);
}

int
main(void)
{
    test_spacing_and_order();
    test_refused();
    test_frames();
    test_as_numpy();
    return check_done();
}
