/* SPDX-License-Identifier: MIT */
/*
 * Reading ZIP archives (NPZ, PyTorch files), from the central directory only.
 *
 * The file is mapped; nothing is unpacked before it is asked for.  Everything is checked when the
 * archive is opened: every offset and size against the file, local headers against the central
 * directory, members against each other (no two of one name, none overlapping).  Methods are
 * stored and deflate; encrypted, split and patched archives are refused.  Sizes are those of the
 * central directory, with its zip64 extra field where a field is saturated (format: PKWARE
 * APPNOTE 6.3, sections 4.3 to 4.5).
 */
#ifndef PT_ZIP_H
#define PT_ZIP_H

#include "base/base.h"
#include "base/err.h"

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

struct zip_member {
    char *name;                 /* as stored, NUL-terminated; no NUL inside */
    int method;                 /* ZIP_STORED or ZIP_DEFLATED */
    uint32_t crc32;             /* of the uncompressed bytes */
    uint64_t compressed;        /* bytes in the file */
    uint64_t size;              /* uncompressed bytes, as declared; plausible for the method */
    uint64_t offset;            /* of the local header in the file */
    uint64_t data;              /* of the first compressed byte in the file */
    const uint8_t *extra;       /* extra field of the central directory, in the map */
    size_t n_extra;
};

struct zip {
    char *path;
    const uint8_t *map;
    size_t bytes;               /* file size */
    bool borrowed;              /* map is the caller's */
    struct zip_member *member;  /* in central directory order, folders included */
    size_t n_member;
    size_t *by_name;            /* indices of members sorted by name */
};

/* True when the file begins as a ZIP archive does ("PK\3\4", or "PK\5\6" for an empty one). */
bool zip_is_magic(const void *data, size_t bytes);

/* Open and check; NULL with the reason (path included) in e.  Safe for hostile files. */
struct zip *zip_open(const char *path, struct err *e);

/* The same of bytes that stay the caller's and must outlive the archive; name is for messages. */
struct zip *zip_open_bytes(const void *data, size_t bytes, const char *name, struct err *e);
void zip_close(struct zip *z);

/* The member of that exact name, or NULL. */
const struct zip_member *zip_find(const struct zip *z, const char *name);

/*
 * All of a member, unpacked, with size and CRC-32 verified; the caller frees it.  One byte past
 * m->size is allocated and 0, so text may be used as a string.  NULL with the reason, which names
 * the member but not the file, in e.
 */
void *zip_read(const struct zip *z, const struct zip_member *m, struct err *e);

/*
 * All of a stored member where it is in the map, with its CRC-32 verified, until zip_close; NULL
 * with the reason as for zip_read.
 */
const uint8_t *zip_view(const struct zip *z, const struct zip_member *m, struct err *e);

/*
 * The n compressed (for stored members: plain) bytes from position at of a member, in the map;
 * they live until zip_close.  NULL with the reason (without the file) in e when the range leaves
 * the member.
 * Nothing is unpacked and no CRC is checked.
 */
const uint8_t *zip_raw(const struct zip *z, const struct zip_member *m, uint64_t at, uint64_t n,
                       struct err *e);

/* The data of the extra field with that id, its length in *n; NULL when there is none. */
const uint8_t *zip_extra(const struct zip_member *m, unsigned id, size_t *n);

#endif
