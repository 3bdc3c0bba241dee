/* SPDX-License-Identifier: MIT */
/* The inside of a workspace, for the files that run networks and measure them. */
#ifndef PT_NN_NET_RUN_H
#define PT_NN_NET_RUN_H

#include "nn/net_plan.h"
#include "threads/team.h"

/* A stretch of one node's activation as it was before net_change. */
struct saved {
    int node;
    struct nn_range range;
    size_t at;                  /* first float in the save area */
};

/* Costs of one network's nodes. */
struct measured {
    const struct net *net;
    struct net_cost *cost;
};

/* Where a node's columns are: column base, which may be in the margin before 0, stands at at. */
struct view {
    float *at;
    ptrdiff_t base;
};

struct net_workspace {
    const struct net *net;      /* the views are of this one */
    struct view view[NET_MAX_NODES];
    uint8_t *codes;             /* with margins of NN_NO_BASE */
    size_t codes_cap;
    ptrdiff_t codes_base;
    float **slot;
    size_t *slot_cap;           /* floats */
    size_t n_slot;
    struct saved *saved;
    size_t n_saved, saved_cap;
    float *area;
    size_t area_n, area_cap;
    bool is_dirty;              /* volatile nodes hold those of an earlier change */
    bool is_spent;              /* a last change was made, and nothing kept for restoring */
    struct team *team;          /* the threads of one window; NULL for the caller's alone */
    float *scratch;             /* of one operation: scratch_n floats for each of them */
    size_t scratch_n;
    bool measures;
    struct measured *measured;
    size_t n_measured, measured_cap;
};

/* A code that no kernel row belongs to: outside the sequence. */
enum { NN_NO_BASE = 0xff };

/* Note what computing some columns of a node took; does nothing unless the workspace measures. */
double net_cost_start(const struct net_workspace *ws);
void net_cost_add(struct net_workspace *ws, const struct net *net, int node, double start,
                  size_t columns);

#endif
