// SPDX-License-Identifier: Apache-2.0
// Rate of change in percent: 100 (x[i] / x[i-n] - 1).
#include "steps/series.h"

TA_KERNEL(roc) // in: x; param: n; out: roc
{
    (void)scratch;
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    for (size_t i = n; i < size; i++) {
        const double rate = 100 * (in[0][i] / in[0][i - n] - 1);
        out[0][i] = in[0][i - n] == 0 ? 0 : rate;
    }
}
