// SPDX-License-Identifier: Apache-2.0
// Simple return over n steps: x[i] / x[i-n] - 1.
#include "steps/series.h"

TA_KERNEL(return ) // in: x; param: n; out: return
{
    (void)scratch;
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    for (size_t i = n; i < size; i++)
        out[0][i] = in[0][i] / in[0][i - n] - 1;
}
