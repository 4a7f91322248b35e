// SPDX-License-Identifier: Apache-2.0
#include "lanes.h"

#include <math.h>

#if defined(__AVX512F__)
#include <immintrin.h>

bool lanes_can_run(void)
{
    return __builtin_cpu_supports("avx512f") != 0;
}

static inline void transpose(__m512d r[8])
{
    __m512d t[8], u[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm512_unpacklo_pd(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_pd(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int k = 0; k < 2; k++) {
            u[i + k] = _mm512_shuffle_f64x2(t[i + k], t[i + k + 2], 0x88);
            u[i + k + 2] = _mm512_shuffle_f64x2(t[i + k], t[i + k + 2], 0xdd);
        }
    for (int k = 0; k < 4; k++) {
        r[k] = _mm512_shuffle_f64x2(u[k], u[k + 4], 0x88);
        r[k + 4] = _mm512_shuffle_f64x2(u[k], u[k + 4], 0xdd);
    }
}

// The average of each series from index n - 1 on, by turns of eight values of each.
void lanes_ema(const double *x, size_t size, double n, double *out)
{
    const size_t first = (size_t)n - 1;
    const __m512d weight = _mm512_set1_pd(2 / (n + 1)), keep = _mm512_set1_pd(1 - 2 / (n + 1));
    double seed[8];
    for (size_t s = 0; s < 8; s++) {
        double sum = 0;
        for (size_t i = 0; i <= first; i++) {
            sum += x[s * size + i];
            out[s * size + i] = NAN;
        }
        seed[s] = out[s * size + first] = sum / n;
    }
    __m512d last = _mm512_loadu_pd(seed);
    for (size_t i = first + 1; i < size; i += 8) {
        const size_t count = size - i < 8 ? size - i : 8;
        const __mmask8 mask = (__mmask8)((1u << count) - 1);
        __m512d r[8];
        for (size_t s = 0; s < 8; s++)
            r[s] = _mm512_maskz_loadu_pd(mask, x + s * size + i);
        transpose(r);
        for (size_t k = 0; k < 8; k++)
            r[k] = last = _mm512_fmadd_pd(keep, last, _mm512_mul_pd(weight, r[k]));
        transpose(r);
        for (size_t s = 0; s < 8; s++)
            _mm512_mask_storeu_pd(out + s * size + i, mask, r[s]);
    }
}

#else

bool lanes_can_run(void)
{
    return false;
}

void lanes_ema(const double *x, size_t size, double n, double *out)
{
    (void)x, (void)size, (void)n, (void)out;
}

#endif
