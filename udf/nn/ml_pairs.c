// SPDX-License-Identifier: Apache-2.0
// ml_mse and its like: a number for each row's predictions against what came true.
#include "metrics/metrics.h"
#include "ml.h"

typedef double pair_metric(const double *truth, const double *predicted, size_t n);

static int judge(const struct udf_function *function, struct udf_call *call, pair_metric *metric,
                 struct err *err)
{
    TRY(ml_check_pairs(function, call, err));
    double *result = ml_result(call, err);
    if (result == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const struct ml_numbers truth = ml_numbers_of(call->arguments[0], row);
        const struct ml_numbers predicted = ml_numbers_of(call->arguments[1], row);
        result[row] = metric(truth.values, predicted.values, truth.size);
    }
    return 0;
}

#define PAIR_FUNCTION(name)                                                                        \
    int ml_##name(const struct udf_function *function, struct udf_call *call, struct err *err)     \
    {                                                                                              \
        return judge(function, call, metric_##name, err);                                          \
    }

PAIR_FUNCTION(mse)
PAIR_FUNCTION(rmse)
PAIR_FUNCTION(mae)
PAIR_FUNCTION(r2)
PAIR_FUNCTION(direction)
PAIR_FUNCTION(ic)

int ml_rank_ic(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    TRY(ml_check_pairs(function, call, err));
    double *result = ml_result(call, err);
    double *scratch = arena_alloc(call->arena, METRIC_RANK_SCRATCH(ml_longest(call->arguments[0])),
                                  sizeof *scratch, err);
    if (result == NULL || scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const struct ml_numbers truth = ml_numbers_of(call->arguments[0], row);
        const struct ml_numbers predicted = ml_numbers_of(call->arguments[1], row);
        result[row] = metric_rank_ic(truth.values, predicted.values, truth.size, scratch);
    }
    return 0;
}
