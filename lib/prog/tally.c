/* SPDX-License-Identifier: MIT */
#include "prog/tally.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/die.h"
#include "prog/mem.h"

struct entry {
    char *reason, *example;
    uint64_t n;
};

struct tally {
    struct entry *entry;
    size_t n, cap;
    bool strict;
};

struct tally *
tally_new(bool strict)
{
    struct tally *t = mem_zalloc(sizeof *t);

    t->strict = strict;
    return t;
}

void
tally_free(struct tally *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n; i++) {
        free(t->entry[i].reason);
        free(t->entry[i].example);
    }
    free(t->entry);
    free(t);
}

static struct entry *
find(const struct tally *t, const char *reason)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->entry[i].reason, reason) == 0)
            return &t->entry[i];
    return NULL;
}

void
tally_add(struct tally *t, uint64_t n, const char *reason, const char *example, ...)
{
    struct entry *entry = find(t, reason);
    char text[512];
    va_list ap;

    if (entry) {
        entry->n += n;
        return;
    }
    va_start(ap, example);
    vsnprintf(text, sizeof text, example, ap);
    va_end(ap);
    if (t->strict)
        die("%s: %s (--strict)", text, reason);
    mem_grow(&t->entry, &t->cap, t->n + 1, sizeof *t->entry);
    t->entry[t->n++] = (struct entry){ mem_strdup(reason), mem_strdup(text), n };
}

uint64_t
tally_total(const struct tally *t)
{
    uint64_t total = 0;

    for (size_t i = 0; i < t->n; i++)
        total += t->entry[i].n;
    return total;
}

uint64_t
tally_count(const struct tally *t, const char *reason)
{
    const struct entry *entry = find(t, reason);

    return entry ? entry->n : 0;
}

size_t
tally_size(const struct tally *t)
{
    return t->n;
}

const char *
tally_reason(const struct tally *t, size_t i, uint64_t *n)
{
    *n = t->entry[i].n;
    return t->entry[i].reason;
}

void
tally_report(const struct tally *t, uint64_t of, const char *unit)
{
    if (!t->n)
        return;
    fprintf(stderr, "%s: left out %llu of %llu %s: ", prog_name,
            (unsigned long long)tally_total(t), (unsigned long long)of, unit);
    for (size_t i = 0; i < t->n; i++)
        fprintf(stderr, "%s%llu %s (first: %s)", i ? ", " : "",
                (unsigned long long)t->entry[i].n, t->entry[i].reason, t->entry[i].example);
    fputc('\n', stderr);
}
