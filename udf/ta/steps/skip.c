// SPDX-License-Identifier: Apache-2.0
#include "steps/skip.h"

static bool bar_is_finite(const double *const *in, size_t inputs, size_t i)
{
    for (size_t k = 0; k < inputs; k++)
        if (!isfinite(in[k][i]))
            return false;
    return true;
}

static size_t keep_finite_bars(const double *const *in, size_t inputs, size_t size,
                               double *const *kept)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        if (!bar_is_finite(in, inputs, i))
            continue;
        for (size_t k = 0; k < inputs; k++)
            kept[k][count] = in[k][i];
        count++;
    }
    return count;
}

// In place, from the end: no result moves to an earlier place than its own.
static void spread(const double *const *in, size_t inputs, size_t outputs, size_t size, size_t kept,
                   double *const *out)
{
    for (size_t i = size; i-- > 0;) {
        for (size_t k = 0; k < outputs; k++)
            out[k][i] = kept > 0 ? out[k][kept - 1] : NAN;
        if (bar_is_finite(in, inputs, i))
            kept--;
    }
}

void run_skipping(ta_recursion *recursion, size_t inputs, size_t outputs, const double *const *in,
                  size_t size, const double *param, double *const *out, double *scratch)
{
    if (recursion(in, size, param, out, scratch))
        return;
    double *finite[TA_MAX_INPUTS];
    for (size_t k = 0; k < inputs; k++)
        finite[k] = scratch + k * size;
    const size_t kept = keep_finite_bars(in, inputs, size, finite);
    if (kept == size)
        return; // finite input whose arithmetic overflowed: the result says so
    recursion((const double *const *)finite, kept, param, out, scratch + inputs * size);
    spread(in, inputs, outputs, size, kept, out);
}
