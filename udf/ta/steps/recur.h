// SPDX-License-Identifier: Apache-2.0
// The first-order recurrence y[i] = b y[i-1] + u[i], four values at a time along the series. Within
// a block of four the sums of b^k u[i-k] are formed by two shifted multiply-adds that do not wait
// for what came before; then y = (b, b^2, b^3, b^4) y[before] + those sums. What waits from block
// to block is one multiply-add for four values, so that one long series runs as fast as many short
// ones. Exponential and Wilder averages are b < 1, running totals b = 1.
#ifndef TICKHOUSE_UDF_TA_STEPS_RECUR_H
#define TICKHOUSE_UDF_TA_STEPS_RECUR_H

#include "steps/vector.h"

struct recur {
    v4 b1, b2, b4; // b, b^2, b^4 in every lane
    v4 powers;     // b, b^2, b^3, b^4
};

TA_INLINE struct recur recur_make(double b)
{
    const double b2 = b * b;
    return (struct recur){.b1 = v4_splat(b),
                          .b2 = v4_splat(b2),
                          .b4 = v4_splat(b2 * b2),
                          .powers = (v4){b, b2, b2 * b, b2 * b2}};
}

// The next four values; `last` is y[before] in all lanes, and becomes the newest of the four.
TA_INLINE v4 recur_step(const struct recur *recur, v4 *last, v4 u)
{
    u = v4_fma(recur->b1, v4_later1(u), u);
    u = v4_fma(recur->b2, v4_later2(u), u);
    const v4 y = v4_fma(recur->powers, *last, u);
    *last = v4_fma(recur->b4, *last, v4_last(u));
    return y;
}

// Runs BLOCK(i, count) over [from, size) in blocks of four; the last one may be shorter. Its lanes
// beyond `count` hold zeros, and the state after it is not used but to see whether it is finite.
#define TA_BLOCKS(i, from, size, BLOCK)                                                            \
    do {                                                                                           \
        size_t i = (from);                                                                         \
        for (; i + LANES <= (size); i += LANES)                                                    \
            BLOCK(i, LANES);                                                                       \
        if (i < (size))                                                                            \
            BLOCK(i, (size)-i);                                                                    \
    } while (0)

#endif
