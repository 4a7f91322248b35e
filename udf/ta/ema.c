// SPDX-License-Identifier: Apache-2.0
// Exponential moving average: e[i] = (1 - a) e[i-1] + a x[i] with a = 2 / (n + 1) and e[n-1] the
// mean of the first n values.
#include "steps/ema.h"
#include "steps/skip.h"

static bool ema(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)scratch;
    const size_t first = (size_t)param[0] - 1;
    fill_nan(out[0], first, size);
    return ema_from(in[0], first, size, param[0], out[0]);
}

TA_KERNEL(ema) // in: x; param: n; out: ema
{
    run_skipping(ema, 1, 1, in, size, param, out, scratch);
}
