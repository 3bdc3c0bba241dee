/* SPDX-License-Identifier: MIT */
/*
 * Ranges: on random networks a changed pass equals a full pass of the changed input bit for bit,
 * wherever the change is, with every kernel set; restoring gives the reference back; only demanded
 * columns are computed.
 */
#include "check.h"
#include "nn/net.h"
#include "prog/mem.h"
#include "rng/keyed.h"

static struct keyed_stream rng;

static float *
draw_array(size_t n, double scale)
{
    float *p = mem_array(n, sizeof *p);

    for (size_t i = 0; i < n; i++)
        p[i] = (float)(scale * ((double)(keyed_next(&rng) >> 40) / (1 << 23) - 1));
    return p;
}

static size_t
pick(size_t lo, size_t hi)
{
    return lo + keyed_below(&rng, hi - lo + 1);
}

struct sample {
    struct net net;
    size_t len;
    int profile, pooled;
    size_t n_profile, crop;
};

/* A BPNet-shaped network of random size, pre- or post-activation, with random demand. */
static void
make_net(struct sample *s, const struct nn_ops *ops)
{
    size_t f = pick(1, 48), layers = pick(1, 4), k = pick(1, 9), strands = pick(1, 2);
    bool pre = pick(0, 1);
    float *kernel;
    int x;

    s->len = 2 * pick(60, 110);
    net_init(&s->net, ops);
    x = net_add_input(&s->net, s->len);
    x = net_add_stem(&s->net, x, draw_array(k * 4 * f, 1), draw_array(f, 1), k, f, !pre);
    for (size_t i = 1; i <= layers; i++) {
        float *w = draw_array(3 * f * f, 1 / sqrt(f)), *b = draw_array(f, 1);
        int y = pre ? net_add_conv_of_relu(&s->net, x, w, b, 3, (size_t)1 << i, f)
                    : net_add_conv(&s->net, x, w, b, 3, (size_t)1 << i, f, true);

        net_set_residual(&s->net, y, x, (size_t)1 << i);
        x = y;
    }
    k = pick(0, 1) ? pick(1, 12) : 5 * pick(2, 5);     /* heads of five taps have a fast form */
    kernel = draw_array(k * f * strands, 1);
    s->profile = net_add_narrow_conv(&s->net, x, kernel, draw_array(strands, 1), k, strands);
    free(kernel);
    s->crop = pick(0, 5);
    s->pooled = net_add_mean(&s->net, x, s->crop, s->net.node[x].len - s->crop);
    s->n_profile = s->net.node[s->profile].len - 2 * s->crop;
    net_want(&s->net, s->profile, s->crop, s->crop + s->n_profile);
    net_want(&s->net, s->pooled, 0, 1);
}

static size_t
outputs(float *dst, const struct sample *s, const struct net_workspace *ws)
{
    size_t c = s->net.node[s->profile].channels, f = s->net.node[s->pooled].channels;

    memcpy(dst, net_output(&s->net, ws, s->profile) + s->crop * c, s->n_profile * c * sizeof *dst);
    memcpy(dst + s->n_profile * c, net_output(&s->net, ws, s->pooled), f * sizeof *dst);
    return (s->n_profile * c + f) * sizeof *dst;
}

static void
test_change(const struct sample *s, size_t lo, size_t hi, struct net_workspace *ws,
            struct net_workspace *fresh)
{
    static float before[1000], changed[1000], full[1000], after[1000], last[1000];
    uint8_t ref[256], alt[256];
    size_t bytes;

    for (size_t i = 0; i < s->len; i++)
        ref[i] = alt[i] = (uint8_t)keyed_below(&rng, 5);
    for (size_t i = lo; i < hi; i++)
        alt[i] = (uint8_t)keyed_below(&rng, 5);
    net_run(&s->net, ws, ref);
    bytes = outputs(before, s, ws);
    net_change(&s->net, ws, alt, lo, hi);
    outputs(changed, s, ws);
    net_restore(&s->net, ws);
    outputs(after, s, ws);
    net_change_last(&s->net, ws, alt, lo, hi);
    outputs(last, s, ws);
    net_run(&s->net, fresh, alt);
    outputs(full, s, fresh);
    CHECK(memcmp(changed, full, bytes) == 0, "%s: change of [%zu, %zu) of %zu", s->net.ops.name, lo,
          hi, s->len);
    CHECK(memcmp(last, full, bytes) == 0, "%s: last change of [%zu, %zu)", s->net.ops.name, lo, hi);
    CHECK(memcmp(before, after, bytes) == 0, "%s: restore after [%zu, %zu)", s->net.ops.name, lo,
          hi);
}

static void
test_set(const struct nn_ops *ops)
{
    /* Two threads on one side, one on the other: the bits are the same. */
    struct net_workspace *ws = net_workspace_new(2), *fresh = net_workspace_new(1);

    for (int round = 0; round < 12; round++) {
        struct sample s;

        make_net(&s, ops);
        for (size_t v = 0; v < s.len; v += pick(1, 9))
            test_change(&s, v, v + 1, ws, fresh);
        test_change(&s, s.len - 1, s.len, ws, fresh);
        test_change(&s, s.len / 2, s.len, ws, fresh);
        test_change(&s, 0, s.len, ws, fresh);
        test_change(&s, s.len / 3, s.len / 3, ws, fresh);
        test_change(&s, s.len / 3, s.len / 3 + 7, ws, fresh);
        net_free(&s.net);
    }
    net_workspace_free(ws);
    net_workspace_free(fresh);
}

/* The runs of ChromBPNet for a base at index 1056 (geometry of the published model). */
static void
test_published_ranges(void)
{
    static const size_t lo[] = { 1036, 1032, 1024, 1008, 976, 912, 784, 528, 16 };
    struct nn_ops ops;
    struct net net;
    int x, node[9];

    nn_ops_init_ref(&ops);
    net_init(&net, &ops);
    x = net_add_input(&net, 2114);
    x = node[0] = net_add_stem(&net, x, draw_array(84, 1), draw_array(1, 1), 21, 1, true);
    for (size_t i = 1; i <= 8; i++) {
        int y = net_add_conv(&net, x, draw_array(3, 1), draw_array(1, 1), 3, (size_t)1 << i, 1,
                             true);

        net_set_residual(&net, y, x, (size_t)1 << i);
        x = node[i] = y;
    }
    x = net_add_mean(&net, x, 0, 1074);
    net_want(&net, x, 0, 1);
    for (int i = 0; i < 9; i++) {
        struct nn_range r = net_changed(&net, node[i], 1056, 1057);

        CHECK_INT(r.lo, lo[i]);
        CHECK_INT(r.hi, 1057);
    }
    CHECK_INT(net.node[node[8]].len, 1074);
    /* Half-trim of 520 columns at both sides of the eighth layer's; the mean reads them all. */
    CHECK_INT(net_receptive_field(&net, node[8]), 1041);
    CHECK_INT(net_receptive_field(&net, x), 2114);
    net_free(&net);
}

int
main(void)
{
    static const char *const sets[] = { "ref", "blas", "avx2", "avx512", "avx2-direct",
                                        "avx512-direct" };

    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        struct nn_ops ops;
        struct err e;

        setenv("PERTRACK_KERNELS", sets[i], 1);
        keyed_stream_init(&rng, 11, 0);
        if (nn_ops_select(&ops, &e) == 0)
            test_set(&ops);
        else
            printf("kernel set %s is not tested here: %s\n", sets[i], e.msg);
    }
    test_published_ranges();
    return check_done();
}
