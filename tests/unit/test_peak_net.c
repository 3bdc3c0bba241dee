/* SPDX-License-Identifier: MIT */
/*
 * The peak caller against DiffBio's own outputs, gradients and steps of Adam
 * (tests/reference/make_diffbio_peaks.py); segments cut anywhere give the same bits.
 */
#include "check.h"
#include "peakcall/scan.h"
#include "peakcall/train.h"
#include "prog/mem.h"
#include "rng/keyed.h"
#include "weights/weights.h"

static const char *folder;

static struct weights *
open_outputs(const char *name)
{
    struct err e;
    char *path = mem_printf("%s/peaks/%s_out.npz", folder, name);
    struct weights *w = weights_open(path, &e);

    if (!w) {
        fprintf(stderr, "%s\n", e.msg);
        exit(1);
    }
    free(path);
    return w;
}

static const float *
array(const struct weights *w, const char *name, size_t *n)
{
    struct err e;
    const struct tensor *t = weights_find(w, name);
    const float *v = t ? weights_data(w, t, &e) : NULL;

    if (!v) {
        fprintf(stderr, "no array %s\n", name);
        exit(1);
    }
    if (n)
        *n = t->count;
    return v;
}

static struct peak_net *
open_net(const char *name)
{
    struct err e;
    char *path = mem_printf("%s/peaks/%s.npz", folder, name);
    struct peak_net *net = peak_net_open(path, &e);

    if (!net) {
        fprintf(stderr, "%s\n", e.msg);
        exit(1);
    }
    free(path);
    return net;
}

struct found {
    struct scan_position *p;
    size_t n, cap;
};

static void
keep(void *context, const struct scan_position *p)
{
    struct found *f = context;

    mem_grow(&f->p, &f->cap, f->n + 1, sizeof *f->p);
    f->p[f->n++] = *p;
}

/* A chromosome per row, in segments of one value. */
static struct found
scan_rows(struct peak_net *net, const float *x, size_t rows, size_t n, int64_t window)
{
    static char chrom[16][8];
    const struct scan_options o = { .bin = 1, .summits = true, .summit_window = window,
                                    .seed = -1 };
    struct found f = { 0 };
    struct scan *s = scan_new(net, &o, keep, &f);

    for (size_t r = 0; r < rows; r++) {
        snprintf(chrom[r], sizeof chrom[r], "r%zu", r);
        for (size_t i = 0; i < n; i++)
            scan_add(s, &(struct segment){ chrom[r], (int64_t)i, (int64_t)i + 1, x[r * n + i],
                                           false });
    }
    scan_end(s);
    scan_free(s);
    return f;
}

static void
test_outputs(const char *name, double tolerance)
{
    struct weights *w = open_outputs(name);
    struct peak_net *net = open_net(name);
    const struct tensor *t = weights_find(w, "x");
    const size_t rows = t->shape[0], n = t->shape[1];
    const float *score = array(w, "score", NULL), *p = array(w, "probability", NULL);
    const float *summit = array(w, "summit", NULL), *start = array(w, "start", NULL);
    const float *end = array(w, "end", NULL);
    struct found f = scan_rows(net, array(w, "x", NULL), rows, n,
                               (int64_t)*array(w, "window", NULL));
    double most = 0, worst[5] = { 0 };

    CHECK_INT(f.n, rows * n);
    for (size_t i = 0; i < f.n; i++)
        most = fmax(most, fabs((double)score[i]));
    for (size_t i = 0; i < f.n; i++) {
        const struct scan_position *q = &f.p[i];

        worst[0] = fmax(worst[0], fabs((double)q->score - (double)score[i]) / most);
        worst[1] = fmax(worst[1], fabs((double)q->probability - (double)p[i]));
        worst[2] = fmax(worst[2], fabs(q->summit - (double)summit[i]));
        worst[3] = fmax(worst[3], fabs(q->peak_start - (double)start[i]));
        worst[4] = fmax(worst[4], fabs(q->peak_end - (double)end[i]));
    }
    for (size_t i = 0; i < 5; i++)
        CHECK(worst[i] <= tolerance, "%s: output %zu differs by %g", name, i, worst[i]);
    free(f.p);
    peak_net_free(net);
    weights_close(w);
}

static void
test_denoiser(void)
{
    struct weights *w = open_outputs("denoised");
    struct peak_net *net = open_net("denoised");
    const struct denoiser *d = peak_net_denoiser(net);
    const float *x = array(w, "x", NULL), *mean = array(w, "mean", NULL);
    const float *logvar = array(w, "logvar", NULL);
    double m[8], v[8], worst = 0;

    CHECK(d != NULL, "no denoiser was read");
    for (size_t i = 0; i < 4; i++) {
        denoiser_encode(d, m, v, x + i * d->window);
        for (size_t j = 0; j < d->latent; j++) {
            worst = fmax(worst, fabs(m[j] - (double)mean[i * d->latent + j]));
            worst = fmax(worst, fabs(v[j] - (double)logvar[i * d->latent + j]));
        }
    }
    CHECK(worst < 1e-5, "mean or log-variance differs by %g", worst);
    peak_net_free(net);
    weights_close(w);
}

/* One long track with flat stretches, given in segments of any length. */
static void
test_cuts(const char *name, int64_t bin)
{
    enum { N = 60000 };
    static float x[N];
    const struct scan_options o = { .bin = bin, .summits = true, .summit_window = 30, .seed = 3 };
    struct found f[2] = { { 0 }, { 0 } };
    struct keyed_stream rng;
    struct peak_net *net = open_net(name);

    keyed_stream_init(&rng, 1, 2);
    for (size_t i = 0; i < N;) {
        const size_t run = 1 + keyed_below(&rng, keyed_below(&rng, 4) ? 40 : 15000);
        const float v = (float)keyed_below(&rng, 5);

        for (size_t k = 0; k < run && i < N; k++)
            x[i++] = v;
    }
    for (int k = 0; k < 2; k++) {
        struct scan *s = scan_new(net, &o, keep, &f[k]);

        for (size_t i = 0, j; i < N; i = j) {
            for (j = i + 1; k && j < N && x[j] == x[i]; j++)
                ;
            scan_add(s, &(struct segment){ "chr1", (int64_t)i, (int64_t)j, x[i], false });
        }
        scan_end(s);
        scan_free(s);
    }
    CHECK_INT(f[0].n, (N + bin - 1) / bin);
    CHECK_INT(f[1].n, f[0].n);
    for (size_t i = 0; i < f[0].n && i < f[1].n; i++)
        if (memcmp(&f[0].p[i].score, &f[1].p[i].score, sizeof (float)) != 0 ||
            f[0].p[i].summit != f[1].p[i].summit || f[0].p[i].end != f[1].p[i].end ||
            f[0].p[i].signal != f[1].p[i].signal) {
            CHECK(false, "%s, bin %d: position %zu differs", name, (int)bin, i);
            break;
        }
    free(f[0].p);
    free(f[1].p);
    peak_net_free(net);
}

/* The array of one parameter, in the trainer's order. */
static size_t
compare(const struct weights *w, const char *prefix, const char *name, const double *found,
        double tolerance)
{
    char *full = mem_printf("%s/%s", prefix, name);
    size_t n;
    const float *want = array(w, full, &n);
    double worst = 0, most = 1e-3;

    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs((double)want[i]));
        worst = fmax(worst, fabs(found[i] - (double)want[i]));
    }
    CHECK(worst <= tolerance * most, "%s differs by %g of %g", full, worst, most);
    free(full);
    return n;
}

static void
compare_all(const struct weights *w, const char *prefix, const double *found, double tolerance)
{
    static const char *const names[] = {
        "peak_cnn/conv_layers/0/kernel", "peak_cnn/conv_layers/0/bias",
        "peak_cnn/conv_layers/1/kernel", "peak_cnn/conv_layers/1/bias",
        "peak_cnn/combine_conv/kernel", "peak_cnn/combine_conv/bias",
        "peak_cnn/output_conv/kernel", "peak_cnn/output_conv/bias", "threshold", "temperature",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        found += compare(w, prefix, names[i], found, tolerance);
}

static void
test_training(void)
{
    struct weights *w = open_outputs("trained");
    struct peak_net *net = open_net("trained");
    struct peak_trainer *t = peak_trainer_new(peak_net_params(net));
    const struct tensor *shape = weights_find(w, "x");
    const float *x = array(w, "x", NULL), *y = array(w, "labels", NULL);
    const float *losses = array(w, "losses", NULL);
    const size_t n = shape->shape[1];
    uint8_t *label = mem_array(2 * n, 1);
    const struct peak_example ex[2] = { { x, label, n }, { x + n, label + n, n } };

    for (size_t i = 0; i < 2 * n; i++)
        label[i] = y[i] > 0.5f;
    for (size_t i = 0; i < 5; i++) {
        CHECK_NEAR(peak_trainer_loss(t, ex, 2), (double)losses[i], 1e-5);
        if (i == 0)
            compare_all(w, "grad", peak_trainer_gradient(t), 1e-4);
        peak_trainer_step(t, 1e-3);
    }
    compare_all(w, "trained", peak_trainer_values(t), 1e-4);
    free(label);
    peak_trainer_free(t);
    peak_net_free(net);
    weights_close(w);
}

/* Central differences of every parameter. */
static void
test_gradient(void)
{
    static const size_t taps[] = { 4, 7 };
    struct peak_params p;
    struct peak_trainer *t;
    float x[50];
    uint8_t label[50];
    const struct peak_example ex = { x, label, 50 };
    double *value, *gradient, worst = 0;
    struct keyed_stream rng;

    keyed_stream_init(&rng, 9, 9);
    for (size_t i = 0; i < 50; i++) {
        x[i] = (float)keyed_below(&rng, 1000) / 200;
        label[i] = (uint8_t)keyed_below(&rng, 2);
    }
    peak_params_init(&p, 3, taps, 2, 0.3, -0.8, 4);
    t = peak_trainer_new(&p);
    peak_trainer_loss(t, &ex, 1);
    gradient = mem_array(peak_trainer_size(t), sizeof *gradient);
    memcpy(gradient, peak_trainer_gradient(t), peak_trainer_size(t) * sizeof *gradient);
    value = (double *)peak_trainer_values(t);
    for (size_t i = 0; i < peak_trainer_size(t); i++) {
        const double was = value[i], h = 1e-6;
        double up, down;

        value[i] = was + h;
        up = peak_trainer_loss(t, &ex, 1);
        value[i] = was - h;
        down = peak_trainer_loss(t, &ex, 1);
        value[i] = was;
        worst = fmax(worst, fabs((up - down) / (2 * h) - gradient[i]));
    }
    CHECK(worst < 1e-7, "a gradient differs by %g", worst);
    free(gradient);
    peak_trainer_free(t);
    peak_params_free(&p);
}

int
main(void)
{
    folder = getenv("R");
    if (!folder) {
        puts("R does not say where the references are");
        return 77;
    }
    test_outputs("small", 1e-5);
    test_outputs("even", 1e-5);
    test_outputs("default", 1e-5);
    test_outputs("short", 1e-5);
    test_outputs("denoised", 1e-5);
    test_denoiser();
    test_cuts("default", 1);
    test_cuts("even", 7);
    test_cuts("denoised", 10);
    test_training();
    test_gradient();
    return check_done();
}
