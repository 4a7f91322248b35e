// SPDX-License-Identifier: Apache-2.0
// Exponential moving average: e[i] = (1 - a) e[i-1] + a x[i] with a = 2 / (n + 1) and e[n-1] the
// mean of the first n values.
#include "ta.h"

TA_KERNEL(ema) // in: x; param: n; out: ema
{
    (void)scratch;
    const double *x = in[0];
    const size_t n = (size_t)param[0];
    const double a = 2.0 / (param[0] + 1);
    double sum = 0;
    for (size_t i = 0; i < size; i++) {
        if (i < n) {
            sum += x[i];
            out[0][i] = i + 1 == n ? sum / (double)n : NAN;
        } else
            out[0][i] = fma(1 - a, out[0][i - 1], a * x[i]);
    }
}
