// SPDX-License-Identifier: Apache-2.0
// Wilder's averages of gains and of losses, for RSI and CMO.
#ifndef TICKHOUSE_UDF_TA_STEPS_GAINS_H
#define TICKHOUSE_UDF_TA_STEPS_GAINS_H

#include "steps/recur.h"
#include "steps/series.h"

struct gains {
    struct recur recur;
    v4 half_weight;
    v4 gain, loss; // the newest averages, in all lanes
};

// Standing at index n: the means of the first n gains and losses.
static inline struct gains gains_start(const double *x, size_t n)
{
    double gain = 0, loss = 0;
    for (size_t i = 1; i <= n; i++) {
        const double change = x[i] - x[i - 1];
        gain += fabs(change) + change;
        loss += fabs(change) - change;
    }
    const double count = (double)n;
    return (struct gains){recur_make((count - 1) / count), v4_splat(0.5 / count),
                          v4_splat(0.5 * gain / count), v4_splat(0.5 * loss / count)};
}

// |change| + change is twice the gain, exactly, and stays NaN where a maximum with 0 would hide it.
TA_INLINE void gains_step(struct gains *gains, v4 change, v4 *gain, v4 *loss)
{
    const v4 size = v4_abs(change);
    *gain = recur_step(&gains->recur, &gains->gain, gains->half_weight * (size + change));
    *loss = recur_step(&gains->recur, &gains->loss, gains->half_weight * (size - change));
}

TA_INLINE bool gains_are_finite(const struct gains *gains)
{
    return isfinite(gains->gain[0] + gains->loss[0]);
}

#endif
