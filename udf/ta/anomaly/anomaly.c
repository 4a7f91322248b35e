// SPDX-License-Identifier: Apache-2.0
// The three ways to score. Robust and EWMA look at the finite values only, as if the others were
// not there; a season has its places whatever stands in them.
#include "anomaly/anomaly.h"
#include "anomaly/sorted.h"

#include <math.h>

static double score_of(double distance, double x, double spread)
{
    return fabs(distance) <= 0x1p-48 * fabs(x) ? 0 : distance / spread;
}

static size_t keep_finite(const double *x, size_t size, double *kept)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        if (isfinite(x[i]))
            kept[count++] = x[i];
    return count;
}

// Puts the scores of the finite values at their places. From the end: no score moves forward past
// one that is still to be moved.
static void spread_scores(const double *x, size_t size, size_t kept, double *score)
{
    for (size_t i = size; i-- > 0;)
        score[i] = isfinite(x[i]) ? score[--kept] : NAN;
}

void anomaly_robust(const double *x, size_t size, size_t n, double *score, double *scratch)
{
    double *finite = scratch;
    struct sorted window = {scratch + size, 0};
    const size_t kept = keep_finite(x, size, finite);
    for (size_t i = 0; i < kept; i++) {
        score[i] = NAN;
        if (window.count == n) {
            const double median = sorted_median(&window);
            score[i] = score_of(finite[i] - median, finite[i], sorted_spread(&window, median));
            sorted_remove(&window, finite[i - n]);
        }
        if (n <= kept)
            sorted_insert(&window, finite[i]);
    }
    spread_scores(x, size, kept, score);
}

// The mean and the variance of n values, by their distances from the first: exact for flat ones.
static void first_moments(const double *x, size_t n, double *mean, double *variance)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] - x[0];
    *mean = x[0] + sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - *mean) * (x[i] - *mean);
    *variance = squares / (double)n;
}

void anomaly_ewma(const double *x, size_t size, size_t n, double *score, double *scratch)
{
    double *finite = scratch;
    const size_t kept = keep_finite(x, size, finite);
    const double a = 2 / ((double)n + 1);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n && i < kept; i++)
        score[i] = NAN;
    if (n < kept)
        first_moments(finite, n, &mean, &variance);
    for (size_t i = n; i < kept; i++) {
        const double distance = finite[i] - mean;
        score[i] = score_of(distance, finite[i], sqrt(variance));
        mean += a * distance;
        variance = (1 - a) * (variance + a * distance * distance);
    }
    spread_scores(x, size, kept, score);
}

// x[i] less the median of its place in the seasons before; NaN where none of them is finite.
static double residual(const double *x, size_t i, size_t n)
{
    double values[ANOMALY_SEASONS];
    struct sorted places = {values, 0};
    for (size_t season = 1; season <= ANOMALY_SEASONS; season++)
        if (isfinite(x[i - season * n]))
            sorted_insert(&places, x[i - season * n]);
    return places.count != 0 ? x[i] - sorted_median(&places) : NAN;
}

// A residual among those of a season, where at least half of these are known.
static double residual_score(const struct sorted *season, size_t n, double r, double x)
{
    if (!isfinite(r) || 2 * season->count < n)
        return NAN;
    const double median = sorted_median(season);
    return score_of(r - median, x, sorted_spread(season, median));
}

void anomaly_seasonal(const double *x, size_t size, size_t n, double *score, double *scratch)
{
    double *residuals = scratch;
    struct sorted season = {scratch + size, 0};
    const size_t first = size / n < ANOMALY_SEASONS ? size : ANOMALY_SEASONS * n;
    for (size_t i = 0; i < first; i++)
        score[i] = NAN;
    for (size_t i = first; i < size; i++) {
        residuals[i] = residual(x, i, n);
        score[i] = i < first + n ? (double)NAN : residual_score(&season, n, residuals[i], x[i]);
        if (i >= first + n && isfinite(residuals[i - n]))
            sorted_remove(&season, residuals[i - n]);
        if (isfinite(residuals[i]))
            sorted_insert(&season, residuals[i]);
    }
}
