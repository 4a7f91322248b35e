// SPDX-License-Identifier: Apache-2.0
// Accumulation/distribution line (Chaikin): the running total of volume times where the close
// stands in the bar's range, from -1 at the low to 1 at the high. A bar without range adds nothing.
#include "steps/recur.h"
#include "steps/series.h"
#include "steps/skip.h"

static bool ad(const double *const *in, size_t size, const double *param, double *const *out,
               double *scratch)
{
    (void)param, (void)scratch;
    const struct recur total = recur_make(1);
    const v4 zero = v4_splat(0);
    v4 last = zero, poison = zero;
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 high = v4_load_part(in[0] + (i), lanes), low = v4_load_part(in[1] + (i), lanes);  \
        const v4 close = v4_load_part(in[2] + (i), lanes);                                         \
        const v4 volume = v4_load_part(in[3] + (i), lanes), range = high - low;                    \
        const v4 flow = ((close - low) - (high - close)) / range * volume;                         \
        poison += 0 * (range + close + volume);                                                    \
        const v4 added = v4_select(range > 0, flow, zero);                                         \
        v4_store_part(out[0] + (i), recur_step(&total, &last, added), lanes);                      \
    } while (0)
    TA_BLOCKS(i, 0, size, BLOCK);
#undef BLOCK
    return poison[0] + poison[1] + poison[2] + poison[3] == 0 && isfinite(last[0]);
}

TA_KERNEL(ad) // in: high, low, close, volume; out: ad
{
    run_skipping(ad, 4, 1, in, size, param, out, scratch);
}
