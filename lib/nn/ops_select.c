/* SPDX-License-Identifier: MIT */
/* Which kernel set runs: the best of the machine, or the one the user forces. */
#include <stdlib.h>
#include <string.h>

#include "nn/ops.h"

/*
 * The sets in order of preference.  __builtin_cpu_supports asks the processor and the operating
 * system.
 */
static bool
has_avx512(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

static bool
has_avx2(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

static void
add_simd(struct nn_ops *ops, bool wide)
{
#if defined(__x86_64__)
    if (wide)
        nn_ops_add_avx512(ops);
    else
        nn_ops_add_avx2(ops);
#else
    (void)ops;
    (void)wide;
#endif
}

static int
force(struct nn_ops *ops, const char *name, struct err *e)
{
    if (strcmp(name, "ref") == 0)
        return 0;
    if (strcmp(name, "blas") == 0)
        return nn_ops_add_blas(ops, e);
    if (strcmp(name, "avx2") == 0 || strcmp(name, "avx512") == 0) {
        bool wide = strcmp(name, "avx512") == 0;

        if (wide ? !has_avx512() : !has_avx2())
            return err_set(e, "PERTRACK_KERNELS=%s, but this processor has no %s; unset it to "
                           "have the best set chosen", name, wide ? "AVX-512" : "AVX2 with FMA");
        add_simd(ops, wide);
        return 0;
    }
    return err_set(e, "PERTRACK_KERNELS=%s is not a kernel set; known are ref, blas, avx2 and "
                   "avx512", name);
}

int
nn_ops_select(struct nn_ops *ops, struct err *e)
{
    const char *name = getenv("PERTRACK_KERNELS");
    struct err ignored;

    nn_ops_init_ref(ops);
    if (name && *name)
        return force(ops, name, e);
    if (has_avx512())
        add_simd(ops, true);
    else if (has_avx2())
        add_simd(ops, false);
    else
        nn_ops_add_blas(ops, &ignored);     /* without one the reference runs: slow but right */
    return 0;
}
