// SPDX-License-Identifier: Apache-2.0
// Relative strength index (Wilder 1978): 100 times the average gain by the average gain and loss
// together, here as 50 (1 + net / total).
#include "steps/changes.h"
#include "steps/skip.h"

static bool rsi(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)scratch;
    return changes_series(in[0], size, (size_t)param[0], 50, 50, out[0]);
}

TA_KERNEL(rsi) // in: x; param: n; out: rsi
{
    run_skipping(rsi, 1, 1, in, size, param, out, scratch);
}
