/* SPDX-License-Identifier: MIT */
/*
 * Uniform thinning of a stream to n items: those with the n smallest hashes of what they are, so
 * that neither the order of the stream nor its parts matter.  Memory for 2 n items.
 */
#ifndef PT_SAMPLE_THIN_H
#define PT_SAMPLE_THIN_H

#include "base/base.h"

struct thin_item {
    uint64_t hash, ordinal;     /* ordinal: place in the stream */
    void *data;
};

struct thin {
    struct thin_item *item;     /* after thin_finish sorted by hash */
    size_t n, cap, wanted;
    uint64_t limit;             /* no item with a greater hash is wanted any more */
    uint64_t duplicates;        /* items dropped because one with their hash came before */
    void (*free_data)(void *data);
};

void thin_init(struct thin *t, size_t n, void (*free_data)(void *data));
void thin_free(struct thin *t);         /* data too */

/* Could an item of that hash be kept?  Ask before the data are made. */
bool thin_wants(const struct thin *t, uint64_t hash);

/* Takes data over. */
void thin_add(struct thin *t, uint64_t hash, uint64_t ordinal, void *data);

/* At the end of the stream: at most n items stay, equal hashes once (the first in the stream). */
void thin_finish(struct thin *t);

#endif
