// SPDX-License-Identifier: Apache-2.0
// Normalized average true range: the average true range in percent of the close.
#include "steps/range.h"
#include "steps/skip.h"

static bool natr(const double *const *in, size_t size, const double *param, double *const *out,
                 double *scratch)
{
    (void)scratch;
    return average_range_series(in, size, (size_t)param[0], true, out[0]);
}

TA_KERNEL(natr) // in: high, low, close; param: n; out: natr
{
    run_skipping(natr, 3, 1, in, size, param, out, scratch);
}
