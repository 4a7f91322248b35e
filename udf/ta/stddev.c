// SPDX-License-Identifier: Apache-2.0
// Standard deviation of the population: the root of the mean squared distance from the window's
// mean.
#include "steps/window.h"

TA_KERNEL(stddev) // in: x; param: n; out: stddev
{
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        double *rest = scratch, *mean = scratch_take(&rest, to - from), *variance = out[0] + from;
        window_moments(in[0] + from, to - from, n, 1 / param[0], mean, variance, rest);
        for (size_t i = 0; i < to - from; i++)
            variance[i] = sqrt(variance[i]);
    }
}
