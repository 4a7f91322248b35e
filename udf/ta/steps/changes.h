// SPDX-License-Identifier: Apache-2.0
// Wilder's averages of one-step changes, for RSI and CMO: of the change itself (`net`, the average
// gain minus the average loss) and of its size (`total`, the two together).
#ifndef TICKHOUSE_UDF_TA_STEPS_CHANGES_H
#define TICKHOUSE_UDF_TA_STEPS_CHANGES_H

#include "steps/recur.h"
#include "steps/series.h"

#include <float.h>

struct changes {
    struct recur recur;
    v4 weight;
    v4 net, total; // the newest averages, in all lanes
};

// Standing at index n: the means of the first n changes.
static inline struct changes changes_start(const double *x, size_t n)
{
    double net = 0, total = 0;
    for (size_t i = 1; i <= n; i++) {
        net += x[i] - x[i - 1];
        total += fabs(x[i] - x[i - 1]);
    }
    const double count = (double)n;
    return (struct changes){recur_make((count - 1) / count), v4_splat(1 / count),
                            v4_splat(net / count), v4_splat(total / count)};
}

// -1 when all was loss, 1 when all was gain; 0 when nothing changed.
TA_INLINE v4 changes_balance(v4 net, v4 total)
{
    return net / v4_max(total, v4_splat(DBL_MIN));
}

// The balance of the next changes x[0] - x[-1] and on.
TA_INLINE v4 changes_step(struct changes *changes, const double *x, size_t lanes)
{
    const v4 change = changes->weight * (v4_load_part(x, lanes) - v4_load_part(x - 1, lanes));
    const v4 net = recur_step(&changes->recur, &changes->net, change);
    const v4 total = recur_step(&changes->recur, &changes->total, v4_abs(change));
    return changes_balance(net, total);
}

// out: scale times the balance plus shift, after n NaN. False when a value is not finite.
TA_INLINE bool changes_series(const double *x, size_t size, size_t n, double scale, double shift,
                              double *out)
{
    fill_nan(out, n, size);
    if (n >= size)
        return true;
    struct changes changes = changes_start(x, n);
    out[n] = scale * changes_balance(changes.net, changes.total)[0] + shift;
#define BLOCK(i, lanes)                                                                            \
    v4_store_part(out + (i), scale * changes_step(&changes, x + (i), lanes) + shift, lanes)
    TA_BLOCKS(i, n + 1, size, BLOCK);
#undef BLOCK
    return isfinite(changes.total[0]);
}

#endif
