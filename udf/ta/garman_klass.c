// SPDX-License-Identifier: Apache-2.0
// Garman and Klass's volatility (1980) of n bars: the root of the mean of
// ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2, per bar, not annualised.
#include "steps/window.h"

TA_KERNEL(garman_klass) // in: open, high, low, close; param: n; out: garman_klass
{
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        const size_t count = to - from, bars = count + n - 1, start = from - (n - 1);
        double *rest = scratch, *term = scratch_take(&rest, bars), *variance = out[0] + from;
        for (size_t i = 0; i < bars; i++) {
            const double range = log(in[1][start + i] / in[2][start + i]);
            const double body = log(in[3][start + i] / in[0][start + i]);
            term[i] = 0.5 * (range * range) - (2 * M_LN2 - 1) * (body * body);
        }
        window_sum(term + n - 1, count, n, 1 / param[0], variance, rest);
        for (size_t i = 0; i < count; i++)
            variance[i] = sqrt(variance[i]);
    }
}
