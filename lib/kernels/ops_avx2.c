/* SPDX-License-Identifier: MIT */
/* AVX2 with FMA: tiles of 6 columns x 16 channels, 12 accumulators of the 16 registers. */
#if defined(__x86_64__)

#include <immintrin.h>

#include "nn/ops.h"

#define VEC __m256
#define MR_MAX 6
enum { LANES = 8, MR = MR_MAX };

static inline __m256 vec_zero(void) { return _mm256_setzero_ps(); }
static inline __m256 vec_load(const float *p) { return _mm256_load_ps(p); }
static inline __m256 vec_set1(const float *p) { return _mm256_broadcast_ss(p); }
static inline __m256 vec_const(float v) { return _mm256_set1_ps(v); }
static inline __m256 vec_loadu(const float *p) { return _mm256_loadu_ps(p); }
static inline void vec_storeu(float *p, __m256 v) { _mm256_storeu_ps(p, v); }
static inline __m256 vec_mul(__m256 a, __m256 b) { return _mm256_mul_ps(a, b); }
static inline __m256 vec_fnma(__m256 a, __m256 b, __m256 c) { return _mm256_fnmadd_ps(a, b, c); }
static inline __m256 vec_sub(__m256 a, __m256 b) { return _mm256_sub_ps(a, b); }
static inline __m256 vec_add(__m256 a, __m256 b) { return _mm256_add_ps(a, b); }
static inline __m256 vec_max0(__m256 a) { return _mm256_max_ps(a, _mm256_setzero_ps()); }
static inline __m256 vec_fma(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }

/* All ones in the first n lanes: a window sliding over eight ones and eight zeros. */
static inline __m256i
first(size_t n)
{
    static const int32_t ones[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };

    return _mm256_loadu_si256((const __m256i *)(ones + (n < 8 ? 8 - n : 0)));
}

static inline __m256
vec_load_part(const float *p, size_t n)
{
    return n >= 8 ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, first(n));
}

static inline void
vec_store_part(float *p, __m256 v, size_t n)
{
    if (n >= 8)
        _mm256_storeu_ps(p, v);
    else
        _mm256_maskstore_ps(p, first(n), v);
}

#include "kernels/ops_attend.h"
#include "kernels/ops_loops.h"
#include "kernels/ops_narrow.h"
#include "kernels/ops_tile.h"
#include "kernels/ops_winograd.h"

void
nn_ops_add_avx2(struct nn_ops *ops, bool winograd)
{
    ops->name = winograd ? "avx2" : "avx2-direct";
    ops->reads_relu = winograd;
    ops->takes_act = true;
    ops->narrow = winograd;
    ops->pack = winograd ? pack_fast : pack_tile;
    ops->pack_direct = pack_tile;
    ops->conv = winograd ? conv_fast : conv_tile;
    add_loops(ops);
    ops->pack_attention = pack_attention_tile;
    ops->attend = attend_tile;
}

#endif
