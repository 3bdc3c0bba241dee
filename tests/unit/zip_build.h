/* SPDX-License-Identifier: MIT */
/* For tests: ZIP archives of stored members made in memory, so that any byte can be made wrong. */
#ifndef PT_ZIP_BUILD_H
#define PT_ZIP_BUILD_H

#include <libdeflate.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct zip_build {
    uint8_t bytes[1 << 16], central[1 << 14];
    size_t n, n_central;
    unsigned n_member;
};

static inline void
zip_build_put(uint8_t *at, size_t *n, uint64_t value, int width)
{
    for (int i = 0; i < width; i++)
        at[(*n)++] = (uint8_t)(i < 8 ? value >> 8 * i : 0);
}

/* A local header and the data; one central record. */
static inline void
zip_build_add(struct zip_build *b, const char *name, const void *data, size_t n)
{
    uint32_t crc = libdeflate_crc32(0, data, n);
    size_t n_name = strlen(name), local = b->n;

    zip_build_put(b->bytes, &b->n, 0x04034b50, 4);
    zip_build_put(b->bytes, &b->n, 20, 2);
    zip_build_put(b->bytes, &b->n, 0, 8);
    zip_build_put(b->bytes, &b->n, crc, 4);
    zip_build_put(b->bytes, &b->n, n, 4);
    zip_build_put(b->bytes, &b->n, n, 4);
    zip_build_put(b->bytes, &b->n, n_name, 4);
    memcpy(b->bytes + b->n, name, n_name);
    b->n += n_name;
    memcpy(b->bytes + b->n, data, n);
    b->n += n;

    zip_build_put(b->central, &b->n_central, 0x02014b50, 4);
    zip_build_put(b->central, &b->n_central, 20, 2);
    zip_build_put(b->central, &b->n_central, 20, 2);
    zip_build_put(b->central, &b->n_central, 0, 8);
    zip_build_put(b->central, &b->n_central, crc, 4);
    zip_build_put(b->central, &b->n_central, n, 4);
    zip_build_put(b->central, &b->n_central, n, 4);
    zip_build_put(b->central, &b->n_central, n_name, 2);
    zip_build_put(b->central, &b->n_central, 0, 12);
    zip_build_put(b->central, &b->n_central, local, 4);
    memcpy(b->central + b->n_central, name, n_name);
    b->n_central += n_name;
    b->n_member++;
}

/* Append the central directory and the end record; the file is b->bytes[0..b->n). */
static inline void
zip_build_end(struct zip_build *b)
{
    size_t at = b->n;

    memcpy(b->bytes + b->n, b->central, b->n_central);
    b->n += b->n_central;
    zip_build_put(b->bytes, &b->n, 0x06054b50, 4);
    zip_build_put(b->bytes, &b->n, 0, 4);
    zip_build_put(b->bytes, &b->n, b->n_member, 2);
    zip_build_put(b->bytes, &b->n, b->n_member, 2);
    zip_build_put(b->bytes, &b->n, b->n_central, 4);
    zip_build_put(b->bytes, &b->n, at, 4);
    zip_build_put(b->bytes, &b->n, 0, 2);
}

static inline void
file_save(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");

    if (!f || fwrite(data, 1, n, f) != n || fclose(f) != 0) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(1);
    }
}

/* The whole file; the caller frees it. */
static inline uint8_t *
file_load(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data;

    if (!f) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    data = malloc(*n + 1);
    if (!data || fread(data, 1, *n, f) != *n)
        exit(1);
    fclose(f);
    return data;
}

/* path below the scratch directory of the test run. */
static inline const char *
scratch(const char *name)
{
    static char path[4096];
    const char *dir = getenv("T");

    snprintf(path, sizeof path, "%s/%s", dir ? dir : ".", name);
    return path;
}

#endif
