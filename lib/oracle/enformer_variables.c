/* SPDX-License-Identifier: MIT */
#include "oracle/enformer_variables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

enum { MAX_PARTS = 32, PART = 64, NAME = 256 };

struct entry {
    char *name;
    const struct tensor *tensor;
};

struct enformer_variables {
    struct entry *entry;
    size_t n, cap;
};

/* Scopes of a name, from the first that counts on. */
struct scopes {
    char part[MAX_PARTS][PART];
    size_t n;
    size_t block;               /* number of the transformer block, where there is one */
};

static bool
last_is(const struct scopes *s, const char *part)
{
    return s->n && strcmp(s->part[s->n - 1], part) == 0;
}

static bool
last_ends_in(const struct scopes *s, const char *end)
{
    size_t n = s->n ? strlen(s->part[s->n - 1]) : 0, m = strlen(end);

    return n >= m && strcmp(s->part[s->n - 1] + n - m, end) == 0;
}

static bool
push(struct scopes *s, const char *part)
{
    if (last_is(s, part))               /* every scope twice */
        return true;
    if (s->n == MAX_PARTS || strlen(part) >= PART)
        return false;
    snprintf(s->part[s->n++], PART, "%s", part);
    return true;
}

static bool
add_part(struct scopes *s, const char *part, const struct tensor *t)
{
    static const char block[] = "transformer_block_", stage[] = "downres_block_";
    char text[PART];

    if (!s->n && strcmp(part, "trunk") != 0 && strcmp(part, "heads") != 0)
        return true;
    if (strcmp(part, "normalization") == 0 || strcmp(part, "pooling") == 0 ||
        (strcmp(part, "linear") == 0 && last_ends_in(s, "_layer")))
        return true;
    if (strncmp(part, block, sizeof block - 1) == 0)
        s->block = strtoul(part + sizeof block - 1, NULL, 10);
    if (strcmp(part, "multihead_attention") == 0) {
        snprintf(text, sizeof text, "attention_%zu", s->block);
        return push(s, text);
    }
    if (strcmp(part, "exponential_moving_average") == 0)
        return push(s, "cross_replica_batch_norm") && t->held_as &&
               (strstr(t->held_as, "moving_mean/") ? push(s, "moving_mean") :
                strstr(t->held_as, "moving_variance/") ? push(s, "moving_variance") : false);
    if (strcmp(part, "downres") == 0)
        return push(s, "conv_tower");
    if (strncmp(part, stage, sizeof stage - 1) == 0) {
        snprintf(text, sizeof text, "conv_tower_block_%.20s", part + sizeof stage - 1);
        return push(s, text);
    }
    return push(s, strcmp(part, "batch_norm") == 0 ? "cross_replica_batch_norm" : part);
}

/* False when it is no variable of Enformer's. */
static bool
to_name(char name[NAME], const struct tensor *t)
{
    const char *from = t->variable ? t->variable : t->name;
    struct scopes s = { .n = 0 };
    size_t n = 0;

    while (*from) {
        size_t len = strcspn(from, "/");
        char part[PART];

        if (len >= PART)
            return false;
        snprintf(part, sizeof part, "%.*s", (int)len, from);
        part[strcspn(part, ":")] = '\0';                /* "w:0" */
        if (*part && !add_part(&s, part, t))
            return false;
        from += len + (from[len] == '/');
    }
    for (size_t i = 0; i < s.n && n < NAME; i++)
        n += (size_t)snprintf(name + n, NAME - n, "%s%s", i ? "/" : "", s.part[i]);
    return n > 0 && n < NAME;
}

bool
enformer_variables_are_in(const struct weights *w)
{
    char name[NAME];

    for (size_t i = 0; i < w->n_tensor; i++)
        if (to_name(name, &w->tensor[i]) && strcmp(name, "trunk/stem/conv1_d/w") == 0)
            return true;
    return false;
}

struct enformer_variables *
enformer_variables_new(const struct weights *w)
{
    struct enformer_variables *v = mem_zalloc(sizeof *v);
    char name[NAME];

    for (size_t i = 0; i < w->n_tensor; i++) {
        if (!to_name(name, &w->tensor[i]))
            continue;
        mem_grow(&v->entry, &v->cap, v->n + 1, sizeof *v->entry);
        v->entry[v->n++] = (struct entry){ mem_strdup(name), &w->tensor[i] };
    }
    return v;
}

void
enformer_variables_free(struct enformer_variables *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->n; i++)
        free(v->entry[i].name);
    free(v->entry);
    free(v);
}

const struct tensor *
enformer_variables_find(const struct enformer_variables *v, const char *name, size_t i)
{
    for (size_t k = 0; k < v->n; k++)
        if (strcmp(v->entry[k].name, name) == 0 && i-- == 0)
            return v->entry[k].tensor;
    return NULL;
}
