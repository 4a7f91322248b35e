// SPDX-License-Identifier: Apache-2.0
// Average true range (Wilder 1978): Wilder's average of the true range, seeded with the first mean.
#include "steps/range.h"
#include "steps/skip.h"

static bool atr(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)scratch;
    return average_range_series(in, size, (size_t)param[0], false, out[0]);
}

TA_KERNEL(atr) // in: high, low, close; param: n; out: atr
{
    run_skipping(atr, 3, 1, in, size, param, out, scratch);
}
