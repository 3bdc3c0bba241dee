/* SPDX-License-Identifier: MIT */
#include "digest/hash256.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "prog/die.h"
#include "prog/mem.h"

struct hash256 {
    EVP_MD_CTX *ctx;
};

static void *
allocate(size_t bytes, const char *file, int line)
{
    (void)file, (void)line;
    return mem_alloc(bytes);
}

static void *
resize(void *p, size_t bytes, const char *file, int line)
{
    (void)file, (void)line;
    return mem_resize(p, bytes, 1);
}

static void
release(void *p, const char *file, int line)
{
    (void)file, (void)line;
    free(p);
}

/*
 * libcrypto 3.0 does not survive a lack of memory when it starts: it gets ours, which ends the
 * program.  It must not clean up then, since that would wait for what was interrupted.
 */
static void
guard_memory(void)
{
    CRYPTO_set_mem_functions(allocate, resize, release);
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

struct hash256 *
hash256_new(void)
{
    static pthread_once_t guarded = PTHREAD_ONCE_INIT;
    struct hash256 *h = mem_alloc(sizeof *h);

    pthread_once(&guarded, guard_memory);
    h->ctx = EVP_MD_CTX_new();
    if (!h->ctx || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1)
        die("SHA-256 is not available from libcrypto; is OpenSSL installed completely?");
    return h;
}

void
hash256_add(struct hash256 *h, const void *data, size_t bytes)
{
    EVP_DigestUpdate(h->ctx, data, bytes);
}

void
hash256_hex(struct hash256 *h, char hex[65])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    EVP_DigestFinal_ex(h->ctx, md, &len);
    for (unsigned i = 0; i < 32; i++) {
        hex[2 * i] = digits[md[i] >> 4];
        hex[2 * i + 1] = digits[md[i] & 15];
    }
    hex[64] = '\0';
    EVP_MD_CTX_free(h->ctx);
    free(h);
}

int
hash256_file(char hex[65], const char *path, int64_t limit, struct err *e)
{
    enum { CHUNK = 1 << 20 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct hash256 *h;
    char *chunk;
    ssize_t n = 0;

    if (fd < 0)
        return err_sys(e, "%s: cannot open", path);
    h = hash256_new();
    chunk = mem_alloc(CHUNK);
    while (limit != 0) {
        size_t want = limit < 0 || limit > CHUNK ? CHUNK : (size_t)limit;

        n = read(fd, chunk, want);
        if (n <= 0)
            break;
        hash256_add(h, chunk, (size_t)n);
        if (limit > 0)
            limit -= n;
    }
    free(chunk);
    close(fd);
    hash256_hex(h, hex);
    if (n < 0)
        return err_sys(e, "%s: cannot read", path);
    return 0;
}
