// SPDX-License-Identifier: Apache-2.0
// The first-order recurrence y[i] = b y[i-1] + u[i], four values at a time along the series. Within
// a block of four the sums of b^k u[i-k] are formed by two multiply-adds, in pairs and across
// pairs, that do not wait for what came before; then y = (b, b^2, b^3, b^4) y[before] + those sums.
// What waits from block to block is one multiply-add for four values, so that one long series runs
// as fast as many short ones. Exponential and Wilder averages are b < 1, running totals b = 1.
#ifndef TICKHOUSE_UDF_TA_STEPS_RECUR_H
#define TICKHOUSE_UDF_TA_STEPS_RECUR_H

#include "steps/vector.h"

struct recur {
    v4 b1, b4; // b and b^4 in every lane
    v4 pair;   // b, b^2, b, b^2
    v4 powers; // b, b^2, b^3, b^4
};

TA_INLINE struct recur recur_make(double b)
{
    const double b2 = b * b;
    return (struct recur){.b1 = v4_splat(b),
                          .b4 = v4_splat(b2 * b2),
                          .pair = (v4){b, b2, b, b2},
                          .powers = (v4){b, b2, b2 * b, b2 * b2}};
}

// The next four values; `last` is y[before] in all lanes, and becomes the newest of the four.
TA_INLINE v4 recur_step(const struct recur *recur, v4 *last, v4 u)
{
    u = v4_fma(recur->b1, v4_older(u), u);
    u = v4_fma(recur->pair, v4_across(u), u);
    const v4 y = v4_fma(recur->powers, *last, u);
    *last = v4_fma(recur->b4, *last, v4_last(u));
    return y;
}

#endif
