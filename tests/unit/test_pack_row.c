/* SPDX-License-Identifier: MIT */
/* Rows packed by pack_row, unpacked by zlib and by libdeflate. */
#include <libdeflate.h>
#include <zlib.h>

#include "check.h"
#include "npz/pack_row.h"
#include "prog/mem.h"
#include "rng/keyed.h"

/* Packed rows one behind the other, with the end of the stream. */
static void
check_unpacks(const struct buf *packed, const float *want, size_t n, const char *what)
{
    float *got = mem_array(n, sizeof *got);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    z_stream z = { 0 };
    size_t made = 0;

    CHECK_INT(libdeflate_deflate_decompress(d, packed->p, packed->n, got, n * sizeof *got, &made),
              LIBDEFLATE_SUCCESS);
    CHECK(made == n * sizeof *got && memcmp(got, want, made) == 0, "%s by libdeflate", what);
    libdeflate_free_decompressor(d);
    memset(got, 0, n * sizeof *got);
    z.next_in = packed->p;
    z.avail_in = (uInt)packed->n;
    z.next_out = (Bytef *)got;
    z.avail_out = (uInt)(n * sizeof *got);
    CHECK(inflateInit2(&z, -15) == Z_OK, "memory");
    CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
    CHECK(memcmp(got, want, n * sizeof *got) == 0, "%s by zlib", what);
    inflateEnd(&z);
    free(got);
}

static void
check_rows(const float *row, size_t n_rows, size_t width, const char *what)
{
    struct buf packed = { 0 };

    for (size_t i = 0; i < n_rows; i++)
        pack_row(&packed, row + i * width, width);
    buf_put(&packed, "\3\0", 2);
    check_unpacks(&packed, row, n_rows * width, what);
    buf_free(&packed);
}

static int
by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* Values of several kinds, sorted and not: the packer must not rely on order. */
static float
draw(struct keyed_stream *s, int mode)
{
    const uint64_t word = keyed_next(s);
    uint32_t bits = (uint32_t)word & 0xbf7fffffu;
    float v;

    switch (mode) {
    case 0: return 0;
    case 1: return (float)(word >> 40) / 1e6f;
    case 2: return (float)(word % 5);
    case 3: return word % 3 ? 1.5f : (float)(word >> 40);
    case 4: memcpy(&v, &bits, sizeof v); return v;
    case 5: return ldexpf((float)(word >> 40), -(int)(word & 31));
    default:
        bits = 0x3f800000u + (uint32_t)(word & 3);      /* only the lowest byte differs */
        memcpy(&v, &bits, sizeof v);
        return v;
    }
}

static void
test_kinds(void)
{
    static const size_t widths[] = { 1, 2, 3, 64, 65, 66, 67, 129, 1999, 2000, 2001, 4100, 10000 };
    struct keyed_stream s;
    char what[64];

    for (int mode = 0; mode < 7; mode++) {
        for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
            const size_t n = 3 * widths[w];
            float *row = mem_array(n, sizeof *row);

            keyed_stream_init(&s, (uint64_t)mode, w);
            for (size_t i = 0; i < n; i++)
                row[i] = draw(&s, mode);
            snprintf(what, sizeof what, "mode %d, 3 x %zu", mode, widths[w]);
            check_rows(row, 3, widths[w], what);
            for (size_t i = 0; i < 3; i++)
                qsort(row + i * widths[w], widths[w], sizeof *row, by_value);
            check_rows(row, 3, widths[w], what);
            free(row);
        }
    }
}

/* Byte counts that double make the deepest Huffman tree there is; it must be cut to 15 bits. */
static void
test_deep_code(void)
{
    float *row = mem_array(2000, sizeof *row);
    size_t n = 0;

    for (uint32_t byte = 1, times = 1; n < 2000; byte++, times += times < 1000 ? times : 0) {
        for (uint32_t i = 0; i < times && n < 2000; i++) {
            const uint32_t bits = byte | byte << 8 | (byte & 0x3f) << 16 | (i & 1) << 29 | i << 6;

            memcpy(&row[n++], &bits, sizeof *row);
        }
    }
    check_rows(row, 1, 2000, "deep code");
    for (uint32_t i = 0, fib = 1, last = 1, left = 1; i < 2000; i++) {
        /* Fibonacci counts of one byte value each. */
        static uint32_t byte = 1;
        const uint32_t bits = byte * 0x01010101u & 0xbf7fffffu;

        memcpy(&row[i], &bits, sizeof *row);
        if (i & 1)
            row[i] = (float)i;
        if (--left == 0) {
            const uint32_t next = fib + last;

            last = fib;
            fib = left = next;
            byte++;
        }
    }
    check_rows(row, 1, 2000, "Fibonacci counts");
    free(row);
}

/* Ordinary rows come out smaller than zlib makes them. */
static void
test_size(void)
{
    enum { N = 10000 };
    float *row = mem_array(N, sizeof *row);
    uLongf bound = compressBound(N * sizeof *row);
    uint8_t *by_zlib = mem_alloc(bound);
    struct buf packed = { 0 };
    struct keyed_stream s;

    keyed_stream_init(&s, 1, 1);
    for (size_t i = 0; i < N; i++)
        row[i] = (float)sqrt(-2 * log(((double)(keyed_next(&s) >> 11) + 1) * 0x1p-53));
    qsort(row, N, sizeof *row, by_value);
    CHECK_INT(compress2(by_zlib, &bound, (Bytef *)row, N * sizeof *row, 6), Z_OK);
    pack_row(&packed, row, N);
    CHECK(packed.n < bound, "%zu bytes, zlib level 6 %lu", packed.n, bound);
    buf_free(&packed);
    free(by_zlib);
    free(row);
}

int
main(void)
{
    test_kinds();
    test_deep_code();
    test_size();
    return check_done();
}
