// SPDX-License-Identifier: Apache-2.0
// Triple exponential moving average (Mulloy 1994): 3 e1 - 3 e2 + e3.
#include "steps/ema3.h"
#include "steps/skip.h"

static bool tema(const double *const *in, size_t size, const double *param, double *const *out,
                 double *scratch)
{
    const size_t first = 3 * ((size_t)param[0] - 1);
    fill_nan(out[0], first, size);
    if (first >= size)
        return true;
    struct ema3 e = ema3_start(in[0], param[0], 3, scratch);
    out[0][first] = 3 * (e.stage[0].last[0] - e.stage[1].last[0]) + e.stage[2].last[0];
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 e1 = ema_step(&e.stage[0], v4_load_part(in[0] + (i), lanes));                     \
        const v4 e2 = ema_step(&e.stage[1], e1);                                                   \
        const v4 e3 = ema_step(&e.stage[2], e2);                                                   \
        v4_store_part(out[0] + (i), 3 * (e1 - e2) + e3, lanes);                                    \
    } while (0)
    TA_BLOCKS(i, first + 1, size, BLOCK);
#undef BLOCK
    return ema3_is_finite(&e, 3);
}

TA_KERNEL(tema) // in: x; param: n; out: tema
{
    run_skipping(tema, 1, 1, in, size, param, out, scratch);
}
