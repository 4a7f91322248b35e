// SPDX-License-Identifier: Apache-2.0
// A vector of floats, as wide as the instruction set that this file is compiled for. Additions,
// products and quotients are C's operators. What is here rounds alike in all of them, so a lane's
// bits do not depend on the width.
//
// `element` is what products read: a float, or in the variant FORWARD_BF16 two neighbouring values
// rounded to bfloat16, whose products are summed by one instruction.
#ifndef TICKHOUSE_NN_SIMD_H
#define TICKHOUSE_NN_SIMD_H

#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

#if defined(FORWARD_SCALAR)
#include <math.h>
enum { LANES = 1 };
typedef float vec;
INLINE vec vec_load(const float *p)
{
    return *p;
}
INLINE void vec_store(float *p, vec v)
{
    *p = v;
}
INLINE vec vec_all(float x)
{
    return x;
}
INLINE vec vec_fma(vec a, vec b, vec c)
{
    return fmaf(a, b, c);
}
// The second where one is NaN, like the instruction of x86.
INLINE vec vec_min(vec a, vec b)
{
    return a < b ? a : b;
}
INLINE vec vec_max(vec a, vec b)
{
    return a > b ? a : b;
}

#elif defined(__AVX512F__)
#include <immintrin.h>
enum { LANES = 16 };
typedef __m512 vec;
INLINE vec vec_load(const float *p)
{
    return _mm512_load_ps(p);
}
INLINE void vec_store(float *p, vec v)
{
    _mm512_store_ps(p, v);
}
INLINE vec vec_all(float x)
{
    return _mm512_set1_ps(x);
}
INLINE vec vec_fma(vec a, vec b, vec c)
{
    return _mm512_fmadd_ps(a, b, c);
}
INLINE vec vec_min(vec a, vec b)
{
    return _mm512_min_ps(a, b);
}
INLINE vec vec_max(vec a, vec b)
{
    return _mm512_max_ps(a, b);
}

#elif defined(__AVX2__)
#include <immintrin.h>
enum { LANES = 8 };
typedef __m256 vec;
INLINE vec vec_load(const float *p)
{
    return _mm256_load_ps(p);
}
INLINE void vec_store(float *p, vec v)
{
    _mm256_store_ps(p, v);
}
INLINE vec vec_all(float x)
{
    return _mm256_set1_ps(x);
}
INLINE vec vec_fma(vec a, vec b, vec c)
{
    return _mm256_fmadd_ps(a, b, c);
}
INLINE vec vec_min(vec a, vec b)
{
    return _mm256_min_ps(a, b);
}
INLINE vec vec_max(vec a, vec b)
{
    return _mm256_max_ps(a, b);
}

#elif defined(__ARM_NEON)
#include <arm_neon.h>
enum { LANES = 4 };
typedef float32x4_t vec;
INLINE vec vec_load(const float *p)
{
    return vld1q_f32(p);
}
INLINE void vec_store(float *p, vec v)
{
    vst1q_f32(p, v);
}
INLINE vec vec_all(float x)
{
    return vdupq_n_f32(x);
}
INLINE vec vec_fma(vec a, vec b, vec c)
{
    return vfmaq_f32(c, a, b);
}
INLINE vec vec_min(vec a, vec b)
{
    return vbslq_f32(vcltq_f32(a, b), a, b);
}
INLINE vec vec_max(vec a, vec b)
{
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}
#endif

#if defined(FORWARD_BF16)
enum { PACKED = 2 }; // values in an element
typedef uint16_t value;
INLINE vec vec_all_of(const value *p)
{
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return (vec)_mm512_set1_epi32(pair);
}
INLINE vec vec_multiply_add(vec a, vec b, vec c)
{
    return _mm512_dpbf16_ps(c, (__m512bh)a, (__m512bh)b);
}
INLINE void vec_store_values(value *p, vec v)
{
    const __m256bh rounded = _mm512_cvtneps_pbh(v);
    memcpy(p, &rounded, sizeof rounded);
}
#else
enum { PACKED = 1 };
typedef float value;
INLINE vec vec_all_of(const value *p)
{
    return vec_all(*p);
}
INLINE vec vec_multiply_add(vec a, vec b, vec c)
{
    return vec_fma(a, b, c);
}
INLINE void vec_store_values(value *p, vec v)
{
    vec_store(p, v);
}
#endif

#endif
