// SPDX-License-Identifier: Apache-2.0
// Volume-weighted average price of the newest n bars: the typical price weighted by volume.
#include "steps/typical.h"
#include "steps/window.h"

TA_KERNEL(vwap) // in: high, low, close, volume; param: n; out: vwap
{
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n - 1, size);
    for (size_t from = n - 1, to; from < size; from = to) {
        to = window_chunk_of_bars(in, 4, out, 1, from, size, n);
        const size_t count = to - from, bars = count + n - 1;
        const double *volume = in[3] + from;
        double *rest = scratch, *money = scratch_take(&rest, bars);
        double *volumes = scratch_take(&rest, count), *vwap = out[0] + from;
        typical_price(in, from - (n - 1), bars, money);
        for (size_t i = 0; i < bars; i++)
            money[i] *= in[3][from - (n - 1) + i];
        window_sum(money + n - 1, count, n, 1, vwap, rest);
        window_sum(volume, count, n, 1, volumes, rest);
        for (size_t i = 0; i < count; i++)
            vwap[i] /= volumes[i];
    }
}
