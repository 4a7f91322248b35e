// SPDX-License-Identifier: Apache-2.0
// Commodity channel index (Lambert 1980): the typical price's distance from its mean, in units of
// 0.015 mean absolute deviations.
#include "steps/typical.h"
#include "steps/window.h"

// A distance from the mean that is no more than the rounding of the mean is none: flat bars give 0.
static const double same_price = 0x1p-48;

TA_KERNEL(cci) // in: high, low, close; param: n; out: cci
{
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk_of_bars(in, 3, out, 1, from, size, n);
        const size_t count = to - from;
        double *rest = scratch, *price = scratch_take(&rest, count + n - 1);
        double *mean = scratch_take(&rest, count), *cci = out[0] + from;
        typical_price(in, from - (n - 1), count + n - 1, price);
        price += n - 1;
        window_sum(price, count, n, 1 / param[0], mean, rest);
        window_mean_deviation(price, mean, count, n, cci);
        for (size_t i = 0; i < count; i++) {
            const double apart = price[i] - mean[i], unit = 0.015 * cci[i];
            const double index = apart / unit;
            cci[i] = fabs(apart) <= same_price * fabs(price[i]) ? 0 : index;
        }
    }
}
