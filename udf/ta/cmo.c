// SPDX-License-Identifier: Apache-2.0
// Chande momentum oscillator with Wilder's averages, as TA-Lib has it: 100 (gain - loss) / (gain +
// loss).
#include "steps/gains.h"
#include "steps/skip.h"

TA_INLINE v4 momentum(v4 gain, v4 loss)
{
    const v4 sum = gain + loss;
    return v4_select(sum == 0, v4_splat(0), 100 * (gain - loss) / sum);
}

static bool cmo(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)scratch;
    const double *x = in[0];
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    if (n >= size)
        return true;
    struct gains gains = gains_start(x, n);
    out[0][n] = momentum(gains.gain, gains.loss)[0];
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        v4 gain, loss;                                                                             \
        gains_step(&gains, v4_load_part(x + (i), lanes) - v4_load_part(x + (i)-1, lanes), &gain,   \
                   &loss);                                                                         \
        v4_store_part(out[0] + (i), momentum(gain, loss), lanes);                                  \
    } while (0)
    TA_BLOCKS(i, n + 1, size, BLOCK);
#undef BLOCK
    return gains_are_finite(&gains);
}

TA_KERNEL(cmo) // in: x; param: n; out: cmo
{
    run_skipping(cmo, 1, 1, in, size, param, out, scratch);
}
