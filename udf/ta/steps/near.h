// SPDX-License-Identifier: Apache-2.0
// Mean and variance of windows so short that going over their values one by one is the quickest:
// the distances from the newest value and their squares are summed in registers, for several
// vectors of results at once. What is said of the rounding in moments.c holds here as well.
#ifndef TICKHOUSE_UDF_TA_STEPS_NEAR_H
#define TICKHOUSE_UDF_TA_STEPS_NEAR_H

#include "steps/series.h"

enum {
    NEAR_MOST = 40, // the longest such window; beyond it the levels of moments.c are quicker
    NEAR_BATCH = 4  // vectors of results that are formed together
};

struct near {
    v4 newest[NEAR_BATCH], mean[NEAR_BATCH], variance[NEAR_BATCH]; // mean: less the newest value
};

// The windows of n values that end at x, x + 1 …: `batch` vectors of `lanes` of them.
TA_INLINE struct near near_moments(const double *x, size_t n, double scale, size_t batch,
                                   size_t lanes)
{
    struct near near = {0};
    v4 first[NEAR_BATCH] = {0}, second[NEAR_BATCH] = {0};
    for (size_t k = 0; k < batch; k++)
        near.newest[k] = v4_load_part(x + k * LANES, lanes);
    for (size_t back = 1; back < n; back++)
        for (size_t k = 0; k < batch; k++) {
            const v4 apart = v4_load_part(x - back + k * LANES, lanes) - near.newest[k];
            first[k] += apart;
            second[k] = v4_fma(apart, apart, second[k]);
        }
    const v4 share = v4_splat(1 / (double)n), factor = v4_splat(scale);
    for (size_t k = 0; k < batch; k++) {
        near.mean[k] = first[k] * share;
        near.variance[k] = v4_fma(-near.mean[k], first[k], second[k]) * factor;
    }
    return near;
}

#endif
