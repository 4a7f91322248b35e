// SPDX-License-Identifier: Apache-2.0
// Williams %R: how far the close stands below the highest high of n bars, in percent of their
// range, as a number from -100 to 0.
#include "steps/window.h"

TA_KERNEL(willr) // in: high, low, close; param: n; out: willr
{
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk_of_bars(in, 3, out, 1, from, size, n);
        const double *close = in[2] + from;
        double *rest = scratch, *lowest = scratch_take(&rest, to - from), *willr = out[0] + from;
        window_max(in[0] + from, to - from, n, willr, rest);
        window_min(in[1] + from, to - from, n, lowest, rest);
        for (size_t i = 0; i < to - from; i++) {
            const double range = willr[i] - lowest[i];
            const double percent = -100 * (willr[i] - close[i]) / range;
            willr[i] = range == 0 ? 0 : percent;
        }
    }
}
