// SPDX-License-Identifier: Apache-2.0
// Slow stochastic oscillator (Lane): where the close stands between the lowest low and the highest
// high of fastk bars, in percent, averaged over slowk (k) and again over slowd (d). k is shown once
// d begins.
#include "steps/window.h"

// raw[i] for count bars from `from` on: 100 (close - lowest) / (highest - lowest), 0 for an empty
// range.
static void raw_stochastic(const double *const *in, size_t from, size_t count, size_t n,
                           double *raw, double *scratch)
{
    const double *close = in[2] + from;
    double *lowest = scratch_take(&scratch, count);
    window_max(in[0] + from, count, n, raw, scratch);
    window_min(in[1] + from, count, n, lowest, scratch);
    for (size_t i = 0; i < count; i++) {
        const double range = raw[i] - lowest[i];
        const double percent = 100 * (close[i] - lowest[i]) / range;
        raw[i] = range == 0 ? 0 : percent;
    }
}

TA_KERNEL(stoch) // in: high, low, close; param: fastk, slowk, slowd; out: k, d
{
    const size_t fastk = (size_t)param[0], slowk = (size_t)param[1], slowd = (size_t)param[2];
    const size_t window = fastk + slowk + slowd - 2, first = window - 1;
    fill_nan(out[0], first, size);
    fill_nan(out[1], first, size);
    for (size_t from = first, to; from < size; from = to) {
        to = window_chunk_of_bars(in, 3, out, 2, from, size, window);
        const size_t count = to - from, k_count = count + slowd - 1;
        const size_t raw_count = k_count + slowk - 1;
        double *rest = scratch, *raw = scratch_take(&rest, raw_count);
        double *k = scratch_take(&rest, k_count);
        raw_stochastic(in, to - raw_count, raw_count, fastk, raw, rest);
        window_sum(raw + slowk - 1, k_count, slowk, 1 / param[1], k, rest);
        window_sum(k + slowd - 1, count, slowd, 1 / param[2], out[1] + from, rest);
        memcpy(out[0] + from, k + slowd - 1, count * sizeof *k);
    }
}
