/* SPDX-License-Identifier: MIT */
/* --profile: where the time of a run went, by model and layer. */
#include <stdio.h>
#include <string.h>

#include "predict.h"

enum { MAX_NODES = 1024 };

static void
print_node(const struct net *net, int node, const struct net_cost *c, double all)
{
    char text[80];
    double gflops = 2e-9 * net_column_macs(net, node) * (double)c->columns;
    double gbytes = 1e-9 * net_column_bytes(net, node) * (double)c->columns;

    net_describe_node(net, node, text, sizeof text);
    fprintf(stderr, "  %-46s %12llu %9.3f %5.1f %9.1f %8.1f %8.1f\n", text,
            (unsigned long long)c->columns, c->seconds, 100 * c->seconds / all, gflops,
            c->seconds > 0 ? gflops / c->seconds : 0, c->seconds > 0 ? gbytes / c->seconds : 0);
}

static void
print_net(const struct net *net, struct net_workspace *const *ws, size_t n_ws, const char *name)
{
    struct net_cost sum[MAX_NODES];
    double all = 0;

    memset(sum, 0, sizeof sum);
    for (size_t w = 0; w < n_ws; w++) {
        const struct net_cost *c = net_costs(ws[w], net);

        for (int i = 0; c && i < net->n_node && i < MAX_NODES; i++) {
            sum[i].seconds += c[i].seconds;
            sum[i].columns += c[i].columns;
            all += c[i].seconds;
        }
    }
    fprintf(stderr, "\n%s: %.3f seconds in the network, all threads together\n"
            "  %-46s %12s %9s %5s %9s %8s %8s\n", name, all, "layer", "columns", "seconds", "%",
            "GFLOP", "GFLOP/s", "GB/s");
    for (int i = 1; i < net->n_node && i < MAX_NODES; i++)
        if (sum[i].columns)
            print_node(net, i, &sum[i], all);
}

void
profile_print(const struct models *m, struct net_workspace *const *ws, size_t n_ws)
{
    for (size_t i = 0; i < m->n; i++)
        for (size_t b = 0; b < m->model[i]->n_nets; b++)
            print_net(m->model[i]->net[b], ws, n_ws, m->tracks.track[m->first_track[i]].id);
}
