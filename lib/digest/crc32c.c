/* SPDX-License-Identifier: MIT */
#include "digest/crc32c.h"

#include <pthread.h>
#include <string.h>

/* Bit-reversed polynomial 0x1EDC6F41. */
static const uint32_t polynomial = 0x82f63b78;

/* table[k][b]: what byte b does when k more bytes follow it; eight bytes are taken at a time. */
static uint32_t table[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
make_table(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;

        for (int i = 0; i < 8; i++)
            crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
        table[0][b] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (int b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
}

uint32_t
crc32c_more(uint32_t crc, const void *data, size_t bytes)
{
    const uint8_t *p = data;

    pthread_once(&once, make_table);
    crc = ~crc;
    for (; bytes >= 8; bytes -= 8, p += 8) {
        uint64_t v;

        memcpy(&v, p, 8);
        v ^= crc;
        crc = 0;
        for (int k = 0; k < 8; k++)
            crc ^= table[7 - k][v >> 8 * k & 255];
    }
    for (; bytes > 0; bytes--)
        crc = crc >> 8 ^ table[0][(crc ^ *p++) & 255];
    return ~crc;
}

uint32_t
crc32c(const void *data, size_t bytes)
{
    return crc32c_more(0, data, bytes);
}

uint32_t
crc32c_masked(uint32_t crc)
{
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}
