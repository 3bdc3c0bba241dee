/* SPDX-License-Identifier: MIT */
#include "record/onehot.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "record/site_codec.h"

/* Positions converted at a time, so that unaligned float data needs no copy of the whole record. */
enum { CHUNK = 256 };

void
onehot_encoding_to_meta(struct meta *m, const struct onehot_encoding *x)
{
    json_t *object = json_pack("{s:s, s:i, s:f, s:b}", "channels", x->order, "length",
                               (int)x->length, "n_value", (double)x->n_value,
                               "reverse_complement", x->reverse_complement);
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

    meta_set(m, "encoding", text);
    free(text);
    json_decref(object);
}

int
onehot_encoding_from_meta(struct onehot_encoding *x, const struct meta *m, struct err *e)
{
    const char *text = meta_get(m, "encoding"), *order = NULL;
    json_t *object = text ? json_loads(text, 0, NULL) : NULL;
    struct dna_channels channels;
    double n_value = -1;
    int length = -1, reverse = 0, rc = -1;

    if (!object || json_unpack(object, "{s:s, s:i, s:F, s:b}", "channels", &order, "length",
                               &length, "n_value", &n_value, "reverse_complement", &reverse))
        err_set(e, "one-hot stream without its \"encoding\" metadata; the stream is damaged or "
                "was written by another program");
    else if (length < 0 || (n_value != 0 && n_value != 0.25))
        err_set(e, "one-hot encoding with length %d and n_value %g; the stream is damaged", length,
                n_value);
    else
        rc = dna_channels_parse(&channels, order, (float)n_value, e);
    if (rc == 0) {
        memcpy(x->order, order, sizeof x->order);
        x->n_value = (float)n_value;
        x->reverse_complement = reverse != 0;
        x->length = (uint32_t)length;
    }
    json_decref(object);
    return rc;
}

void
onehot_init(struct onehot *o)
{
    memset(o, 0, sizeof *o);
    site_init(&o->site);
}

void
onehot_free(struct onehot *o)
{
    site_free(&o->site);
    memset(o, 0, sizeof *o);
}

/* The room in a buffer is not aligned for floats. */
static void
put_floats(struct buf *b, const uint8_t *code, size_t length, const struct dna_channels *c)
{
    float x[CHUNK * ONEHOT_CHANNELS];

    for (size_t done = 0; done < length; done += CHUNK) {
        size_t n = length - done < CHUNK ? length - done : CHUNK;

        dna_onehot(x, code + done, n, c);
        buf_put(b, x, n * ONEHOT_CHANNELS * sizeof *x);
    }
}

void
onehot_encode(struct buf *b, const struct site *site, const uint8_t *const *code,
              size_t n_alleles, size_t length, const struct dna_channels *c)
{
    bool bytes = c->n_value == 0;

    site_encode(b, site);
    buf_put_u32(b, (uint32_t)n_alleles);
    buf_put_u32(b, (uint32_t)length);
    buf_put_u32(b, ONEHOT_CHANNELS);
    buf_put_u8(b, bytes ? ONEHOT_U8 : ONEHOT_F32);
    for (size_t i = 0; i < n_alleles; i++) {
        if (bytes)
            dna_onehot_u8(buf_room(b, length * ONEHOT_CHANNELS), code[i], length, c);
        else
            put_floats(b, code[i], length, c);
    }
}

static int
damaged(struct err *e, const char *what, uint64_t found, uint64_t expected)
{
    return err_set(e, "one-hot record has %s %llu, expected %llu; the stream is damaged", what,
                   (unsigned long long)found, (unsigned long long)expected);
}

int
onehot_decode(struct onehot *o, const void *payload, size_t bytes, struct err *e)
{
    struct cur c = { payload, (const uint8_t *)payload + bytes, false };
    uint32_t channels;
    uint8_t type;
    uint64_t want, alleles;

    if (site_decode(&o->site, &c, e))
        return -1;
    o->n_alleles = cur_u32(&c);
    o->length = cur_u32(&c);
    channels = cur_u32(&c);
    type = cur_u8(&c);
    if (c.bad)
        return err_set(e, "one-hot record ends within its shape; the stream is damaged");
    alleles = o->site.n_alt + 1;
    if (o->n_alleles != alleles)
        return damaged(e, "number of alleles", o->n_alleles, alleles);
    if (channels != ONEHOT_CHANNELS)
        return damaged(e, "number of channels", channels, ONEHOT_CHANNELS);
    if (type != ONEHOT_U8 && type != ONEHOT_F32)
        return damaged(e, "element type", type, ONEHOT_U8);
    if (__builtin_mul_overflow(alleles * ONEHOT_CHANNELS * type, (uint64_t)o->length, &want) ||
        want != (uint64_t)(c.end - c.p))
        return damaged(e, "bytes of data", (uint64_t)(c.end - c.p), want);
    o->type = (enum onehot_type)type;
    o->data = c.p;
    return 0;
}

/* Codes of n columns at p; returns how many were bases. */
static size_t
decode_chunk(uint8_t *code, const uint8_t *p, size_t n, enum onehot_type type,
             const struct dna_channels *c)
{
    float x[CHUNK * ONEHOT_CHANNELS];

    if (type == ONEHOT_U8)
        return dna_from_onehot_u8(code, p, n, c);
    memcpy(x, p, n * ONEHOT_CHANNELS * sizeof *x);
    return dna_from_onehot(code, x, n, c);
}

int
onehot_codes(uint8_t *code, const struct onehot *o, size_t allele, const struct dna_channels *c,
             struct err *e)
{
    size_t column = (size_t)ONEHOT_CHANNELS * o->type;
    const uint8_t *p = o->data + allele * o->length * column;

    for (size_t done = 0; done < o->length; done += CHUNK) {
        size_t n = o->length - done < CHUNK ? o->length - done : CHUNK;
        size_t good = decode_chunk(code + done, p + done * column, n, o->type, c);

        if (good != n)
            return err_set(e, "column %zu of allele %zu at %s:%lld is neither a base nor unknown "
                           "(four 0 or four 0.25); mixtures of bases cannot be predicted",
                           done + good + 1, allele, o->site.chrom, (long long)o->site.start + 1);
    }
    return 0;
}
