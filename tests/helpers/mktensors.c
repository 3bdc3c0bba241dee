/* SPDX-License-Identifier: MIT */
/*
 * mktensors - write the weights of a small oracle at full size as npz, by a formula.
 *
 *   mktensors KIND OUT.npz SEED
 *
 *   KIND   cherimoya, legnet, legnet_11_9, epi_main, epi_bias, multimolecule
 *
 * Names, shapes and order are those of the original's state dictionary, without counters of
 * batches.  Element e of tensor t is as in mkweights.c, with the centre and amplitude that rule()
 * gives its name and shape; tests/reference/make_small_reference.py has the same, and made the
 * expected values (seeds 54, 73, 74, 82, 182, 93).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "npz/npy.h"
#include "prog/die.h"
#include "prog/mem.h"

struct archive {
    FILE *fp;
    uint64_t seed, tensor;      /* number of the next one */
    uint8_t *central;
    size_t n_central, cap_central, n_members;
    uint32_t at;                /* bytes written */
    bool n_row;                 /* a stem's fifth channel is the mean of the four before */
};

static uint64_t
mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static bool
ends(const char *name, const char *tail)
{
    size_t n = strlen(name), m = strlen(tail);

    return n >= m && strcmp(name + n - m, tail) == 0;
}

/* A dilated convolution: of EPInformer-seq's blocks, and of MultiMolecule's layers. */
static bool
is_residual(const char *name)
{
    return strstr(name, "layer.") ||
           (strncmp(name, "blocks.", 7) == 0 && ends(name, ".conv.weight"));
}

static void
rule(double *centre, double *amplitude, const char *name, const size_t *shape, int ndim)
{
    static const char *const last[] = { "linear.bias", "count.0", "head.3" };
    size_t n = 1;

    *centre = 0;
    if (ends(name, "running_var")) {
        *centre = 1;
        *amplitude = 0.5;
    } else if (ends(name, "running_mean")) {
        *amplitude = 0.3;
    } else if (ends(name, "bias")) {
        *amplitude = 0.1;
        for (size_t i = 0; i < ARRAY_LEN(last); i++) {
            if (strstr(name, last[i])) {
                *centre = 2;
                *amplitude = 0.5;
            }
        }
        if (strstr(name, "count_head.2")) {
            *centre = 0.5;
            *amplitude = 0.3;
        }
    } else if (ndim == 1) {
        *centre = 1;
        *amplitude = 0.4;
    } else if (ends(name, "conv_weight")) {
        *amplitude = 1;
    } else {
        for (int i = 1; i < ndim; i++)
            n *= shape[i];
        if (ndim == 3 && (shape[1] == 4 || shape[1] == 5))
            n /= shape[1];
        *amplitude = (is_residual(name) ? 0.5 : 1) * sqrt(3.0 / (double)n);
    }
}

static void
put(struct archive *a, const void *data, size_t n)
{
    if (fwrite(data, 1, n, a->fp) != n)
        die("cannot write");
    a->at += (uint32_t)n;
}

static size_t
le(uint8_t *at, uint64_t value, int width)
{
    for (int i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    return (size_t)width;
}

/* A stored member; its central record is kept for the end. */
static void
add_member(struct archive *a, const char *name, const char *header, size_t n_header,
           const float *data, size_t n)
{
    uint32_t crc = (uint32_t)crc32(crc32(0, (const uint8_t *)header, (uInt)n_header),
                                   (const uint8_t *)data, (uInt)(n * sizeof *data));
    size_t bytes = n_header + n * sizeof *data, n_name = strlen(name), k = 0;
    uint8_t local[30], *c;

    mem_grow(&a->central, &a->cap_central, a->n_central + 46 + n_name, 1);
    c = a->central + a->n_central;
    k = le(local, 0x04034b50, 4);
    k += le(local + k, 20, 2);
    k += le(local + k, 0, 8);
    k += le(local + k, crc, 4);
    k += le(local + k, bytes, 4);
    k += le(local + k, bytes, 4);
    k += le(local + k, n_name, 4);
    le(c, 0x02014b50, 4);
    le(c + 4, 20, 2);
    memcpy(c + 6, local + 4, 26);
    memset(c + 32, 0, 10);
    le(c + 42, a->at, 4);
    memcpy(c + 46, name, n_name);
    a->n_central += 46 + n_name;
    a->n_members++;
    put(a, local, k);
    put(a, name, n_name);
    put(a, header, n_header);
    put(a, data, n * sizeof *data);
}

static void
fill_n_row(float *v, const size_t *shape)
{
    size_t k = shape[2];

    for (size_t o = 0; o < shape[0]; o++)
        for (size_t t = 0; t < k; t++) {
            float *w = v + o * 5 * k + t;

            w[4 * k] = (w[0] + w[k] + w[2 * k] + w[3 * k]) / 4;
        }
}

static void
add(struct archive *a, const char *name, int ndim, size_t d0, size_t d1, size_t d2)
{
    const uint64_t g = 0x9e3779b97f4a7c15u;
    uint64_t key = mix(a->seed + g * (++a->tensor));
    struct npy npy = { .kind = 'f', .item = 4, .ndim = ndim, .shape = { d0, d1, d2 } };
    size_t n = d0 * (ndim > 1 ? d1 : 1) * (ndim > 2 ? d2 : 1), n_header;
    char header[NPY_HEADER_MAX], member[128];
    float *v = mem_array(n, sizeof *v);
    double centre, amplitude;

    rule(&centre, &amplitude, name, npy.shape, ndim);
    for (size_t i = 0; i < n; i++) {
        double u = (double)(mix(key + g * (i + 1)) >> 40) / 16777216.0;

        v[i] = (float)(centre + (2 * u - 1) * amplitude);
    }
    if (a->n_row && ndim == 3 && d1 == 5)
        fill_n_row(v, npy.shape);
    n_header = npy_format(header, &npy);
    snprintf(member, sizeof member, "%s.npy", name);
    add_member(a, member, header, n_header, v, n);
    free(v);
}

static char *
name_of(char text[128], const char *prefix, const char *leaf)
{
    snprintf(text, 128, "%.63s.%.63s", prefix, leaf);
    return text;
}

static void
add_layer(struct archive *a, const char *prefix, int ndim, size_t out, size_t in, size_t k)
{
    char name[128];

    add(a, name_of(name, prefix, "weight"), ndim, out, in, k);
    add(a, name_of(name, prefix, "bias"), 1, out, 1, 1);
}

static void
add_norm(struct archive *a, const char *prefix, size_t n)
{
    static const char *const leaf[] = { "weight", "bias", "running_mean", "running_var" };
    char name[128];

    for (size_t i = 0; i < ARRAY_LEN(leaf); i++)
        add(a, name_of(name, prefix, leaf[i]), 1, n, 1, 1);
}

static void
cherimoya(struct archive *a)
{
    char name[128];

    add(a, "lw0", 1, 1, 1, 1);
    add(a, "lw1", 1, 1, 1, 1);
    add_layer(a, "iconv", 3, 128, 4, 21);
    for (int j = 0; j < 9; j++) {
        snprintf(name, sizeof name, "blocks.%d.conv_weight", j);
        add(a, name, 2, 3, 128, 1);
        snprintf(name, sizeof name, "blocks.%d.linear1.weight", j);
        add(a, name, 2, 256, 128, 1);
        snprintf(name, sizeof name, "blocks.%d.linear2.weight", j);
        add(a, name, 2, 128, 256, 1);
    }
    add_layer(a, "fconv", 3, 1, 128, 75);
    add_layer(a, "linear", 2, 1, 128, 1);
}

/* A convolution without bias and the norm behind it. */
static void
add_normed(struct archive *a, const char *prefix, int conv, size_t out, size_t in, size_t k)
{
    char name[128];

    snprintf(name, sizeof name, "%s.%d.weight", prefix, conv);
    add(a, name, 3, out, in, k);
    snprintf(name, sizeof name, "%s.%d", prefix, conv + 1);
    add_norm(a, name, out);
}

static void
legnet(struct archive *a, size_t stem_k, size_t k)
{
    static const size_t channels[] = { 64, 80, 96, 112, 128 };
    char prefix[64], name[128];

    add_normed(a, "stem.block", 0, 64, 4, stem_k);
    for (size_t b = 0; b < 4; b++) {
        size_t c = channels[b];

        snprintf(prefix, sizeof prefix, "main.%zu.0.fn.block", b);
        add_normed(a, prefix, 0, 4 * c, c, 1);
        add_normed(a, prefix, 3, 4 * c, 1, k);
        add_layer(a, name_of(name, prefix, "6.fc.0"), 2, c, 4 * c, 1);
        add_layer(a, name_of(name, prefix, "6.fc.2"), 2, 4 * c, c, 1);
        add_normed(a, prefix, 7, c, 4 * c, 1);
        snprintf(prefix, sizeof prefix, "main.%zu.1.block", b);
        add_normed(a, prefix, 0, channels[b + 1], 2 * c, k);
    }
    add_norm(a, "mapper.block.0", 128);
    add_layer(a, "mapper.block.1", 3, 256, 128, 1);
    add_layer(a, "head.0", 2, 256, 256, 1);
    add_norm(a, "head.1", 256);
    add_layer(a, "head.3", 2, 1, 256, 1);
}

static void
epi(struct archive *a, size_t stem, size_t body, size_t hidden)
{
    char name[128];

    add_layer(a, "stem.0", 3, stem, 4, 21);
    add_layer(a, "stem.2", 3, body, stem, 1);
    for (int j = 0; j < 9; j++) {
        snprintf(name, sizeof name, "blocks.%d.conv", j);
        add_layer(a, name, 3, body, body, 3);
        snprintf(name, sizeof name, "blocks.%d.bn", j);
        add_norm(a, name, body);
    }
    add_layer(a, "profile_head", 3, 2, body, 1);
    add_layer(a, "count_head.0", 2, hidden, body, 1);
    add_layer(a, "count_head.2", 2, 2, hidden, 1);
}

static void
multimolecule(struct archive *a)
{
    static const struct {
        const char *name;
        size_t filters;
        int layers;
    } branch[] = { { "model.accessibility", 512, 8 }, { "model.bias", 128, 4 } };
    char name[128];

    a->n_row = true;
    for (size_t b = 0; b < ARRAY_LEN(branch); b++) {
        size_t f = branch[b].filters;

        add_layer(a, name_of(name, branch[b].name, "stem.conv"), 3, f, 5, 21);
        for (int j = 0; j < branch[b].layers; j++) {
            snprintf(name, sizeof name, "%s.layer.%d.conv", branch[b].name, j);
            add_layer(a, name, 3, f, f, 3);
        }
        add_layer(a, name_of(name, branch[b].name, "profile.0"), 3, 1, f, 75);
        add_layer(a, name_of(name, branch[b].name, "count.0"), 2, 1, f, 1);
    }
}

static void
finish(struct archive *a)
{
    uint8_t end[22];
    size_t k = le(end, 0x06054b50, 4);

    k += le(end + k, 0, 4);
    k += le(end + k, a->n_members, 2);
    k += le(end + k, a->n_members, 2);
    k += le(end + k, a->n_central, 4);
    k += le(end + k, a->at, 4);
    k += le(end + k, 0, 2);
    put(a, a->central, a->n_central);
    put(a, end, k);
    if (fclose(a->fp))
        die("cannot write");
    free(a->central);
}

int
main(int argc, char **argv)
{
    struct archive a = { 0 };

    prog_name = "mktensors";
    if (argc != 4)
        die_usage("mktensors KIND OUT.npz SEED");
    a.seed = strtoull(argv[3], NULL, 10);
    a.fp = fopen(argv[2], "wb");
    if (!a.fp)
        die("%s: cannot write", argv[2]);
    if (strcmp(argv[1], "cherimoya") == 0)
        cherimoya(&a);
    else if (strcmp(argv[1], "legnet") == 0)
        legnet(&a, 5, 3);
    else if (strcmp(argv[1], "legnet_11_9") == 0)
        legnet(&a, 11, 9);
    else if (strcmp(argv[1], "epi_main") == 0)
        epi(&a, 128, 64, 64);
    else if (strcmp(argv[1], "epi_bias") == 0)
        epi(&a, 64, 32, 32);
    else if (strcmp(argv[1], "multimolecule") == 0)
        multimolecule(&a);
    else
        die_usage("kind '%s' is not known", argv[1]);
    finish(&a);
    return EXIT_OK;
}
