/* SPDX-License-Identifier: MIT */
/*
 * The family "sei": 21,907 chromatin profiles, and 40 sequence classes projected from them.
 *
 *   FILE[,projvec_targets.npy][,histone_inds.npy][,target.names][,seqclass.names]
 *
 * or the folder that holds them as published (sei.pth, ...).  Without the projection there are no
 * classes, without the histone indices alleles are not equalised, without the names tracks are
 * numbered; --describe says how many there are of each.
 *
 *   profile   sigmoid of the classifier; mean of both strands' unless the forward strand is asked
 *             for (chorus' builders take it alone, its queries and the authors average)
 *   variants  the sum over the histone profiles of every allele of a record is brought to the mean
 *             of them all ("nucleosome occupancy"), other profiles stay; upstream's rule for a pair
 *   class     (p . V) / |V|, after averaging and equalising
 *
 * A letter other than A, C, G, T is zero, as in chorus (selene, in which it was trained, has 0.25).
 * The variant stands at index 2047 of 4,096 as everywhere in this suite (2048 with --centre right).
 *
 * Layers, names, numerics and the spline: specification of the large oracles, section 2.  Profiles
 * are scored by the layer of their assay, classes by their difference; with
 * --sei-effect difference all of them by their difference, as chorus' builder has it.
 */
#include "family/declare.h"

#ifdef FAMILY_DECLARATION

const struct declaration declared_sei = {
    .name = "sei", .layer = "tf_binding", .n_fraction = 0.5,
    .preset = { .snps = "unified", .shuffle_snps = true, .baselines = "baseline-29500",
                .shuffle_seed = -1 },
};

#else

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "nn/position.h"
#include "oracle/account.h"
#include "oracle/sei.h"
#include "oracle/tracktable.h"
#include "prog/mem.h"
#include "score/classify.h"

enum { DEFAULT_LENGTH = 4096, MAX_CLASSES = 40 };

struct sei {
    struct sei_trunk trunk;
    struct sei_classifier classifier;
    size_t n_basis;
    double *spline;             /* positions x n_basis */
    float *projection;          /* n_classes x n_targets, rows of length 1; or NULL */
    size_t n_classes;
    size_t *histone;            /* indices of histone profiles */
    size_t n_histone;
    bool forward;
};

static bool
recognises(const struct weights *w)
{
    return weights_find(w, "lconv1.0.weight") != NULL;
}

/* Paths of the parts of a model; NULL where there is none. */
struct files {
    char *weights, *projection, *histone, *profiles, *classes;
};

static void
free_files(struct files *f)
{
    free(f->weights);
    free(f->projection);
    free(f->histone);
    free(f->profiles);
    free(f->classes);
}

static bool
exists(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0;
}

/* The first of the names that is in the folder, or NULL. */
static char *
within(const char *folder, const char *const *name)
{
    for (; *name; name++) {
        char *path = mem_printf("%s/%s", folder, *name);

        if (exists(path))
            return path;
        free(path);
    }
    return NULL;
}

static int
folder_files(struct files *f, const char *folder, struct err *e)
{
    static const char *const weights[] = { "sei.pth", "sei.safetensors", "model.pth", NULL };
    static const char *const projection[] = { "projvec_targets.npy", NULL };
    static const char *const histone[] = { "histone_inds.npy", NULL };
    static const char *const profiles[] = { "target.names", NULL };
    static const char *const classes[] = { "seqclass.names", "seqclass_info.txt", NULL };

    f->weights = within(folder, weights);
    f->projection = within(folder, projection);
    f->histone = within(folder, histone);
    f->profiles = within(folder, profiles);
    f->classes = within(folder, classes);
    if (!f->weights)
        return err_set(e, "%s: holds no sei.pth; name the folder 'model' of sei_model.tar.gz "
                       "(Zenodo record 4906997), or the files themselves", folder);
    return 0;
}

/* Files by what their names say: projections, indices, classes, profiles; the rest is weights. */
static int
sort_files(struct files *f, char **path, size_t n, struct err *e)
{
    struct stat s;

    memset(f, 0, sizeof *f);
    if (n == 1 && stat(path[0], &s) == 0 && S_ISDIR(s.st_mode))
        return folder_files(f, path[0], e);
    for (size_t i = 0; i < n; i++) {
        const char *slash = strrchr(path[i], '/'), *name = slash ? slash + 1 : path[i];
        size_t len = strlen(name);
        bool npy = len > 4 && strcmp(name + len - 4, ".npy") == 0;
        char **to = npy ? strstr(name, "hist") ? &f->histone : &f->projection :
                    strstr(name, "class") ? &f->classes :
                    strstr(name, "target") || strstr(name, ".names") ? &f->profiles : &f->weights;

        if (*to)
            return err_set(e, "%s: '%s' and '%s' are taken for the same part of a Sei model; "
                           "expected sei.pth, projvec_targets.npy, histone_inds.npy, "
                           "target.names and seqclass.names", path[i], *to, path[i]);
        *to = mem_strdup(path[i]);
    }
    return f->weights ? 0 : err_set(e, "no weight file of Sei was named, only side files");
}

/* First rows of the projection, each divided by its length. */
static int
read_projection(struct sei *s, const char *path, struct err *e)
{
    size_t shape[2], n = s->classifier.n_targets;
    double *v = sei_read_npy(path, shape, e);

    if (!v)
        return -1;
    if (shape[1] != n) {
        free(v);
        return err_set(e, "%s: %zu columns, expected the %zu profiles of the network", path,
                       shape[1], n);
    }
    s->n_classes = shape[0] < MAX_CLASSES ? shape[0] : MAX_CLASSES;
    s->projection = mem_array(s->n_classes * n, sizeof *s->projection);
    for (size_t r = 0; r < s->n_classes; r++) {
        double length = 0;

        for (size_t j = 0; j < n; j++)
            length += v[r * n + j] * v[r * n + j];
        for (size_t j = 0; j < n; j++)
            s->projection[r * n + j] = (float)(v[r * n + j] / sqrt(length));
        if (!(length > 0)) {
            free(v);
            return err_set(e, "%s: row %zu is zero, so it has no direction", path, r);
        }
    }
    free(v);
    return 0;
}

static int
read_histones(struct sei *s, const char *path, struct err *e)
{
    size_t shape[2];
    double *v = sei_read_npy(path, shape, e);

    if (!v)
        return -1;
    s->n_histone = shape[0] * shape[1];
    s->histone = mem_array(s->n_histone, sizeof *s->histone);
    for (size_t i = 0; i < s->n_histone; i++) {
        if (!(v[i] >= 0 && v[i] < (double)s->classifier.n_targets) || v[i] != floor(v[i])) {
            err_set(e, "%s: entry %zu is %g, expected the index of one of %zu profiles", path, i,
                    v[i], s->classifier.n_targets);
            free(v);
            return -1;
        }
        s->histone[i] = (size_t)v[i];
    }
    free(v);
    return 0;
}

/* Tracks from n rows of a names file, or numbered behind the user's id. */
static int
add_tracks(struct model *m, struct track_rows *rows, const char *path, size_t n, const char *prefix,
           const char *layer, struct err *e)
{
    if (rows && rows->n < n)
        return err_set(e, "%s: names %zu tracks, but the network has %zu; are they of one model?",
                       path, rows->n, n);
    for (size_t i = 0; i < n; i++) {
        struct model_track *t = model_add_track(m);
        const struct layer *l = NULL;

        t->layer = layer;
        if (rows) {
            t->id = mem_strdup(rows->row[i].id);
            t->assay = mem_strdup(rows->row[i].assay);
            l = layer ? NULL : classify_track(t->id, t->assay, NULL);
        } else {
            t->prefix = prefix;
            t->suffix = mem_printf(":%zu", i);
        }
        if (!layer)     /* what is neither accessibility nor a histone mark is a factor */
            t->layer = l ? l->name : "tf_binding";
    }
    return 0;
}

static int
read_tracks(struct model *m, const struct sei *s, const struct files *f, struct err *e)
{
    struct track_rows *profiles = f->profiles ? track_rows_new() : NULL;
    struct track_rows *classes = f->classes && s->n_classes ? track_rows_new() : NULL;
    int status = 0;

    if (profiles)
        status = track_rows_add_profiles(profiles, f->profiles, e);
    if (status == 0 && classes)
        status = track_rows_add_classes(classes, f->classes, e);
    if (status == 0)
        status = add_tracks(m, profiles, f->profiles, s->classifier.n_targets, "profile:", NULL, e);
    if (status == 0)
        status = add_tracks(m, classes, f->classes, s->n_classes, "class:",
                            "regulatory_classification", e);
    track_rows_free(profiles);
    track_rows_free(classes);
    return status;
}

static int
open_networks(struct model *m, struct sei *s, const char *path, size_t len,
              const struct model_options *o, const struct nn_ops *ops, struct err *e)
{
    struct weights *w = model_weights(m, path, o, e);
    const struct tensor *t = NULL;
    size_t features;
    int status = -1;

    if (w && !recognises(w)) {
        model_refuse_file(m, w, e);
    } else if (w && sei_trunk_open(&s->trunk, len, w, ops, e) == 0) {
        t = weights_find(w, "classifier.0.weight");
        if (!t || t->ndim != 2 || t->shape[1] % s->trunk.channels ||
            t->shape[1] / s->trunk.channels < 4)
            err_set(e, "%s: tensor 'classifier.0.weight' is missing, or its inputs are not 4 or "
                    "more for each of %zu channels", path, s->trunk.channels);
        else
            status = 0;
    }
    if (status == 0) {
        features = t->shape[1];
        s->n_basis = features / s->trunk.channels;
        s->spline = mem_array(s->trunk.positions * s->n_basis, sizeof *s->spline);
        position_bspline(s->spline, s->trunk.positions, s->n_basis);
        /* The basis is single in the original. */
        for (size_t i = 0; i < s->trunk.positions * s->n_basis; i++)
            s->spline[i] = (float)s->spline[i];
        status = sei_classifier_open(&s->classifier, features, w, ops, e);
        if (status == 0 && s->trunk.net.scratch < sei_part_floats(&s->classifier))
            s->trunk.net.scratch = sei_part_floats(&s->classifier);
    }
    if (status == 0)
        status = account_check(m, w, e);
    weights_close(w);
    return status;
}

static int
open_model(struct model *m, char **path, size_t n_paths, const struct model_options *o,
           const struct nn_ops *ops, struct err *e)
{
    struct sei *s = m->impl = mem_zalloc(sizeof *s);
    struct files f;
    int status = sort_files(&f, path, n_paths, e);

    m->kind = "Sei";
    m->in_len = o->in_len ? o->in_len : DEFAULT_LENGTH;
    if (status == 0 && (m->in_len % 32 || m->in_len < 64))
        status = err_set(e, "an input of %zu bp does not fit Sei, which pools by 16; expected a "
                         "multiple of 32 from 64 on", m->in_len);
    if (status == 0)
        status = open_networks(m, s, f.weights, m->in_len, o, ops, e);
    if (status == 0 && f.projection)
        status = read_projection(s, f.projection, e);
    if (status == 0 && f.histone)
        status = read_histones(s, f.histone, e);
    if (status == 0)
        status = read_tracks(m, s, &f, e);
    free_files(&f);
    if (status)
        return -1;
    s->forward = o->forward;
    model_add_net(m, &s->trunk.net);
    m->more_macs = sei_classifier_macs(&s->classifier) +
                   (uint64_t)s->trunk.positions * s->classifier.n_features;
    m->batch = SEI_ROWS / 4;
    return model_take_options(m, o, MODEL_TAKES_FORWARD | MODEL_TAKES_IN_LEN, e);
}

static void
free_impl(struct model *m)
{
    struct sei *s = m->impl;

    if (!s)
        return;
    net_free(&s->trunk.net);
    sei_classifier_free(&s->classifier);
    free(s->spline);
    free(s->projection);
    free(s->histone);
    free(s);
}

/* Sequences on their way through the classifier, and the profiles of all alleles of the job. */
struct pass {
    const struct sei *s;
    struct net_workspace *ws;
    bool reverse;
    size_t first;               /* number of the group's first allele */
    size_t rows;                /* waiting in x */
    size_t target[SEI_ROWS];    /* allele of each */
    bool second[SEI_ROWS];      /* it is the allele's second strand */
    float *x, *hidden, *y;
    float *profile;             /* alleles x n_targets */
};

static void
flush(struct pass *p)
{
    size_t n = p->s->classifier.n_targets;

    if (p->rows)
        sei_classify(&p->s->classifier, p->ws, p->y, p->x, p->hidden, p->rows);
    for (size_t r = 0; r < p->rows; r++) {
        float *to = p->profile + p->target[r] * n;
        const float *from = p->y + r * n;

        for (size_t j = 0; j < n; j++)
            to[j] = p->second[r] ? (to[j] + from[j]) / 2 : from[j];
    }
    p->rows = 0;
}

/* Features of one sequence: channel * n_basis + basis, sums over positions in double. */
static void
take_features(void *context, const struct model_allele *allele, size_t i)
{
    struct pass *p = context;
    const struct sei *s = p->s;
    size_t c = s->trunk.channels, n = s->n_basis;
    const float *in = net_output(&s->trunk.net, p->ws, s->trunk.end);
    float *x = p->x + p->rows * c * n;

    (void)allele;
    for (size_t k = 0; k < n; k++) {
        for (size_t first = 0; first < c; first += 64) {
            size_t width = c - first < 64 ? c - first : 64;
            double sum[64] = { 0 };

            for (size_t t = 0; t < s->trunk.positions; t++) {
                double b = s->spline[t * n + k];

                for (size_t q = 0; b != 0 && q < width; q++)
                    sum[q] += b * in[t * c + first + q];
            }
            for (size_t q = 0; q < width; q++)
                x[(first + q) * n + k] = (float)sum[q];
        }
    }
    p->target[p->rows] = p->first + i;
    p->second[p->rows++] = p->reverse;
    if (p->rows == SEI_ROWS)
        flush(p);
}

static void
make_reverse(void *context, uint8_t *to, const uint8_t *from, size_t *lo, size_t *hi)
{
    size_t len = *(const size_t *)context, begin = *lo;

    for (size_t i = 0; i < len; i++)
        to[i] = from[len - 1 - i] < 4 ? (uint8_t)(3 - from[len - 1 - i]) : from[len - 1 - i];
    if (*lo < *hi) {
        *lo = len - *hi;
        *hi = len - begin;
    }
}

/* Bring the histone profiles of n alleles to the same sum, the mean of all. */
static void
equalise(const struct sei *s, float *const *profile, size_t n)
{
    double mean = 0;

    for (size_t a = 0; a < n; a++)
        for (size_t i = 0; i < s->n_histone; i++)
            mean += (double)profile[a][s->histone[i]] / (double)n;
    for (size_t a = 0; a < n; a++) {
        double sum = 0;

        for (size_t i = 0; i < s->n_histone; i++)
            sum += profile[a][s->histone[i]];
        for (size_t i = 0; i < s->n_histone && sum > 0; i++)
            profile[a][s->histone[i]] = (float)(profile[a][s->histone[i]] * (mean / sum));
    }
}

static void
emit(const struct sei *s, size_t first_track, const struct model_allele *a, const float *profile)
{
    size_t n = s->classifier.n_targets;

    for (size_t t = 0; t < n; t++)
        prediction_take(a->p, first_track + t, a->allele, 0, &profile[t]);
    for (size_t r = 0; r < s->n_classes; r++) {
        double sum = 0;
        float value;

        for (size_t t = 0; t < n; t++)
            sum += (double)profile[t] * s->projection[r * n + t];
        value = (float)sum;
        prediction_take(a->p, first_track + n + r, a->allele, 0, &value);
    }
}

/* The alleles of a group record by record: those of one record follow each other. */
static void
finish_group(const struct sei *s, size_t first_track, const struct model_group *g, float *profile)
{
    size_t n = s->classifier.n_targets;

    for (size_t i = 0, k; i < g->n; i += k) {
        float **of = mem_array(g->n, sizeof *of);

        for (k = 0; i + k < g->n && g->allele[i + k].p == g->allele[i].p; k++)
            of[k] = profile + (i + k) * n;
        if (k > 1)
            equalise(s, of, k);
        for (size_t a = 0; a < k; a++)
            emit(s, first_track, &g->allele[i + a], of[a]);
        free(of);
    }
}

static void
predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
        const struct model_group *group, size_t n_groups)
{
    const struct sei *s = m->impl;
    const struct sei_classifier *c = &s->classifier;
    struct pass p = { .s = s, .ws = scratch->ws };
    size_t rows = SEI_ROWS + NN_SLACK_COLUMNS, alleles = 0, align = 16;
    size_t x = rows * c->n_features, y = rows * c->n_targets;

    for (size_t g = 0; g < n_groups; g++)
        alleles += group[g].n;
    mem_grow(&scratch->f32, &scratch->f32_cap,
             x + 2 * y + alleles * c->n_targets + 4 * align, sizeof *scratch->f32);
    /* Rows begin at multiples of 64 bytes. */
    p.x = scratch->f32 + (align - ((uintptr_t)scratch->f32 / sizeof(float)) % align) % align;
    p.hidden = p.x + (x + align - 1) / align * align;
    p.y = p.hidden + (y + align - 1) / align * align;
    p.profile = p.y + (y + align - 1) / align * align;
    for (size_t g = 0; g < n_groups; p.first += group[g++].n) {
        p.reverse = false;
        model_run_group(&s->trunk.net, scratch->ws, &group[g], take_features, &p);
        if (!s->forward) {
            size_t len = m->in_len;
            struct model_group back = model_derive_group(scratch, &group[g], len, make_reverse,
                                                         &len);

            p.reverse = true;
            model_run_group(&s->trunk.net, scratch->ws, &back, take_features, &p);
        }
    }
    flush(&p);
    p.first = 0;
    for (size_t g = 0; g < n_groups; p.first += group[g++].n)
        finish_group(s, first_track, &group[g], p.profile + p.first * c->n_targets);
}

static void
describe(const struct model *m, FILE *fp)
{
    const struct sei *s = m->impl;

    fprintf(fp, "output\t%zu profiles, %zu classes\nstrands\t%s\nequalised\t%zu histone profiles\n",
            s->classifier.n_targets, s->n_classes,
            s->forward ? "forward" : "mean of both", s->n_histone);
    fprintf(fp, "network\t%zu channels at %zu positions, %zu splines\n", s->trunk.channels,
            s->trunk.positions, s->n_basis);
}

const struct family family_sei = {
    .declared = &declared_sei, .recognises = recognises, .open = open_model, .predict = predict,
    .describe = describe, .free_impl = free_impl,
};

#endif
