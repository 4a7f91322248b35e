// SPDX-License-Identifier: Apache-2.0
// Wilder's true range and its average, for ATR and NATR.
#ifndef TICKHOUSE_UDF_TA_STEPS_RANGE_H
#define TICKHOUSE_UDF_TA_STEPS_RANGE_H

#include "steps/recur.h"
#include "steps/series.h"

// The largest of high - low and the distances of both from the close before. NaN in high or low
// goes through.
TA_INLINE v4 true_range(v4 high, v4 low, v4 close_before)
{
    const v4 range = high - low;
    return v4_max(v4_abs(low - close_before), v4_max(v4_abs(high - close_before), range));
}

struct average_range {
    struct recur recur;
    v4 weight;
    v4 last;   // the newest average, in all lanes
    v4 poison; // 0, or NaN once a close was not finite
};

// Standing at index n: the mean of the true ranges 1 .. n.
static inline struct average_range average_range_start(const double *const *in, size_t n)
{
    double sum = 0;
    for (size_t i = 1; i <= n; i++)
        sum += true_range(v4_splat(in[0][i]), v4_splat(in[1][i]), v4_splat(in[2][i - 1]))[0];
    double poison = 0;
    for (size_t i = 0; i <= n; i++)
        poison += 0 * in[2][i];
    poison += 0 * in[0][0] + 0 * in[1][0];
    const double count = (double)n;
    return (struct average_range){recur_make((count - 1) / count), v4_splat(1 / count),
                                  v4_splat(sum / count), v4_splat(poison)};
}

TA_INLINE v4 average_range_step(struct average_range *range, v4 high, v4 low, v4 close,
                                v4 close_before)
{
    range->poison += 0 * close;
    return recur_step(&range->recur, &range->last,
                      range->weight * true_range(high, low, close_before));
}

TA_INLINE v4 average_range_scaled(v4 average, v4 close, bool in_percent)
{
    return in_percent ? v4_select(close == 0, v4_splat(0), 100 * average / close) : average;
}

// out: the average, in percent of the close if wanted, after n NaN. False when a value is not
// finite.
TA_INLINE bool average_range_series(const double *const *in, size_t size, size_t n, bool in_percent,
                                    double *out)
{
    fill_nan(out, n, size);
    if (n >= size)
        return true;
    struct average_range range = average_range_start(in, n);
    out[n] = average_range_scaled(range.last, v4_splat(in[2][n]), in_percent)[0];
#define BLOCK(i, lanes)                                                                            \
    do {                                                                                           \
        const v4 high = v4_load_part(in[0] + (i), lanes), low = v4_load_part(in[1] + (i), lanes);  \
        const v4 close = v4_load_part(in[2] + (i), lanes);                                         \
        const v4 before = v4_load_part(in[2] + (i)-1, lanes);                                      \
        const v4 average = average_range_step(&range, high, low, close, before);                   \
        v4_store_part(out + (i), average_range_scaled(average, close, in_percent), lanes);         \
    } while (0)
    TA_BLOCKS(i, n + 1, size, BLOCK);
#undef BLOCK
    return isfinite(range.last[0]) &&
           range.poison[0] + range.poison[1] + range.poison[2] + range.poison[3] == 0;
}

#endif
