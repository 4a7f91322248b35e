// SPDX-License-Identifier: Apache-2.0
// Windows without a running state. A window of n values is put together from windows of 1, 2, 4, 8
// … values by the digits of n: O(log n) plain loops that vectorise, and a result that depends on
// nothing but its own n values. So a NaN, an infinity or a spike of 1e17 leaves with its window,
// exactly, and the rounding is that of a pairwise sum.
//
// x points at the first position wanted; x[-(n - 1)] .. x[count - 1] are read, out[0 .. count-1]
// written. Work in chunks (window_chunk) so that all of it stays in cache. Scratch: up to 5 (count
// + n) doubles.
#ifndef TICKHOUSE_UDF_TA_STEPS_WINDOW_H
#define TICKHOUSE_UDF_TA_STEPS_WINDOW_H

#include "steps/series.h"

// The end of the chunk that starts at `from`. A chunk is never shorter than its window, so that
// what neighbouring chunks read twice stays a part.
static inline size_t window_chunk(size_t from, size_t size, size_t n)
{
    const size_t length = n > 512 ? n : 512;
    return size - from < length ? size : from + length;
}

// The same for a function of several series. While a chunk is worked on from cache nothing asks
// memory for the next one, and with four or five arrays that wait is longer than the work: chunks
// are shorter here, and each asks for what the next will read and write. A request beyond the end
// is only a hint; the next series often lies there.
static inline size_t window_chunk_of_bars(const double *const *in, size_t inputs,
                                          double *const *out, size_t outputs, size_t from,
                                          size_t size, size_t n)
{
    enum { LINE = 64 / sizeof(double) };
    const size_t to = n > 32 ? window_chunk(from, size, n) : from + smaller(128, size - from);
    for (size_t i = to; i < to + 128; i += LINE) {
        for (size_t k = 0; k < inputs; k++)
            __builtin_prefetch(in[k] + i, 0, 2);
        for (size_t k = 0; k < outputs; k++)
            __builtin_prefetch(out[k] + i, 1, 3);
    }
    return to;
}

// scale times the sum of the window.
#define window_sum TA_NAME(window_sum)
void window_sum(const double *x, size_t count, size_t n, double scale, double *out,
                double *scratch);

// scale times the sum of the window with weights n for the newest down to 1 for the oldest.
#define window_weighted TA_NAME(window_weighted)
void window_weighted(const double *x, size_t count, size_t n, double scale, double *out,
                     double *scratch);

// The largest and the smallest; NaN where the window holds one.
#define window_max TA_NAME(window_max)
#define window_min TA_NAME(window_min)
void window_max(const double *x, size_t count, size_t n, double *out, double *scratch);
void window_min(const double *x, size_t count, size_t n, double *out, double *scratch);

// mean: the window's mean minus its newest value; variance: `scale` times the sum of squared
// distances from the mean. Both are formed from differences only, so that an offset of 1e9 costs no
// digit and a flat window gives exactly 0.
#define window_moments TA_NAME(window_moments)
void window_moments(const double *x, size_t count, size_t n, double scale, double *mean,
                    double *variance, double *scratch);

// The mean of the distances from the window's mean, which the caller knows.
#define window_mean_deviation TA_NAME(window_mean_deviation)
void window_mean_deviation(const double *x, const double *mean, size_t count, size_t n,
                           double *out);

#endif
