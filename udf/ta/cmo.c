// SPDX-License-Identifier: Apache-2.0
// Chande momentum oscillator with Wilder's averages, as TA-Lib has it: 100 (gain - loss) / (gain +
// loss).
#include "steps/changes.h"
#include "steps/skip.h"

static bool cmo(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)scratch;
    return changes_series(in[0], size, (size_t)param[0], 100, 0, out[0]);
}

TA_KERNEL(cmo) // in: x; param: n; out: cmo
{
    run_skipping(cmo, 1, 1, in, size, param, out, scratch);
}
