// SPDX-License-Identifier: Apache-2.0
// Drawdown: the distance from the highest value so far, x[i] / max(x[0 .. i]) - 1, from -1 to 0.
#include "steps/series.h"
#include "steps/skip.h"

static bool drawdown(const double *const *in, size_t size, const double *param, double *const *out,
                     double *scratch)
{
    (void)param, (void)scratch;
    double highest = -INFINITY, poison = 0;
    for (size_t i = 0; i < size; i++) {
        const double x = in[0][i];
        highest = x > highest ? x : highest;
        poison += 0 * x;
        out[0][i] = x / highest - 1;
    }
    return poison == 0;
}

TA_KERNEL(drawdown) // in: x; out: drawdown
{
    run_skipping(drawdown, 1, 1, in, size, param, out, scratch);
}
