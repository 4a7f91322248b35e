// SPDX-License-Identifier: Apache-2.0
// ml_psi and ml_psi_bins: how far values have moved.
#include "metrics/metrics.h"
#include "ml.h"

#include <math.h>

int ml_psi(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const int64_t *bins = call->arguments[2]->values;
    double *result = ml_result(call, err);
    double *scratch = arena_alloc(
        call->arena, METRIC_PSI_SCRATCH(ml_longest(call->arguments[0]), (size_t)METRIC_MAX_BINS),
        sizeof *scratch, err);
    if (result == NULL || scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const struct ml_numbers expected = ml_numbers_of(call->arguments[0], row);
        const struct ml_numbers actual = ml_numbers_of(call->arguments[1], row);
        if (bins[row] < 2 || bins[row] > METRIC_MAX_BINS)
            return err_set(err, EX_DATAERR,
                           "argument 'bins' is %lld; it must be from 2 to %d, and 10 is usual",
                           (long long)bins[row], METRIC_MAX_BINS);
        result[row] = metric_psi(expected.values, expected.size, actual.values, actual.size,
                                 (size_t)bins[row], scratch);
    }
    return 0;
}

// What the row's bins were: shares one more than edges, or neither; edges ascending, shares not
// below 0.
static int check_bins(struct ml_numbers edges, struct ml_numbers shares, size_t row,
                      struct err *err)
{
    if (shares.size != (edges.size == 0 ? 0 : edges.size + 1) || shares.size > METRIC_MAX_BINS)
        return err_set(err, EX_DATAERR,
                       "row %zu: %zu edges and %zu shares; there must be one share more than "
                       "edges, at most %d, or none of both",
                       row + 1, edges.size, shares.size, METRIC_MAX_BINS);
    for (size_t e = 0; e < edges.size; e++)
        if (!(edges.values[e] >= edges.values[e == 0 ? 0 : e - 1]))
            return err_set(err, EX_DATAERR,
                           "row %zu: edge %zu is %g; edges ascend, so sort them and their shares",
                           row + 1, e + 1, edges.values[e]);
    for (size_t s = 0; s < shares.size; s++)
        if (!(shares.values[s] >= 0))
            return err_set(err, EX_DATAERR, "row %zu: share %zu is %g; a share is 0 or more",
                           row + 1, s + 1, shares.values[s]);
    return 0;
}

int ml_psi_bins(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    double now[METRIC_MAX_BINS];
    double *result = ml_result(call, err);
    if (result == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const struct ml_numbers edges = ml_numbers_of(call->arguments[0], row);
        const struct ml_numbers shares = ml_numbers_of(call->arguments[1], row);
        const struct ml_numbers actual = ml_numbers_of(call->arguments[2], row);
        TRY(check_bins(edges, shares, row, err));
        result[row] = NAN;
        if (shares.size == 0)
            continue;
        metric_shares(actual.values, actual.size, edges.values, shares.size, now);
        result[row] = metric_psi_of_shares(shares.values, now, shares.size);
    }
    return 0;
}
