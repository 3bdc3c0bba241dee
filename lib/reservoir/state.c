/* SPDX-License-Identifier: MIT */
#include "reservoir/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/finite.h"
#include "prog/mem.h"

enum { HEAD = 32, RECORD_MAX = 1 << 28 };
enum part { PART_VALUES, PART_KEYED, PART_LOWER, PART_UPPER, PARTS };

struct state_reader {
    struct stream_reader *in;
    char *name;
    struct track_table tracks;
    struct shards shards;
    struct retention how;
    const uint8_t *payload;     /* a record read but not yet used */
    size_t bytes;
    int64_t last;               /* kind and track of the last set, as one ascending number */
};

struct head {
    uint8_t kind, bytes;
    uint16_t part;
    uint32_t track;
    uint64_t offered, kept, first;
};

static int
write_part(struct stream_writer *w, const struct value_set *s, enum part part, uint64_t offered,
           struct err *e)
{
    const size_t size = value_bytes(s->kind), size_key = part == PART_KEYED ? sizeof *s->key : 0;
    const size_t most = RECORD_MAX / (size + size_key);
    const uint8_t *values = s->kind == SCORE_PERBIN ? (const uint8_t *)s->f
                                                    : (const uint8_t *)s->d;
    struct buf b = { 0 };
    int status = 0;

    for (size_t first = 0; first < s->n && status == 0; first += most) {
        const size_t n = s->n - first < most ? s->n - first : most;

        buf_clear(&b);
        buf_put_u8(&b, (uint8_t)s->kind);
        buf_put_u8(&b, (uint8_t)size);
        buf_put_u16(&b, (uint16_t)part);
        buf_put_u32(&b, s->track);
        buf_put_u64(&b, offered);
        buf_put_u64(&b, s->n);
        buf_put_u64(&b, first);
        buf_put(&b, values + first * size, n * size);
        if (size_key)
            buf_put(&b, s->key + first, n * size_key);
        status = stream_write(w, b.p, b.n, e);
    }
    buf_free(&b);
    return status;
}

int
state_write(struct stream_writer *w, const struct value_set *s, struct err *e)
{
    if (write_part(w, s, s->key ? PART_KEYED : PART_VALUES, s->offered, e))
        return -1;
    for (int t = 0; s->tail && t < TAILS; t++)
        if (write_part(w, &s->tail[t], t == LOWER ? PART_LOWER : PART_UPPER, s->offered, e))
            return -1;
    return 0;
}

struct state_reader *
state_open(struct stream_reader *in, const char *name, struct err *e)
{
    struct state_reader *r = mem_zalloc(sizeof *r);

    r->in = in;
    r->name = mem_strdup(name);
    r->last = -1;
    track_table_init(&r->tracks);
    if (track_table_from_meta(&r->tracks, stream_meta(in), e) == 0 &&
        shards_from_meta(&r->shards, stream_meta(in), e) == 0 &&
        retention_from_meta(&r->how, stream_meta(in), e) == 0)
        return r;
    err_prefix(e, "%s", name);
    state_close(r);
    return NULL;
}

const char *
state_name(const struct state_reader *r)
{
    return r->name;
}

const struct meta *
state_meta(const struct state_reader *r)
{
    return stream_meta(r->in);
}

const struct meta *
state_trailer(const struct state_reader *r)
{
    return stream_trailer(r->in);
}

const struct track_table *
state_tracks(const struct state_reader *r)
{
    return &r->tracks;
}

const struct shards *
state_shards(const struct state_reader *r)
{
    return &r->shards;
}

const struct retention *
state_retention(const struct state_reader *r)
{
    return &r->how;
}

static int
damaged(const struct state_reader *r, const char *what, struct err *e)
{
    return err_set(e, "%s: record %llu: %s; the state is damaged, make it again", r->name,
                   (unsigned long long)stream_count(r->in), what);
}

/* The head of the waiting record and the number of values in it. */
static int
read_head(const struct state_reader *r, struct head *h, size_t *n, struct err *e)
{
    struct cur c = { r->payload, r->payload + r->bytes, false };
    size_t size;

    h->kind = cur_u8(&c);
    h->bytes = cur_u8(&c);
    h->part = cur_u16(&c);
    h->track = cur_u32(&c);
    h->offered = cur_u64(&c);
    h->kept = cur_u64(&c);
    h->first = cur_u64(&c);
    if (c.bad || h->kind >= SCORE_KINDS || h->part >= PARTS ||
        h->bytes != value_bytes((enum score_kind)h->kind))
        return damaged(r, "unknown kind or width of values", e);
    if (h->track >= r->tracks.n)
        return damaged(r, "a track that the header lacks", e);
    size = h->bytes + (h->part == PART_KEYED ? sizeof(uint32_t) : 0);
    *n = (r->bytes - HEAD) / size;
    if (*n == 0 || *n * size != r->bytes - HEAD || h->kept > h->offered || h->first > h->kept ||
        *n > h->kept - h->first)
        return damaged(r, "counts do not fit its length", e);
    return 0;
}

/* Ascending by value; values with keys also by key. */
static bool
is_ascending(const struct value_set *s, size_t from)
{
    for (size_t i = from ? from : 1; i < s->n; i++)
        if (s->kind == SCORE_PERBIN ? s->f[i] < s->f[i - 1] : s->d[i] < s->d[i - 1])
            return false;
    for (size_t i = from ? from : 1; s->key && i < s->n; i++)
        if (s->key[i] < s->key[i - 1] && value_set_get(s, i) == value_set_get(s, i - 1))
            return false;
    return true;
}

/* Append n values from the waiting record; they must be finite and ascending. */
static int
take_values(struct state_reader *r, struct value_set *s, bool keyed, size_t n, struct err *e)
{
    const uint8_t *p = r->payload + HEAD;
    const size_t size = value_bytes(s->kind), from = s->n;
    bool finite;

    value_set_reserve(s, s->n + n);
    if (s->kind == SCORE_PERBIN) {
        finite = finite_f32(p, n);
        memcpy(s->f + s->n, p, n * size);
    } else {
        finite = finite_as_f32(p, n);
        memcpy(s->d + s->n, p, n * size);
    }
    if (!finite)
        return damaged(r, "a value is not finite, or beyond single precision (3.4e38)", e);
    if (keyed) {
        value_set_reserve_keys(s, s->n + n);
        memcpy(s->key + s->n, p + n * size, n * sizeof *s->key);
    }
    s->n += n;
    if (!is_ascending(s, from))
        return damaged(r, "values are not ascending", e);
    r->payload = NULL;
    return 0;
}

/* Make sure a record is waiting; 0 at the end. */
static int
fetch(struct state_reader *r, struct err *e)
{
    return r->payload ? 1 : stream_next(r->in, &r->payload, &r->bytes, e);
}

/* The values of one part into s, h being the head of its first record, which waits. */
static int
take_part(struct state_reader *r, struct value_set *s, const struct head *h, size_t n,
          struct err *e)
{
    struct head more;
    int got;

    if (h->first != 0)
        return damaged(r, "sets are out of order", e);
    if (take_values(r, s, h->part == PART_KEYED, n, e))
        return -1;
    while (s->n < h->kept) {
        got = fetch(r, e);
        if (got < 0 || (got && read_head(r, &more, &n, e)))
            return -1;
        if (!got || more.kind != h->kind || more.track != h->track || more.part != h->part ||
            more.kept != h->kept || more.offered != h->offered || more.first != s->n)
            return damaged(r, "a set is not complete", e);
        if (take_values(r, s, h->part == PART_KEYED, n, e))
            return -1;
    }
    return 0;
}

/* The tails that follow a set from which values were left out. */
static int
take_tails(struct state_reader *r, struct value_set *s, struct err *e)
{
    const uint64_t want = r->how.tail < s->offered ? r->how.tail : s->offered;
    struct head h;
    size_t n = 0;

    value_set_start_tails(s);
    for (int t = 0; t < TAILS; t++) {
        const int got = fetch(r, e);

        if (got < 0 || (got && read_head(r, &h, &n, e)))
            return -1;
        if (!got || h.kind != s->kind || h.track != s->track || h.offered != s->offered ||
            h.part != (t == LOWER ? PART_LOWER : PART_UPPER) || h.kept != want)
            return damaged(r, "the tails of a set are not complete", e);
        if (take_part(r, &s->tail[t], &h, n, e))
            return -1;
    }
    return 0;
}

/* The head of a set, from its first record: its place and whether retention allows it. */
static int
check_head(struct state_reader *r, const struct head *h, struct err *e)
{
    const int64_t order = (int64_t)h->kind << 32 | h->track;
    const struct retention *how = &r->how;

    if (order <= r->last || h->part != (how->rule == RETAIN_KEYED ? PART_KEYED : PART_VALUES))
        return damaged(r, "sets are out of order", e);
    r->last = order;
    if (how->rule == RETAIN_ALL ? h->kept != h->offered
        : h->kept != (h->offered < how->capacity ? h->offered : how->capacity))
        return damaged(r, "the number of values kept does not fit the number offered", e);
    return 0;
}

int
state_next(struct state_reader *r, struct value_set *s, struct err *e)
{
    struct head h;
    size_t n = 0;
    int got = fetch(r, e);

    if (got <= 0)
        return got;
    if (read_head(r, &h, &n, e) || check_head(r, &h, e))
        return -1;
    value_set_clear(s);
    s->kind = (enum score_kind)h.kind;
    s->track = h.track;
    s->offered = h.offered;
    /* Floats and doubles take turns in one set: drop the memory of the other width. */
    if (s->kind == SCORE_PERBIN ? s->d != NULL : s->f != NULL) {
        value_set_free(s);
        s->offered = h.offered;
    }
    if (take_part(r, s, &h, n, e))
        return -1;
    if (h.kept < h.offered && r->how.tail && take_tails(r, s, e))
        return -1;
    return 1;
}

void
state_close(struct state_reader *r)
{
    if (!r)
        return;
    stream_close(r->in);
    track_table_free(&r->tracks);
    shards_free(&r->shards);
    free(r->name);
    free(r);
}
