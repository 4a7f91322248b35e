// SPDX-License-Identifier: Apache-2.0
// Moving average convergence/divergence (Appel 1979): the fast average minus the slow one, its own
// average (the signal) and the distance between the two. The fast average is seeded so late that
// both begin at slow - 1, as TA-Lib does; nothing is shown before the signal begins. The longer
// period is the slow one.
#include "steps/ema.h"
#include "steps/skip.h"

static bool macd(const double *const *in, size_t size, const double *param, double *const *out,
                 double *scratch)
{
    const double *x = in[0];
    const double fast_n = fmin(param[0], param[1]), slow_n = fmax(param[0], param[1]);
    const size_t start = (size_t)slow_n - 1, first = start + (size_t)param[2] - 1;
    for (size_t k = 0; k < 3; k++)
        fill_nan(out[k], first, size);
    if (first >= size)
        return true;

    double *fast_part = scratch_take(&scratch, first + 1), *slow_part = scratch;
    ema_from(x, start, first + 1, fast_n, fast_part);
    ema_from(x, start, first + 1, slow_n, slow_part);
    struct ema fast = ema_start(fast_n, fast_part[first]);
    struct ema slow = ema_start(slow_n, slow_part[first]);
    for (size_t i = start; i <= first; i++)
        slow_part[i] = fast_part[i] - slow_part[i];
    struct ema signal = ema_start(param[2], mean_of(slow_part + start, (size_t)param[2]));
    out[0][first] = slow_part[first];
    out[1][first] = signal.last[0];
    out[2][first] = slow_part[first] - signal.last[0];

#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 value = v4_load_part(x + (i), lanes);                                             \
        const v4 m = ema_step(&fast, value) - ema_step(&slow, value);                              \
        const v4 s = ema_step(&signal, m);                                                         \
        v4_store_part(out[0] + (i), m, lanes);                                                     \
        v4_store_part(out[1] + (i), s, lanes);                                                     \
        v4_store_part(out[2] + (i), m - s, lanes);                                                 \
    } while (0)
    TA_BLOCKS(i, first + 1, size, BLOCK);
#undef BLOCK
    return isfinite(signal.last[0]);
}

TA_KERNEL(macd) // in: x; param: fast, slow, signal; out: macd, signal, hist
{
    run_skipping(macd, 1, 3, in, size, param, out, scratch);
}
