// SPDX-License-Identifier: Apache-2.0
// The exponential moving average as a step of other kernels.
#ifndef TICKHOUSE_UDF_TA_STEPS_EMA_H
#define TICKHOUSE_UDF_TA_STEPS_EMA_H

#include "steps/recur.h"
#include "steps/series.h"

struct ema {
    struct recur recur;
    v4 weight; // of a new value: 2 / (n + 1)
    v4 last;   // the newest average, in all lanes
};

TA_INLINE struct ema ema_start(double n, double seed)
{
    const double weight = 2 / (n + 1);
    return (struct ema){recur_make(1 - weight), v4_splat(weight), v4_splat(seed)};
}

TA_INLINE v4 ema_step(struct ema *ema, v4 x)
{
    return recur_step(&ema->recur, &ema->last, ema->weight * x);
}

// out[i] for i in [first, size), with out[first] the mean of the `n` values that end there; nothing
// is written before. Returns whether all of it is finite.
static inline bool ema_from(const double *x, size_t first, size_t size, double n, double *out)
{
    if (first >= size)
        return true;
    const size_t count = (size_t)n;
    struct ema ema = ema_start(n, mean_of(x + first + 1 - count, count));
    out[first] = ema.last[0];
#define BLOCK(i, lanes)                                                                            \
    v4_store_part(out + (i), ema_step(&ema, v4_load_part(x + (i), lanes)), lanes)
    TA_BLOCKS(i, first + 1, size, BLOCK);
#undef BLOCK
    return isfinite(ema.last[0]);
}

#endif
