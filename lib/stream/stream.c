/* SPDX-License-Identifier: MIT */
/*
 * Layout (all integers little-endian; pertrack-stream(5) is the specification):
 *
 *   header   magic[8]  version u32  length u32  text[length]  crc32 u32 (of all bytes before it)
 *   record   1 u32  length u32  payload[length]
 *   end      2 u32  length u32  count u64  crc32 u32  trailer text[length - 12]
 *
 * The end record's checksum runs over the type, length and payload of every record and over the
 * end record's own bytes except the checksum itself.
 */
#include "stream/stream.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "prog/mem.h"

enum { TYPE_RECORD = 1, TYPE_END = 2, END_FIXED = 12 };

/* Metadata is text for people; anything longer than this is damage, not metadata. */
enum { MAX_TEXT = 1 << 28 };

struct stream_writer {
    FILE *fp;
    char *name;
    uint64_t count;
    uint32_t crc;
};

struct stream_reader {
    stream_read_fn *read;
    void *source;
    char *name;
    struct meta meta, trailer;
    uint64_t count;
    uint32_t crc;
    bool ended;
    uint8_t *payload;
    size_t cap;
    uint8_t *chunk;         /* read ahead of the consumer */
    size_t chunk_at, chunk_n;
};

enum { CHUNK = 1 << 18 };

static int
put(struct stream_writer *w, const void *data, size_t bytes, struct err *e)
{
    w->crc = libdeflate_crc32(w->crc, data, bytes);
    if (bytes && fwrite(data, 1, bytes, w->fp) != bytes)
        return err_sys(e, "%s: cannot write", w->name);
    return 0;
}

struct stream_writer *
stream_create(FILE *fp, const char *name, const struct meta *m, struct err *e)
{
    struct stream_writer *w = mem_zalloc(sizeof *w);
    char *text = meta_format(m);
    uint32_t head[2] = { STREAM_VERSION, (uint32_t)strlen(text) };
    int status;

    w->fp = fp;
    w->name = mem_strdup(name);
    status = put(w, STREAM_MAGIC, STREAM_MAGIC_LEN, e);
    if (status == 0)
        status = put(w, head, sizeof head, e);
    if (status == 0)
        status = put(w, text, head[1], e);
    if (status == 0) {
        uint32_t crc = w->crc;

        status = put(w, &crc, sizeof crc, e);
    }
    w->crc = 0;
    free(text);
    if (status == 0)
        return w;
    stream_abandon(w);
    return NULL;
}

int
stream_write(struct stream_writer *w, const void *payload, size_t bytes, struct err *e)
{
    uint32_t head[2] = { TYPE_RECORD, (uint32_t)bytes };

    if (bytes > STREAM_MAX_RECORD)
        return err_set(e, "%s: a record of %.1f GB is larger than a stream can hold; use fewer "
                       "tracks at a time", w->name, (double)bytes / 1e9);
    if (put(w, head, sizeof head, e) || put(w, payload, bytes, e))
        return -1;
    w->count++;
    return 0;
}

static int
write_end(struct stream_writer *w, const char *text, struct err *e)
{
    size_t n = strlen(text);
    uint32_t head[2] = { TYPE_END, (uint32_t)(END_FIXED + n) };
    uint32_t crc;

    if (put(w, head, sizeof head, e) || put(w, &w->count, sizeof w->count, e))
        return -1;
    crc = libdeflate_crc32(w->crc, text, n);
    if (put(w, &crc, sizeof crc, e) || put(w, text, n, e))
        return -1;
    if (fflush(w->fp))
        return err_sys(e, "%s: cannot write", w->name);
    return 0;
}

int
stream_finish(struct stream_writer *w, const struct meta *trailer, struct err *e)
{
    char *text = trailer ? meta_format(trailer) : mem_strdup("");
    int status = write_end(w, text, e);

    free(text);
    stream_abandon(w);
    return status;
}

void
stream_abandon(struct stream_writer *w)
{
    if (!w)
        return;
    free(w->name);
    free(w);
}

static int
cut_short(const struct stream_reader *r, struct err *e)
{
    return err_set(e, "%s: stream ends after %llu records without its end mark; did the program "
                   "before it fail?", r->name, (unsigned long long)r->count);
}

/* Fill the read-ahead chunk; 0 at the end of the source. */
static ssize_t
fill(struct stream_reader *r)
{
    ssize_t n;

    do
        n = r->read(r->source, r->chunk, CHUNK);
    while (n < 0 && errno == EINTR);
    r->chunk_at = 0;
    r->chunk_n = n > 0 ? (size_t)n : 0;
    return n;
}

/* Read exactly bytes; 1 done, 0 when the source ends first, -1 on a read error. */
static int
get(struct stream_reader *r, void *dst, size_t bytes, struct err *e)
{
    uint8_t *p = dst;

    while (bytes) {
        size_t have = r->chunk_n - r->chunk_at;

        if (!have) {
            ssize_t n = fill(r);

            if (n < 0)
                return err_sys(e, "%s: cannot read", r->name);
            if (n == 0)
                return 0;
            continue;
        }
        if (have > bytes)
            have = bytes;
        memcpy(p, r->chunk + r->chunk_at, have);
        r->chunk_at += have;
        p += have;
        bytes -= have;
    }
    return 1;
}

/* Read bytes into the payload buffer, growing it only as data arrives: a lying length costs
 * no memory. */
static int
get_payload(struct stream_reader *r, size_t bytes, struct err *e)
{
    size_t at = 0;

    while (at < bytes) {
        size_t part = bytes - at < ((size_t)64 << 20) ? bytes - at : (size_t)64 << 20;
        int got;

        mem_grow(&r->payload, &r->cap, at + part, 1);
        got = get(r, r->payload + at, part, e);
        if (got <= 0)
            return got;
        at += part;
    }
    return 1;
}

static int
wrong_start(const struct stream_reader *r, const uint8_t *magic, size_t n, struct err *e)
{
    if (n == 0)
        return err_set(e, "%s: is empty; expected a pertrack stream, did the program before it "
                       "fail?", r->name);
    for (size_t i = 0; i < n; i++)
        if (magic[i] < 9 || (magic[i] > 13 && magic[i] < 32) || magic[i] > 126)
            return err_set(e, "%s: is not a pertrack stream (unknown magic number); is this the "
                           "right file?", r->name);
    return err_set(e, "%s: is text, but a binary pertrack stream is expected here; leave out "
                   "--text in the program that wrote it", r->name);
}

static const char *
content_source(const char *content)
{
    if (strcmp(content, STREAM_ONEHOT) == 0)
        return "onehot";
    if (strcmp(content, STREAM_PREDICTIONS) == 0)
        return "predict";
    if (strcmp(content, STREAM_SCORES) == 0)
        return "score-effect";
    return "reservoir";
}

static int
read_header(struct stream_reader *r, const char *content, struct err *e)
{
    uint8_t magic[STREAM_MAGIC_LEN] = { 0 };
    uint32_t head[2] = { 0 }, crc = 0, want;
    const char *found;
    size_t n = 0;

    while (n < sizeof magic) {
        int got = get(r, magic + n, 1, e);

        if (got < 0)
            return -1;
        if (got == 0)
            break;
        n++;
    }
    if (n < sizeof magic || memcmp(magic, STREAM_MAGIC, sizeof magic) != 0)
        return wrong_start(r, magic, n, e);
    if (get(r, head, sizeof head, e) <= 0)
        return cut_short(r, e);
    if (head[0] != STREAM_VERSION)
        return err_set(e, "%s: stream format version %u, this program reads version %d; use "
                       "programs of one release", r->name, head[0], STREAM_VERSION);
    if (head[1] > MAX_TEXT)
        return err_set(e, "%s: metadata of %u bytes; the stream is damaged", r->name, head[1]);
    if (get_payload(r, head[1], e) <= 0 || get(r, &crc, sizeof crc, e) <= 0)
        return cut_short(r, e);
    want = libdeflate_crc32(0, magic, sizeof magic);
    want = libdeflate_crc32(want, head, sizeof head);
    want = libdeflate_crc32(want, r->payload, head[1]);
    if (crc != want)
        return err_set(e, "%s: header checksum differs; the stream is damaged", r->name);
    if (meta_parse(&r->meta, (const char *)r->payload, head[1], e))
        return err_prefix(e, "%s", r->name);
    found = meta_get(&r->meta, "content");
    if (content && (!found || strcmp(found, content) != 0))
        return err_set(e, "%s: holds %s, but %s are expected here; pipe it through %s first",
                       r->name, found ? found : "nothing known", content,
                       content_source(content));
    return 0;
}

struct stream_reader *
stream_open(stream_read_fn *read_fn, void *source, const char *name, const char *content,
            struct err *e)
{
    struct stream_reader *r = mem_zalloc(sizeof *r);

    r->read = read_fn;
    r->source = source;
    r->name = mem_strdup(name);
    r->chunk = mem_alloc(CHUNK);
    if (read_header(r, content, e) == 0)
        return r;
    stream_close(r);
    return NULL;
}

static ssize_t
read_file(void *source, void *buffer, size_t bytes)
{
    FILE *fp = source;
    size_t n = fread(buffer, 1, bytes, fp);

    return n == 0 && ferror(fp) ? -1 : (ssize_t)n;
}

struct stream_reader *
stream_open_file(FILE *fp, const char *name, const char *content, struct err *e)
{
    return stream_open(read_file, fp, name, content, e);
}

const struct meta *
stream_meta(const struct stream_reader *r)
{
    return &r->meta;
}

const struct meta *
stream_trailer(const struct stream_reader *r)
{
    return &r->trailer;
}

uint64_t
stream_count(const struct stream_reader *r)
{
    return r->count;
}

/* The end record is in the payload buffer: compare count and checksum, and nothing may follow. */
static int
check_end(struct stream_reader *r, const uint32_t head[2], struct err *e)
{
    uint64_t count;
    uint32_t crc, want;
    uint8_t extra;
    int got;

    if (head[1] < END_FIXED)
        return err_set(e, "%s: end record of %u bytes; the stream is damaged", r->name, head[1]);
    memcpy(&count, r->payload, sizeof count);
    memcpy(&crc, r->payload + 8, sizeof crc);
    want = libdeflate_crc32(r->crc, head, 2 * sizeof *head);
    want = libdeflate_crc32(want, &count, sizeof count);
    want = libdeflate_crc32(want, r->payload + END_FIXED, head[1] - END_FIXED);
    if (count != r->count || crc != want)
        return err_set(e, "%s: end record says %llu records with checksum %08x, found %llu with "
                       "%08x; the stream is damaged", r->name, (unsigned long long)count, crc,
                       (unsigned long long)r->count, want);
    if (meta_parse(&r->trailer, (const char *)r->payload + END_FIXED, head[1] - END_FIXED, e))
        return err_prefix(e, "%s", r->name);
    got = get(r, &extra, 1, e);
    if (got > 0)
        return err_set(e, "%s: data follows the end record; streams cannot be joined with cat, "
                       "give them as separate files", r->name);
    r->ended = got == 0;
    return got;
}

/* A record that lies whole in the chunk, as small ones do, is checked and used where it lies. */
static bool
next_in_chunk(struct stream_reader *r, const uint8_t **payload, size_t *bytes)
{
    const uint8_t *p = r->chunk + r->chunk_at;
    size_t have = r->chunk_n - r->chunk_at;
    uint32_t head[2];

    if (have < sizeof head)
        return false;
    memcpy(head, p, sizeof head);
    if (head[0] != TYPE_RECORD || head[1] > have - sizeof head)
        return false;
    r->crc = libdeflate_crc32(r->crc, p, sizeof head + head[1]);
    r->chunk_at += sizeof head + head[1];
    r->count++;
    *payload = p + sizeof head;
    *bytes = head[1];
    return true;
}

int
stream_next(struct stream_reader *r, const uint8_t **payload, size_t *bytes, struct err *e)
{
    uint32_t head[2] = { 0 };
    int got;

    if (r->ended)
        return 0;
    if (next_in_chunk(r, payload, bytes))
        return 1;
    got = get(r, head, sizeof head, e);
    if (got <= 0)
        return got < 0 ? -1 : cut_short(r, e);
    if ((head[0] != TYPE_RECORD && head[0] != TYPE_END) || head[1] > STREAM_MAX_RECORD)
        return err_set(e, "%s: record %llu has type %u and %u bytes; the stream is damaged",
                       r->name, (unsigned long long)r->count, head[0], head[1]);
    got = get_payload(r, head[1], e);
    if (got <= 0)
        return got < 0 ? -1 : cut_short(r, e);
    if (head[0] == TYPE_END)
        return check_end(r, head, e);
    r->crc = libdeflate_crc32(r->crc, head, sizeof head);
    r->crc = libdeflate_crc32(r->crc, r->payload, head[1]);
    r->count++;
    *payload = r->payload;
    *bytes = head[1];
    return 1;
}

void
stream_close(struct stream_reader *r)
{
    if (!r)
        return;
    meta_free(&r->meta);
    meta_free(&r->trailer);
    free(r->name);
    free(r->payload);
    free(r->chunk);
    free(r);
}

bool
stream_is_binary(FILE *fp)
{
    int c = getc(fp);

    if (c != EOF)
        ungetc(c, fp);
    return c == (unsigned char)STREAM_MAGIC[0];
}
