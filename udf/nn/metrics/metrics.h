// SPDX-License-Identifier: Apache-2.0
// What predictions are judged by, and how far data have moved from those that a model was trained
// on. Pure functions on arrays.
//
// A pair of which one is not finite is left out, as is a return that is not finite. Too few, or
// nothing to divide by, gives NaN: each function says when.
#ifndef TICKHOUSE_NN_METRICS_H
#define TICKHOUSE_NN_METRICS_H

#include <stddef.h>
#include <stdint.h>

// Of one pair or more.
double metric_mse(const double *truth, const double *predicted, size_t n);
double metric_rmse(const double *truth, const double *predicted, size_t n);
double metric_mae(const double *truth, const double *predicted, size_t n);

// 1 - sum of (truth - predicted)^2 / sum of (truth - its mean)^2. NaN where truth does not vary.
double metric_r2(const double *truth, const double *predicted, size_t n);

// The share of predictions with the sign of the truth, of pairs whose truth is not 0. A prediction
// of 0 has no sign and is wrong.
double metric_direction(const double *truth, const double *predicted, size_t n);

// Information coefficient: Pearson's correlation of three pairs or more (two always give 1 or -1).
// NaN where either side does not vary.
double metric_ic(const double *truth, const double *predicted, size_t n);

// Rank IC: Spearman's, the IC of ranks, equal values sharing the mean of theirs.
#define METRIC_RANK_SCRATCH(n) (4 * (n)) // doubles
double metric_rank_ic(const double *truth, const double *predicted, size_t n, double *scratch);

// Of returns of one period each. Deviation is that of a sample (n - 1); skew and kurtosis are those
// of the population, m3 / m2^1.5 and m4 / m2^2 (3 for a normal distribution).
struct metric_moments {
    size_t n; // finite ones
    double mean, deviation, skew, kurtosis;
};
struct metric_moments metric_moments(const double *returns, size_t n);

// mean / deviation x sqrt(periods_per_year), of two returns or more that vary. The ratio of a row
// of ICs, with 1 period, is the ICIR.
double metric_sharpe(const double *returns, size_t n, double periods_per_year);

// The Sharpe ratio that the best of `trials` without any skill is expected to have, where the
// ratios of trials vary by `variance_of_trials` (Bailey and Lopez de Prado 2014, eq. 1). 0 for one
// trial.
double metric_expected_max_sharpe(double trials, double variance_of_trials);

// The probability that a strategy is better than the best of `trials` without skill (the same,
// eq. 2). All ratios are per period, not annualised; n is the number of returns. Of one trial it is
// the probabilistic Sharpe ratio. A variance of NaN, not known, counts as 1 / (n - 1), by which the
// ratios of trials without skill vary. NaN below two returns.
double metric_deflated_sharpe(double sharpe, size_t n, double skew, double kurtosis, double trials,
                              double variance_of_trials);

// Population stability index of `actual` against `expected`: sum over bins of (a - e) ln(a / e), a
// and e the shares of both in a bin, those below METRIC_SHARE_FLOOR raised to it. Below 0.1 nothing
// moved, above 0.25 much did. NaN where either has no finite value.
#define METRIC_SHARE_FLOOR 1e-4
enum { METRIC_MAX_BINS = 1000 };
#define METRIC_PSI_SCRATCH(n, bins) ((n) + 3 * (bins)) // doubles; n of `expected`
double metric_psi(const double *expected, size_t expected_n, const double *actual, size_t actual_n,
                  size_t bins, double *scratch);

// The bins - 1 edges between equally frequent bins of the finite values, which are the quantiles
// i / bins with linear interpolation; NaN where there is no value. Equal values may make edges
// equal, and the bins between them empty. scratch: n doubles.
void metric_edges(const double *values, size_t n, size_t bins, double *edges, double *scratch);

// The share of finite values in each bin: bin b has those above edges[b - 1] up to and including
// edges[b]. All are NaN where there is no value.
void metric_shares(const double *values, size_t n, const double *edges, size_t bins,
                   double *shares);
double metric_psi_of_shares(const double *expected, const double *actual, size_t bins);

// One class against all others; classes are numbers of any kind.
struct metric_hits {
    size_t true_positive, false_positive, false_negative;
};
struct metric_hits metric_hits(const uint32_t *truth, const uint32_t *predicted, size_t n,
                               uint32_t class_number);

// NaN where the class was never predicted (precision), never true (recall), neither (f1).
double metric_precision(struct metric_hits hits);
double metric_recall(struct metric_hits hits);
double metric_f1(struct metric_hits hits);

#endif
