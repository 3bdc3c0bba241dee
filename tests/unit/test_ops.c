/* SPDX-License-Identifier: MIT */
/*
 * Every kernel set against the reference, on shapes that are no multiples of a vector: values
 * within float rounding, ranges bit for bit equal to the full pass, nothing written outside.
 */
#include "check.h"
#include "nn/layout.h"
#include "nn/ops.h"
#include "prog/mem.h"
#include "rng/keyed.h"

static struct keyed_stream rng;

static const struct nn_part whole = { 0, 1 };

/* Uniform in [-1, 1). */
static float
draw(void)
{
    return (float)((double)(keyed_next(&rng) >> 40) / (1 << 23) - 1);
}

static float *
draw_array(size_t n)
{
    float *p = mem_aligned(n * sizeof *p);

    for (size_t i = 0; i < n; i++)
        p[i] = draw();
    return p;
}

static float *
copy_array(const float *p, size_t n)
{
    float *copy = mem_aligned(n * sizeof *copy);

    memcpy(copy, p, n * sizeof *copy);
    return copy;
}

static const float untouched = 12345.0f;

static float *
blank(size_t n)
{
    float *p = mem_aligned(n * sizeof *p);

    for (size_t i = 0; i < n; i++)
        p[i] = untouched;
    return p;
}

static double
largest_difference(const float *a, const float *b, size_t n)
{
    double largest = 0;

    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)a[i] - b[i]);

        largest = d > largest ? d : largest;
    }
    return largest;
}

struct shape {
    size_t k, dilation, c_in, c_out, len;
    bool relu, residual, relu_in;
    bool direct;                /* asked for without transformed weights */
};

static void
test_conv(const struct nn_ops *ops, const struct nn_ops *ref, const struct shape *s)
{
    size_t out = s->len - (s->k - 1) * s->dilation;
    size_t n_x = (s->len + NN_SLACK_COLUMNS) * s->c_in, n_y = (out + NN_SLACK_COLUMNS) * s->c_out;
    struct nn_conv c = { .k = s->k, .dilation = s->dilation, .c_in = s->c_in, .c_out = s->c_out,
                         .relu = s->relu, .len = out, .usual_lo = out / 3, .usual_hi = out / 2 };
    float *x = draw_array(n_x), *residual = s->residual ? draw_array(n_y) : NULL, *scratch;
    float *active;
    float *want = blank(n_y), *full = blank(n_y), *part = blank(n_y);
    size_t lo, hi;
    bool same = true, clean = true;
    double d, n = (double)(s->k * s->c_in);

    c.kernel = draw_array(s->k * s->c_in * s->c_out);
    c.bias = draw_array(s->c_out);
    /* The reference gets its input activated already. */
    active = copy_array(x, n_x);
    if (s->relu_in)
        ref->relu(active, x, n_x);
    c.relu_in = s->relu_in && ops->reads_relu;
    ref->conv(want, active, residual, &c, 0, out, NULL, whole);
    if (!ops->reads_relu)
        memcpy(x, active, n_x * sizeof *x);
    free(active);
    if (s->direct && ops->pack_direct) {
        ops->pack_direct(&c);
        CHECK(!c.transformed, "%s: transformed though direct", ops->name);
    } else {
        ops->pack(&c);
    }
    scratch = mem_aligned(c.scratch * sizeof *scratch);
    lo = out / 3;
    hi = out - out / 4;
    nn_layout_round(&c, &lo, &hi);
    ops->conv(full, x, residual, &c, 0, out, scratch, whole);
    for (size_t i = 0; i < 3; i++)
        ops->conv(part, x, residual, &c, lo, hi, scratch, (struct nn_part){ i, 3 });
    d = largest_difference(full, want, out * s->c_out);
    /* n products of rms 1/3 in one float chain: the partial sums' rms is sqrt(i) / 3, each rounds
     * by 0.58 * 2^-24 of itself, so the error's rms is 2^-24 * 0.58 / 3 * n / sqrt(2) = 8e-9 * n;
     * the largest of some ten thousand is below 7 times that.  The Winograd form has chains a third
     * as long of terms up to ten times larger: three times that bound. */
    CHECK(d <= (c.transformed ? 1.8e-7 : 6e-8) * n + 1e-6, "%s conv %zux%zu->%zu: %g", ops->name,
          s->k, s->c_in, s->c_out, d);
    /* Direct sums of more than 2,048 are cut into chains of 256: a fifth of that at most. */
    if (!c.transformed && n > 2048 && strncmp(ops->name, "avx", 3) == 0)
        CHECK(d <= 1.2e-8 * n, "%s conv %zux%zu->%zu is summed in one chain: %g", ops->name, s->k,
              s->c_in, s->c_out, d);
    for (size_t i = 0; i < n_y; i++) {
        size_t j = i / s->c_out;

        if (j >= lo && j < hi)
            same = same && part[i] == full[i];
        else
            clean = clean && part[i] == untouched;
    }
    CHECK(same, "%s conv: a range differs from the full pass", ops->name);
    CHECK(clean, "%s conv: columns outside the range were written", ops->name);
    free(c.kernel);
    free(c.packed);
    free(c.transformed);
    free(c.bias);
    free(scratch);
    free(x);
    free(residual);
    free(want);
    free(full);
    free(part);
}

static void
test_stem(const struct nn_ops *ops, const struct nn_ops *ref, size_t k, size_t c_out, bool relu)
{
    enum { LEN = 97 };
    struct nn_conv c = { .k = k, .dilation = 1, .c_in = 4, .c_out = c_out, .relu = relu };
    size_t out = LEN - k + 1, n = (out + 1) * c_out;
    float *want = blank(n), *full = blank(n), *part = blank(n);
    uint8_t codes[LEN];

    for (size_t i = 0; i < LEN; i++)
        codes[i] = (uint8_t)(i % 11 == 3 ? 4 : keyed_below(&rng, 4));
    c.kernel = draw_array(k * 4 * c_out);
    c.bias = draw_array(c_out);
    ref->stem(want, codes, &c, 0, out);
    if (ops->pack_stem)
        ops->pack_stem(&c);
    ops->stem(full, codes, &c, 0, out);
    ops->stem(part, codes, &c, 5, 23);
    CHECK(largest_difference(full, want, out * c_out) < 1e-5, "%s stem %zu", ops->name, c_out);
    CHECK(memcmp(part + 5 * c_out, full + 5 * c_out, 18 * c_out * sizeof *part) == 0,
          "%s stem: a range differs", ops->name);
    CHECK(part[5 * c_out - 1] == untouched && part[23 * c_out] == untouched &&
          full[out * c_out] == untouched, "%s stem: wrote outside", ops->name);
    free(c.kernel);
    free(c.packed);
    free(c.bias);
    free(want);
    free(full);
    free(part);
}

static void
test_rest(const struct nn_ops *ops, const struct nn_ops *ref, size_t channels, size_t k)
{
    enum { LEN = 111 };
    size_t wide = k * channels, out = LEN - k + 1;
    float *p = draw_array(LEN * wide), *bias = draw_array(channels);
    float *want = blank(LEN * wide), *got = blank(LEN * wide);

    ref->diagonal(want, p, bias, k, channels, 0, out);
    ops->diagonal(got, p, bias, k, channels, 0, out);
    CHECK(largest_difference(got, want, out * channels) < 1e-5, "%s diagonal", ops->name);
    ref->mean(want, p, LEN, wide);
    ops->mean(got, p, LEN, wide);
    CHECK(largest_difference(got, want, wide) < 1e-6, "%s mean", ops->name);
    ref->relu(want, p, LEN * wide);
    ops->relu(got, p, LEN * wide);
    CHECK(memcmp(got, want, LEN * wide * sizeof *got) == 0, "%s relu", ops->name);
    free(p);
    free(bias);
    free(want);
    free(got);
}

/* exp_below against long double over all magnitudes, and where it ends. */
static void
test_exp(const struct nn_ops *ops)
{
    enum { N = 20011 };
    float *x = mem_array(N, sizeof *x), most = 3.25f;
    double *y = mem_array(N, sizeof *y), worst = 0;

    for (size_t i = 0; i < N; i++)
        x[i] = most - 354 * (1 + draw()) * (i % 3 ? 1 : i % 2 ? 1e-2f : 1e-5f);
    x[0] = most;
    ops->exp_below(y, x, most, N);
    CHECK(y[0] == 1, "%s: exp(0) is %.17g", ops->name, y[0]);
    for (size_t i = 0; i < N; i++) {
        double true_value = (double)expl((long double)x[i] - most);
        double ulp = nextafter(true_value, 2) - true_value, e = fabs(y[i] - true_value) / ulp;

        worst = e > worst ? e : worst;
    }
    CHECK(worst <= 2, "%s: exp is off by %g units in the last place", ops->name, worst);
    x[1] = most - 708;
    x[2] = most - 1e6f;
    ops->exp_below(y, x, most, 3);
    CHECK(y[1] == y[2] && y[2] > 0 && y[2] < 1e-300, "%s: exp(-708) %g, exp(-1e6) %g", ops->name,
          y[1], y[2]);
    free(x);
    free(y);
}

static void
test_set(const struct nn_ops *ops)
{
    static const struct shape shapes[] = {
        { 1, 1, 1, 1, 1, .relu = false },
        { 3, 2, 4, 5, 40, .relu = true, .residual = true },
        { 3, 4, 16, 16, 64, .relu = true },
        { 3, 8, 17, 33, 83, .residual = true },
        { 3, 64, 20, 20, 300, .relu = true, .residual = true },
        { 75, 1, 7, 3, 160, .relu = false },
        { 1, 1, 64, 150, 131, .relu = false },
        { 3, 16, 64, 64, 150, .relu = true, .residual = true },
        { 3, 2, 512, 512, 30, .relu = true, .residual = true },
        { 3, 1, 32, 32, 60, .relu = false },
        { 3, 256, 33, 47, 1600, .relu = true, .residual = true },
        { 3, 5, 50, 32, 200, .residual = true },
        { 3, 4, 64, 64, 170, .residual = true, .relu_in = true },
        { 3, 16, 64, 80, 450, .relu = true, .residual = true },
        { 3, 8, 272, 64, 300, .residual = true },
        { 3, 16, 33, 40, 250, .residual = true, .relu_in = true },
        { 1, 1, 20, 12, 40, .relu_in = true },
        { 5, 3, 31, 64, 77, .relu = true, .residual = true },
        { 5, 1, 33, 70, 131, .relu = true, .residual = true },
        { 5, 7, 40, 32, 150, .residual = true, .relu_in = true },
        { 5, 1, 200, 64, 9, .relu = false },
        { 5, 2, 32, 32, 72, .residual = true },
        { 6, 2, 33, 35, 99, .relu = true, .residual = true, .relu_in = true },
        { 9, 1, 150, 70, 75, .relu = true, .residual = true },
        { 9, 3, 37, 32, 160, .residual = true, .relu_in = true },
        { 9, 1, 150, 70, 75, .relu = true, .residual = true, .direct = true },
        { 1, 1, 9000, 40, 60, .relu = true, .residual = true },
        { 6, 2, 400, 35, 99, .relu_in = true },
        { 12, 1, 32, 40, 60, .relu = true },
        { 13, 2, 32, 33, 90, .relu = false },
        { 75, 1, 64, 2, 333, .relu_in = true },
        { 10, 1, 33, 8, 60, .relu = true, .residual = true },
        { 25, 1, 130, 1, 52, .relu = true },
        { 15, 1, 16, 5, 17, .residual = true, .relu_in = true },
    };
    struct nn_ops ref;

    nn_ops_init_ref(&ref);
    test_exp(ops);
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        test_conv(ops, &ref, &shapes[i]);
    for (size_t c = 1; c < 140; c += 23) {
        test_stem(ops, &ref, 21, c, c % 2);
        test_stem(ops, &ref, 3, c, !(c % 2));
        test_stem(ops, &ref, 8, c, !(c % 2));
    }
    test_rest(ops, &ref, 1, 75);
    test_rest(ops, &ref, 2, 7);
}

#if defined(__x86_64__)
/* The fused sets promise each other's bits, in either form, for k taps. */
static void
test_same_bits(size_t k, bool winograd)
{
    enum { LEN = 90, IN = 37, OUT = 41 };
    size_t n = LEN - 2 * (k - 1);
    struct nn_ops narrow, wide;
    struct nn_conv c = { .k = k, .dilation = 2, .c_in = IN, .c_out = OUT, .relu = true, .len = n };
    struct nn_conv d;
    float *x = draw_array((LEN + NN_SLACK_COLUMNS) * IN), *a = blank(LEN * OUT);
    float *b = blank(LEN * OUT), *scratch;

    nn_ops_init_ref(&narrow);
    nn_ops_init_ref(&wide);
    nn_ops_add_avx2(&narrow, winograd);
    nn_ops_add_avx512(&wide, winograd);
    c.kernel = draw_array(k * IN * OUT);
    c.bias = draw_array(OUT);
    d = c;
    d.kernel = copy_array(c.kernel, k * IN * OUT);
    narrow.pack(&c);
    wide.pack(&d);
    CHECK_INT(c.transformed != NULL, winograd);
    CHECK(memcmp(c.run, d.run, sizeof c.run) == 0, "%s and %s have other groups", narrow.name,
          wide.name);
    scratch = mem_aligned((c.scratch + d.scratch) * sizeof *scratch);
    narrow.conv(a, x, NULL, &c, 0, n, scratch, whole);
    wide.conv(b, x, NULL, &d, 0, n, scratch, whole);
    CHECK(memcmp(a, b, LEN * OUT * sizeof *a) == 0, "%s and %s differ", narrow.name, wide.name);
    free(c.packed);
    free(d.packed);
    free(c.transformed);
    free(d.transformed);
    free(c.bias);
    free(scratch);
    free(x);
    free(a);
    free(b);
}
#endif

int
main(void)
{
    static const char *const sets[] = { "ref", "blas", "avx2", "avx512", "avx2-direct",
                                        "avx512-direct" };
    int ran = 0;

    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        struct nn_ops ops;
        struct err e;

        setenv("PERTRACK_KERNELS", sets[i], 1);
        keyed_stream_init(&rng, 7, i);
        if (nn_ops_select(&ops, &e)) {
            printf("kernel set %s is not tested here: %s\n", sets[i], e.msg);
            continue;
        }
        CHECK_STR(ops.name, sets[i]);
        test_set(&ops);
        ran++;
    }
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    {
        for (size_t k = 3; k <= 9; k = k == 3 ? 5 : k + 4) {
            test_same_bits(k, false);
            test_same_bits(k, true);
        }
    }
#endif
    {
        struct nn_ops ops;
        struct err e;

        setenv("PERTRACK_KERNELS", "fastest", 1);
        CHECK_INT(nn_ops_select(&ops, &e), -1);
        CHECK(strstr(e.msg, "is not a kernel set"), "%s", e.msg);
    }
    CHECK(ran >= 1, "no kernel set ran");
    return check_done();
}
