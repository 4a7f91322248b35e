// SPDX-License-Identifier: Apache-2.0
// Yang and Zhang's volatility (2000) of n bars, independent of drift and of opening gaps: the root
// of var(overnight) + k var(open to close) + (1 - k) mean(Rogers-Satchell), k = 0.34 / (1.34 + (n +
// 1) / (n - 1)), with sample variances (n - 1) of logarithms; per bar, not annualised.
#include "steps/window.h"

// ln(to[i] / from[i]) for `count` bars.
static void log_ratio(const double *to, const double *from, size_t count, double *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = log(to[i] / from[i]);
}

// u (u - c) + d (d - c): u, d and c from the open to high, low and close (Rogers and Satchell
// 1991).
static void rogers_satchell(const double *const *in, size_t start, size_t count,
                            double *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        const double open = in[0][start + i], c = log(in[3][start + i] / open);
        const double u = log(in[1][start + i] / open), d = log(in[2][start + i] / open);
        out[i] = u * (u - c) + d * (d - c);
    }
}

TA_KERNEL(yang_zhang) // in: open, high, low, close; param: n; out: yang_zhang
{
    const size_t n = (size_t)param[0];
    const double k = 0.34 / (1.34 + (param[0] + 1) / (param[0] - 1)), samples = param[0] - 1;
    fill_nan(out[0], n, size);
    for (size_t from = n, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        const size_t count = to - from, bars = count + n - 1, start = from - (n - 1);
        double *rest = scratch, *series = scratch_take(&rest, bars);
        double *mean = scratch_take(&rest, count), *term = scratch_take(&rest, count);
        double *total = out[0] + from;
        log_ratio(in[0] + start, in[3] + start - 1, bars, series);
        window_moments(series + n - 1, count, n, 1 / samples, mean, total, rest);
        log_ratio(in[3] + start, in[0] + start, bars, series);
        window_moments(series + n - 1, count, n, k / samples, mean, term, rest);
        for (size_t i = 0; i < count; i++)
            total[i] += term[i];
        rogers_satchell(in, start, bars, series);
        window_sum(series + n - 1, count, n, (1 - k) / param[0], term, rest);
        for (size_t i = 0; i < count; i++)
            total[i] = sqrt(total[i] + term[i]);
    }
}
