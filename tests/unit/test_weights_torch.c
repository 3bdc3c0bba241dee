/* SPDX-License-Identifier: MIT */
/* PyTorch archives that lie: pickles written opcode by opcode around ten floats. */
#include "weights/weights.h"

#include "check.h"
#include "npz/zip.h"
#include "zip_build.h"

enum { N_FLOATS = 10 };
static float floats[N_FLOATS];

struct pickle_bytes {
    uint8_t b[1 << 15];
    size_t n;
};

static void
put(struct pickle_bytes *p, const char *bytes, size_t n)
{
    memcpy(p->b + p->n, bytes, n);
    p->n += n;
}

#define PUT(p, s) put(p, s, sizeof (s) - 1)

static void
put_text(struct pickle_bytes *p, const char *s)
{
    uint8_t n = (uint8_t)strlen(s);

    PUT(p, "X");
    put(p, (char[]){ (char)n, 0, 0, 0 }, 4);
    put(p, s, n);
}

static void
put_int(struct pickle_bytes *p, int64_t v)
{
    PUT(p, "\x8a\x08");
    put(p, (const char *)&v, 8);
}

/* A view of a storage, as torch._utils rebuilds it. */
struct view {
    const char *class, *key;
    int64_t n_storage, offset;
    int ndim;
    int64_t shape[10], stride[10];
};

static const struct view plain = { "FloatStorage", "0", N_FLOATS, 0, 1, { 4 }, { 1 } };

static void
put_sizes(struct pickle_bytes *p, const int64_t *v, int n)
{
    PUT(p, "(");
    for (int i = 0; i < n; i++)
        put_int(p, v[i]);
    PUT(p, "t");
}

static void
put_view(struct pickle_bytes *p, const struct view *v)
{
    PUT(p, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_text(p, "storage");
    PUT(p, "ctorch\n");
    put(p, v->class, strlen(v->class));
    PUT(p, "\n");
    put_text(p, v->key);
    put_text(p, "cuda:0");
    put_int(p, v->n_storage);
    PUT(p, "tQ");
    put_int(p, v->offset);
    put_sizes(p, v->shape, v->ndim);
    put_sizes(p, v->stride, v->ndim);
    PUT(p, "\x89)tR");
}

/* {'w': view} */
static void
put_dict(struct pickle_bytes *p, const struct view *v)
{
    PUT(p, "\x80\x02}");
    put_text(p, "w");
    put_view(p, v);
    PUT(p, "s.");
}

static struct weights *
open_archive(const void *pickle, size_t n, const char *extra, const char *text, struct err *e)
{
    static struct zip_build b;
    const char *path = scratch("torch.pt");

    b.n = b.n_central = b.n_member = 0;
    zip_build_add(&b, "m/data.pkl", pickle, n);
    zip_build_add(&b, "m/data/0", floats, sizeof floats);
    if (extra)
        zip_build_add(&b, extra, text, strlen(text));
    zip_build_end(&b);
    file_save(path, b.bytes, b.n);
    return weights_open(path, e);
}

static void
refuse(const struct pickle_bytes *p, const char *reason)
{
    struct err e = { "" };
    struct weights *w = open_archive(p->b, p->n, NULL, NULL, &e);

    CHECK(!w || weights_check(w, &e) < 0, "accepted, expected '%s'", reason);
    CHECK(strstr(e.msg, reason) != NULL, "'%s', expected '%s'", e.msg, reason);
    weights_close(w);
}

static void
refuse_view(struct view v, const char *reason)
{
    struct pickle_bytes p = { .n = 0 };

    put_dict(&p, &v);
    refuse(&p, reason);
}

/* What the others change one thing of. */
static void
test_good(void)
{
    struct view v = { "FloatStorage", "0", N_FLOATS, 1, 2, { 2, 3 }, { 2, 3 } };
    static const float want[] = { 1, 4, 7, 3, 6, 9 };
    float got[ARRAY_LEN(want)];
    struct pickle_bytes p = { .n = 0 };
    struct err e = { "" };
    struct weights *w;

    put_dict(&p, &v);
    w = open_archive(p.b, p.n, "m/byteorder", "little", &e);
    CHECK(w && w->n_tensor == 1 && w->tensor[0].count == 6, "%s", e.msg);
    CHECK(w && weights_copy(w, got, &w->tensor[0], &e) == 0 && memcmp(got, want, sizeof want) == 0,
          "strided view");
    CHECK(w && weights_copy_rows(w, got, &w->tensor[0], 1, 2, &e) == 0 &&
          memcmp(got, want + 3, 3 * sizeof *want) == 0, "row of a strided view");
    weights_close(w);
    CHECK(!open_archive(p.b, p.n, "m/byteorder", "big", &e), "big-endian");
    CHECK(strstr(e.msg, "byte order") != NULL, "%s", e.msg);
    CHECK(!open_archive(p.b, p.n, "m/constants.pkl", "", &e), "TorchScript");
    CHECK(strstr(e.msg, "TorchScript") != NULL, "%s", e.msg);
}

static void
test_views(void)
{
    struct view v;

    v = plain, v.stride[0] = 4, refuse_view(v, "reach element 12 of a storage of 10");
    v = plain, v.offset = 7, refuse_view(v, "reach element 10 of");
    v = plain, v.offset = -1, refuse_view(v, "not described as a view");
    v = plain, v.offset = INT64_MAX, refuse_view(v, "reach element");
    v = plain, v.shape[0] = -4, refuse_view(v, "not two tuples");
    v = plain, v.shape[0] = 11, v.stride[0] = 0, refuse_view(v, "storage of 10");
    v = plain, v.shape[0] = 1 << 30, v.stride[0] = 0, refuse_view(v, "storage of 10");
    v = plain, v.shape[0] = INT64_MAX, refuse_view(v, "larger than any file");
    v = plain, v.shape[0] = 2, v.stride[0] = INT64_MAX, refuse_view(v, "reach element");
    v = plain, v.ndim = 9, refuse_view(v, "not two tuples of at most 8");
    v = plain, v.n_storage = 11, refuse_view(v, "has 40 bytes, expected 11 elements of 4");
    v = plain, v.n_storage = INT64_MAX, refuse_view(v, "has 40 bytes");
    v = plain, v.class = "DoubleStorage", refuse_view(v, "expected 10 elements of 8");
    v = plain, v.class = "QInt8Storage", refuse_view(v, "unknown class");
    v = plain, v.key = "1", refuse_view(v, "data/1 is not in the archive");
    v = plain, v.key = "../m/data/0", refuse_view(v, "is not in the archive");
    floats[2] = NAN;
    refuse_view(plain, "'w': value 2 is nan");
    floats[2] = -INFINITY;
    refuse_view(plain, "'w': value 2 is -inf");
    floats[2] = 2;
}

/* {'w': view, 'w': view}, and enough views of one storage to exceed the file. */
static void
test_names(void)
{
    struct pickle_bytes p = { .n = 0 };

    PUT(&p, "\x80\x02}(");
    for (int i = 0; i < 2; i++) {
        put_text(&p, "w");
        put_view(&p, &plain);
    }
    PUT(&p, "u.");
    refuse(&p, "two tensors are called 'w'");
    p.n = 0;
    PUT(&p, "\x80\x02}(");
    put_text(&p, "w\n");
    put_view(&p, &plain);
    PUT(&p, "u.");
    refuse(&p, "control character");
}

static void
test_budget(void)
{
    struct pickle_bytes p = { .n = 0 };
    struct view v = plain;

    v.shape[0] = N_FLOATS;
    PUT(&p, "\x80\x02}(");
    put_text(&p, "a");
    put_view(&p, &v);
    PUT(&p, "q\x01");
    for (int i = 0; i < 2000; i++) {
        char name[16];

        snprintf(name, sizeof name, "%d", i);
        put_text(&p, name);
        PUT(&p, "h\x01");
    }
    PUT(&p, "u.");
    refuse(&p, "from a file of this size");
}

/* Calls stay records: nothing is run, and nothing of them becomes a tensor. */
static void
test_calls(void)
{
    static const struct { const char *bytes; size_t n; } calls[] = {
#define CALL(s) { s, sizeof (s) - 1 }
        CALL("\x80\x02" "cos\nsystem\nX\5\0\0\0false\x85R."),
        CALL("\x80\x02" "cbuiltins\neval\nX\1\0\0\0" "1\x85R."),
        CALL("\x80\x02" "cos\nsystem\nX\5\0\0\0false\x85\x81}b."),
        CALL("\x80\x02}X\1\0\0\0wcos\nsystem\nX\5\0\0\0false\x85Rs."),
#undef CALL
    };

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        struct pickle_bytes p = { .n = 0 };

        put(&p, calls[i].bytes, calls[i].n);
        refuse(&p, "no weights in it");
    }
}

static void
test_machine(void)
{
    static const struct { const char *bytes; size_t n; const char *reason; } bad[] = {
#define BAD(s, why) { s, sizeof (s) - 1, why }
        BAD("", "cut off"),
        BAD("\x80\x02", "cut off"),
        BAD("\x80\x02.", "end without a value"),
        BAD("\x80\x02(.", "end without a value"),
        BAD("\x80\x02N.", "no weights in it"),
        BAD("\x80\x02].", "no weights in it"),
        BAD("\x80\x02t.", "no mark"),
        BAD("\x80\x02(\x85.", "stack too short for a tuple"),
        BAD("\x80\x02N(\x85.", "stack too short for a tuple"),
        BAD("\x80\x02NR.", "stack too short for a call"),
        BAD("\x80\x02Nb.", "state without an object"),
        BAD("\x80\x02N\x81.", "stack too short for a call"),
        BAD("\x80\x02NN\x92.", "stack too short for a call"),
        BAD("\x80\x02Q.", "stack too short for a call"),
        BAD("\x80\x02s.", "too short to append"),
        BAD("\x80\x02NNNs.", "no container"),
        BAD("\x80\x02](NNu.", "no container"),
        BAD("\x80\x02}(NNNu.", "key without a value"),
        BAD("\x80\x02(NNu.", "nothing to append to"),
        BAD("\x80\x02" "0.", "empty stack"),
        BAD("\x80\x02" "2.", "nothing to duplicate"),
        BAD("\x80\x02q\0.", "memo index"),
        BAD("\x80\x02N\x94h\0h\1.", "never made"),
        BAD("\x80\x02Nr\xff\xff\xff\xff.", "memo index"),
        BAD("\x80\x02j\xff\xff\xff\xff.", "never made"),
        BAD("\x80\x02X\xff\xff\xff\xffxx.", "text cut off"),
        BAD("\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xffxx.", "text cut off"),
        BAD("\x80\x02\x8b\xff\xff\xff\xff.", "number cut off"),
        BAD("\x80\x02\x8b\x05\0\0\0.", "number cut off"),
        BAD("\x80\x02" "cos.", "name cut off"),
        BAD("\x80\x02" "cos\nsystem.", "name cut off"),
        BAD("\x80\x02J\1\2", "cut off"),
        BAD("\x80\x02I1\n.", "opcode 0x49"),
        BAD("\x80\x05\x97.", "opcode 0x97"),
#undef BAD
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct pickle_bytes p = { .n = 0 };

        put(&p, bad[i].bytes, bad[i].n);
        refuse(&p, bad[i].reason);
    }
}

static void
fill(struct pickle_bytes *p, const char *opcodes, int n)
{
    for (int i = 0; i < n; i++)
        put(p, opcodes, strlen(opcodes));
}

/* Lists, tuples, marks and doubled references by the thousand. */
static void
test_deep(void)
{
    struct pickle_bytes p = { .n = 0 };

    fill(&p, "]", 15000);
    fill(&p, "a", 14999);
    PUT(&p, ".");
    refuse(&p, "no weights in it");
    p.n = 0;
    fill(&p, "(", 15000);
    fill(&p, "t", 15000);
    PUT(&p, ".");
    refuse(&p, "no weights in it");
    p.n = 0;
    PUT(&p, "N");
    fill(&p, "2\x86", 15000);
    PUT(&p, ".");
    refuse(&p, "no weights in it");
    p.n = 0;
    fill(&p, "(", 30000);
    refuse(&p, "cut off");
}

/* A module is object(state): class, no arguments, {'_modules': {...}}. */
static void
put_module_start(struct pickle_bytes *p)
{
    PUT(p, "cm\nNet\n)\x81");
}

static void
test_module_cycle(void)
{
    struct pickle_bytes p = { .n = 0 };

    PUT(&p, "\x80\x02");
    put_module_start(&p);
    PUT(&p, "q\x01}");
    put_text(&p, "_modules");
    PUT(&p, "}");
    put_text(&p, "a");
    PUT(&p, "h\x01ssb.");
    refuse(&p, "nested deeper");
}

/* Forty levels, each holding the one below twice: 2^40 walks unless they are counted. */
static void
test_module_doubling(void)
{
    struct pickle_bytes p = { .n = 0 };

    PUT(&p, "\x80\x02N");
    for (int i = 0; i < 40; i++) {
        PUT(&p, "q\x01" "0");
        put_module_start(&p);
        PUT(&p, "}");
        put_text(&p, "_modules");
        PUT(&p, "}(");
        put_text(&p, "a");
        PUT(&p, "h\x01");
        put_text(&p, "b");
        PUT(&p, "h\x01usb");
    }
    PUT(&p, ".");
    refuse(&p, "without end");
}

/* A self-containing dict and a state that is the object itself. */
static void
test_odd_graphs(void)
{
    struct pickle_bytes p = { .n = 0 };

    PUT(&p, "\x80\x02}q\x01");
    put_text(&p, "state_dict");
    PUT(&p, "h\x01s.");
    refuse(&p, "no weights in it");
    p.n = 0;
    PUT(&p, "\x80\x02");
    put_module_start(&p);
    PUT(&p, "2b.");
    refuse(&p, "no weights in it");
    p.n = 0;
    PUT(&p, "\x80\x02}");
    put_text(&p, "w");
    PUT(&p, "ctorch._utils\n_rebuild_qtensor\n)Rs.");
    refuse(&p, "quantised");
    p.n = 0;
    PUT(&p, "\x80\x02}");
    put_text(&p, "w");
    PUT(&p, "ctorch._utils\n_rebuild_tensor_v2\nNRs.");
    refuse(&p, "not described as a view");
    p.n = 0;
    PUT(&p, "\x80\x02}");
    put_text(&p, "w");
    PUT(&p, "ctorch._utils\n_rebuild_parameter\n)Rs.");
    refuse(&p, "special tensor");
}

/* The pickles of real files cut and changed at every byte, in archives that are right again. */
static void
test_changed(const char *path, const char *member)
{
    struct err e = { "" };
    struct zip *z = zip_open(path, &e);
    const struct zip_member *m = z ? zip_find(z, member) : NULL;
    uint8_t *data = m ? zip_read(z, m, &e) : NULL;

    CHECK(data != NULL, "%s %s", path, e.msg);
    for (size_t i = 0; data && i < m->size; i++) {
        uint8_t old = data[i];
        struct weights *w = i % 4 ? NULL : open_archive(data, i, NULL, NULL, &e);

        CHECK(w == NULL, "%s accepted when cut at %zu", member, i);
        weights_close(w);
        data[i] = (uint8_t)(i % 3 == 0 ? ~old : i % 3 == 1 ? old + 1 : old ^ 0x80);
        w = open_archive(data, m->size, NULL, NULL, &e);
        if (w)
            weights_check(w, &e);
        weights_close(w);
        data[i] = old;
    }
    free(data);
    zip_close(z);
}

int
main(void)
{
    for (int i = 0; i < N_FLOATS; i++)
        floats[i] = (float)i;
    test_good();
    test_views();
    test_names();
    test_budget();
    test_calls();
    test_machine();
    test_deep();
    test_module_cycle();
    test_module_doubling();
    test_odd_graphs();
    test_changed("reference/weights/plain.pt", "plain/data.pkl");
    test_changed("reference/weights/module.torch", "module/data.pkl");
    return check_done();
}
