// SPDX-License-Identifier: Apache-2.0
// Money flow index (Quong and Soudack 1989): the share, in percent, that bars with a rising typical
// price have in the traded money (typical price times volume) of all bars whose typical price
// changed.
#include "steps/typical.h"
#include "steps/window.h"

// A typical price that moved by no more than its own rounding (4 units) did not move: 1.1 + 1.2
// + 1.3 and 1.2 + 1.2 + 1.2 are the same price, in whichever order they are added.
static const double same_price = 0x1p-50;

// price: count + 1 typical prices; rising, falling: the flow of the later `count` of them.
static void money_flow(const double *price, const double *volume, size_t count,
                       double *restrict rising, double *restrict falling)
{
    for (size_t i = 0; i < count; i++) {
        const double before = price[i], now = price[i + 1];
        const double step = now - before, still = same_price * fabs(now);
        const double flow = now * volume[i], odd = 0 * (flow + before);
        const double up = step > still ? flow : 0, down = step < -still ? flow : 0;
        rising[i] = up + odd; // the comparisons hide a NaN, `odd` brings it back
        falling[i] = down;
    }
}

TA_KERNEL(mfi) // in: high, low, close, volume; param: n; out: mfi
{
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    for (size_t from = n, to; from < size; from = to) {
        to = window_chunk_of_bars(in, 4, out, 1, from, size, n);
        const size_t count = to - from, flows = count + n - 1;
        double *rest = scratch, *price = scratch_take(&rest, flows + 1), *total = price;
        double *rising = scratch_take(&rest, flows), *falling = scratch_take(&rest, flows);
        double *mfi = out[0] + from;
        typical_price(in, from - n, flows + 1, price);
        money_flow(price, in[3] + from - (n - 1), flows, rising, falling);
        window_sum(rising + n - 1, count, n, 1, mfi, rest);
        window_sum(falling + n - 1, count, n, 1, total, rest);
        for (size_t i = 0; i < count; i++) {
            const double sum = mfi[i] + total[i], percent = 100 * mfi[i] / sum;
            mfi[i] = sum == 0 ? 50 : percent;
        }
    }
}
