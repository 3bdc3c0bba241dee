/* SPDX-License-Identifier: MIT */
#include "npz/npz_record.h"

#include <string.h>

#include "npz/npz_write.h"

/* Fixed fields, PKWARE APPNOTE 4.3 to 4.5; values are those of Python's zipfile. */
enum {
    LOCAL_SIG = 0x04034b50, CENTRAL_SIG = 0x02014b50, END_SIG = 0x06054b50,
    END64_SIG = 0x06064b50, LOCATOR_SIG = 0x07064b50,
    VERSION_ZIP64 = 45, SYSTEM_UNIX = 3 << 8, METHOD_DEFLATE = 8,
    DOS_DATE_1980 = 33,                 /* 1 January 1980: no date, so equal data, equal bytes */
    EXTRA_ZIP64 = 1
};
#define ATTRIBUTES_0600 0x01800000u     /* rw------- in the upper half */

void
npz_put_local(struct buf *b, const struct npz_record *r)
{
    buf_put_u32(b, LOCAL_SIG);
    buf_put_u16(b, VERSION_ZIP64);
    buf_put_u16(b, 0);
    buf_put_u16(b, METHOD_DEFLATE);
    buf_put_u16(b, 0);
    buf_put_u16(b, DOS_DATE_1980);
    buf_put_u32(b, r->crc);
    buf_put_u32(b, UINT32_MAX);
    buf_put_u32(b, UINT32_MAX);
    buf_put_u16(b, (uint16_t)strlen(r->name));
    buf_put_u16(b, 20);
    buf_put(b, r->name, strlen(r->name));
    buf_put_u16(b, EXTRA_ZIP64);
    buf_put_u16(b, 16);
    buf_put_u64(b, r->size);
    buf_put_u64(b, r->compressed);
}

/* Sizes and offset where they fit, else UINT32_MAX and the value in the zip64 extra field. */
void
npz_put_central(struct buf *b, const struct npz_record *r)
{
    const uint64_t field[3] = { r->size, r->compressed, r->offset };
    uint32_t small[3];
    struct buf extra = { 0 }, zip64 = { 0 };

    for (size_t i = 0; i < 3; i++) {
        small[i] = field[i] < UINT32_MAX ? (uint32_t)field[i] : UINT32_MAX;
        if (small[i] == UINT32_MAX)
            buf_put_u64(&zip64, field[i]);
    }
    if (zip64.n) {
        buf_put_u16(&extra, EXTRA_ZIP64);
        buf_put_u16(&extra, (uint16_t)zip64.n);
        buf_put(&extra, zip64.p, zip64.n);
    }
    if (r->index.n) {
        buf_put_u16(&extra, NPZ_INDEX_ID);
        buf_put_u16(&extra, (uint16_t)r->index.n);
        buf_put(&extra, r->index.p, r->index.n);
    }
    buf_put_u32(b, CENTRAL_SIG);
    buf_put_u16(b, SYSTEM_UNIX | VERSION_ZIP64);
    buf_put_u16(b, VERSION_ZIP64);
    buf_put_u16(b, 0);
    buf_put_u16(b, METHOD_DEFLATE);
    buf_put_u16(b, 0);
    buf_put_u16(b, DOS_DATE_1980);
    buf_put_u32(b, r->crc);
    buf_put_u32(b, small[1]);
    buf_put_u32(b, small[0]);
    buf_put_u16(b, (uint16_t)strlen(r->name));
    buf_put_u16(b, (uint16_t)extra.n);
    buf_put_u16(b, 0);
    buf_put_u16(b, 0);
    buf_put_u16(b, 0);
    buf_put_u32(b, ATTRIBUTES_0600);
    buf_put_u32(b, small[2]);
    buf_put(b, r->name, strlen(r->name));
    buf_put(b, extra.p, extra.n);
    buf_free(&extra);
    buf_free(&zip64);
}

static void
put_end64(struct buf *b, uint64_t n, uint64_t bytes, uint64_t offset)
{
    buf_put_u32(b, END64_SIG);
    buf_put_u64(b, 44);                 /* bytes of this record after this field */
    buf_put_u16(b, SYSTEM_UNIX | VERSION_ZIP64);
    buf_put_u16(b, VERSION_ZIP64);
    buf_put_u32(b, 0);
    buf_put_u32(b, 0);
    buf_put_u64(b, n);
    buf_put_u64(b, n);
    buf_put_u64(b, bytes);
    buf_put_u64(b, offset);
    buf_put_u32(b, LOCATOR_SIG);
    buf_put_u32(b, 0);
    buf_put_u64(b, offset + bytes);
    buf_put_u32(b, 1);
}

void
npz_put_end(struct buf *b, uint64_t n, uint64_t bytes, uint64_t offset)
{
    bool big = n >= UINT16_MAX || bytes >= UINT32_MAX || offset >= UINT32_MAX;

    if (big)
        put_end64(b, n, bytes, offset);
    buf_put_u32(b, END_SIG);
    buf_put_u16(b, 0);
    buf_put_u16(b, 0);
    buf_put_u16(b, n < UINT16_MAX ? (uint16_t)n : UINT16_MAX);
    buf_put_u16(b, n < UINT16_MAX ? (uint16_t)n : UINT16_MAX);
    buf_put_u32(b, bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX);
    buf_put_u32(b, offset < UINT32_MAX ? (uint32_t)offset : UINT32_MAX);
    buf_put_u16(b, 0);
}
