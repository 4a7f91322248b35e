// SPDX-License-Identifier: Apache-2.0
#include "walk/scaling.h"

struct moments {
    size_t n;
    double mean, squares, low, high; // squares: of the distances to the mean
};

// Welford's: one pass, and no cancellation where the mean is far from 0.
static struct moments measure(const float *values, size_t count, size_t stride, const uint8_t *used)
{
    struct moments m = {.low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < count; i++) {
        if (used != NULL && !used[i])
            continue;
        const double x = (double)values[i * stride], away = x - m.mean;
        m.mean += away / (double)++m.n;
        m.squares += away * (x - m.mean);
        m.low = fmin(m.low, x);
        m.high = fmax(m.high, x);
    }
    return m;
}

struct scaling scaling_fit(enum scaler scaler, const float *values, size_t count, size_t stride,
                           const uint8_t *used)
{
    const struct moments m = measure(values, count, stride, used);
    if (m.n == 0 || scaler == SCALER_NONE)
        return (struct scaling){0, 1};
    if (scaler == SCALER_MINMAX)
        return (struct scaling){m.low, m.high > m.low ? 1 / (m.high - m.low) : 1};
    const double deviation = sqrt(m.squares / (double)m.n);
    return (struct scaling){m.mean, m.high > m.low && deviation > 0 ? 1 / deviation : 1};
}
