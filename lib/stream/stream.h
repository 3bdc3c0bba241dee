/* SPDX-License-Identifier: MIT */
/*
 * The binary container of everything that is not text: one-hot records, predictions, scores and
 * reservoir states.  Magic, version, metadata, framed records, and an end record with count and
 * checksum, so that a stream cut short is never taken for a short one.  pertrack-stream(5) has it
 * byte by byte.
 */
#ifndef PT_STREAM_H
#define PT_STREAM_H

#include <stdio.h>
#include <sys/types.h>

#include "base/base.h"
#include "base/err.h"
#include "stream/meta.h"

#define STREAM_MAGIC "\211PTRS\r\n\032"         /* 8 bytes; the first is not ASCII on purpose */
enum { STREAM_MAGIC_LEN = 8, STREAM_VERSION = 1 };

/* Largest payload of one record; a longer one is refused before memory is taken. */
#define STREAM_MAX_RECORD ((uint64_t)1 << 31)

/* Values of the metadata key "content". */
#define STREAM_ONEHOT "onehot"
#define STREAM_PREDICTIONS "predictions"
#define STREAM_SCORES "scores"
#define STREAM_RESERVOIR "reservoir"

struct stream_writer;
struct stream_reader;

/*
 * Start a stream on fp (which stays the caller's) and write its header; m must hold "content".
 * name is for messages.  Records of at most STREAM_MAX_RECORD bytes follow, then stream_finish
 * writes the end record, flushes and frees the writer (also on failure).  trailer (may be NULL)
 * is metadata known only at the end, such as the checksum of all sites read; it is stored in the
 * end record.  stream_abandon frees without an end record.
 */
struct stream_writer *stream_create(FILE *fp, const char *name, const struct meta *m,
                                    struct err *e);
int stream_write(struct stream_writer *w, const void *payload, size_t bytes, struct err *e);
int stream_finish(struct stream_writer *w, const struct meta *trailer, struct err *e);
void stream_abandon(struct stream_writer *w);

/*
 * Read a stream through a callback with the contract of read(2) (so that stdin peeked at by
 * somebody else can be a source), or from a FILE.  content is the kind expected; a stream of
 * another kind is refused with what to pipe in instead.
 */
typedef ssize_t stream_read_fn(void *source, void *buffer, size_t bytes);
struct stream_reader *stream_open(stream_read_fn *read, void *source, const char *name,
                                  const char *content, struct err *e);
struct stream_reader *stream_open_file(FILE *fp, const char *name, const char *content,
                                       struct err *e);
const struct meta *stream_meta(const struct stream_reader *r);

/*
 * Next record: 1 with *payload (the reader's, valid until the next call) and *bytes; 0 after a
 * valid end record that is followed by nothing; -1 when the stream is damaged or cut short.
 */
int stream_next(struct stream_reader *r, const uint8_t **payload, size_t *bytes, struct err *e);

/* The trailer: empty until stream_next has returned 0. */
const struct meta *stream_trailer(const struct stream_reader *r);
uint64_t stream_count(const struct stream_reader *r);   /* records read so far */
void stream_close(struct stream_reader *r);

/*
 * True when fp begins with the stream magic's first byte, false for text or empty input; consumes
 * nothing.
 */
bool stream_is_binary(FILE *fp);

#endif
