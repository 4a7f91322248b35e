// SPDX-License-Identifier: Apache-2.0
// Chande momentum oscillator with Wilder's averages, as TA-Lib has it: 100 (gain - loss) / (gain +
// loss).
#include "steps/changes.h"
#include "steps/skip.h"

TA_INLINE v4 percent(v4 balance)
{
    return 100 * balance;
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
    struct changes changes = changes_start(x, n);
    out[0][n] = percent(changes_balance(changes.net, changes.total))[0];
#define BLOCK(i, lanes)                                                                            \
    v4_store_part(out[0] + (i), percent(changes_step(&changes, x + (i), lanes)), lanes)
    TA_BLOCKS(i, n + 1, size, BLOCK);
#undef BLOCK
    return changes_are_finite(&changes);
}

TA_KERNEL(cmo) // in: x; param: n; out: cmo
{
    run_skipping(cmo, 1, 1, in, size, param, out, scratch);
}
