// SPDX-License-Identifier: Apache-2.0
// Average true range (Wilder 1978): Wilder's average of the true range, seeded with the first mean.
#include "steps/range.h"
#include "steps/skip.h"

static bool atr(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)scratch;
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    if (n >= size)
        return true;
    struct average_range range = average_range_start(in, n);
    out[0][n] = range.last[0];
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 high = v4_load_part(in[0] + (i), lanes), low = v4_load_part(in[1] + (i), lanes);  \
        const v4 close = v4_load_part(in[2] + (i), lanes);                                         \
        const v4 before = v4_load_part(in[2] + (i)-1, lanes);                                      \
        v4_store_part(out[0] + (i), average_range_step(&range, high, low, close, before), lanes);  \
    } while (0)
    TA_BLOCKS(i, n + 1, size, BLOCK);
#undef BLOCK
    return average_range_is_finite(&range);
}

TA_KERNEL(atr) // in: high, low, close; param: n; out: atr
{
    run_skipping(atr, 3, 1, in, size, param, out, scratch);
}
