/* SPDX-License-Identifier: MIT */
#include "record/site_codec.h"

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

/* A string where it lies in the record. */
struct text {
    const char *p;
    size_t n;
};

/* The site of a record, checked and not yet copied. */
struct site_bytes {
    uint8_t kind;
    struct text chrom, ref, id, stratum;
    int64_t start, end;
    struct cur alts;            /* at the first allele */
    size_t n_alt;
    uint64_t ordinal;
};

static inline struct text
get_text(struct cur *c)
{
    size_t n = cur_u32(c);
    const uint8_t *p = cur_bytes(c, n);

    if (!p || memchr(p, '\0', n)) {
        c->bad = true;
        return (struct text){ NULL, 0 };
    }
    return (struct text){ (const char *)p, n };
}

/* Each allele takes at least the four bytes of its length: a bound on the count before memory. */
static void
skip_alts(struct site_bytes *b, struct cur *c)
{
    b->n_alt = cur_u32(c);
    b->alts = *c;
    if (b->n_alt > (size_t)(c->end - c->p) / 4)
        c->bad = true;
    for (size_t i = 0; i < b->n_alt && !c->bad; i++)
        get_text(c);
}

/* The only place that knows the layout, so that all readers check the same. */
static int
get_site(struct site_bytes *b, struct cur *c, struct err *e)
{
    const uint8_t *kind = cur_bytes(c, 1);

    b->kind = kind ? *kind : 0;
    b->chrom = get_text(c);
    b->start = (int64_t)cur_u64(c);
    b->end = (int64_t)cur_u64(c);
    b->ref = get_text(c);
    skip_alts(b, c);
    b->id = get_text(c);
    b->stratum = get_text(c);
    b->ordinal = cur_u64(c);
    if (c->bad || b->kind > SITE_REGION || b->start < 0 || b->end < b->start ||
        (b->kind == SITE_REGION && b->n_alt))
        return err_set(e, "record does not begin with a site; the stream is damaged");
    return 0;
}

/* Neighbouring sites share most texts: keep the one that is there. */
static void
set_text(char **dst, struct text t)
{
    if (*dst && strlen(*dst) == t.n && memcmp(*dst, t.p, t.n) == 0)
        return;
    free(*dst);
    *dst = mem_strndup(t.p, t.n);
}

static void
set_alts(struct site *s, const struct site_bytes *b)
{
    struct cur c = b->alts;

    for (size_t i = b->n_alt; i < s->n_alt; i++)
        free(s->alt[i]);
    if (b->n_alt > s->n_alt || !s->alt) {
        s->alt = mem_resize(s->alt, b->n_alt, sizeof *s->alt);
        for (size_t i = s->n_alt; i < b->n_alt; i++)
            s->alt[i] = NULL;
    }
    s->n_alt = b->n_alt;
    for (size_t i = 0; i < s->n_alt; i++)
        set_text(&s->alt[i], get_text(&c));
}

static int
no_site(struct site *s)
{
    site_free(s);
    return -1;
}

static void
set_place(struct site *s, const struct site_bytes *b)
{
    s->kind = b->kind == SITE_REGION ? SITE_REGION : SITE_VARIANT;
    set_text(&s->chrom, b->chrom);
    s->start = b->start;
    s->end = b->end;
    s->ordinal = b->ordinal;
}

int
site_decode(struct site *s, struct cur *c, struct err *e)
{
    struct site_bytes b;

    if (get_site(&b, c, e))
        return no_site(s);
    set_place(s, &b);
    set_text(&s->ref, b.ref);
    set_alts(s, &b);
    set_text(&s->id, b.id);
    set_text(&s->stratum, b.stratum);
    return 0;
}

/* What site_decode_place leaves out; does nothing from its second call on. */
static void
clear_details(struct site *s)
{
    static const struct text empty = { "", 0 }, dot = { ".", 1 };

    if (s->n_alt == 0 && s->ref && !*s->ref && s->id && strcmp(s->id, ".") == 0 && s->stratum &&
        strcmp(s->stratum, ".") == 0)
        return;
    set_alts(s, &(struct site_bytes){ .n_alt = 0 });
    set_text(&s->ref, empty);
    set_text(&s->id, dot);
    set_text(&s->stratum, dot);
}

int
site_decode_place(struct site *s, struct cur *c, struct err *e)
{
    struct site_bytes b;

    if (get_site(&b, c, e))
        return no_site(s);
    set_place(s, &b);
    clear_details(s);
    return 0;
}
