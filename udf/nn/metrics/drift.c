// SPDX-License-Identifier: Apache-2.0
// Population stability: whether values still lie where they lay before.
#include "metrics/metrics.h"

#include <math.h>
#include <stdlib.h>

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void metric_edges(const double *values, size_t n, size_t bins, double *edges, double *scratch)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            scratch[count++] = values[i];
    qsort(scratch, count, sizeof *scratch, compare_doubles);
    for (size_t b = 1; b < bins; b++) {
        const double place = count == 0 ? 0 : (double)(count - 1) * (double)b / (double)bins;
        const size_t below = (size_t)place, above = below + 1 < count ? below + 1 : below;
        edges[b - 1] = count == 0 ? NAN
                                  : scratch[below] +
                                        (place - (double)below) * (scratch[above] - scratch[below]);
    }
}

// How many edges are below x.
static size_t bin_of(double x, const double *edges, size_t bins)
{
    size_t from = 0, to = bins - 1;
    while (from < to) {
        const size_t middle = (from + to) / 2;
        if (edges[middle] < x)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

void metric_shares(const double *values, size_t n, const double *edges, size_t bins, double *shares)
{
    size_t count = 0;
    for (size_t b = 0; b < bins; b++)
        shares[b] = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i])) {
            shares[bin_of(values[i], edges, bins)]++;
            count++;
        }
    for (size_t b = 0; b < bins; b++)
        shares[b] = count != 0 ? shares[b] / (double)count : NAN;
}

double metric_psi_of_shares(const double *expected, const double *actual, size_t bins)
{
    double psi = 0;
    for (size_t b = 0; b < bins; b++) {
        if (isnan(expected[b]) || isnan(actual[b]))
            return NAN;
        const double e = fmax(expected[b], METRIC_SHARE_FLOOR);
        const double a = fmax(actual[b], METRIC_SHARE_FLOOR);
        psi += (a - e) * log(a / e);
    }
    return psi;
}

double metric_psi(const double *expected, size_t expected_n, const double *actual, size_t actual_n,
                  size_t bins, double *scratch)
{
    double *edges = scratch, *before = edges + bins, *now = before + bins, *sorted = now + bins;
    metric_edges(expected, expected_n, bins, edges, sorted);
    metric_shares(expected, expected_n, edges, bins, before);
    metric_shares(actual, actual_n, edges, bins, now);
    return metric_psi_of_shares(before, now, bins);
}
