// SPDX-License-Identifier: Apache-2.0
// Simple moving average: the mean of the newest n values.
#include "steps/window.h"

TA_KERNEL(sma) // in: x; param: n; out: sma
{
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        window_sum(in[0] + from, to - from, n, 1.0 / param[0], out[0] + from, scratch);
    }
}
