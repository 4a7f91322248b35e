// SPDX-License-Identifier: Apache-2.0
// Predictions against what came true, pair by pair.
#include "metrics/metrics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static inline bool is_pair(const double *truth, const double *predicted, size_t i)
{
    return isfinite(truth[i]) && isfinite(predicted[i]);
}

// The mean of the pairs' truth; 0 for none. *count: how many there are.
static double mean_truth(const double *truth, const double *predicted, size_t n, size_t *count)
{
    double sum = 0;
    *count = 0;
    for (size_t i = 0; i < n; i++)
        if (is_pair(truth, predicted, i)) {
            sum += truth[i];
            ++*count;
        }
    return *count != 0 ? sum / (double)*count : 0;
}

double metric_mse(const double *truth, const double *predicted, size_t n)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (is_pair(truth, predicted, i)) {
            sum += (truth[i] - predicted[i]) * (truth[i] - predicted[i]);
            count++;
        }
    return count != 0 ? sum / (double)count : NAN;
}

double metric_rmse(const double *truth, const double *predicted, size_t n)
{
    return sqrt(metric_mse(truth, predicted, n));
}

double metric_mae(const double *truth, const double *predicted, size_t n)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (is_pair(truth, predicted, i)) {
            sum += fabs(truth[i] - predicted[i]);
            count++;
        }
    return count != 0 ? sum / (double)count : NAN;
}

double metric_r2(const double *truth, const double *predicted, size_t n)
{
    size_t count;
    const double mean = mean_truth(truth, predicted, n, &count);
    double residual = 0, total = 0, first = NAN;
    bool varies = false;
    for (size_t i = 0; i < n; i++)
        if (is_pair(truth, predicted, i)) {
            first = isnan(first) ? truth[i] : first;
            varies |= truth[i] != first;
            residual += (truth[i] - predicted[i]) * (truth[i] - predicted[i]);
            total += (truth[i] - mean) * (truth[i] - mean);
        }
    return varies ? 1 - residual / total : NAN;
}

double metric_direction(const double *truth, const double *predicted, size_t n)
{
    size_t right = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        if (is_pair(truth, predicted, i) && truth[i] != 0) {
            right += truth[i] > 0 ? predicted[i] > 0 : predicted[i] < 0;
            count++;
        }
    return count != 0 ? (double)right / (double)count : NAN;
}

// Is a value of the pairs unlike another? The mean's rounding must not make a flat side vary.
static bool varies(const double *x, const double *truth, const double *predicted, size_t n)
{
    double first = NAN;
    for (size_t i = 0; i < n; i++)
        if (is_pair(truth, predicted, i)) {
            if (isnan(first))
                first = x[i];
            else if (x[i] != first)
                return true;
        }
    return false;
}

double metric_ic(const double *truth, const double *predicted, size_t n)
{
    size_t count;
    const double x = mean_truth(truth, predicted, n, &count);
    const double y = mean_truth(predicted, truth, n, &count);
    double xx = 0, xy = 0, yy = 0;
    if (count < 3 || !varies(truth, truth, predicted, n) || !varies(predicted, truth, predicted, n))
        return NAN;
    for (size_t i = 0; i < n; i++)
        if (is_pair(truth, predicted, i)) {
            xx += (truth[i] - x) * (truth[i] - x);
            xy += (truth[i] - x) * (predicted[i] - y);
            yy += (predicted[i] - y) * (predicted[i] - y);
        }
    return fmax(-1, fmin(1, xy / (sqrt(xx) * sqrt(yy))));
}

struct place {
    double value;
    size_t index;
};
_Static_assert(sizeof(struct place) == 2 * sizeof(double), "METRIC_RANK_SCRATCH counts two");

static int compare_places(const void *a, const void *b)
{
    const double x = ((const struct place *)a)->value, y = ((const struct place *)b)->value;
    return (x > y) - (x < y);
}

// ranks[i] of x[i], from 1; x may be the same array.
static void rank_values(const double *x, size_t n, struct place *places, double *ranks)
{
    for (size_t i = 0; i < n; i++)
        places[i] = (struct place){x[i], i};
    qsort(places, n, sizeof *places, compare_places);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && places[to].value == places[from].value;)
            to++;
        for (size_t i = from; i < to; i++)
            ranks[places[i].index] = (double)(from + 1 + to) / 2;
    }
}

double metric_rank_ic(const double *truth, const double *predicted, size_t n, double *scratch)
{
    double *x = scratch, *y = x + n;
    struct place *places = (struct place *)(y + n);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (is_pair(truth, predicted, i)) {
            x[count] = truth[i];
            y[count++] = predicted[i];
        }
    rank_values(x, count, places, x);
    rank_values(y, count, places, y);
    return metric_ic(x, y, count);
}
