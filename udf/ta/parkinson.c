// SPDX-License-Identifier: Apache-2.0
// Parkinson's volatility (1980) from the range of n bars: the root of mean(ln(high / low)^2) / (4
// ln 2), per bar, not annualised.
#include "steps/window.h"

TA_KERNEL(parkinson) // in: high, low; param: n; out: parkinson
{
    const size_t n = (size_t)param[0];
    const double scale = 1 / (4 * M_LN2 * param[0]);
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        const size_t count = to - from, bars = count + n - 1, start = from - (n - 1);
        double *rest = scratch, *squared = scratch_take(&rest, bars), *variance = out[0] + from;
        for (size_t i = 0; i < bars; i++) {
            const double range = log(in[0][start + i] / in[1][start + i]);
            squared[i] = range * range;
        }
        window_sum(squared + n - 1, count, n, scale, variance, rest);
        for (size_t i = 0; i < count; i++)
            variance[i] = sqrt(variance[i]);
    }
}
