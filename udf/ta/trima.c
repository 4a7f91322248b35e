// SPDX-License-Identifier: Apache-2.0
// Triangular moving average: a simple average of simple averages; weights rise to the middle and
// fall.
#include "steps/window.h"

TA_KERNEL(trima) // in: x; param: n; out: trima
{
    const size_t n = (size_t)param[0], outer = (n + 1) / 2, inner = n + 1 - outer;
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        const size_t count = to - from + outer - 1;
        double *rest = scratch, *means = scratch_take(&rest, count);
        window_sum(in[0] + from - (outer - 1), count, inner, 1 / (double)inner, means, rest);
        window_sum(means + outer - 1, to - from, outer, 1 / (double)outer, out[0] + from, rest);
    }
}
