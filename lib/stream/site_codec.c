/* SPDX-License-Identifier: MIT */
#include "stream/site_codec.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

void
site_encode(struct buf *b, const struct site *s)
{
    buf_put_u8(b, (uint8_t)s->kind);
    buf_put_str(b, s->chrom);
    buf_put_u64(b, (uint64_t)s->start);
    buf_put_u64(b, (uint64_t)s->end);
    buf_put_str(b, s->ref);
    buf_put_u32(b, (uint32_t)s->n_alt);
    for (size_t i = 0; i < s->n_alt; i++)
        buf_put_str(b, s->alt[i]);
    buf_put_str(b, s->id);
    buf_put_str(b, s->stratum);
    buf_put_u64(b, s->ordinal);
}

/* Each allele takes at least the four bytes of its length: a bound on the count before memory. */
static void
decode_alts(struct site *s, struct cur *c)
{
    size_t n = cur_u32(c);

    if (c->bad || n > (size_t)(c->end - c->p) / 4) {
        c->bad = true;
        return;
    }
    s->alt = mem_array(n, sizeof *s->alt);
    for (size_t i = 0; i < n && !c->bad; i++) {
        s->alt[i] = cur_str(c);
        if (s->alt[i])
            s->n_alt++;
    }
}

int
site_decode(struct site *s, struct cur *c, struct err *e)
{
    uint8_t kind = cur_u8(c);

    site_free(s);
    memset(s, 0, sizeof *s);
    s->chrom = cur_str(c);
    s->start = (int64_t)cur_u64(c);
    s->end = (int64_t)cur_u64(c);
    s->ref = cur_str(c);
    decode_alts(s, c);
    s->id = cur_str(c);
    s->stratum = cur_str(c);
    s->ordinal = cur_u64(c);
    s->kind = kind == SITE_REGION ? SITE_REGION : SITE_VARIANT;
    if (c->bad || kind > SITE_REGION || s->start < 0 || s->end < s->start ||
        (kind == SITE_REGION && s->n_alt)) {
        site_free(s);
        site_init(s);
        return err_set(e, "record does not begin with a site; the stream is damaged");
    }
    return 0;
}
