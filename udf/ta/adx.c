// SPDX-License-Identifier: Apache-2.0
// Average directional index (Wilder 1978). The true range divides both directional indicators and
// cancels in DX = 100 |+DM - -DM| / (+DM + -DM), so that it is never formed and the close is not
// read.
#include "steps/recur.h"
#include "steps/series.h"
#include "steps/skip.h"

struct direction {
    struct recur recur;
    v4 up, down; // Wilder's sums of the directional movements, newest in all lanes
    v4 poison;   // 0, or NaN once a high or low was not finite
};

TA_INLINE v4 directional_index(v4 up, v4 down)
{
    const v4 sum = up + down;
    return v4_select(sum == 0, v4_splat(0), 100 * v4_abs(up - down) / sum);
}

// The directional movement in favour of the first: its size where it is the larger one and above 0.
TA_INLINE v4 movement(v4 favoured, v4 other)
{
    const v4 zero = v4_splat(0);
    return v4_select(favoured > other, v4_max(favoured, zero), zero);
}

TA_INLINE v4 next_index(struct direction *direction, const double *high, const double *low,
                        size_t lanes)
{
    const v4 rise = v4_load_part(high, lanes) - v4_load_part(high - 1, lanes);
    const v4 fall = v4_load_part(low - 1, lanes) - v4_load_part(low, lanes);
    direction->poison += 0 * (rise + fall);
    const v4 up = recur_step(&direction->recur, &direction->up, movement(rise, fall));
    const v4 down = recur_step(&direction->recur, &direction->down, movement(fall, rise));
    return directional_index(up, down);
}

// Brings the sums to index 2n - 1, value by value: plain sums to n - 1, then Wilder's. Returns the
// mean of the n indices DX from n on, which seeds the average.
static double direction_start(struct direction *direction, const double *high, const double *low,
                              size_t n)
{
    const v4 keep = v4_splat(1 - 1 / (double)n), one = v4_splat(1);
    v4 up = v4_splat(0), down = up, poison = up;
    double sum = 0;
    for (size_t i = 1; i < 2 * n; i++) {
        const v4 rise = v4_splat(high[i] - high[i - 1]), fall = v4_splat(low[i - 1] - low[i]);
        const v4 kept = i < n ? one : keep;
        up = v4_fma(kept, up, movement(rise, fall));
        down = v4_fma(kept, down, movement(fall, rise));
        poison += 0 * (rise + fall);
        sum += i < n ? 0 : directional_index(up, down)[0];
    }
    *direction = (struct direction){recur_make(keep[0]), up, down, poison};
    return sum / (double)n;
}

static bool adx(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)scratch;
    const double *high = in[0], *low = in[1];
    const size_t n = (size_t)param[0], first = 2 * n - 1;
    fill_nan(out[0], first, size);
    if (first >= size)
        return true;
    struct direction direction;
    v4 last = v4_splat(direction_start(&direction, high, low, n));
    const struct recur wilder = direction.recur;
    const v4 weight = v4_splat(1 / (double)n);
    out[0][first] = last[0];
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 dx = next_index(&direction, high + (i), low + (i), lanes);                        \
        v4_store_part(out[0] + (i), recur_step(&wilder, &last, weight * dx), lanes);               \
    } while (0)
    TA_BLOCKS(i, first + 1, size, BLOCK);
#undef BLOCK
    const v4 p = direction.poison;
    return p[0] + p[1] + p[2] + p[3] == 0 && isfinite(last[0]);
}

TA_KERNEL(adx) // in: high, low, close; param: n; out: adx
{
    run_skipping(adx, 2, 1, in, size, param, out, scratch);
}
