/* SPDX-License-Identifier: MIT */
/* Wrappers around the names of a network, on safetensors made of names alone. */
#include "weights/unwrap.h"

#include "check.h"
#include "weights/reader.h"

/* A file of these names, of one 1 x 1 matrix each (a vector where the name ends in "bias"). */
static struct weights *
make(const char *const *name, uint8_t bytes[4096])
{
    char *header = (char *)bytes + 8;
    size_t n = 0, n_tensor = 0;
    struct err e = { "" };
    struct weights *w;

    n += (size_t)sprintf(header + n, "{");
    for (; name[n_tensor]; n_tensor++) {
        const char *end = strrchr(name[n_tensor], '.');

        n += (size_t)sprintf(header + n, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],"
                             "\"data_offsets\":[%zu,%zu]}", n_tensor ? "," : "", name[n_tensor],
                             end && strcmp(end, ".bias") == 0 ? "1" : "1,1", 4 * n_tensor,
                             4 * n_tensor + 4);
    }
    n += (size_t)sprintf(header + n, "}");
    memset(bytes, 0, 8);
    bytes[0] = (uint8_t)n;
    bytes[1] = (uint8_t)(n >> 8);
    memset(header + n, 0, 4 * n_tensor);
    w = weights_open_bytes(bytes, 8 + n + 4 * n_tensor, "made", &e);
    CHECK(w != NULL, "%s", e.msg);
    return w;
}

#define NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }

/* The names left, joined by spaces, and the wrapper taken off. */
static void
expect(const char *const *name, const char *key, const char *left, const char *unwrapped)
{
    uint8_t bytes[4096];
    char got[1024] = "";
    struct weights *w = make(name, bytes);
    struct err e = { "" };

    CHECK(weights_unwrap(w, key, &e) == 0, "%s", e.msg);
    for (size_t i = 0; i < w->n_tensor; i++)
        sprintf(got + strlen(got), "%s%s", i ? " " : "", w->tensor[i].name);
    CHECK_STR(got, left);
    CHECK_STR(w->unwrapped ? w->unwrapped : "", unwrapped);
    weights_close(w);
}

static void
refuse(const char *const *name, const char *key, const char *reason)
{
    uint8_t bytes[4096];
    struct weights *w = make(name, bytes);
    struct err e = { "" };

    CHECK(weights_unwrap(w, key, &e) < 0, "accepted, expected '%s'", reason);
    CHECK(strstr(e.msg, reason) != NULL, "'%s', expected '%s'", e.msg, reason);
    weights_close(w);
}

static void
test_names(void)
{
    expect(NAMES("iconv.weight", "iconv.bias"), NULL, "iconv.weight iconv.bias", "");
    expect(NAMES("module.iconv.weight", "module.iconv.bias"), NULL, "iconv.weight iconv.bias",
           "module");
    expect(NAMES("state_dict.model._orig_mod.net.a.weight"), NULL, "a.weight",
           "state_dict.model._orig_mod.net");
    /* A tensor is never left without a name, and a word is a whole part of one. */
    expect(NAMES("model.weights"), NULL, "weights", "model");
    expect(NAMES("models.weight"), NULL, "models.weight", "");
    /* What is no network beside it keeps its name. */
    expect(NAMES("module.a.weight", "n_averaged.bias"), NULL, "a.weight n_averaged.bias",
           "module");
    expect(NAMES("model.a.weight", "model.a.bias", "ema.decay.bias"), NULL,
           "a.weight a.bias ema.decay.bias", "model");
    /* PyTorch's own stand around parts too; a network's own "model" within stays. */
    expect(NAMES("bias.module.a.weight", "bias._orig_mod.a.bias"), NULL, "bias.a.weight bias.a.bias",
           "");
    expect(NAMES("model.head.model.weight"), NULL, "head.model.weight", "model");
}

static void
test_keys(void)
{
    static const char *const two[] = { "model.a.weight", "model.a.bias", "ema.a.weight", NULL };
    static const char *const deep[] = { "model.a.weight", "x.ema.module.a.weight", "x.a.weight",
                                        NULL };

    refuse(two, NULL, "made: holds a network at each of 'model', 'ema'; say which with "
           "--weights-key");
    expect(two, "ema", "a.weight", "ema");
    expect(two, "model", "a.weight a.bias", "model");
    refuse(two, "mod", "holds nothing at 'mod'; --weights-key takes one of 'model', 'ema'");
    refuse(two, "", "holds nothing at ''");
    refuse(NAMES("a.weight", "model.a.weight"), NULL, "at each of '.', 'model'");
    expect(NAMES("a.weight", "model.a.weight"), ".", "a.weight", "");
    expect(deep, "model", "a.weight", "model");
    refuse(deep, "x", "at each of 'x.ema.module', 'x'");
    expect(deep, "x.ema", "a.weight", "x.ema.module");
    /* Any part can be asked for. */
    expect(NAMES("teacher.a.weight", "student.a.weight"), "student", "a.weight", "student");
}

static void
test_twins(void)
{
    refuse(NAMES("model.a.weight", "model.module.a.weight"), NULL, "at each of");
    refuse(NAMES("x.module.a.weight", "x.a.weight"), NULL, "two tensors are called 'x.a.weight'");
}

/* Where a tensor was stays its path, by which it is found as well. */
static void
test_paths(void)
{
    uint8_t bytes[4096];
    struct weights *w = make(NAMES("model.a.weight"), bytes);
    struct err e = { "" };

    CHECK(weights_unwrap(w, NULL, &e) == 0, "%s", e.msg);
    CHECK_STR(w->tensor[0].path, "model.a.weight");
    CHECK(weights_find(w, "a.weight") && weights_find(w, "model.a.weight"), "by both names");
    weights_close(w);
}

/* The class and the numbers of the wrapped module count, not those of what is around it. */
static void
test_modules(void)
{
    uint8_t bytes[4096];
    struct weights *w = make(NAMES("module.a.weight"), bytes);
    struct err e = { "" };
    int64_t value = 0;

    w->class_name = strdup("torch.nn.parallel.DataParallel");
    weights_add_module(w, "", strdup("torch.nn.parallel.DataParallel"));
    weights_add_module(w, "module", strdup("bpnetlite.bpnet.BPNet"));
    weights_add_module(w, "module.a", strdup("torch.nn.modules.conv.Conv1d"));
    weights_add_attr(w, "module.trimming", strlen("module.trimming"), 557);
    CHECK(weights_unwrap(w, NULL, &e) == 0, "%s", e.msg);
    CHECK_STR(w->class_name, "bpnetlite.bpnet.BPNet");
    CHECK_INT(w->n_module, 2);
    CHECK_STR(w->module[0].path, "");
    CHECK_STR(w->module[1].path, "a");
    CHECK(weights_attr_get(w, "trimming", &value) && value == 557, "trimming");
    weights_close(w);
}

int
main(void)
{
    test_names();
    test_keys();
    test_twins();
    test_paths();
    test_modules();
    return check_done();
}
