// SPDX-License-Identifier: Apache-2.0
// Hull moving average (Hull 2005): wma(2 wma(x, n/2) - wma(x, n), sqrt(n)), both lengths rounded
// down.
#include "steps/window.h"

static double weight_scale(size_t n)
{
    return 2 / ((double)n * ((double)n + 1));
}

TA_KERNEL(hma) // in: x; param: n; out: hma
{
    const size_t n = (size_t)param[0], half = n / 2, root = (size_t)sqrt(param[0]);
    const size_t first = n + root - 2;
    fill_nan(out[0], first, size);
    for (size_t from = first, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        const size_t raw_count = to - from + root - 1;
        const double *x = in[0] + from - (root - 1);
        double *rest = scratch, *raw = scratch_take(&rest, raw_count);
        double *slow = scratch_take(&rest, raw_count);
        window_weighted(x, raw_count, half, weight_scale(half), raw, rest);
        window_weighted(x, raw_count, n, weight_scale(n), slow, rest);
        for (size_t i = 0; i < raw_count; i++)
            raw[i] = 2 * raw[i] - slow[i];
        window_weighted(raw + root - 1, to - from, root, weight_scale(root), out[0] + from, rest);
    }
}
