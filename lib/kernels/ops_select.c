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
add_simd(struct nn_ops *ops, bool wide, bool winograd)
{
#if defined(__x86_64__)
    if (wide)
        nn_ops_add_avx512(ops, winograd);
    else
        nn_ops_add_avx2(ops, winograd);
#else
    (void)ops;
    (void)wide;
    (void)winograd;
#endif
}

static int
force(struct nn_ops *ops, const char *name, struct err *e)
{
    static const struct {
        const char *name;
        bool wide, winograd;
    } simd[] = {
        { "avx2", false, true }, { "avx2-direct", false, false },
        { "avx512", true, true }, { "avx512-direct", true, false },
    };

    if (strcmp(name, "ref") == 0)
        return 0;
    if (strcmp(name, "blas") == 0)
        return nn_ops_add_blas(ops, e);
    for (size_t i = 0; i < ARRAY_LEN(simd); i++) {
        if (strcmp(name, simd[i].name) != 0)
            continue;
        if (simd[i].wide ? !has_avx512() : !has_avx2())
            return err_set(e, "PERTRACK_KERNELS=%s, but this processor has no %s; unset it to "
                           "have the best set chosen", name,
                           simd[i].wide ? "AVX-512" : "AVX2 with FMA");
        add_simd(ops, simd[i].wide, simd[i].winograd);
        return 0;
    }
    return err_set(e, "PERTRACK_KERNELS=%s is not a kernel set; known are ref, blas, avx2, avx512, "
                   "avx2-direct and avx512-direct", name);
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
        add_simd(ops, true, true);
    else if (has_avx2())
        add_simd(ops, false, true);
    else
        nn_ops_add_blas(ops, &ignored);     /* without one the reference runs: slow but right */
    return 0;
}
