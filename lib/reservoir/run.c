/* SPDX-License-Identifier: MIT */
#include "reservoir/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "prog/mem.h"
#include "reservoir/run_meta.h"

/* One source of sets: a state being read, or values in memory. */
struct part {
    struct state_reader *state;
    struct reservoir *values;
    const uint32_t *order;
    size_t n_tracks;
    uint64_t at;                /* memory: kind * n_tracks + track of the next set */
    struct value_set own;       /* state: where sets are read into */
    struct value_set *set;      /* waiting, or NULL */
    bool ended;
};

struct run {
    struct run_info info;
    struct part *part;
    size_t n, cap;
    struct value_set joined;
};

void
run_info_init(struct run_info *r)
{
    memset(r, 0, sizeof *r);
    meta_init(&r->meta);
    meta_init(&r->trailer);
}

void
run_info_free(struct run_info *r)
{
    meta_free(&r->meta);
    meta_free(&r->trailer);
    shards_free(&r->shards);
    free(r->name);
    run_info_init(r);
}

static int
take_header(struct run_info *r, const struct meta *m, const char *name, struct err *e)
{
    meta_copy(&r->meta, m);
    meta_remove(&r->meta, "content");
    meta_remove(&r->meta, "shard");
    meta_remove(&r->meta, "shards");
    r->name = mem_strdup(name);
    return retention_from_meta(&r->how, m, e) ? err_prefix(e, "%s", name) : 0;
}

int
run_info_add(struct run_info *r, const struct meta *m, const char *name, struct err *e)
{
    struct shards s;
    int status = shards_from_meta(&s, m, e);

    if (status == 0 && !r->name) {
        r->shards = s;
        return take_header(r, m, name, e);
    }
    if (status == 0)
        status = run_meta_compare(&r->meta, r->name, m, name, e);
    if (status == 0 && r->how.rule == RETAIN_R)
        status = err_set(e, "%s and %s cannot be joined: what algorithm R keeps depends on the "
                         "order of all values; give one of them, or keep values by key", r->name,
                         name);
    if (status == 0 && shards_add(&r->shards, &s, e))
        status = err_prefix(e, "%s", name);
    shards_free(&s);
    return status;
}

/* The lines "sites" are in the trailer, where the whole input has been seen. */
static bool
names_sites(const struct run_info *r)
{
    return meta_get(&r->trailer, "sites") || meta_get(&r->meta, "sites");
}

int
run_info_add_trailer(struct run_info *r, const struct meta *m, const char *name, struct err *e)
{
    if (r->n_trailers++ == 0)
        return run_meta_first_trailer(&r->trailer, m, name, e);
    if (run_meta_join_trailer(&r->trailer, r->name, m, name, e))
        return -1;
    if (r->shards.n == 0 && names_sites(r))
        return err_set(e, "%s: holds the same whole run as %s; give it once", name, r->name);
    return 0;
}

void
run_allow_files(size_t n)
{
    enum { OTHERS = 64 };       /* standard streams, output, libraries */
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= n + OTHERS)
        return;
    limit.rlim_cur = limit.rlim_max < n + OTHERS ? limit.rlim_max : n + OTHERS;
    setrlimit(RLIMIT_NOFILE, &limit);
}

struct run *
run_new(void)
{
    struct run *r = mem_zalloc(sizeof *r);

    run_info_init(&r->info);
    return r;
}

void
run_free(struct run *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n; i++) {
        state_close(r->part[i].state);
        value_set_free(&r->part[i].own);
    }
    free(r->part);
    value_set_free(&r->joined);
    run_info_free(&r->info);
    free(r);
}

static struct part *
add_part(struct run *r)
{
    mem_grow(&r->part, &r->cap, r->n + 1, sizeof *r->part);
    memset(&r->part[r->n], 0, sizeof *r->part);
    return &r->part[r->n++];
}

int
run_add_state(struct run *r, struct state_reader *s, struct err *e)
{
    add_part(r)->state = s;
    return run_info_add(&r->info, state_meta(s), state_name(s), e);
}

int
run_add_memory(struct run *r, struct reservoir *values, const uint32_t *order, size_t n_tracks,
               const struct run_info *info, struct err *e)
{
    struct part *p = add_part(r);
    struct meta header;
    int status;

    p->values = values;
    p->order = order;
    p->n_tracks = n_tracks;
    meta_init(&header);
    meta_copy(&header, &info->meta);
    shards_to_meta(&info->shards, &header);
    status = run_info_add(&r->info, &header, info->name, e);
    meta_free(&header);
    if (status)
        return -1;
    return run_info_add_trailer(&r->info, &info->trailer, info->name, e);
}

const struct run_info *
run_info(const struct run *r)
{
    return &r->info;
}

/* The next set of values in memory, sorted and with its track renumbered. */
static void
fetch_memory(struct part *p)
{
    for (; p->at < SCORE_KINDS * p->n_tracks; p->at++) {
        uint32_t track = (uint32_t)(p->at % p->n_tracks);

        p->set = reservoir_get(p->values, (enum score_kind)(p->at / p->n_tracks),
                               p->order[track]);
        if (p->set) {
            p->set->track = track;
            value_set_sort(p->set);
            p->at++;
            return;
        }
    }
    p->ended = true;
}

/* Make sure a part that has not ended has a set waiting. */
static int
fetch(struct run *r, struct part *p, struct err *e)
{
    int got;

    if (p->set || p->ended)
        return 0;
    if (p->values) {
        fetch_memory(p);
        return 0;
    }
    got = state_next(p->state, &p->own, e);
    if (got < 0)
        return -1;
    p->set = got ? &p->own : NULL;
    p->ended = got == 0;
    return got ? 0 : run_info_add_trailer(&r->info, state_trailer(p->state), state_name(p->state),
                                          e);
}

static int
compare_place(const struct value_set *a, const struct value_set *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->track < b->track ? -1 : a->track > b->track;
}

/* All parts' values of one place, in place of the waiting sets. */
static const struct value_set *
join(struct run *r, const struct value_set *place)
{
    struct value_set *j = &r->joined;
    const struct value_set first = *place;

    value_set_free(j);
    j->kind = first.kind;
    j->track = first.track;
    for (size_t i = 0; i < r->n; i++) {
        if (!r->part[i].set || compare_place(r->part[i].set, &first) != 0)
            continue;
        value_set_join(j, &r->info.how, r->part[i].set);
        r->part[i].set = NULL;
    }
    value_set_trim(j, &r->info.how);
    value_set_sort(j);
    return j;
}

int
run_next(struct run *r, const struct value_set **set, struct err *e)
{
    const struct value_set *least = NULL;
    size_t n_same = 0, at = 0;

    for (size_t i = 0; i < r->n; i++) {
        int order;

        if (fetch(r, &r->part[i], e))
            return -1;
        if (!r->part[i].set)
            continue;
        order = least ? compare_place(r->part[i].set, least) : -1;
        if (order < 0) {
            least = r->part[i].set;
            at = i;
            n_same = 0;
        }
        n_same += order <= 0;
    }
    if (!least)
        return 0;
    if (n_same > 1) {
        *set = join(r, least);
    } else {
        *set = least;
        r->part[at].set = NULL;
    }
    return 1;
}
