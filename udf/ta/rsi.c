// SPDX-License-Identifier: Apache-2.0
// Relative strength index (Wilder 1978): 100 times the average gain by the average gain and loss
// together, here as 50 (1 + net / total).
#include "steps/changes.h"
#include "steps/skip.h"

TA_INLINE v4 strength(v4 balance)
{
    return 50 * balance + 50;
}

static bool rsi(const double *const *in, size_t size, const double *param, double *const *out,
                double *scratch)
{
    (void)scratch;
    const double *x = in[0];
    const size_t n = (size_t)param[0];
    fill_nan(out[0], n, size);
    if (n >= size)
        return true;
    struct changes changes = changes_start(x, n);
    out[0][n] = strength(changes_balance(changes.net, changes.total))[0];
#define BLOCK(i, lanes)                                                                            \
    v4_store_part(out[0] + (i), strength(changes_step(&changes, x + (i), lanes)), lanes)
    TA_BLOCKS(i, n + 1, size, BLOCK);
#undef BLOCK
    return changes_are_finite(&changes);
}

TA_KERNEL(rsi) // in: x; param: n; out: rsi
{
    run_skipping(rsi, 1, 1, in, size, param, out, scratch);
}
