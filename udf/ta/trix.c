// SPDX-License-Identifier: Apache-2.0
// TRIX (Hutson 1983): the one-step rate of change, in percent, of the triple average e3.
#include "steps/ema3.h"
#include "steps/skip.h"

static bool trix(const double *const *in, size_t size, const double *param, double *const *out,
                 double *scratch)
{
    const size_t first = 3 * ((size_t)param[0] - 1) + 1;
    fill_nan(out[0], first, size);
    if (first >= size)
        return true;
    struct ema3 e = ema3_start(in[0], param[0], 3, scratch);
    v4 before = e.stage[2].last;
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 e1 = ema_step(&e.stage[0], v4_load_part(in[0] + (i), lanes));                     \
        const v4 e2 = ema_step(&e.stage[1], e1);                                                   \
        const v4 e3 = ema_step(&e.stage[2], e2);                                                   \
        const v4 e3_before = __builtin_shufflevector(before, e3, 3, 4, 5, 6);                      \
        const v4 rate = 100 * (e3 / e3_before - 1);                                                \
        v4_store_part(out[0] + (i), v4_select(e3_before == 0, v4_splat(0), rate), lanes);          \
        before = e3;                                                                               \
    } while (0)
    TA_BLOCKS(i, first, size, BLOCK);
#undef BLOCK
    return ema3_is_finite(&e, 3);
}

TA_KERNEL(trix) // in: x; param: n; out: trix
{
    run_skipping(trix, 1, 1, in, size, param, out, scratch);
}
