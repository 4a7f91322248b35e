// SPDX-License-Identifier: Apache-2.0
// Four doubles at a time, written once for every instruction set: each operation is one IEEE
// operation a lane, so a kernel gives the same bits as AVX-512, AVX2, NEON or plain code. fma is
// always explicit; the compiler contracts nothing (-ffp-contract=off).
#ifndef TICKHOUSE_UDF_TA_STEPS_VECTOR_H
#define TICKHOUSE_UDF_TA_STEPS_VECTOR_H

#include <math.h>
#include <stddef.h>
#include <string.h>

#if !defined(TA_SCALAR) && defined(__AVX2__)
#include <immintrin.h>
#elif !defined(TA_SCALAR) && defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { LANES = 4 };
typedef double v4 __attribute__((vector_size(32)));
typedef long long v4_mask __attribute__((vector_size(32))); // all ones or all zeros a lane

// The next loop may read and write the same place in one turn, but no turn reads what another
// wrote.
#if defined(__clang__)
#define TA_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define TA_INDEPENDENT _Pragma("GCC ivdep")
#endif

#define TA_INLINE static inline __attribute__((always_inline))

TA_INLINE v4 v4_splat(double x)
{
    return (v4){x, x, x, x};
}

TA_INLINE v4 v4_load(const double *p)
{
    v4 v;
    memcpy(&v, p, sizeof v);
    return v;
}

TA_INLINE void v4_store(double *p, v4 v)
{
    memcpy(p, &v, sizeof v);
}

// The first `count` (1 to 4) lanes from memory, the others 0. With a constant 4 it is one load.
TA_INLINE v4 v4_load_part(const double *p, size_t count)
{
    if (count >= LANES)
        return v4_load(p);
    double part[LANES] = {0};
    for (size_t k = 0; k < count; k++)
        part[k] = p[k];
    return v4_load(part);
}

TA_INLINE void v4_store_part(double *p, v4 v, size_t count)
{
    if (count >= LANES) {
        v4_store(p, v);
        return;
    }
    for (size_t k = 0; k < count; k++)
        p[k] = v[k];
}

// a b + c, rounded once.
TA_INLINE v4 v4_fma(v4 a, v4 b, v4 c)
{
#if !defined(TA_SCALAR) && defined(__AVX2__)
    return (v4)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif !defined(TA_SCALAR) && defined(__aarch64__)
    v4 out;
    double x[LANES], y[LANES], z[LANES];
    v4_store(x, a), v4_store(y, b), v4_store(z, c);
    vst1q_f64(z, vfmaq_f64(vld1q_f64(z), vld1q_f64(x), vld1q_f64(y)));
    vst1q_f64(z + 2, vfmaq_f64(vld1q_f64(z + 2), vld1q_f64(x + 2), vld1q_f64(y + 2)));
    memcpy(&out, z, sizeof out);
    return out;
#else
    return (v4){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1]), fma(a[2], b[2], c[2]),
                fma(a[3], b[3], c[3])};
#endif
}

TA_INLINE v4 v4_sqrt(v4 a)
{
#if !defined(TA_SCALAR) && defined(__AVX2__)
    return (v4)_mm256_sqrt_pd((__m256d)a);
#else
    return (v4){sqrt(a[0]), sqrt(a[1]), sqrt(a[2]), sqrt(a[3])};
#endif
}

TA_INLINE v4 v4_select(v4_mask mask, v4 yes, v4 no)
{
    return (v4)((mask & (v4_mask)yes) | (~mask & (v4_mask)no));
}

// a > b ? a : b, which is b when either is NaN.
TA_INLINE v4 v4_max(v4 a, v4 b)
{
#if !defined(TA_SCALAR) && defined(__AVX2__)
    return (v4)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
    return v4_select(a > b, a, b);
#endif
}

// a < b ? a : b, which is b when either is NaN.
TA_INLINE v4 v4_min(v4 a, v4 b)
{
#if !defined(TA_SCALAR) && defined(__AVX2__)
    return (v4)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
    return v4_select(a < b, a, b);
#endif
}

TA_INLINE v4 v4_abs(v4 a)
{
    const v4_mask sign = (v4_mask)v4_splat(-0.0);
    return (v4)((v4_mask)a & ~sign);
}

// The newest lane in all four.
TA_INLINE v4 v4_last(v4 a)
{
    return __builtin_shufflevector(a, a, 3, 3, 3, 3);
}

// (0, a0, 0, a2): the older of each pair beside the newer.
TA_INLINE v4 v4_older(v4 a)
{
#if !defined(TA_SCALAR) && defined(__AVX512VL__)
    return (v4)_mm256_maskz_movedup_pd(0xa, (__m256d)a);
#else
    return __builtin_shufflevector(v4_splat(0), a, 0, 4, 2, 6);
#endif
}

// (0, 0, a1, a1): the newest of the first pair beside both of the second.
TA_INLINE v4 v4_across(v4 a)
{
#if !defined(TA_SCALAR) && defined(__AVX512VL__)
    return (v4)_mm256_maskz_permutex_pd(0xc, (__m256d)a, 0x50);
#else
    return __builtin_shufflevector(a, v4_splat(0), 4, 5, 1, 1);
#endif
}

// Runs BLOCK(i, count) over [from, size) in blocks of four; the last one may be shorter. Its lanes
// beyond `count` hold zeros, and the state after it is not used but to see whether it is finite.
#define TA_BLOCKS(i, from, size, BLOCK)                                                            \
    do {                                                                                           \
        size_t i = (from);                                                                         \
        for (; i + LANES <= (size); i += LANES)                                                    \
            BLOCK(i, LANES);                                                                       \
        if (i < (size))                                                                            \
            BLOCK(i, (size)-i);                                                                    \
    } while (0)

#endif
