// SPDX-License-Identifier: Apache-2.0
// Weighted moving average: weights n for the newest value down to 1 for the oldest.
#include "steps/window.h"

TA_KERNEL(wma) // in: x; param: n; out: wma
{
    const size_t n = (size_t)param[0];
    const double scale = 2 / (param[0] * (param[0] + 1));
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        window_weighted(in[0] + from, to - from, n, scale, out[0] + from, scratch);
    }
}
