// SPDX-License-Identifier: Apache-2.0
// Small things that many kernels need: NaN in front, the mean that seeds an average, room in the
// scratch.
#ifndef TICKHOUSE_UDF_TA_STEPS_SERIES_H
#define TICKHOUSE_UDF_TA_STEPS_SERIES_H

#include "steps/vector.h"
#include "ta.h"

static inline size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

// out[0 .. count-1] = NaN, or all of out where the series is shorter.
static inline void fill_nan(double *out, size_t count, size_t size)
{
    for (size_t i = 0; i < smaller(count, size); i++)
        out[i] = NAN;
}

static inline double mean_of(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

// The next `count` doubles of the scratch, on a cache line of its own.
static inline double *scratch_take(double **scratch, size_t count)
{
    double *taken = *scratch;
    *scratch += (count + 7) / 8 * 8;
    return taken;
}

#endif
