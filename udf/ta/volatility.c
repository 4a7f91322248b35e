// SPDX-License-Identifier: Apache-2.0
// Historical volatility: the sample standard deviation (n - 1) of n one-step logarithmic returns,
// not annualised.
#include "steps/window.h"

TA_KERNEL(volatility) // in: x; param: n; out: volatility
{
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    for (size_t from = n, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        const size_t count = to - from, steps = count + n - 1;
        double *rest = scratch, *change = scratch_take(&rest, steps);
        double *mean = scratch_take(&rest, count), *variance = out[0] + from;
        const double *now = in[0] + from - (n - 1);
        for (size_t i = 0; i < steps; i++)
            change[i] = log(now[i] / now[(ptrdiff_t)i - 1]);
        window_moments(change + n - 1, count, n, 1 / (param[0] - 1), mean, variance, rest);
        for (size_t i = 0; i < count; i++)
            variance[i] = sqrt(variance[i]);
    }
}
