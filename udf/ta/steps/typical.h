// SPDX-License-Identifier: Apache-2.0
// The typical price of a bar, for CCI, MFI and VWAP.
#ifndef TICKHOUSE_UDF_TA_STEPS_TYPICAL_H
#define TICKHOUSE_UDF_TA_STEPS_TYPICAL_H

#include "steps/series.h"

// in: high, low, close; out[0 .. count-1]: (high + low + close) / 3 from bar `from` on.
static inline void typical_price(const double *const *in, size_t from, size_t count,
                                 double *restrict out)
{
    const double *high = in[0] + from, *low = in[1] + from, *close = in[2] + from;
    for (size_t i = 0; i < count; i++)
        out[i] = (high[i] + low[i] + close[i]) / 3;
}

#endif
