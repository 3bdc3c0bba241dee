/* SPDX-License-Identifier: MIT */
/* AVX-512: tiles of 12 columns x 32 channels, 24 accumulators of the 32 registers. */
#if defined(__x86_64__)

#include <immintrin.h>

#include "nn/ops.h"

#define VEC __m512
#define MR_MAX 12
enum { LANES = 16, MR = MR_MAX };

static inline __mmask16
first(size_t n)
{
    return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1);
}

static inline __m512 vec_zero(void) { return _mm512_setzero_ps(); }
static inline __m512 vec_load(const float *p) { return _mm512_load_ps(p); }
static inline __m512 vec_set1(const float *p) { return _mm512_set1_ps(*p); }
static inline __m512 vec_const(float v) { return _mm512_set1_ps(v); }
static inline __m512 vec_loadu(const float *p) { return _mm512_loadu_ps(p); }
static inline void vec_storeu(float *p, __m512 v) { _mm512_storeu_ps(p, v); }
static inline __m512 vec_mul(__m512 a, __m512 b) { return _mm512_mul_ps(a, b); }
static inline __m512 vec_fnma(__m512 a, __m512 b, __m512 c) { return _mm512_fnmadd_ps(a, b, c); }
static inline __m512 vec_sub(__m512 a, __m512 b) { return _mm512_sub_ps(a, b); }
static inline __m512 vec_add(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
static inline __m512 vec_max0(__m512 a) { return _mm512_max_ps(a, _mm512_setzero_ps()); }
static inline __m512 vec_fma(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }

/* The first n lanes (all 16 when n is larger); the rest are zero and are not touched in memory. */
static inline __m512
vec_load_part(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps(first(n), p);
}

static inline void
vec_store_part(float *p, __m512 v, size_t n)
{
    _mm512_mask_storeu_ps(p, first(n), v);
}

#include "kernels/ops_attend.h"
#include "kernels/ops_loops.h"
#include "kernels/ops_narrow.h"
#include "kernels/ops_tile.h"
#include "kernels/ops_winograd.h"

void
nn_ops_add_avx512(struct nn_ops *ops, bool winograd)
{
    ops->name = winograd ? "avx512" : "avx512-direct";
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
