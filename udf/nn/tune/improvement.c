// SPDX-License-Identifier: Apache-2.0
// The expectation is deviation x h(z) with h(z) = phi(z) + z Phi(z), z = (best - mean) / deviation.
// Far below 0 both terms of h cancel, so there it is computed from the continued fraction of Mills'
// ratio: with x = -z, Phi(z) / phi(z) = 1 / (x + K), K = 1 / (x + 2 / (x + 3 / ...)), which gives
// h(z) = phi(z) K / (x + K) and Phi(z) / h(z) = 1 / K, sums of positive numbers only.
#include "tune/improvement.h"

#include <math.h>

#define LOG_SQRT_2PI 0.918938533204672741780329736406

// Exact to the last bits from x = 3 on with as many terms.
enum { TERMS = 48 };
#define FAR (-3.0)

static double tail_fraction(double x)
{
    double t = x;
    for (int k = TERMS; k >= 2; k--)
        t = x + k / t;
    return 1 / t;
}

// log h(z); *ratio is h'(z) / h(z).
static double log_h(double z, double *ratio)
{
    if (z < FAR) {
        const double k = tail_fraction(-z);
        *ratio = 1 / k;
        return -z * z / 2 - LOG_SQRT_2PI + log(k / (k - z));
    }
    const double cumulative = erfc(-z / M_SQRT2) / 2;
    const double h = exp(-z * z / 2 - LOG_SQRT_2PI) + z * cumulative;
    *ratio = cumulative / h;
    return log(h);
}

double log_improvement(double best, double mean, double deviation, double *by_mean,
                       double *by_deviation)
{
    double ratio;
    const double z = (best - mean) / deviation, value = log(deviation) + log_h(z, &ratio);
    *by_mean = -ratio / deviation;
    *by_deviation = (1 - ratio * z) / deviation;
    return value;
}
