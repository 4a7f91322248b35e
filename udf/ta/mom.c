// SPDX-License-Identifier: Apache-2.0
// Momentum: x[i] - x[i-n].
#include "steps/series.h"

TA_KERNEL(mom) // in: x; param: n; out: mom
{
    (void)scratch;
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    for (size_t i = n; i < size; i++)
        out[0][i] = in[0][i] - in[0][i - n];
}
