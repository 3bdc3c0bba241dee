/* SPDX-License-Identifier: MIT */
/* Published networks: names, shapes and values as numpy shows them for the same files. */
#include "weights/weights.h"

#include "check.h"

struct known {
    const char *name;
    int ndim;
    size_t shape[3];
    double first, last, sum;
};

static struct weights *
open_data(const char *name)
{
    struct err e = { "" };
    char path[4096];
    struct weights *w;

    snprintf(path, sizeof path, "%s/weights/%s", getenv("PERTRACK_DATA"), name);
    w = weights_open(path, &e);
    CHECK(w != NULL, "%s", e.msg);
    return w;
}

static const float *
data_of(const struct weights *w, const struct tensor *t)
{
    static const float none[1] = { NAN };
    struct err e = { "" };
    const float *data = weights_data(w, t, &e);

    CHECK(data != NULL, "%s", e.msg);
    return data ? data : none;
}

static double
sum(const struct weights *w, const struct tensor *t)
{
    const float *data = data_of(w, t);
    double s = 0;

    for (size_t i = 0; i < t->count; i++)
        s += data[i];
    return s;
}

static void
check_known(const struct weights *w, const struct known *k, size_t n)
{
    for (; n-- > 0; k++) {
        const struct tensor *t = weights_find(w, k->name);

        CHECK(t != NULL, "no tensor '%s'", k->name);
        if (!t)
            continue;
        CHECK_INT(t->ndim, k->ndim);
        for (int i = 0; i < k->ndim; i++)
            CHECK_INT(t->shape[i], k->shape[i]);
        CHECK_NEAR(data_of(w, t)[0], k->first, 1e-8);
        CHECK_NEAR(data_of(w, t)[t->count - 1], k->last, 1e-8);
        CHECK_NEAR(sum(w, t), k->sum, 1e-5);
    }
}

static void
test_bpnet_lite(void)
{
    static const struct known known[] = {
        { "iconv.weight", 3, { 64, 4, 21 }, -0.0924208239, -0.000652507122, -213.898978 },
        { "rconvs.0.weight", 3, { 64, 64, 3 }, -0.17029421, -0.0333856344, -500.964543 },
        { "rconvs.7.bias", 1, { 64 }, -0.0623361468, -0.0644307062, -1.46269135 },
        { "fconv.weight", 3, { 2, 64, 75 }, 0.0049421899, -0.00361489831, -4.45255372 },
        { "linear.weight", 2, { 1, 64 }, 0.893097937, 0.724018276, 25.9791389 },
        { "linear.bias", 1, { 1 }, 0.83891356, 0.83891356, 0.83891356 },
    };
    struct weights *w = open_data("bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch");
    int64_t value = 0;

    if (!w)
        return;
    CHECK_INT(w->n_tensor, 22);
    CHECK_STR(w->class_name, "bpnetlite.bpnet.BPNet");
    CHECK(weights_attr_get(w, "trimming", &value) && value == 557, "trimming");
    CHECK(weights_attr_get(w, "n_filters", &value) && value == 64, "n_filters");
    CHECK(weights_attr_get(w, "n_control_tracks", &value) && value == 0, "n_control_tracks");
    check_known(w, known, ARRAY_LEN(known));
    weights_close(w);
}

static void
test_bpnet_refactor(void)
{
    static const struct known known[] = {
        { "main_conv_0/kernel", 3, { 21, 4, 64 }, -0.105832323, 0.0292933919, -128.208576 },
        { "main_dil_conv_8/bias", 1, { 64 }, 0.0659732744, -0.259771705, 0.579296883 },
        { "profile_predictions/kernel", 3, { 1, 4, 2 }, -0.177703589, 0.0333156958, 0.131809865 },
        { "logcounts_predictions/kernel", 2, { 2, 1 }, -0.289179862, 1.15461504, 0.865435183 },
    };
    struct weights *w = open_data("bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz");

    if (!w)
        return;
    CHECK_INT(w->n_tensor, 26);
    check_known(w, known, ARRAY_LEN(known));
    weights_close(w);
}

/* TensorFlow's own file of the same network, in its tar: every tensor of the npz, bit for bit. */
static void
test_saved_model(void)
{
    struct weights *npz = open_data("bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz");
    struct weights *tar = open_data("bpnet-refactor/ENCSR124AIG_FOS_IMR90.savedmodel.tar");

    CHECK(npz && tar && npz->n_tensor == tar->n_tensor, "other tensors");
    for (size_t i = 0; npz && tar && i < npz->n_tensor; i++) {
        const struct tensor *a = &npz->tensor[i], *b = weights_find(tar, a->name);

        CHECK(b && b->count == a->count && b->ndim == a->ndim &&
              memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0 &&
              memcmp(data_of(npz, a), data_of(tar, b), a->count * sizeof (float)) == 0,
              "'%s' differs", a->name);
    }
    weights_close(npz);
    weights_close(tar);
}

static void
test_epinformer(void)
{
    static const struct known known[] = {
        { "stem.0.weight", 3, { 128, 4, 21 }, -0.112439506, 0.0314101987, -494.693704 },
        { "blocks.0.conv.bias", 1, { 64 }, 0.0916075334, 0.0715460777, 0.304629074 },
        { "blocks.0.bn.weight", 1, { 64 }, 0.763432264, 1.05596447, 56.2687454 },
    };
    struct weights *w = open_data("epinformerseq/K562/main.pt");

    if (!w)
        return;
    CHECK_INT(w->n_tensor, 73);
    CHECK(weights_find(w, "blocks.8.bn.num_batches_tracked") != NULL, "int64 scalar");
    check_known(w, known, ARRAY_LEN(known));
    weights_close(w);
}

static void
test_borzoi_mini(void)
{
    static const struct known known[] = {
        { "batch_normalization/batch_normalization/gamma:0", 1, { 64 }, 1.14940512, 0.793273985,
          60.4244643 },
        { "separable_conv1d_1/separable_conv1d_1/depthwise_kernel:0", 3, { 3, 128, 1 },
          -0.21882987, 0.170439631, 6.77072724 },
        { "separable_conv1d_1/separable_conv1d_1/pointwise_kernel:0", 3, { 1, 128, 128 },
          -0.264056712, -0.0943879783, -12.9859871 },
    };
    struct weights *w = open_data("borzoi-mini/model.h5");
    double all = 0;

    if (!w)
        return;
    CHECK_INT(w->n_tensor, 102);
    for (size_t i = 0; i < w->n_tensor; i++)
        all += sum(w, &w->tensor[i]);
    CHECK_NEAR(all, 2504.421688928666, 1e-6);
    CHECK(w->model_config && strlen(w->model_config) == 29677, "model_config");
    check_known(w, known, ARRAY_LEN(known));
    weights_close(w);
}

int
main(void)
{
    if (!getenv("PERTRACK_DATA")) {
        fputs("PERTRACK_DATA is not set: no published networks to read\n", stderr);
        return 77;
    }
    test_bpnet_lite();
    test_bpnet_refactor();
    test_saved_model();
    test_epinformer();
    test_borzoi_mini();
    return check_done();
}
