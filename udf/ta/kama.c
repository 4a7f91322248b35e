// SPDX-License-Identifier: Apache-2.0
// Kaufman's adaptive moving average (1995): k[i] = k[i-1] + c (x[i] - k[i-1]). c is the square of a
// weight between those of a 30 and of a 2 value average, in proportion to the efficiency ratio: the
// distance gone over n values by the length of the way. k[n-1] = x[n-1].
#include "steps/skip.h"
#include "steps/window.h"

static const double fast = 2.0 / 3, slow = 2.0 / 31;

// weight[i] = c for count values from x on. way: the length of the way.
static void weights(const double *x, size_t n, size_t count, double *way)
{
    const double *before = x - n;
    for (size_t i = 0; i < count; i++) {
        const double distance = fabs(x[i] - before[i]);
        const double ratio = distance < way[i] ? distance / way[i] : 1.0;
        const double c = ratio * (fast - slow) + slow;
        way[i] = c * c;
    }
}

static bool kama(const double *const *in, size_t size, const double *param, double *const *out,
                 double *scratch)
{
    const double *x = in[0];
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    double k = n <= size ? x[n - 1] : 0, poison = 0;
    for (size_t i = 0; i < n && i < size; i++)
        poison += 0 * x[i]; // before n a value counts only in the way, which would hide it
    for (size_t from = n, to; from < size; from = to) {
        to = window_chunk(from, size, n);
        const size_t count = to - from, steps = count + n - 1;
        double *rest = scratch, *step = scratch_take(&rest, steps);
        double *c = scratch_take(&rest, count);
        const double *at = x + from - (n - 1), *before = at - 1;
        for (size_t i = 0; i < steps; i++)
            step[i] = fabs(at[i] - before[i]);
        window_sum(step + n - 1, count, n, 1.0, c, rest);
        weights(x + from, n, count, c);
        for (size_t i = 0; i < count; i++)
            out[0][from + i] = k = fma(1 - c[i], k, c[i] * x[from + i]);
    }
    return isfinite(k + poison);
}

TA_KERNEL(kama) // in: x; param: n; out: kama
{
    run_skipping(kama, 1, 1, in, size, param, out, scratch);
}
