/* SPDX-License-Identifier: MIT */
/* The fixtures of tests/reference/make_weights.py, whole, cut and with bytes changed. */
#include "weights/weights.h"

#include "check.h"
#include "npz/npy.h"
#include "prog/mem.h"
#include "zip_build.h"

#define DIR "reference/weights/"

static struct weights *
open_ok(const char *path)
{
    struct err e = { "" };
    struct weights *w = weights_open(path, &e);

    CHECK(w != NULL, "%s", e.msg);
    return w;
}

/* Its values; an array of 1 NaN when there are none, so that comparisons fail. */
static const float *
data_of(const struct weights *w, const struct tensor *t)
{
    static const float none[1] = { NAN };
    struct err e = { "" };
    const float *data = weights_data(w, t, &e);

    CHECK(data != NULL, "%s", e.msg);
    return data ? data : none;
}

/* Row by row the values are those of the whole; asked first, as the whole may be kept. */
static void
check_rows(const struct weights *w, const struct tensor *t)
{
    float *rows = mem_array(t->count + 1, sizeof *rows);
    size_t n = t->ndim ? t->shape[0] : 0, row = n ? t->count / n : 0;
    struct err e = { "" };

    for (size_t i = 0; i < n; i++)
        CHECK(weights_copy_rows(w, rows + i * row, t, i, i + 1, &e) == 0, "%s", e.msg);
    CHECK(!n || memcmp(rows, data_of(w, t), t->count * sizeof *rows) == 0, "%s by rows", t->name);
    CHECK(!n || weights_copy_rows(w, rows, t, n / 2, n, &e) == 0, "%s", e.msg);
    CHECK(!n || memcmp(rows, data_of(w, t) + n / 2 * row, (n - n / 2) * row * sizeof *rows) == 0,
          "%s: the rows of its second half", t->name);
    free(rows);
}

/* Value i of the tensor is first + i * step; shape ends with 0. */
static void
check_ramp(const struct weights *w, const char *name, float first, float step,
           const size_t shape[TENSOR_MAX_DIM + 1])
{
    const struct tensor *t = weights_find(w, name);
    const float *data;
    size_t count = 1;
    int ndim = 0;

    CHECK(t != NULL, "no tensor '%s'", name);
    if (!t)
        return;
    for (; shape[ndim]; ndim++) {
        CHECK(ndim < t->ndim && t->shape[ndim] == shape[ndim], "%s: dimension %d", name, ndim);
        count *= shape[ndim];
    }
    CHECK(t->ndim == ndim && t->count == count, "%s: %d dimensions, %zu values", name, t->ndim,
          t->count);
    check_rows(w, t);
    data = data_of(w, t);
    for (size_t i = 0; i < count && i < t->count; i++)
        CHECK(data[i] == first + step * (float)i, "%s[%zu] is %g", name, i, (double)data[i]);
}

#define SHAPE(...) ((const size_t[TENSOR_MAX_DIM + 1]){ __VA_ARGS__ })

static void
test_plain(void)
{
    static const float turned[] = { 0, 2, 4, .5f, 2.5f, 4.5f, 1, 3, 5, 1.5f, 3.5f, 5.5f };
    static const float mask[] = { 1, 0, 1 };
    struct weights *w = open_ok(DIR "plain.pt");

    if (!w)
        return;
    CHECK_STR(w->format, "torch-zip");
    CHECK_STR(w->path, DIR "plain.pt");
    CHECK(!w->class_name && !w->model_config && w->n_attr == 0, "a state dict has tensors only");
    CHECK_INT(w->n_tensor, 11);
    CHECK_STR(w->tensor[0].name, "conv.weight");
    check_ramp(w, "conv.weight", -1, .5f, SHAPE(2, 3, 2));
    check_ramp(w, "conv.bias", 7, .5f, SHAPE(3));
    check_ramp(w, "half", 0, .5f, SHAPE(4));
    check_ramp(w, "brain", 0, .5f, SHAPE(4));
    check_ramp(w, "double", .25f, .5f, SHAPE(2, 2));
    check_ramp(w, "norm.num_batches_tracked", 12345, 0, SHAPE(0));
    check_ramp(w, "pool.head", -2, .5f, SHAPE(4));
    check_ramp(w, "pool.tail", 1, .5f, SHAPE(4));
    check_ramp(w, "pool.even", -2, 1, SHAPE(5));
    CHECK(memcmp(data_of(w, weights_find(w, "turned")), turned, sizeof turned) == 0, "transposed view");
    CHECK_INT(weights_find(w, "turned")->shape[0], 4);
    CHECK(memcmp(data_of(w, weights_find(w, "mask")), mask, sizeof mask) == 0, "booleans");
    CHECK(weights_find(w, "conv") == NULL, "part of a name");
    weights_close(w);
}

static void
test_nested(void)
{
    struct weights *w = open_ok(DIR "nested.pt");
    int64_t value = 0;

    if (!w)
        return;
    CHECK_INT(w->n_tensor, 1);
    check_ramp(w, "state_dict.model.w", 0, .5f, SHAPE(2, 2));
    CHECK(weights_attr_get(w, "trimming", &value) && value == 557, "trimming");
    CHECK(weights_attr_get(w, "n_filters", &value) && value == 4, "n_filters");
    CHECK(!weights_attr_get(w, "name", &value) && !weights_attr_get(w, "epoch", &value),
          "only integers of config");
    weights_close(w);
}

/* The names and order that torch printed for state_dict(); tensor k begins with value k. */
static void
test_module(void)
{
    static const char *const names[] = {
        "scale", "blocks.0.kept", "blocks.0.conv.weight", "blocks.0.norm.weight",
        "blocks.0.norm.bias", "blocks.0.norm.running_mean", "blocks.0.norm.running_var",
        "blocks.0.norm.num_batches_tracked", "blocks.1.kept", "blocks.1.conv.weight",
        "blocks.1.norm.weight", "blocks.1.norm.bias", "blocks.1.norm.running_mean",
        "blocks.1.norm.running_var", "blocks.1.norm.num_batches_tracked", "head.weight",
        "head.bias"
    };
    struct weights *w = open_ok(DIR "module.torch");
    int64_t value = 0;

    if (!w)
        return;
    CHECK_STR(w->class_name, "__main__.Net");
    CHECK(weights_attr_get(w, "trimming", &value) && value == 557, "trimming");
    CHECK(!weights_attr_get(w, "training", &value), "booleans are no integers");
    CHECK_INT(w->n_tensor, ARRAY_LEN(names));
    for (size_t k = 0; k < ARRAY_LEN(names) && k < w->n_tensor; k++) {
        CHECK_STR(w->tensor[k].name, names[k]);
        for (size_t i = 0; i < w->tensor[k].count; i++)
            CHECK(data_of(w, &w->tensor[k])[i] == (float)(k + i), "%s[%zu]", names[k], i);
    }
    check_ramp(w, "blocks.1.conv.weight", 9, 1, SHAPE(2, 2, 3));
    weights_close(w);
}

static void
test_keras(const char *path)
{
    struct weights *w = open_ok(path);

    if (!w)
        return;
    CHECK_STR(w->format, "keras-hdf5");
    CHECK_INT(w->n_tensor, 6);
    check_ramp(w, "bpnet_1st_conv/bpnet_1st_conv/kernel:0", 0, .5f, SHAPE(3, 4, 2));
    check_ramp(w, "bpnet_1conv/bpnet_1conv/kernel:0", 1, .5f, SHAPE(3, 2, 2));
    check_ramp(w, "bpnet_1conv/bpnet_1conv/bias:0", -1, .5f, SHAPE(2));
    check_ramp(w, "logcount_predictions/logcount_predictions/kernel:0", 2, .5f, SHAPE(2, 1));
    check_ramp(w, "logcount_predictions/logcount_predictions/bias:0", -2, .5f, SHAPE(1));
    CHECK_STR(w->model_config,
              "{\"class_name\": \"Functional\", \"config\": {\"name\": \"m\xc3\xbc\", "
              "\"layers\": []}}");
    weights_close(w);
}

static void
test_keras_root(void)
{
    struct weights *w = open_ok(DIR "keras_root.h5");

    if (!w)
        return;
    CHECK_INT(w->n_tensor, 4);
    check_ramp(w, "dropout/seed", 0, 0, SHAPE(2));
    CHECK(w->model_config == NULL, "no architecture in a weights-only file");
    check_ramp(w, "double/kernel:0", 0, .5f, SHAPE(2, 3));
    check_ramp(w, "half/kernel:0", 0, .5f, SHAPE(2, 3));
    check_ramp(w, "big/kernel:0", 0, .5f, SHAPE(2, 3));
    weights_close(w);
}

static void
test_npz(const char *path)
{
    struct weights *w = open_ok(path);

    if (!w)
        return;
    CHECK_STR(w->format, "npz");
    CHECK_INT(w->n_tensor, 5);
    check_ramp(w, "conv/kernel", 0, .5f, SHAPE(3, 4, 2));
    check_ramp(w, "conv/bias", 9, .5f, SHAPE(2));
    check_ramp(w, "half", 0, .5f, SHAPE(5));
    check_ramp(w, "count", 7, 0, SHAPE(0));
    check_ramp(w, "flag", 1, -1, SHAPE(2));
    weights_close(w);
}

/* Value from sha256sum; numpy writes no time into archives, so making it again keeps it. */
static void
test_sha256(void)
{
    struct weights *w = open_ok(DIR "stored.npz");

    if (w)
        CHECK_STR(w->sha256, "9cdab269970f991bb8c34adfd3007e52a37326cb265c85d3048d5d4a2dc7283b");
    weights_close(w);
    weights_close(NULL);
}

static void
refuse(const void *data, size_t n, const char *reason)
{
    const char *path = scratch("weights.bin");
    struct err e = { "" };
    struct weights *w;

    file_save(path, data, n);
    w = weights_open(path, &e);
    CHECK(!w || weights_check(w, &e) < 0, "accepted, expected '%s'", reason);
    CHECK(strstr(e.msg, reason) && strncmp(e.msg, path, strlen(path)) == 0,
          "'%s', expected '%s'", e.msg, reason);
    weights_close(w);
}

static void
test_other_formats(void)
{
    struct err e = { "" };

    refuse("", 0, "not a weight file");
    refuse("not a model\n", 12, "not a weight file");
    refuse("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9", 9, "before version 1.6");
    refuse("\x10\0\0\0\0\0\0\0{}", 10, "looks like a safetensors file");
    refuse("\x1f\x8b\x08\0\0\0\0\0\0", 9, "gunzip");
    refuse("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, "no weights in it");
    refuse("\x89HDF\r\n\x1a\n", 8, "damaged or cut-off HDF5");
    CHECK(weights_open("reference/none.h5", &e) == NULL, "opened what is not there");
    CHECK(strstr(e.msg, "reference/none.h5: cannot open: ") == e.msg, "%s", e.msg);
    CHECK(weights_open("reference", &e) == NULL, "opened a folder");
}

/* An archive of one array w.npy with that header and bytes of data, all 0xff (NaN as floats). */
static void
refuse_npz(const struct npy *a, size_t bytes, const char *reason)
{
    static struct zip_build b;
    char member[NPY_HEADER_MAX + 64];
    size_t n = npy_format(member, a);

    memset(member + n, 0xff, bytes);
    b.n = b.n_central = b.n_member = 0;
    zip_build_add(&b, "w.npy", member, n + bytes);
    zip_build_end(&b);
    refuse(b.bytes, b.n, reason);
}

static void
test_npz_arrays(void)
{
    struct npy a = { .kind = 'f', .item = 4, .ndim = 2, .shape = { 2, 3 } };

    refuse_npz(&a, 24, "tensor 'w': value 0 is");
    refuse_npz(&a, 20, "member 'w.npy': ");
    a.fortran = true;
    refuse_npz(&a, 24, "Fortran order");
    a.fortran = false;
    a.shape[0] = (size_t)1 << 62;
    refuse_npz(&a, 24, "larger than any file");
    a.shape[0] = 1 << 20;
    refuse_npz(&a, 24, "for its declared shape");
    a = (struct npy){ .kind = 'f', .item = 4, .ndim = 9, .shape = { 1, 1, 1, 1, 1, 1, 1, 1, 1 } };
    refuse_npz(&a, 4, "9 dimensions, expected at most 8");
    a = (struct npy){ .kind = 'U', .item = 4, .ndim = 1, .shape = { 1 } };
    refuse_npz(&a, 4, "no weights in it");
}

/* A file that lacks its end is never accepted, wherever it was cut. */
static void
test_cut(const char *path)
{
    size_t n, step;
    uint8_t *data = file_load(path, &n);
    const char *to = scratch("cut.bin");
    struct err e;

    step = n / 150 + 1;
    for (size_t cut = 0; cut < n; cut += cut + 40 > n ? 1 : step) {
        struct weights *w;

        file_save(to, data, cut);
        w = weights_open(to, &e);
        CHECK(!w || weights_check(w, &e) < 0, "%s opened when cut at %zu of %zu", path, cut, n);
        weights_close(w);
    }
    free(data);
}

/* Changed bytes must not crash or leak; many are refused, some change only what is not read. */
static void
test_flip(const char *path)
{
    size_t n;
    uint8_t *data = file_load(path, &n);
    const char *to = scratch("flip.bin");
    struct weights *w;
    struct err e;

    for (size_t i = 0; i < n; i += 3) {
        uint8_t old = data[i];

        data[i] = (uint8_t)(i % 2 ? ~old : old + 1);
        file_save(to, data, n);
        w = weights_open(to, &e);
        if (w)
            weights_check(w, &e);
        weights_close(w);
        data[i] = old;
    }
    free(data);
}

int
main(void)
{
    static const char *const files[] = {
        DIR "plain.pt", DIR "nested.pt", DIR "module.torch", DIR "keras.h5", DIR "keras_fixed.h5",
        DIR "keras_root.h5", DIR "stored.npz", DIR "deflated.npz", DIR "small.safetensors",
        DIR "h5_compact.h5", DIR "h5_chunks_new.h5", DIR "keras3_deflated.keras"
    };

    test_plain();
    test_nested();
    test_module();
    test_keras(DIR "keras.h5");
    test_keras(DIR "keras_fixed.h5");
    test_keras_root();
    test_npz(DIR "stored.npz");
    test_npz(DIR "deflated.npz");
    test_sha256();
    test_other_formats();
    test_npz_arrays();
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        test_cut(files[i]);
        test_flip(files[i]);
    }
    return check_done();
}
