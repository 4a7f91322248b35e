// SPDX-License-Identifier: Apache-2.0
// Double exponential moving average (Mulloy 1994): 2 e1 - e2, e2 the average of the average e1.
#include "steps/ema3.h"
#include "steps/skip.h"

static bool dema(const double *const *in, size_t size, const double *param, double *const *out,
                 double *scratch)
{
    const size_t first = 2 * ((size_t)param[0] - 1);
    fill_nan(out[0], first, size);
    if (first >= size)
        return true;
    struct ema3 e = ema3_start(in[0], param[0], 2, scratch);
    out[0][first] = 2 * e.stage[0].last[0] - e.stage[1].last[0];
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 e1 = ema_step(&e.stage[0], v4_load_part(in[0] + (i), lanes));                     \
        const v4 e2 = ema_step(&e.stage[1], e1);                                                   \
        v4_store_part(out[0] + (i), 2 * e1 - e2, lanes);                                           \
    } while (0)
    TA_BLOCKS(i, first + 1, size, BLOCK);
#undef BLOCK
    return ema3_is_finite(&e, 2);
}

TA_KERNEL(dema) // in: x; param: n; out: dema
{
    run_skipping(dema, 1, 1, in, size, param, out, scratch);
}
