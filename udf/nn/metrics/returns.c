// SPDX-License-Identifier: Apache-2.0
// What a row of returns is worth, and how much of it is luck: Bailey and Lopez de Prado, "The
// deflated Sharpe ratio: correcting for selection bias, backtest overfitting, and non-normality",
// Journal of Portfolio Management 40(5), 2014.
#include "metrics/metrics.h"

#include <math.h>
#include <stdbool.h>

static const double euler_gamma = 0.57721566490153286;

struct metric_moments metric_moments(const double *returns, size_t n)
{
    struct metric_moments m = {0, NAN, NAN, NAN, NAN};
    double sum = 0, m2 = 0, m3 = 0, m4 = 0, first = NAN;
    bool varies = false;
    for (size_t i = 0; i < n; i++)
        if (isfinite(returns[i])) {
            first = isnan(first) ? returns[i] : first;
            varies |= returns[i] != first;
            sum += returns[i];
            m.n++;
        }
    if (m.n == 0)
        return m;
    const double count = (double)m.n;
    m.mean = varies ? sum / count : first;
    for (size_t i = 0; i < n; i++)
        if (isfinite(returns[i])) {
            const double d = returns[i] - m.mean;
            m2 += d * d;
            m3 += d * d * d;
            m4 += d * d * d * d;
        }
    m.deviation = m.n > 1 ? sqrt(m2 / (count - 1)) : NAN;
    m.skew = varies ? m3 / count / pow(m2 / count, 1.5) : NAN;
    m.kurtosis = varies ? m4 / count / (m2 / count * (m2 / count)) : NAN;
    return m;
}

double metric_sharpe(const double *returns, size_t n, double periods_per_year)
{
    const struct metric_moments m = metric_moments(returns, n);
    return m.deviation > 0 ? m.mean / m.deviation * sqrt(periods_per_year) : NAN;
}

static double normal_upper(double x)
{
    return erfc(x * M_SQRT1_2) / 2;
}

// x with normal_upper(x) = q, 0 < q < 1. The rational start of Abramowitz and Stegun 26.2.23 is off
// by at most 4.5e-4, and a step of Halley cubes that.
static double normal_upper_quantile(double q)
{
    if (q > 0.5)
        return -normal_upper_quantile(1 - q);
    const double t = sqrt(-2 * log(q));
    double x = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    for (int step = 0; step < 2; step++) {
        const double density = exp(-x * x / 2) / sqrt(2 * M_PI);
        const double newton = (normal_upper(x) - q) / density;
        x += newton / (1 - x * newton / 2);
    }
    return x;
}

double metric_expected_max_sharpe(double trials, double variance_of_trials)
{
    if (trials <= 1)
        return trials == 1 ? 0 : NAN;
    return sqrt(variance_of_trials) * ((1 - euler_gamma) * normal_upper_quantile(1 / trials) +
                                       euler_gamma * normal_upper_quantile(1 / (trials * M_E)));
}

double metric_deflated_sharpe(double sharpe, size_t n, double skew, double kurtosis, double trials,
                              double variance_of_trials)
{
    const double spread = 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe;
    if (n < 2)
        return NAN;
    const double variance = isnan(variance_of_trials) ? 1 / (double)(n - 1) : variance_of_trials;
    const double luck = metric_expected_max_sharpe(trials, variance);
    return normal_upper(-(sharpe - luck) * sqrt((double)(n - 1)) / sqrt(spread));
}
