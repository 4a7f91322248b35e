// SPDX-License-Identifier: Apache-2.0
// An average of an average of an average, in one pass: what DEMA, TEMA and TRIX are made of.
#ifndef TICKHOUSE_UDF_TA_STEPS_EMA3_H
#define TICKHOUSE_UDF_TA_STEPS_EMA3_H

#include "steps/ema.h"

// The averages, each seeded with the first mean of the one before, all standing at index `at`.
struct ema3 {
    struct ema stage[3];
};

// Brings `depth` stages to index depth (n - 1), the first at which all are defined; the series must
// reach that far. scratch: 2 (depth (n - 1) + 1) doubles.
static inline struct ema3 ema3_start(const double *x, double n, size_t depth, double *scratch)
{
    struct ema3 ema3 = {0};
    const size_t step = (size_t)n - 1, at = depth * step;
    double *const stages[2] = {scratch, scratch + at + 1};
    const double *from = x;
    for (size_t k = 0; k < depth; k++) {
        ema_from(from, (k + 1) * step, at + 1, n, stages[k % 2]);
        ema3.stage[k] = ema_start(n, stages[k % 2][at]);
        from = stages[k % 2];
    }
    return ema3;
}

static inline bool ema3_is_finite(const struct ema3 *ema3, size_t depth)
{
    return isfinite(ema3->stage[depth - 1].last[0]);
}

#endif
