// SPDX-License-Identifier: Apache-2.0
// On-balance volume (Granville 1963): volume added where the close rises, taken off where it falls.
#include "steps/recur.h"
#include "steps/series.h"
#include "steps/skip.h"

static bool obv(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)param, (void)scratch;
    const double *close = in[0], *volume = in[1];
    if (size == 0)
        return true;
    const struct recur total = recur_make(1);
    const v4 zero = v4_splat(0);
    v4 last = v4_splat(volume[0]), poison = v4_splat(0 * close[0]);
    out[0][0] = volume[0];
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 v = v4_load_part(volume + (i), lanes);                                            \
        const v4 now = v4_load_part(close + (i), lanes);                                           \
        const v4 before = v4_load_part(close + (i)-1, lanes);                                      \
        const v4 change = v4_select(now > before, v, v4_select(now < before, -v, zero));           \
        poison += 0 * (now + v);                                                                   \
        v4_store_part(out[0] + (i), recur_step(&total, &last, change), lanes);                     \
    } while (0)
    TA_BLOCKS(i, 1, size, BLOCK);
#undef BLOCK
    return poison[0] + poison[1] + poison[2] + poison[3] == 0 && isfinite(last[0]);
}

TA_KERNEL(obv) // in: close, volume; out: obv
{
    run_skipping(obv, 2, 1, in, size, param, out, scratch);
}
