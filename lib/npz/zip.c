/* SPDX-License-Identifier: MIT */
#include "npz/zip.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "prog/fio.h"
#include "prog/mem.h"

/* Record signatures and the fixed sizes of records, APPNOTE 4.3.7, 4.3.12 and 4.3.14 to 4.3.16. */
enum {
    LOCAL_SIG = 0x04034b50, LOCAL_SIZE = 30,
    CENTRAL_SIG = 0x02014b50, CENTRAL_SIZE = 46,
    END_SIG = 0x06054b50, END_SIZE = 22, MAX_COMMENT = 65535,
    END64_SIG = 0x06064b50, END64_SIZE = 56,
    LOCATOR_SIG = 0x07064b50, LOCATOR_SIZE = 20,
    EXTRA_ZIP64 = 1
};
/* General purpose bits 0, 5, 6 and 13: encrypted, patch data, strong encryption, masked headers. */
enum { FLAGS_REFUSED = 1 | 1 << 5 | 1 << 6 | 1 << 13 };
/* Deflate's best: 258 bytes from a match of one length bit and one distance bit, 4 per byte. */
enum { DEFLATE_MAX_RATIO = 1032 };

/* The central directory as the end records describe it. */
struct directory {
    uint64_t n_member, bytes, offset;
    uint64_t end;               /* where the first end record begins */
};

static unsigned
u16(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static uint32_t
u32(const uint8_t *p)
{
    return u16(p) | (uint32_t)u16(p + 2) << 16;
}

static uint64_t
u64(const uint8_t *p)
{
    return u32(p) | (uint64_t)u32(p + 4) << 32;
}

bool
zip_is_magic(const void *data, size_t bytes)
{
    return bytes >= 4 && (u32(data) == LOCAL_SIG || u32(data) == END_SIG);
}

/* The end record is the last whose comment reaches exactly to the end of the file. */
static int
find_end(const struct zip *z, uint64_t *at, struct err *e)
{
    uint64_t last = z->bytes < END_SIZE ? 0 : z->bytes - END_SIZE;
    uint64_t first = last > MAX_COMMENT ? last - MAX_COMMENT : 0;

    for (uint64_t i = last + 1; z->bytes >= END_SIZE && i-- > first;)
        if (u32(z->map + i) == END_SIG && i + END_SIZE + u16(z->map + i + 20) == z->bytes) {
            *at = i;
            return 0;
        }
    return err_set(e, "no ZIP end record in %zu bytes: not a ZIP archive, or cut off; copy or "
                   "download the file again", z->bytes);
}

/* Replace the fields of the end record by those of the zip64 end record before it. */
static int
read_end64(const struct zip *z, struct directory *d, struct err *e)
{
    const uint8_t *p;
    uint64_t at;

    if (d->end < LOCATOR_SIZE || u32(z->map + d->end - LOCATOR_SIZE) != LOCATOR_SIG)
        return err_set(e, "damaged ZIP archive: no zip64 locator before the end record; copy or "
                       "download the file again");
    p = z->map + d->end - LOCATOR_SIZE;
    at = u64(p + 8);
    if (u32(p + 4) != 0 || u32(p + 16) > 1)
        return err_set(e, "ZIP archive in several parts; join the parts first");
    if (d->end - LOCATOR_SIZE < END64_SIZE || at > d->end - LOCATOR_SIZE - END64_SIZE ||
        u32(z->map + at) != END64_SIG)
        return err_set(e, "damaged ZIP archive: no zip64 end record at byte %llu; copy or "
                       "download the file again", (unsigned long long)at);
    p = z->map + at;
    if (u32(p + 16) != 0 || u32(p + 20) != 0 || u64(p + 24) != u64(p + 32))
        return err_set(e, "ZIP archive in several parts; join the parts first");
    *d = (struct directory){ u64(p + 32), u64(p + 40), u64(p + 48), at };
    return 0;
}

static int
find_directory(const struct zip *z, struct directory *d, struct err *e)
{
    const uint8_t *p;

    if (find_end(z, &d->end, e) < 0)
        return -1;
    p = z->map + d->end;
    d->n_member = u16(p + 10);
    d->bytes = u32(p + 12);
    d->offset = u32(p + 16);
    /* PyTorch writes zip64 end records always; they say nothing new until a field is saturated. */
    if (d->n_member == UINT16_MAX || d->bytes == UINT32_MAX || d->offset == UINT32_MAX) {
        if (read_end64(z, d, e) < 0)
            return -1;
    } else if (u16(p + 4) != 0 || u16(p + 6) != 0 || u16(p + 8) != d->n_member) {
        return err_set(e, "ZIP archive in several parts; join the parts first");
    }
    if (d->offset > d->end || d->bytes > d->end - d->offset ||
        d->n_member > d->bytes / CENTRAL_SIZE)
        return err_set(e, "damaged ZIP archive: a central directory of %llu members in %llu bytes "
                       "at byte %llu does not fit before the end record at byte %llu; copy or "
                       "download the file again", (unsigned long long)d->n_member,
                       (unsigned long long)d->bytes, (unsigned long long)d->offset,
                       (unsigned long long)d->end);
    return 0;
}

const uint8_t *
zip_extra(const struct zip_member *m, unsigned id, size_t *n)
{
    const uint8_t *p = m->extra;

    for (size_t left = m->n_extra; left >= 4;) {
        size_t len = u16(p + 2);

        if (len > left - 4)
            return NULL;
        if (u16(p) == id) {
            *n = len;
            return p + 4;
        }
        p += 4 + len;
        left -= 4 + len;
    }
    return NULL;
}

/* Only saturated fields are in the zip64 extra field, always in this order (APPNOTE 4.5.3). */
static int
apply_zip64(struct zip_member *m, struct err *e)
{
    uint64_t *field[] = { &m->size, &m->compressed, &m->offset };
    size_t n = 0;
    const uint8_t *p = zip_extra(m, EXTRA_ZIP64, &n);

    for (size_t i = 0; i < ARRAY_LEN(field); i++) {
        if (*field[i] != UINT32_MAX)
            continue;
        if (!p || n < 8)
            return err_set(e, "damaged ZIP archive: a saturated size without its zip64 field; "
                           "copy or download the file again");
        *field[i] = u64(p);
        p += 8;
        n -= 8;
    }
    return 0;
}

static int
check_sizes(const struct zip_member *m, struct err *e)
{
    if (m->method != ZIP_STORED && m->method != ZIP_DEFLATED)
        return err_set(e, "ZIP compression method %d is not supported (expected 0, stored, or 8, "
                       "deflate); pack the archive again", m->method);
    if (m->method == ZIP_STORED && m->size != m->compressed)
        return err_set(e, "damaged ZIP archive: stored with %llu bytes but declared as %llu; copy "
                       "or download the file again", (unsigned long long)m->compressed,
                       (unsigned long long)m->size);
    if (m->method == ZIP_DEFLATED && m->size / DEFLATE_MAX_RATIO > m->compressed)
        return err_set(e, "damaged ZIP archive: %llu compressed bytes cannot unpack to the "
                       "declared %llu; copy or download the file again",
                       (unsigned long long)m->compressed, (unsigned long long)m->size);
    return 0;
}

/* Find the data behind the local header, which must agree with the central one. */
static int
check_local(const struct zip *z, struct zip_member *m, uint64_t limit, struct err *e)
{
    size_t n_name = strlen(m->name);
    const uint8_t *p;

    if (m->offset > limit || limit - m->offset < LOCAL_SIZE ||
        u32(z->map + m->offset) != LOCAL_SIG)
        return err_set(e, "damaged ZIP archive: no local header at byte %llu; copy or download "
                       "the file again", (unsigned long long)m->offset);
    p = z->map + m->offset;
    m->data = m->offset + LOCAL_SIZE + u16(p + 26) + u16(p + 28);
    if (m->data > limit || m->compressed > limit - m->data)
        return err_set(e, "damaged ZIP archive: %llu bytes at byte %llu reach past the members' "
                       "end at byte %llu; copy or download the file again",
                       (unsigned long long)m->compressed, (unsigned long long)m->data,
                       (unsigned long long)limit);
    if (u16(p + 8) != (unsigned)m->method || u16(p + 26) != n_name ||
        memcmp(p + LOCAL_SIZE, m->name, n_name) != 0)
        return err_set(e, "damaged ZIP archive: local header and central directory disagree on "
                       "name or method; copy or download the file again");
    return 0;
}

/* One central record of at most left bytes at p into m; its length in *used. */
static int
read_central(struct zip_member *m, const uint8_t *p, uint64_t left, size_t *used, struct err *e)
{
    size_t n_name, n_extra;

    if (left < CENTRAL_SIZE || u32(p) != CENTRAL_SIG)
        return err_set(e, "damaged ZIP archive: a broken record in the central directory; copy or "
                       "download the file again");
    n_name = u16(p + 28);
    n_extra = u16(p + 30);
    *used = CENTRAL_SIZE + n_name + n_extra + u16(p + 32);
    if (*used > left || memchr(p + CENTRAL_SIZE, 0, n_name))
        return err_set(e, "damaged ZIP archive: a broken name in the central directory; copy or "
                       "download the file again");
    m->name = mem_strndup((const char *)p + CENTRAL_SIZE, n_name);
    m->extra = p + CENTRAL_SIZE + n_name;
    m->n_extra = n_extra;
    m->method = (int)u16(p + 10);
    m->crc32 = u32(p + 16);
    m->compressed = u32(p + 20);
    m->size = u32(p + 24);
    m->offset = u32(p + 42);
    if (u16(p + 8) & FLAGS_REFUSED)
        return err_set(e, "member '%s' is encrypted or patched; unpack the archive and pack it "
                       "plainly", m->name);
    if (u16(p + 34) != 0 && u16(p + 34) != UINT16_MAX)
        return err_set(e, "ZIP archive in several parts; join the parts first");
    return apply_zip64(m, e);
}

static int
read_directory(struct zip *z, const struct directory *d, struct err *e)
{
    const uint8_t *p = z->map + d->offset;
    uint64_t left = d->bytes;
    size_t used = 0;

    z->member = mem_array(d->n_member, sizeof *z->member);
    for (uint64_t i = 0; i < d->n_member; i++) {
        struct zip_member *m = &z->member[i];

        z->n_member = i + 1;
        if (read_central(m, p, left, &used, e) < 0)
            return -1;
        if (check_sizes(m, e) < 0 || check_local(z, m, d->offset, e) < 0)
            return err_prefix(e, "member '%s'", m->name);
        p += used;
        left -= used;
    }
    if (left != 0)
        return err_set(e, "damaged ZIP archive: %llu bytes follow the last of %zu records in the "
                       "central directory; copy or download the file again",
                       (unsigned long long)left, z->n_member);
    return 0;
}

static int
by_name(const void *a, const void *b, void *z)
{
    const struct zip_member *m = ((const struct zip *)z)->member;

    return strcmp(m[*(const size_t *)a].name, m[*(const size_t *)b].name);
}

static int
by_offset(const void *a, const void *b, void *z)
{
    const struct zip_member *m = ((const struct zip *)z)->member;
    uint64_t x = m[*(const size_t *)a].offset, y = m[*(const size_t *)b].offset;

    return (x > y) - (x < y);
}

/* Overlapping members are how a small file unpacks to any size; equal names hide a member. */
static int
check_distinct(struct zip *z, struct err *e)
{
    size_t *order = mem_array(z->n_member, sizeof *order);

    z->by_name = order;
    for (size_t i = 0; i < z->n_member; i++)
        order[i] = i;
    qsort_r(order, z->n_member, sizeof *order, by_offset, z);
    for (size_t i = 1; i < z->n_member; i++) {
        const struct zip_member *a = &z->member[order[i - 1]], *b = &z->member[order[i]];

        if (a->data + a->compressed > b->offset)
            return err_set(e, "damaged ZIP archive: members '%s' and '%s' overlap; copy or "
                           "download the file again", a->name, b->name);
    }
    qsort_r(order, z->n_member, sizeof *order, by_name, z);
    for (size_t i = 1; i < z->n_member; i++)
        if (strcmp(z->member[order[i - 1]].name, z->member[order[i]].name) == 0)
            return err_set(e, "two members are called '%s'; pack the archive again with one",
                           z->member[order[i]].name);
    return 0;
}

/* z->map stays NULL on failure. */
static void
map_file(struct zip *z, struct err *e)
{
    struct stat st;
    void *map = MAP_FAILED;
    int fd = open(z->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        err_sys(e, "cannot open");
        return;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    fio_reads(z->path);
    if (map == MAP_FAILED) {
        err_set(e, "not a plain file with bytes in it (a ZIP archive cannot be read from a pipe); "
                "name a file");
        return;
    }
    z->map = map;
    z->bytes = (size_t)st.st_size;
}

static struct zip *
open_map(struct zip *z, struct err *e)
{
    struct directory d = { 0 };

    if (z->map && find_directory(z, &d, e) == 0 && read_directory(z, &d, e) == 0 &&
        check_distinct(z, e) == 0)
        return z;
    err_prefix(e, "%s", z->path);
    zip_close(z);
    return NULL;
}

struct zip *
zip_open(const char *path, struct err *e)
{
    struct zip *z = mem_zalloc(sizeof *z);

    z->path = mem_strdup(path);
    map_file(z, e);
    return open_map(z, e);
}

struct zip *
zip_open_bytes(const void *data, size_t bytes, const char *name, struct err *e)
{
    struct zip *z = mem_zalloc(sizeof *z);

    z->path = mem_strdup(name);
    z->map = data;
    z->bytes = bytes;
    z->borrowed = true;
    return open_map(z, e);
}

void
zip_close(struct zip *z)
{
    if (!z)
        return;
    for (size_t i = 0; i < z->n_member; i++)
        free(z->member[i].name);
    free(z->member);
    free(z->by_name);
    if (z->map && !z->borrowed)
        munmap((void *)z->map, z->bytes);
    free(z->path);
    free(z);
}

const struct zip_member *
zip_find(const struct zip *z, const char *name)
{
    size_t lo = 0, hi = z->n_member;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct zip_member *m = &z->member[z->by_name[mid]];
        int order = strcmp(name, m->name);

        if (order == 0)
            return m;
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

static int
inflate_member(uint8_t *out, const struct zip *z, const struct zip_member *m, struct err *e)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t used = 0, made = 0;
    enum libdeflate_result r = LIBDEFLATE_BAD_DATA;

    if (d)
        r = libdeflate_deflate_decompress_ex(d, z->map + m->data, m->compressed, out, m->size,
                                             &used, &made);
    libdeflate_free_decompressor(d);
    if (r != LIBDEFLATE_SUCCESS || used != m->compressed || made != m->size)
        return err_set(e, "member '%s': damaged compressed data (%llu bytes do not unpack to "
                       "%llu); copy or download the file again", m->name,
                       (unsigned long long)m->compressed, (unsigned long long)m->size);
    return 0;
}

/* With the macro, which fuzzers define, changed bytes get past the check. */
static int
check_crc(const uint8_t *data, const struct zip_member *m, struct err *e)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)data, (void)m, (void)e;
    return 0;
#else
    uint32_t crc = libdeflate_crc32(0, data, m->size);

    if (crc == m->crc32)
        return 0;
    return err_set(e, "member '%s': CRC-32 is %08x, expected %08x: damaged; copy or download the "
                   "file again", m->name, crc, m->crc32);
#endif
}

const uint8_t *
zip_view(const struct zip *z, const struct zip_member *m, struct err *e)
{
    if (m->method != ZIP_STORED) {
        err_set(e, "member '%s' is compressed, expected stored", m->name);
        return NULL;
    }
    return check_crc(z->map + m->data, m, e) < 0 ? NULL : z->map + m->data;
}

void *
zip_read(const struct zip *z, const struct zip_member *m, struct err *e)
{
    uint8_t *out = mem_alloc(m->size + 1);

    if (m->method == ZIP_STORED) {
        memcpy(out, z->map + m->data, m->size);
    } else if (inflate_member(out, z, m, e) < 0) {
        free(out);
        return NULL;
    }
    if (check_crc(out, m, e) < 0) {
        free(out);
        return NULL;
    }
    out[m->size] = 0;
    return out;
}

const uint8_t *
zip_raw(const struct zip *z, const struct zip_member *m, uint64_t at, uint64_t n, struct err *e)
{
    if (at > m->compressed || n > m->compressed - at) {
        err_set(e, "member '%s': bytes %llu to %llu lie outside its %llu compressed bytes; copy or "
                "download the file again", m->name, (unsigned long long)at,
                (unsigned long long)(at + n), (unsigned long long)m->compressed);
        return NULL;
    }
    return z->map + m->data + at;
}
