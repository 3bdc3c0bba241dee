/* SPDX-License-Identifier: MIT */
/* The files of tests/reference/make_containers.py: every container, written by its own library. */
#include "weights/weights.h"

#include "check.h"
#include "digest/crc32c.h"
#include "weights/snappy.h"
#include "zip_build.h"

#define DIR "reference/weights/"

/* A tensor, its type, its first value (the others follow in steps of 1/2) and how many. */
struct known {
    const char *name, *path;
    enum element dtype;
    double first;
    size_t count;
};

static struct weights *
open_ok(const char *path)
{
    struct err e = { "" };
    struct weights *w = weights_open(path, &e);

    CHECK(w != NULL, "%s", e.msg);
    return w;
}

static void
check_known(const struct weights *w, const struct known *k)
{
    const struct tensor *t = weights_find(w, k->name);
    struct err e = { "" };
    const float *data;

    CHECK(t != NULL, "%s has no tensor '%s'", w->path, k->name);
    if (!t)
        return;
    CHECK_STR(t->name, k->name);
    if (k->path) {
        CHECK_STR(t->path, k->path);
        CHECK(weights_find(w, k->path) == t, "'%s' is not found by its path", k->path);
    } else {
        CHECK(t->path == NULL, "'%s' has another path, '%s'", t->name, t->path);
    }
    CHECK_STR(element_name(t->dtype), element_name(k->dtype));
    CHECK_INT(t->count, k->count);
    data = weights_data(w, t, &e);
    CHECK(data != NULL, "%s", e.msg);
    for (size_t i = 0; data && i < t->count; i++)
        CHECK(data[i] == (float)(k->first + 0.5 * (double)i), "%s[%zu] is %g", t->name, i,
              (double)data[i]);
}

static void
check_file(const char *path, const char *format, const struct known *k, size_t n)
{
    struct weights *w = open_ok(path);

    if (!w)
        return;
    CHECK_STR(w->format, format);
    CHECK_INT(w->n_tensor, n);
    for (size_t i = 0; i < n; i++)
        check_known(w, &k[i]);
    weights_close(w);
}

/* layer_0 ... layer_(n-1) of count values from the layer's number on. */
static void
check_layers(const char *path, const char *name_format, size_t n, size_t count, size_t first_of_0,
             int step)
{
    struct weights *w = open_ok(path);

    if (!w)
        return;
    CHECK_INT(w->n_tensor, n);
    for (size_t i = 0; i < n; i++) {
        char name[64];
        struct known k = { name, NULL, ELEMENT_F4, (double)first_of_0 + (double)step * (double)i,
                           count };

        snprintf(name, sizeof name, name_format, i);
        check_known(w, &k);
    }
    weights_close(w);
}

static void
test_h5_links(void)
{
    struct weights *w;

    check_layers(DIR "h5_dense.h5", "layer_%zu", 60, 2, 0, 1);
    check_layers(DIR "h5_compact.h5", "layer_%zu/kernel:0", 5, 4, 4, -1);
    check_layers(DIR "h5_old.h5", "layer_%zu", 40, 1, 0, 1);
    w = open_ok(DIR "h5_dense.h5");
    if (w)
        CHECK_STR(w->model_config, "{\"class_name\": \"Dense\"}");
    weights_close(w);
}

static void
test_h5_chunks(void)
{
    static const struct known old[] = {
        { "deflated", NULL, ELEMENT_F4, 0, 105 }, { "half", NULL, ELEMENT_F2, 0, 105 },
        { "plain", NULL, ELEMENT_F4, 0, 105 }, { "shuffled", NULL, ELEMENT_F4, 0, 105 },
    }, new[] = {
        { "array", NULL, ELEMENT_F4, 0, 105 }, { "array_deflated", NULL, ELEMENT_F4, 0, 105 },
        { "implicit", NULL, ELEMENT_F4, 0, 105 }, { "single", NULL, ELEMENT_F4, 0, 105 },
        { "single_deflated", NULL, ELEMENT_F4, 0, 105 },
    };

    check_file(DIR "h5_chunks.h5", "keras-hdf5", old, ARRAY_LEN(old));
    check_file(DIR "h5_chunks_new.h5", "keras-hdf5", new, ARRAY_LEN(new));
}

/* Three values 1, 2, 3 of every type. */
static void
test_h5_types(void)
{
    static const struct { const char *name; enum element dtype; } types[] = {
        { "f2", ELEMENT_F2 }, { "f4", ELEMENT_F4 }, { "f8", ELEMENT_F8 }, { "bigf8", ELEMENT_F8 },
        { "i1", ELEMENT_I1 }, { "i2", ELEMENT_I2 }, { "bigi4", ELEMENT_I4 }, { "i8", ELEMENT_I8 },
        { "u1", ELEMENT_U1 }, { "u2", ELEMENT_U2 }, { "u4", ELEMENT_U4 }, { "u8", ELEMENT_U8 },
    };
    static const struct known other[] = {
        { "scalar", NULL, ELEMENT_F4, 2.5, 1 }, { "compact", NULL, ELEMENT_F4, 0, 4 },
        { "brain", NULL, ELEMENT_BF2, 0, 4 },
    };
    struct weights *w = open_ok(DIR "h5_types.h5");
    struct err e = { "" };
    float got[3];

    if (!w)
        return;
    CHECK_INT(w->n_tensor, ARRAY_LEN(types) + ARRAY_LEN(other));
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        const struct tensor *t = weights_find(w, types[i].name);

        CHECK(t && t->count == 3 && t->dtype == types[i].dtype, "%s", types[i].name);
        CHECK(t && weights_copy(w, got, t, &e) == 0 && got[0] == 1 && got[1] == 2 && got[2] == 3,
              "%s: %s", types[i].name, e.msg);
    }
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        check_known(w, &other[i]);
    weights_close(w);
}

/* Values and names as Keras printed them; the numbers are the order of model.weights. */
#define IN "model_wo_bias/"
#define AT "layers/functional/layers/"
static const struct known keras[] = {
    { "last/kernel:0", "layers/dense/vars/0", ELEMENT_F4, 21, 2 },
    { "last/bias:0", "layers/dense/vars/1", ELEMENT_F4, 22, 2 },
    { IN "norm/beta:0", AT "batch_normalization/vars/0", ELEMENT_F4, 3, 2 },
    { IN "norm/moving_mean:0", AT "batch_normalization/vars/1", ELEMENT_F4, 4, 2 },
    { IN "norm/moving_variance:0", AT "batch_normalization/vars/2", ELEMENT_F4, 5, 2 },
    { IN "bpnet_1st_conv/kernel:0", AT "conv1d/vars/0", ELEMENT_F4, 0, 40 },
    { IN "bpnet_1st_conv/bias:0", AT "conv1d/vars/1", ELEMENT_F4, 1, 2 },
    { IN "bpnet_1conv/kernel:0", AT "conv1d_1/vars/0", ELEMENT_F4, 2, 12 },
    { IN "logcount_predictions/kernel:0", AT "dense/vars/0", ELEMENT_F4, 19, 2 },
    { IN "logcount_predictions/bias:0", AT "dense/vars/1", ELEMENT_F4, 20, 1 },
    { IN "layer_norm/gamma:0", AT "layer_normalization/vars/0", ELEMENT_F4, 9, 2 },
    { IN "layer_norm/beta:0", AT "layer_normalization/vars/1", ELEMENT_F4, 10, 2 },
    { IN "attention/key/kernel:0", AT "multi_head_attention/key_dense/vars/0", ELEMENT_F4, 13, 4 },
    { IN "attention/key/bias:0", AT "multi_head_attention/key_dense/vars/1", ELEMENT_F4, 14, 2 },
    { IN "attention/attention_output/kernel:0", AT "multi_head_attention/output_dense/vars/0",
      ELEMENT_F4, 17, 4 },
    { IN "attention/attention_output/bias:0", AT "multi_head_attention/output_dense/vars/1",
      ELEMENT_F4, 18, 2 },
    { IN "attention/query/kernel:0", AT "multi_head_attention/query_dense/vars/0", ELEMENT_F4, 11,
      4 },
    { IN "attention/query/bias:0", AT "multi_head_attention/query_dense/vars/1", ELEMENT_F4, 12, 2 },
    { IN "attention/value/kernel:0", AT "multi_head_attention/value_dense/vars/0", ELEMENT_F4, 15,
      4 },
    { IN "attention/value/bias:0", AT "multi_head_attention/value_dense/vars/1", ELEMENT_F4, 16, 2 },
    { IN "separable/depthwise_kernel:0", AT "separable_conv1d/vars/0", ELEMENT_F4, 6, 6 },
    { IN "separable/pointwise_kernel:0", AT "separable_conv1d/vars/1", ELEMENT_F4, 7, 4 },
    { IN "separable/bias:0", AT "separable_conv1d/vars/2", ELEMENT_F4, 8, 2 },
};

/* Without the architecture a normalisation of three variables has numbers, not names. */
static void
test_keras3(void)
{
    static const struct known unnamed[] = {
        { IN "norm/0", AT "batch_normalization/vars/0", ELEMENT_F4, 3, 2 },
        { IN "norm/1", AT "batch_normalization/vars/1", ELEMENT_F4, 4, 2 },
        { IN "norm/2", AT "batch_normalization/vars/2", ELEMENT_F4, 5, 2 },
    };
    struct known only_weights[ARRAY_LEN(keras)];
    struct weights *w;

    check_file(DIR "keras3.keras", "keras-archive", keras, ARRAY_LEN(keras));
    check_file(DIR "keras3_deflated.keras", "keras-archive", keras, ARRAY_LEN(keras));
    memcpy(only_weights, keras, sizeof keras);
    memcpy(only_weights + 2, unnamed, sizeof unnamed);
    check_file(DIR "keras3.weights.h5", "keras-hdf5", only_weights, ARRAY_LEN(keras));
    w = open_ok(DIR "keras3_legacy.h5");
    if (w) {
        static const struct known k = { IN "bpnet_1conv/kernel", NULL, ELEMENT_F4, 2, 12 };

        CHECK_INT(w->n_tensor, ARRAY_LEN(keras));
        check_known(w, &k);
        CHECK(w->model_config && strstr(w->model_config, "\"bpnet_1conv\""), "model_config");
    }
    weights_close(w);
    w = open_ok(DIR "keras3.keras");
    CHECK(w && w->model_config && strstr(w->model_config, "\"dilation_rate\": [2]"), "config.json");
    weights_close(w);
}

#define VALUE "/.ATTRIBUTES/VARIABLE_VALUE"

static void
test_tensorflow(void)
{
    static const struct known checkpoint[] = {
        { "conv/bias", "model/bias" VALUE, ELEMENT_F4, 9, 2 },
        { "brain", "model/brain" VALUE, ELEMENT_BF2, 0, 4 },
        { "half", "model/half" VALUE, ELEMENT_F2, 0, 4 },
        { "conv/kernel", "model/kernel" VALUE, ELEMENT_F4, 0, 24 },
        { "steps", "model/steps" VALUE, ELEMENT_I8, 12345, 1 },
        { "model/twice/0" VALUE, NULL, ELEMENT_F4, 1, 2 },
        { "model/twice/1" VALUE, NULL, ELEMENT_F4, 2, 2 },
    }, saved[] = {
        { "conv/bias", "bias" VALUE, ELEMENT_F4, 9, 2 },
        { "brain", "brain" VALUE, ELEMENT_BF2, 0, 4 }, { "half", "half" VALUE, ELEMENT_F2, 0, 4 },
        { "conv/kernel", "kernel" VALUE, ELEMENT_F4, 0, 24 },
        { "steps", "steps" VALUE, ELEMENT_I8, 12345, 1 },
        { "twice/0" VALUE, NULL, ELEMENT_F4, 1, 2 }, { "twice/1" VALUE, NULL, ELEMENT_F4, 2, 2 },
    }, graph[] = {
        { "trunk/b", NULL, ELEMENT_F4, 5, 3 }, { "trunk/w", NULL, ELEMENT_F4, 0, 6 },
    };
    struct err e = { "" };

    check_file(DIR "ckpt.index", "tensor-bundle", checkpoint, ARRAY_LEN(checkpoint));
    check_file(DIR "saved_model.tar", "tensor-bundle", saved, ARRAY_LEN(saved));
    check_file(DIR "graph.index", "tensor-bundle", graph, ARRAY_LEN(graph));
    CHECK(weights_open("reference/weights", &e) == NULL, "a folder of two checkpoints");
    CHECK(strstr(e.msg, "more than one checkpoint") != NULL, "%s", e.msg);
    CHECK(weights_open("reference", &e) == NULL, "a folder without a checkpoint");
    CHECK(strstr(e.msg, "a folder without a TensorFlow checkpoint") != NULL, "%s", e.msg);
}

/* The index is found out by its blocks' checksums, a value by its own. */
static void
test_tensorflow_damaged(void)
{
    size_t n;
    uint8_t *data = file_load(DIR "saved_model.tar", &n);
    const char *path = scratch("damaged.tar");
    struct err e = { "" };
    struct weights *w;
    int refused = 0, found = 0;

    for (size_t i = 0; i < n; i += 7) {
        data[i] ^= 4;
        file_save(path, data, n);
        w = weights_open(path, &e);
        if (!w)
            refused++;
        else if (weights_check(w, &e) < 0)
            found += strstr(e.msg, "checksum") != NULL;
        weights_close(w);
        data[i] ^= 4;
    }
    CHECK(refused > 200 && found > 10, "%d refused, %d values found damaged", refused, found);
    free(data);
}

static void
test_safetensors(void)
{
    static const struct known known[] = {
        { "conv.weight", NULL, ELEMENT_F4, -1, 12 }, { "half", NULL, ELEMENT_F2, 0, 4 },
        { "brain", NULL, ELEMENT_BF2, 0, 4 }, { "double", NULL, ELEMENT_F8, 0.25, 4 },
        { "steps", NULL, ELEMENT_I8, 12345, 1 }, { "nothing", NULL, ELEMENT_F4, 0, 0 },
    };
    struct weights *w = open_ok(DIR "small.safetensors");
    int64_t value = 0;

    if (!w)
        return;
    CHECK_STR(w->format, "safetensors");
    CHECK_INT(w->n_tensor, 8);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        check_known(w, &known[i]);
    CHECK(weights_attr_get(w, "n_filters", &value) && value == 4, "metadata");
    CHECK_INT(w->n_attr, 1);
    weights_close(w);
}

static void
refuse(const void *data, size_t n, const char *reason)
{
    struct err e = { "" };
    struct weights *w = weights_open_bytes(data, n, "input", &e);

    CHECK(!w || weights_check(w, &e) < 0, "accepted, expected '%s'", reason);
    CHECK(strstr(e.msg, reason) != NULL, "'%s', expected '%s'", e.msg, reason);
    weights_close(w);
}

/* A header, and n bytes of values that are all 0. */
static void
refuse_header(const char *header, size_t n, const char *reason)
{
    uint8_t file[600] = { (uint8_t)strlen(header), (uint8_t)(strlen(header) >> 8) };

    memcpy(file + 8, header, strlen(header));
    refuse(file, 8 + strlen(header) + n, reason);
}

#define TENSOR(dtype, shape, range)                                                               \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" range "}"

static void
test_safetensors_refused(void)
{
    refuse_header("{\"a\":" TENSOR("F32", "[2]", "[0,8]") "}", 7, "do not hold 2 values of 4");
    refuse_header("{\"a\":" TENSOR("F32", "[2]", "[0,8]") "}", 9, "9 bytes of values, but");
    refuse_header("{\"a\":" TENSOR("F32", "[2]", "[0,8]") ",\"b\":"
                  TENSOR("F32", "[2]", "[4,12]") "}", 12, "overlap at byte 4");
    refuse_header("{\"a\":" TENSOR("F32", "[2]", "[0,8]") ",\"b\":"
                  TENSOR("F32", "[1]", "[12,16]") "}", 16, "leave a hole at byte 12");
    refuse_header("{\"a\":" TENSOR("U8", "[1]", "[0,1]") ",\"a\":"
                  TENSOR("U8", "[1]", "[0,1]") "}", 1, "duplicate");
    refuse_header("{\"a\":" TENSOR("F32", "[4611686018427387904,4]", "[0,8]") "}", 8,
                  "larger than any file");
    refuse_header("{\"a\":" TENSOR("F32", "[-1]", "[0,8]") "}", 8, "its shape is not a list");
    refuse_header("{\"a\":" TENSOR("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "at most 8");
    refuse_header("{\"a\":" TENSOR("F8_E5M2", "[1]", "[0,1]") "}", 1, "type 'F8_E5M2'");
    refuse_header("{\"a\":" TENSOR("F32", "[1]", "[4,0]") "}", 4, "do not hold");
    refuse_header("{\"a\\u001b\":" TENSOR("F32", "[1]", "[0,4]") "}", 4, "control character");
    refuse_header("{\"a\":{\"dtype\":\"F32\"}}", 4, "not described by dtype");
    refuse_header("{\"a\":[]}", 4, "not described by dtype");
    refuse_header("{}", 0, "no weights in it");
    refuse_header("{\"a\":", 0, "not valid JSON");
}

/* Offsets are those of the values in the file; what can be is used in place. */
static void
test_offsets(void)
{
    static const char *const paths[] = {
        DIR "plain.pt", DIR "stored.npz", DIR "keras.h5", DIR "small.safetensors",
        DIR "keras3.keras", DIR "saved_model.tar", DIR "h5_types.h5"
    };

    for (size_t f = 0; f < ARRAY_LEN(paths); f++) {
        struct weights *w = open_ok(paths[f]);
        size_t n, checked = 0;
        uint8_t *data = file_load(paths[f], &n);
        struct err e;

        for (size_t i = 0; w && i < w->n_tensor; i++) {
            const struct tensor *t = &w->tensor[i];
            const float *values = weights_data(w, t, &e);

            if (t->dtype != ELEMENT_F4 || t->count < 2 || !strcmp(t->name, "turned") ||
                !strcmp(t->name, "pool.even"))
                continue;
            CHECK(t->offset + 4 * t->count <= n &&
                  memcmp(data + t->offset, values, 4 * t->count) == 0, "%s: '%s' is not at %llu",
                  paths[f], t->name, (unsigned long long)t->offset);
            CHECK(weights_is_in_place(w, t) == (t->offset % 4 == 0), "%s: '%s' at %llu", paths[f],
                  t->name, (unsigned long long)t->offset);
            checked++;
        }
        CHECK(checked > 0, "%s: nothing was compared", paths[f]);
        free(data);
        weights_close(w);
    }
}

static void
test_hostile_h5(void)
{
    static const struct { const char *name, *reason; } files[] = {
        { "soft", "'/again' is a soft or external link" },
        { "soft_new", "'/again' is a soft or external link" },
        { "external", "'/model_weights' is a soft or external link" },
        { "twice", "reached by two links" }, { "circle", "reached by two links" },
        { "circle_new", "reached by two links" }, { "deep", "deeper than 32" },
        { "huge", "declared shape needs 4398046511104 bytes" },
        { "huge_chunks", "declared shape needs 4398046511104 bytes" },
        { "unwritten", "declared shape needs 16 bytes, but only 0 of" },
        { "nine", "9 dimensions, expected at most 8" }, { "nothing", "no weights in it" },
        { "storage", "in another file" }, { "virtual", "in another file" },
        { "filter", "filter 3" }, { "grows", "can grow" }, { "nan", "tensor 'w': value 1 is nan" },
        { "large", "tensor 'w': value 0 is inf" },
        { "attribute", "'model_config' is not one text" },
        { "no_group", "a tensor name of 0 bytes" }, { "named_type", "named HDF5 type" },
    };

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char path[128];
        uint8_t *data;
        size_t n;

        snprintf(path, sizeof path, DIR "hostile_%s.h5", files[i].name);
        data = file_load(path, &n);
        refuse(data, n, files[i].reason);
        free(data);
    }
}

/* The first dimension of a stored dataset made larger by editing its header. */
static void
test_edited_h5(void)
{
    static const uint64_t shape[] = { 3, 4, 2 };
    size_t n, at = 0;
    uint8_t *data = file_load(DIR "keras.h5", &n);

    while (at + sizeof shape <= n && memcmp(data + at, shape, sizeof shape) != 0)
        at++;
    CHECK(at < n, "no dataspace of 3 x 4 x 2");
    for (int byte = 0; byte < 8 && at < n; byte++) {
        data[at + (size_t)byte] ^= 0x40;
        refuse(data, n, "declared shape");
        data[at + (size_t)byte] ^= 0x40;
    }
    free(data);
}

static void
test_snappy(void)
{
    size_t n_raw, n_packed, n = 0;
    uint8_t *raw = file_load(DIR "snappy.raw", &n_raw);
    uint8_t *packed = file_load(DIR "snappy.packed", &n_packed), *got;
    struct err e = { "" };

    got = snappy_unpack(&n, packed, n_packed, &e);
    CHECK(got && n == n_raw && memcmp(got, raw, n) == 0, "%s", e.msg);
    free(got);
    for (size_t cut = 0; cut < n_packed; cut++) {
        got = snappy_unpack(&n, packed, cut, &e);
        CHECK(got == NULL, "unpacked when cut at %zu", cut);
        free(got);
    }
    free(raw);
    free(packed);
}

/* Check values of RFC 3720, appendix B.4. */
static void
test_crc32c(void)
{
    uint8_t b[32] = { 0 };

    CHECK_INT(crc32c(b, sizeof b), 0x8a9136aa);
    memset(b, 0xff, sizeof b);
    CHECK_INT(crc32c(b, sizeof b), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        b[i] = (uint8_t)i;
    CHECK_INT(crc32c(b, sizeof b), 0x46dd794e);
    CHECK_INT(crc32c_more(crc32c(b, 5), b + 5, 27), 0x46dd794e);
}

/* Neither a description nor a second look changes what is there. */
static void
test_describe(void)
{
    struct weights *w = open_ok(DIR "small.safetensors");
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!w || !f)
        return;
    weights_describe(f, w);
    fclose(f);
    CHECK(strstr(text, "format\tsafetensors\n") != NULL, "%s", text);
    CHECK(strstr(text, "\ntensor\tconv.weight\tfloat32\t2,3,2\t") != NULL, "%s", text);
    CHECK(strstr(text, "\ntensor\tsteps\tint64\tscalar\t") != NULL, "%s", text);
    CHECK(strstr(text, "\nstored\tfloat16\t1 tensors\t4 parameters\n") != NULL, "%s", text);
    CHECK(strstr(text, "\nparameters\t31\n") != NULL, "%s", text);
    free(text);
    weights_close(w);
}

int
main(void)
{
    test_h5_links();
    test_h5_chunks();
    test_h5_types();
    test_keras3();
    test_tensorflow();
    test_tensorflow_damaged();
    test_safetensors();
    test_safetensors_refused();
    test_offsets();
    test_hostile_h5();
    test_edited_h5();
    test_snappy();
    test_crc32c();
    test_describe();
    return check_done();
}
