/* SPDX-License-Identifier: MIT */
/*
 * Networks of every kind of node, drawn at random: a changed pass equals a full pass bit for bit,
 * tiles and nodes on demand equal the untiled network bit for bit, every kernel set agrees with
 * the reference, and padding is with zeros at every layer.
 */
#include "check.h"
#include "nn/net.h"
#include "prog/mem.h"
#include "rng/keyed.h"

static struct keyed_stream rng;

static float *
draw_array(size_t n, double centre, double scale)
{
    float *p = mem_array(n, sizeof *p);

    for (size_t i = 0; i < n; i++)
        p[i] = (float)(centre + scale * ((double)(keyed_next(&rng) >> 40) / (1 << 23) - 1));
    return p;
}

static size_t
pick(size_t lo, size_t hi)
{
    return lo + keyed_below(&rng, hi - lo + 1);
}

/* Twice every value of the column, plus the second input's: what a family might add. */
static void
call_local(void *context, float *y, const float *x, const float *second, size_t lo, size_t hi,
           float *scratch, struct nn_part part)
{
    size_t c = *(const size_t *)context;

    (void)scratch;
    for (size_t j = lo + part.i; j < hi; j += part.n)
        for (size_t i = 0; i < c; i++)
            y[j * c + i] = 2 * x[j * c + i] + (second ? second[j * c + i] : 0);
}

static size_t call_channels[64];
static int n_call_channels;

struct sample {
    struct net net;
    int end, pooled;            /* a local node, and what follows a global one */
    int tail;                   /* last node of a stretch on demand, or -1 */
};

static int
add_conv(struct net *net, int x, size_t k, size_t d, size_t c_out, bool same)
{
    size_t c_in = net->node[x].channels;
    float *w = draw_array(k * c_in * c_out, 0, 1.5 / sqrt((double)(k * c_in)));
    float *b = pick(0, 3) ? draw_array(c_out, 0, .5) : NULL;

    return same ? net_add_conv_same(net, x, w, b, k, d, c_out)
                : net_add_conv(net, x, w, b, k, d, c_out, pick(0, 1));
}

static int
add_local(struct net *net, int x)
{
    size_t c = net->node[x].channels, len = net->node[x].len, k;
    struct nn_call call = { .run = call_local, .name = "twice" };
    int y;

    switch (pick(0, 12)) {
    case 0:
        return net_add_act(net, x, (enum nn_act)pick(0, 7));
    case 1:
        return net_add_affine(net, x, draw_array(c, 1, .5), draw_array(c, 0, .5),
                              (enum nn_act)pick(0, 7));
    case 2:
        k = 2 * pick(0, 3) + 1;
        return net_add_depthwise_same(net, x, draw_array(k * c, 0, .7), draw_array(c, 0, .3), k,
                                      pick(1, 5));
    case 3:
        return len > 60 ? net_add_max_pool(net, x, pick(2, 3)) : x;
    case 4:
        if (len < 60 || len % 2)
            return x;
        y = add_conv(net, x, 1, 1, c, true);
        return net_add_soft_pool(net, x, y);
    case 5:
        return len < 150 ? net_add_upsample(net, x, 2) : x;
    case 6:
        return net_add_layer_norm(net, x, draw_array(c, 1, .5), draw_array(c, 0, .5), 1e-3);
    case 7:
        y = add_conv(net, x, 3, pick(1, 3), c, true);
        return c < 60 ? net_add_concat(net, y, x) : y;
    case 8:
        call_channels[n_call_channels] = c;
        call.context = &call_channels[n_call_channels];
        n_call_channels = (n_call_channels + 1) % 64;
        return net_add_call(net, x, -1, len, c, &call, 0);
    case 9:
        return len > 40 ? add_conv(net, x, 3, pick(1, 2), pick(1, 40), false) : x;
    default:
        y = add_conv(net, x, 2 * pick(0, 2) + 1, pick(1, 6), c, true);
        net_set_residual(net, y, x, 0);
        net_set_act(net, y, (enum nn_act)pick(0, 6));
        return y;
    }
}

/* Squeeze and excitation, or a normalised plane; then a convolution. */
static int
add_global(struct net *net, int x)
{
    size_t c = net->node[x].channels;
    int g;

    if (pick(0, 1)) {
        g = net_add_mean(net, x, 0, net->node[x].len);
        g = add_conv(net, g, 1, 1, pick(1, 9), true);
        net_set_act(net, g, NN_ACT_SILU);
        g = add_conv(net, g, 1, 1, c, true);
        net_set_act(net, g, NN_ACT_SIGMOID);
        x = net_add_gate(net, x, g);
    } else {
        x = net_add_normalize(net, x, net_add_stats(net, x, 1e-3));
    }
    return add_conv(net, x, 3, 1, c, true);
}

/* The same draws give the same network; width 0: without a stretch. */
static void
make_net(struct sample *s, const struct nn_ops *ops, uint64_t seed, size_t width)
{
    size_t f, k, n_local, first;
    float *kernel;
    int x, fork;

    keyed_stream_init(&rng, seed, 1);
    f = pick(1, 40);
    k = 2 * pick(0, 8) + 1;
    n_local = pick(2, 7);
    net_init(&s->net, ops);
    x = net_add_input(&s->net, 2 * pick(50, 90));
    first = pick(4, 5);
    kernel = draw_array(k * first * f, 0, .7);
    if (pick(0, 2) == 0)
        x = net_add_stem_rows(&s->net, x, kernel, draw_array(f, 0, .5), k, first, f, true);
    else
        x = net_add_stem_same(&s->net, x, kernel, draw_array(f, 0, .5), k, first, f);
    for (size_t i = 0; i < n_local; i++)
        x = add_local(&s->net, x);
    s->end = x;
    if (width)
        net_add_stretch(&s->net, 1, s->end, width);
    for (int round = 0; round < 2; round++) {
        x = add_global(&s->net, x);
        x = add_local(&s->net, x);
    }
    s->pooled = x;
    fork = x;
    k = pick(0, 2) ? 2 * pick(0, 3) + 1 : 15;
    kernel = draw_array(k * s->net.node[x].channels * 2, 0, .3);
    x = net_add_narrow_conv_same(&s->net, x, kernel, NULL, k, 2);
    free(kernel);
    x = net_add_act(&s->net, x, NN_ACT_GELU_TANH);
    s->tail = x;
    if (width)
        net_add_stretch(&s->net, fork + 1, x, 0);
    net_want(&s->net, s->end, 0, s->net.node[s->end].len);
    net_want(&s->net, s->pooled, 0, s->net.node[s->pooled].len);
    net_want(&s->net, s->tail, 0, s->net.node[s->tail].len);
}

static size_t
node_bytes(const struct net *net, int i)
{
    return net->node[i].len * net->node[i].channels * sizeof(float);
}

/* Outputs of both wanted nodes, and of the tail where it is not on demand. */
static char *
outputs(const struct sample *s, const struct net_workspace *ws)
{
    size_t a = node_bytes(&s->net, s->end), b = node_bytes(&s->net, s->pooled);
    char *all = mem_alloc(a + b);

    memcpy(all, net_output(&s->net, ws, s->end), a);
    memcpy(all + a, net_output(&s->net, ws, s->pooled), b);
    return all;
}

static void
check_same(const struct sample *s, const char *a, const char *b, size_t n, const char *what)
{
    CHECK(memcmp(a, b, n) == 0, "%s: %s", s->net.ops.name, what);
}

/* The tail in pieces equals the tail whole. */
static void
check_demand(const struct sample *plain, const struct net_workspace *plain_ws,
             const struct sample *tiled, struct net_workspace *ws)
{
    const float *whole = net_output(&plain->net, plain_ws, plain->tail);
    size_t c = plain->net.node[plain->tail].channels, len = plain->net.node[plain->tail].len;

    for (size_t lo = 0, n; lo < len; lo += n) {
        const float *piece;

        n = lo + pick(1, 30) < len ? pick(1, 30) : len - lo;
        n = lo + n > len ? len - lo : n;
        piece = net_demand(&tiled->net, ws, tiled->tail, lo, lo + n);
        CHECK(memcmp(piece, whole + lo * c, n * c * sizeof *piece) == 0,
              "%s: columns [%zu, %zu) of %zu on demand", plain->net.ops.name, lo, lo + n, len);
    }
}

static void
test_network(const struct nn_ops *ops, uint64_t seed, size_t width, struct net_workspace *ws,
             struct net_workspace *fresh)
{
    struct sample plain, tiled;
    uint8_t ref[256], alt[256];
    size_t len, bytes, end_bytes;

    make_net(&plain, ops, seed, 0);
    make_net(&tiled, ops, seed, width);
    len = plain.net.node[0].len;
    end_bytes = node_bytes(&plain.net, plain.end);
    bytes = end_bytes + node_bytes(&plain.net, plain.pooled);
    for (size_t i = 0; i < len; i++)
        ref[i] = (uint8_t)keyed_below(&rng, 6);
    for (int round = 0; round < 6; round++) {
        size_t lo = round == 0 ? 0 : round == 1 ? len - 1 : pick(0, len - 1);
        size_t hi = round < 2 ? lo + 1 : pick(lo, len < lo + 20 ? len : lo + 20);
        char *before, *changed, *full, *tile, *after;

        memcpy(alt, ref, len);
        for (size_t i = lo; i < hi; i++)
            alt[i] = (uint8_t)keyed_below(&rng, 5);
        net_run(&tiled.net, ws, ref);
        before = outputs(&tiled, ws);
        net_change(&tiled.net, ws, alt, lo, hi);
        changed = outputs(&tiled, ws);
        net_restore(&tiled.net, ws);
        after = outputs(&tiled, ws);
        check_same(&tiled, before, after, end_bytes, "restored");
        net_change(&tiled.net, ws, ref, lo, hi);
        free(after);
        after = outputs(&tiled, ws);
        check_same(&tiled, before, after, bytes, "changed back");
        net_restore(&tiled.net, ws);
        net_run(&plain.net, fresh, alt);
        full = outputs(&plain, fresh);
        check_same(&tiled, changed, full, bytes, "change of a tiled network");
        net_run(&tiled.net, ws, alt);
        tile = outputs(&tiled, ws);
        check_same(&tiled, tile, full, bytes, "tiles");
        check_demand(&plain, fresh, &tiled, ws);
        net_run(&plain.net, fresh, ref);
        net_change(&plain.net, fresh, alt, lo, hi);
        free(tile);
        tile = outputs(&plain, fresh);
        check_same(&plain, tile, full, bytes, "change");
        net_restore(&plain.net, fresh);
        free(before);
        free(changed);
        free(full);
        free(tile);
        free(after);
    }
    net_free(&plain.net);
    net_free(&tiled.net);
}

/* A set's outputs against the reference's, of the same networks on the same sequence. */
static void
compare_with_reference(const struct nn_ops *ops, uint64_t seed)
{
    struct nn_ops reference;
    struct sample a, b;
    struct net_workspace *ws = net_workspace_new(1), *other = net_workspace_new(1);
    uint8_t codes[256];
    double worst = 0, most = 0;

    nn_ops_init_ref(&reference);
    make_net(&a, ops, seed, 0);
    make_net(&b, &reference, seed, 0);
    for (size_t i = 0; i < a.net.node[0].len; i++)
        codes[i] = (uint8_t)keyed_below(&rng, 6);
    net_run(&a.net, ws, codes);
    net_run(&b.net, other, codes);
    for (int which = 0; which < 3; which++) {
        /* A set may need fewer nodes. */
        int node = which == 0 ? a.end : which == 1 ? a.pooled : a.tail;
        int twin = which == 0 ? b.end : which == 1 ? b.pooled : b.tail;
        const float *x = net_output(&a.net, ws, node), *y = net_output(&b.net, other, twin);

        for (size_t i = 0; i < a.net.node[node].len * a.net.node[node].channels; i++) {
            double d = fabs((double)x[i] - y[i]), v = fabs((double)y[i]);

            worst = d > worst || d != d ? d : worst;
            most = v > most ? v : most;
        }
        CHECK(worst <= 3e-5 * (most + 1), "%s, network %llu, output %d: off by %g of %g",
              ops->name, (unsigned long long)seed, which, worst, most);
    }
    net_free(&a.net);
    net_free(&b.net);
    net_workspace_free(ws);
    net_workspace_free(other);
}

/* By hand: two padded convolutions with a bias; the second must see zeros outside, not the bias. */
static void
test_padding(const struct nn_ops *ops)
{
    static const float ones[12] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    static const float expected[] = { 25, 38, 38, 25 };     /* 0 + (2 + 10) + (3 + 10), ... */
    struct net_workspace *ws = net_workspace_new(1);
    uint8_t codes[] = { 0, 1, 2, 3 };
    struct net net;
    int x;
    float *w = mem_alloc(sizeof ones), *b = mem_alloc(sizeof *b), *v = mem_alloc(3 * sizeof *v);

    memcpy(w, ones, sizeof ones);
    memcpy(v, ones, 3 * sizeof *v);
    *b = 10;
    net_init(&net, ops);
    x = net_add_input(&net, 4);
    x = net_add_stem_same(&net, x, w, b, 3, 4, 1);
    x = net_add_conv_same(&net, x, v, NULL, 3, 1, 1);
    net_want(&net, x, 0, 4);
    net_run(&net, ws, codes);
    for (size_t i = 0; i < 4; i++)
        CHECK(net_output(&net, ws, x)[i] == expected[i], "%s: column %zu is %g, expected %g",
              ops->name, i, net_output(&net, ws, x)[i], expected[i]);
    net_free(&net);
    net_workspace_free(ws);
}

int
main(void)
{
    static const char *const sets[] = { "ref", "blas", "avx2", "avx512", "avx2-direct",
                                        "avx512-direct" };

    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        struct net_workspace *ws = net_workspace_new(2), *fresh = net_workspace_new(1);
        struct nn_ops ops;
        struct err e;

        setenv("PERTRACK_KERNELS", sets[i], 1);
        if (nn_ops_select(&ops, &e)) {
            printf("kernel set %s is not tested here: %s\n", sets[i], e.msg);
        } else {
            test_padding(&ops);
            for (uint64_t seed = 1; seed <= 25; seed++) {
                test_network(&ops, seed, 1 + seed * 7 % 40, ws, fresh);
                compare_with_reference(&ops, seed);
            }
        }
        net_workspace_free(ws);
        net_workspace_free(fresh);
    }
    return check_done();
}
