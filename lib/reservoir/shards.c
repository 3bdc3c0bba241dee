/* SPDX-License-Identifier: MIT */
#include "reservoir/shards.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "prog/mem.h"

/* A whole number from 1 to SHARDS_MAX at *p, which is moved behind it; 0 when there is none. */
static uint32_t
take_number(const char **p)
{
    char *end;
    unsigned long v = **p >= '0' && **p <= '9' ? strtoul(*p, &end, 10) : 0;

    if (v == 0 || v > SHARDS_MAX)
        return 0;
    *p = end;
    return (uint32_t)v;
}

static bool
parse(struct shards *s, const char *text)
{
    const char *slash = strchr(text, '/'), *p;

    if (!slash)
        return false;
    p = slash + 1;
    s->n = take_number(&p);
    if (!s->n || *p)
        return false;
    s->have = mem_array(s->n, sizeof *s->have);
    for (p = text;; p++) {
        uint32_t i = take_number(&p);

        if (i == 0 || i > s->n || s->have[i - 1])
            return false;
        s->have[i - 1] = true;
        if (*p != ',')
            return p == slash;
    }
}

int
shards_from_meta(struct shards *s, const struct meta *m, struct err *e)
{
    const char *text = meta_get(m, "shards");

    memset(s, 0, sizeof *s);
    if (!text)
        text = meta_get(m, "shard");
    if (!text || parse(s, text))
        return 0;
    shards_free(s);
    return err_set(e, "shard line '%s' is not of the form I/N; the file is damaged", text);
}

void
shards_free(struct shards *s)
{
    free(s->have);
    memset(s, 0, sizeof *s);
}

int
shards_add(struct shards *a, const struct shards *b, struct err *e)
{
    if (a->n != b->n && (a->n == 0 || b->n == 0))
        return err_set(e, "is %s of a run, but what came before is %s; give either the shards or "
                       "the whole run", b->n ? "a shard" : "the whole",
                       a->n ? "a shard" : "the whole");
    if (a->n != b->n)
        return err_set(e, "is of a run in %u shards, but what came before is of one in %u; use "
                       "one N in --shard I/N", b->n, a->n);
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->have[i] && b->have[i])
            return err_set(e, "shard %u of %u was given already; give each shard once", i + 1,
                           a->n);
        a->have[i] |= b->have[i];
    }
    return 0;
}

bool
shards_complete(const struct shards *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (!s->have[i])
            return false;
    return true;
}

char *
shards_list(const struct shards *s, bool present)
{
    struct buf b = { 0 };

    for (uint32_t i = 0; i < s->n; i++) {
        char *text;

        if (s->have[i] != present)
            continue;
        text = mem_printf("%s%u", b.n ? "," : "", i + 1);
        buf_put(&b, text, strlen(text));
        free(text);
    }
    buf_put_u8(&b, 0);
    return (char *)b.p;
}

void
shards_to_meta(const struct shards *s, struct meta *m)
{
    char *list, *text;

    meta_remove(m, "shard");
    meta_remove(m, "shards");
    if (shards_complete(s))
        return;
    list = shards_list(s, true);
    text = mem_printf("%s/%u", list, s->n);
    meta_add(m, "shards", text);
    free(text);
    free(list);
}
