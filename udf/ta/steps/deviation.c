// SPDX-License-Identifier: Apache-2.0
// Mean absolute deviation of windows: n distances a result, for sixteen results at a time.
#include "steps/window.h"

enum { BATCH = 4 };

// BATCH vectors of results that start at x[0].
static void deviation_batch(const double *x, const double *mean, size_t n, double *out)
{
    v4 sum[BATCH] = {{0}}, centre[BATCH];
    for (size_t k = 0; k < BATCH; k++)
        centre[k] = v4_load(mean + k * LANES);
    const double *const oldest = x - (n - 1);
    for (const double *p = oldest; p <= x; p++)
        for (size_t k = 0; k < BATCH; k++)
            sum[k] += v4_abs(v4_load(p + k * LANES) - centre[k]);
    const v4 divisor = v4_splat((double)n);
    for (size_t k = 0; k < BATCH; k++)
        v4_store(out + k * LANES, sum[k] / divisor);
}

void window_mean_deviation(const double *x, const double *mean, size_t count, size_t n, double *out)
{
    size_t i = 0;
    for (; i + BATCH * LANES <= count; i += BATCH * LANES)
        deviation_batch(x + i, mean + i, n, out + i);
    for (; i < count; i++) {
        double sum = 0;
        for (const double *p = x + i - (n - 1); p <= x + i; p++)
            sum += fabs(*p - mean[i]);
        out[i] = sum / (double)n;
    }
}
