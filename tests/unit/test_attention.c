/* SPDX-License-Identifier: MIT */
/*
 * Attention of every kernel set against double precision, with the features of every pair of
 * tokens worked out anew; any rows, any threads, AVX2 or AVX-512: the same bits.
 */
#include "check.h"
#include "nn/attention.h"
#include "prog/mem.h"
#include "rng/keyed.h"

struct shape {
    size_t n, heads, key, value, n_features;
    bool is_borzoi;
};

static struct keyed_stream rng;

static float *
random_array(size_t n, double size)
{
    float *x = mem_array(n, sizeof *x);

    for (size_t i = 0; i < n; i++)
        x[i] = (float)(((double)keyed_next(&rng) / 0x1p63 - 1) * size);
    return x;
}

struct problem {
    struct shape s;
    struct position_table *p;
    float *u, *v, *w_rk, *x;
    double *want;               /* n x heads * value */
};

static const double *
features(const struct problem *q, ptrdiff_t d)
{
    size_t r = 0;

    if (!q->p->run)
        return q->p->row + (size_t)(d + (ptrdiff_t)q->s.n - 1) * q->s.n_features;
    while (d >= q->p->run[r + 1])
        r++;
    return q->p->row + r * q->s.n_features;
}

/* Relative key of head h, channel c, at distance d. */
static double
relative(const struct problem *q, size_t h, size_t c, ptrdiff_t d)
{
    const double *f = features(q, d);
    double sum = 0;

    for (size_t i = 0; i < q->s.n_features; i++)
        sum += f[i] * q->w_rk[i * q->s.heads * q->s.key + h * q->s.key + c];
    return sum;
}

static void
expect_row(struct problem *q, size_t h, size_t i, const double *rel)
{
    const struct shape *s = &q->s;
    size_t width = s->heads * (2 * s->key + s->value), at = h * s->key;
    double *weight = mem_array(s->n, sizeof *weight), total = 0;

    for (size_t j = 0; j < s->n; j++) {
        double logit = 0;

        for (size_t c = 0; c < s->key; c++) {
            double qi = q->x[i * width + at + c], k = q->x[j * width + s->heads * s->key + at + c];

            logit += (qi + q->u[at + c]) * k +
                     (qi + q->v[at + c]) * rel[(j + s->n - 1 - i) * s->key + c];
        }
        weight[j] = exp(logit);         /* of moderate size here */
        total += weight[j];
    }
    for (size_t o = 0; o < s->value; o++) {
        double sum = 0;

        for (size_t j = 0; j < s->n; j++)
            sum += weight[j] * q->x[j * width + 2 * s->heads * s->key + h * s->value + o];
        q->want[(i * s->heads + h) * s->value + o] = sum / total;
    }
    free(weight);
}

static void
pose(struct problem *q, const struct shape *s)
{
    double *rel = mem_array((2 * s->n - 1) * s->key, sizeof *rel);

    q->s = *s;
    q->p = s->is_borzoi ? position_borzoi(s->n, s->n_features)
                        : position_enformer(s->n, s->n_features);
    q->u = random_array(s->heads * s->key, 1);
    q->v = random_array(s->heads * s->key, 1);
    q->w_rk = random_array(s->n_features * s->heads * s->key, 0.5);
    q->x = random_array(s->n * s->heads * (2 * s->key + s->value), 1);
    q->want = mem_array(s->n * s->heads * s->value, sizeof *q->want);
    for (size_t h = 0; h < s->heads; h++) {
        for (ptrdiff_t d = 1 - (ptrdiff_t)s->n; d < (ptrdiff_t)s->n; d++)
            for (size_t c = 0; c < s->key; c++)
                rel[(size_t)(d + (ptrdiff_t)s->n - 1) * s->key + c] = relative(q, h, c, d);
        for (size_t i = 0; i < s->n; i++)
            expect_row(q, h, i, rel);
    }
    free(rel);
}

static void
dismiss(struct problem *q)
{
    position_free(q->p);
    free(q->u);
    free(q->v);
    free(q->w_rk);
    free(q->x);
    free(q->want);
}

static struct nn_attention *
build(const struct problem *q, const struct nn_ops *ops)
{
    size_t n = q->s.heads * q->s.key;
    float *u = mem_array(n, sizeof *u), *v = mem_array(n, sizeof *v);

    memcpy(u, q->u, n * sizeof *u);
    memcpy(v, q->v, n * sizeof *v);
    return nn_attention_new(ops, q->p, q->s.heads, q->s.key, q->s.value, u, v, q->w_rk);
}

/* Rows [lo, hi) by n threads' parts one after another. */
static void
attend(float *y, const struct problem *q, const struct nn_attention *a, size_t lo, size_t hi,
       size_t n)
{
    float *scratch = mem_aligned((a->scratch + 16) * sizeof *scratch);

    for (size_t i = 0; i < n; i++) {
        memset(scratch, 0xff, a->scratch * sizeof *scratch);
        a->attend(y, q->x, a, lo, hi, scratch, (struct nn_part){ i, n });
    }
    free(scratch);
}

/* The whole, and the same bits in other pieces; y keeps the whole. */
static void
check_attention(const struct problem *q, const struct nn_ops *ops, float *y)
{
    struct nn_attention *a = build(q, ops);
    size_t width = q->s.heads * q->s.value, all = q->s.n * width;
    float *other = mem_array(all, sizeof *other);
    double worst = 0;

    attend(y, q, a, 0, q->s.n, 1);
    for (size_t i = 0; i < all; i++)
        worst = fmax(worst, fabs(y[i] - q->want[i]));
    CHECK(worst < 3e-6, "%s: %zu tokens, %zu heads: off by %g", ops->name, q->s.n, q->s.heads,
          worst);
    for (size_t n = 2; n <= 7; n++) {
        size_t cut = q->s.n * n / 9;

        memset(other, 0xff, all * sizeof *other);
        attend(other, q, a, cut, q->s.n, n);
        attend(other, q, a, 0, cut, n - 1);
        CHECK(memcmp(y, other, all * sizeof *other) == 0, "%s: %zu threads, cut at %zu of %zu",
              ops->name, n, cut, q->s.n);
    }
    free(other);
    nn_attention_free(a);
}

int
main(void)
{
    static const char *const sets[] = { "ref", "avx2", "avx512" };
    static const struct shape shapes[] = {
        { 24, 2, 8, 12, 12, false }, { 100, 3, 16, 20, 18, false }, { 300, 2, 7, 33, 24, false },
        { 32, 4, 8, 8, 8, true }, { 97, 2, 16, 40, 16, true }, { 555, 1, 5, 3, 32, true },
        { 2, 1, 3, 2, 6, false }, { 1, 1, 3, 2, 4, true },
    };

    keyed_stream_init(&rng, 11, 0);
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        struct problem q;
        size_t all = shapes[i].n * shapes[i].heads * shapes[i].value;
        float *first = NULL, *y;

        pose(&q, &shapes[i]);
        for (size_t s = 0; s < ARRAY_LEN(sets); s++) {
            struct nn_ops ops;
            struct err e;

            setenv("PERTRACK_KERNELS", sets[s], 1);
            if (nn_ops_select(&ops, &e)) {
                printf("kernel set %s is not tested here: %s\n", sets[s], e.msg);
                continue;
            }
            y = mem_array(all, sizeof *y);
            check_attention(&q, &ops, y);
            if (s && first)
                CHECK(memcmp(first, y, all * sizeof *y) == 0, "%s differs from avx2", sets[s]);
            if (s && !first)
                first = y;
            else
                free(y);
        }
        free(first);
        dismiss(&q);
    }
    return check_done();
}
