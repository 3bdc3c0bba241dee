/* SPDX-License-Identifier: MIT */
#include "oracle/family.h"

#include <stdlib.h>
#include <string.h>

#include "hash256.h"
#include "prog/mem.h"

static const struct family *const families[] = {
    &family_bpnet,
    &family_borzoi,
    &family_chrombpnet,
    &family_enformer,
};

const struct family *const *
family_list(size_t *n)
{
    *n = ARRAY_LEN(families);
    return families;
}

/* One file's checksum is that file's; of more, the checksum of the checksums so far and the next. */
static void
add_checksum(struct model *m, const char sha256[65])
{
    struct hash256 *h;

    if (!*m->sha256) {
        memcpy(m->sha256, sha256, sizeof m->sha256);
        return;
    }
    h = hash256_new();
    hash256_add(h, m->sha256, 64);
    hash256_add(h, sha256, 64);
    hash256_hex(h, m->sha256);
}

struct weights *
model_weights(struct model *m, const char *path, struct err *e)
{
    struct weights *w = weights_open(path, e);

    if (!w)
        return NULL;
    if (!m->format)
        m->format = w->format;
    add_checksum(m, w->sha256);
    return w;
}

struct model_track *
model_add_track(struct model *m)
{
    struct model_track *t;

    m->track = mem_resize(m->track, m->n_tracks + 1, sizeof *m->track);
    t = &m->track[m->n_tracks++];
    memset(t, 0, sizeof *t);
    t->n_bins = t->bin_bp = t->n_strands = 1;
    return t;
}

void
model_add_net(struct model *m, struct net *net)
{
    m->net = mem_resize(m->net, m->n_nets + 1, sizeof(struct net *));
    m->net[m->n_nets++] = net;
}

static bool
is_reference(const struct model_allele *a)
{
    return a->hi <= a->lo;
}

void
model_run_group(const struct net *net, struct net_workspace *ws, const struct model_group *group,
                void (*take)(void *context, const struct model_allele *allele, size_t i),
                void *context)
{
    net_run(net, ws, group->codes);
    for (size_t i = 0; i < group->n; i++)
        if (is_reference(&group->allele[i]))
            take(context, &group->allele[i], i);
    for (size_t i = 0; i < group->n; i++) {
        const struct model_allele *a = &group->allele[i];

        if (is_reference(a))
            continue;
        net_change(net, ws, a->codes, a->lo, a->hi);
        take(context, a, i);
        net_restore(net, ws);
    }
}
