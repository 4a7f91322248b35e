// SPDX-License-Identifier: Apache-2.0
// How unusual each value of a series is, given those before it: a score in standard deviations.
//
// x, score: `size` values each. No score reads a later value. A value that is not finite has the
// score NaN and is left out of every other. A distance within 2^-48 of the value counts as none
// (docs/numerics.md); where the past did not move at all, the score is 0, or infinite with the sign
// of the step.
#ifndef TICKHOUSE_UDF_TA_ANOMALY_H
#define TICKHOUSE_UDF_TA_ANOMALY_H

#include <stddef.h>

#define ANOMALY_SCRATCH(size) (2 * (size)) // doubles
typedef void anomaly_method(const double *x, size_t size, size_t n, double *score, double *scratch);

// Against the median of the n values before, in units of 1.4826 times the median distance from it.
anomaly_method anomaly_robust;

// Against the exponentially weighted mean of the values before, in units of the deviation weighted
// alike: a = 2 / (n + 1), both begun with the first n values.
anomaly_method anomaly_ewma;

// The residual against the median of the same place in the ANOMALY_SEASONS seasons of n values
// before, by anomaly_robust's measure against the residuals of the season before.
enum { ANOMALY_SEASONS = 3 };
anomaly_method anomaly_seasonal;

#endif
