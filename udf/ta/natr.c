// SPDX-License-Identifier: Apache-2.0
// Normalized average true range: the average true range in percent of the close.
#include "steps/range.h"
#include "steps/skip.h"

TA_INLINE v4 percent(v4 range, v4 close)
{
    return v4_select(close == 0, v4_splat(0), 100 * range / close);
}

static bool natr(const double *const *in, size_t size, const double *param, double *const *out,
                 double *scratch)
{
    (void)scratch;
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    if (n >= size)
        return true;
    struct average_range range = average_range_start(in, n);
    out[0][n] = percent(range.last, v4_splat(in[2][n]))[0];
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 high = v4_load_part(in[0] + (i), lanes), low = v4_load_part(in[1] + (i), lanes);  \
        const v4 close = v4_load_part(in[2] + (i), lanes);                                         \
        const v4 before = v4_load_part(in[2] + (i)-1, lanes);                                      \
        const v4 average = average_range_step(&range, high, low, close, before);                   \
        v4_store_part(out[0] + (i), percent(average, close), lanes);                               \
    } while (0)
    TA_BLOCKS(i, n + 1, size, BLOCK);
#undef BLOCK
    return average_range_is_finite(&range);
}

TA_KERNEL(natr) // in: high, low, close; param: n; out: natr
{
    run_skipping(natr, 3, 1, in, size, param, out, scratch);
}
