/* SPDX-License-Identifier: MIT */
/*
 * fma-peak [THREADS [SECONDS [cpu]]] - what the processor can do: fused multiply-adds on registers.
 *
 * Prints GFLOP/s of all threads together (an FMA is two), single precision, with the widest
 * vectors the processor has.  The denominator of "percent of peak" in bench/run.sh.  With "cpu"
 * the seconds are each thread's processor seconds, which other work on the machine does not
 * lengthen.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/base.h"

enum { CHAINS = 12, STEPS = 20000 };    /* chains hide the latency of 4 cycles x 2 units */

static double seconds_wanted = 1.0;
static clockid_t clock_wanted = CLOCK_MONOTONIC;

static double
now(void)
{
    struct timespec t;

    clock_gettime(clock_wanted, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f"))) static double
spin_avx512(void)
{
    __m512 acc[CHAINS], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(1e-3f);
    float out[16], sum = 0;

    UNROLL(12)
    for (int i = 0; i < CHAINS; i++)
        acc[i] = _mm512_set1_ps((float)i + 2);
    for (int s = 0; s < STEPS; s++)
        UNROLL(12)
        for (int i = 0; i < CHAINS; i++)
            acc[i] = _mm512_fmadd_ps(acc[i], a, b);
    UNROLL(12)
    for (int i = 0; i < CHAINS; i++) {
        _mm512_storeu_ps(out, acc[i]);
        sum += out[0];
    }
    return sum > -1e30f ? 2.0 * 16 * CHAINS * STEPS : 0;
}

__attribute__((target("avx2,fma"))) static double
spin_avx2(void)
{
    __m256 acc[CHAINS], a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(1e-3f);
    float out[8], sum = 0;

    UNROLL(12)
    for (int i = 0; i < CHAINS; i++)
        acc[i] = _mm256_set1_ps((float)i + 2);
    for (int s = 0; s < STEPS; s++)
        UNROLL(12)
        for (int i = 0; i < CHAINS; i++)
            acc[i] = _mm256_fmadd_ps(acc[i], a, b);
    UNROLL(12)
    for (int i = 0; i < CHAINS; i++) {
        _mm256_storeu_ps(out, acc[i]);
        sum += out[0];
    }
    return sum > -1e30f ? 2.0 * 8 * CHAINS * STEPS : 0;
}

static double
spin(void)
{
    return __builtin_cpu_supports("avx512f") ? spin_avx512() : spin_avx2();
}
#else
static double
spin(void)
{
    float acc[CHAINS];
    float sum = 0;

    for (int i = 0; i < CHAINS; i++)
        acc[i] = (float)i;
    for (int s = 0; s < STEPS; s++)
        for (int i = 0; i < CHAINS; i++)
            acc[i] = __builtin_fmaf(acc[i], 0.999f, 1e-3f);
    for (int i = 0; i < CHAINS; i++)
        sum += acc[i];
    return sum > -1e30f ? 2.0 * CHAINS * STEPS : 0;
}
#endif

static void *
measure(void *result)
{
    double start = now(), flops = 0;

    while (now() - start < seconds_wanted)
        flops += spin();
    *(double *)result = flops / (now() - start);
    return NULL;
}

int
main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1;
    pthread_t thread[256];
    double rate[256], sum = 0;

    if (argc > 2)
        seconds_wanted = atof(argv[2]);
    if (argc > 3 && strcmp(argv[3], "cpu") == 0)
        clock_wanted = CLOCK_THREAD_CPUTIME_ID;
    if (n < 1 || n > 256) {
        fprintf(stderr, "fma-peak: threads must be 1 to 256\n");
        return 2;
    }
    for (int i = 0; i < n; i++)
        if (pthread_create(&thread[i], NULL, measure, &rate[i]))
            return 1;
    for (int i = 0; i < n; i++) {
        pthread_join(thread[i], NULL);
        sum += rate[i];
    }
    printf("%.1f\n", sum / 1e9);
    return 0;
}
