/* SPDX-License-Identifier: MIT */
/*
 * Convolution through a CBLAS found at run time.
 *
 * The library is loaded when this set is chosen, not linked: a user without one loses nothing,
 * start-up stays quick, and OpenBLAS can be told the processor first.  Debian 12's OpenBLAS
 * 0.3.21 takes recent Xeons for "Prescott" and then runs at a fifth of the machine's speed,
 * silently; here the core type is set from what the processor can do, and a library that still
 * reports less than that is refused.
 *
 * BLAS changes last bits with the shape of a product and with a row's place in it, so every
 * product has the same shape: panels of PANEL columns aligned to multiples of PANEL.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/ops.h"
#include "prog/mem.h"

/*
 * Addresses that OpenBLAS takes for each thread that multiplies (BUFFER_SIZE of its x86-64 builds).
 * Where it cannot have them it asks again, for ever: they are asked for here first.
 */
enum { OPENBLAS_BUFFER = (128 << 20) + (1 << 20) };

enum { PANEL = NN_SLACK_COLUMNS };

enum { ROW_MAJOR = 101, NO_TRANS = 111 };       /* CblasRowMajor, CblasNoTrans: the CBLAS standard */

typedef void sgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                      const float *a, int lda, const float *b, int ldb, float beta, float *c,
                      int ldc);

static sgemm_fn *sgemm;
static size_t buffer_bytes;     /* OPENBLAS_BUFFER, or 0: the library is another one */
static char blas_name[128];

static void
finish_columns(float *y, const float *sum, const float *residual, const struct nn_conv *c,
               size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        for (size_t o = 0; o < c->c_out; o++) {
            float v = sum[(j % PANEL) * c->c_out + o] + c->bias[o];

            if (c->relu && v < 0)
                v = 0;
            y[j * c->c_out + o] = residual ? v + residual[j * c->c_out + o] : v;
        }
    }
}

static void
pack_blas(struct nn_conv *c)
{
    c->scratch = PANEL * c->c_out;
}

/* End the program in a thread's first product if there is no room for it. */
static void
check_room(void)
{
    static _Thread_local bool checked;

    if (!checked)
        free(mem_alloc(buffer_bytes));
    checked = true;
}

static void
conv_blas(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
          size_t hi, float *scratch, struct nn_part part)
{
    int m = PANEL, n = (int)c->c_out, k = (int)c->c_in;

    check_room();
    for (size_t p = (lo / PANEL + part.i) * PANEL; p < hi; p += part.n * PANEL) {
        for (size_t t = 0; t < c->k; t++)
            sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, m, n, k, 1,
                  x + (p + t * c->dilation) * c->c_in, k, c->kernel + t * c->c_in * c->c_out, n,
                  t ? 1 : 0, scratch, n);
        finish_columns(y, scratch, residual, c, p < lo ? lo : p, p + PANEL < hi ? p + PANEL : hi);
    }
}

#if defined(__x86_64__)
/* The OPENBLAS_CORETYPE this processor deserves, or NULL to leave the choice to OpenBLAS. */
static const char *
core_type(void)
{
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "Haswell";
    return NULL;
}

/* Cores whose kernels do without AVX2 or were written for half of its width: a wrong guess. */
static bool
is_slow_core(const char *name)
{
    static const char *const slow[] = {
        "Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Atom", "Core2", "Penryn",
        "Dunnington", "Nehalem", "Sandybridge", "Athlon", "Opteron", "Barcelona", "Bobcat",
        "Bulldozer", "Piledriver", "Steamroller", "Nano", "Unknown",
    };

    for (size_t i = 0; i < ARRAY_LEN(slow); i++)
        if (strncasecmp(name, slow[i], strlen(slow[i])) == 0)
            return true;
    return false;
}
#else
static const char *
core_type(void)
{
    return NULL;
}

static bool
is_slow_core(const char *name)
{
    (void)name;
    return false;
}
#endif

static void *
load_library(const char **file)
{
    static const char *const names[] = {
        "libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libcblas.so.3", "libcblas.so",
        "libblas.so.3", "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        void *lib = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);

        *file = names[i];
        if (lib && dlsym(lib, "cblas_sgemm"))
            return lib;
        if (lib)
            dlclose(lib);
    }
    return NULL;
}

/* A function of the library; the copy keeps ISO C content about the kind of pointer. */
static void
find_function(void *function, void *lib, const char *name)
{
    void *symbol = dlsym(lib, name);

    memcpy(function, &symbol, sizeof symbol);
}

int
nn_ops_add_blas(struct nn_ops *ops, struct err *e)
{
    char *(*corename)(void) = NULL;
    void (*set_threads)(int) = NULL;
    const char *file = NULL, *want = core_type(), *found = NULL;
    void *lib;

    if (want)
        setenv("OPENBLAS_CORETYPE", want, 0);
    /* Threads are ours, one product each. */
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    lib = load_library(&file);
    if (!lib)
        return err_set(e, "no BLAS library was found for PERTRACK_KERNELS=blas; install OpenBLAS "
                       "(Debian: libopenblas0), or use another kernel set");
    find_function(&sgemm, lib, "cblas_sgemm");
    find_function(&corename, lib, "openblas_get_corename");
    find_function(&set_threads, lib, "openblas_set_num_threads");
    if (set_threads)
        set_threads(1);
    if (corename)
        found = corename();
    buffer_bytes = corename ? OPENBLAS_BUFFER : 0;
    if (found && want && is_slow_core(found))
        return err_set(e, "OpenBLAS takes this processor for a '%s', several times too slow; unset "
                       "OPENBLAS_CORETYPE or set it to %s, or use another kernel set than blas",
                       found, want);
    snprintf(blas_name, sizeof blas_name, "%s%s%s", found ? "OpenBLAS" : file, found ? " " : "",
             found ? found : "");
    ops->name = "blas";
    ops->thread_bytes = buffer_bytes;
    ops->pack = pack_blas;
    ops->conv = conv_blas;
    return 0;
}

const char *
nn_blas_name(void)
{
    return blas_name[0] ? blas_name : NULL;
}
