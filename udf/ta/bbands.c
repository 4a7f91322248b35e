// SPDX-License-Identifier: Apache-2.0
// Bollinger bands: the mean of n values, and that many standard deviations (of the population)
// around it.
#include "steps/window.h"

TA_KERNEL(bbands) // in: x; param: n, up, down; out: upper, middle, lower
{
    const size_t n = (size_t)param[0];
    const double up = param[1], down = param[2];
    for (size_t k = 0; k < 3; k++)
        fill_nan(out[k], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        const double *x = in[0] + from;
        double *upper = out[0] + from, *middle = out[1] + from, *lower = out[2] + from;
        window_moments(x, to - from, n, 1 / param[0], middle, upper, scratch);
        TA_INDEPENDENT
        for (size_t i = 0; i < to - from; i++) {
            const double mean = x[i] + middle[i], deviation = sqrt(upper[i]);
            upper[i] = mean + up * deviation;
            middle[i] = mean;
            lower[i] = mean - down * deviation;
        }
    }
}
