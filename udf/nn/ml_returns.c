// SPDX-License-Identifier: Apache-2.0
// ml_sharpe and ml_deflated_sharpe: what a row's returns are worth.
#include "metrics/metrics.h"
#include "ml.h"

#include <math.h>

int ml_sharpe(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const double *periods = call->arguments[1]->values;
    double *result = ml_result(call, err);
    if (result == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const struct ml_numbers returns = ml_numbers_of(call->arguments[0], row);
        if (!(periods[row] > 0 && isfinite(periods[row])))
            return err_set(err, EX_DATAERR,
                           "argument 'periods' is %g; it must be how many returns a year has, 252 "
                           "of daily ones, or 1 for a ratio that is not annualised",
                           periods[row]);
        result[row] = metric_sharpe(returns.values, returns.size, periods[row]);
    }
    return 0;
}

int ml_deflated_sharpe(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    (void)function;
    const int64_t *trials = call->arguments[1]->values;
    const double *variance = call->arguments[2]->values;
    double *result = ml_result(call, err);
    if (result == NULL)
        return err_code(err, EX_OSERR);
    for (size_t row = 0; row < call->rows; row++) {
        const struct ml_numbers returns = ml_numbers_of(call->arguments[0], row);
        const struct metric_moments m = metric_moments(returns.values, returns.size);
        if (trials[row] < 1)
            return err_set(err, EX_DATAERR,
                           "argument 'trials' is %lld; it must be how many strategies were tried, "
                           "at least 1",
                           (long long)trials[row]);
        if (variance[row] < 0)
            return err_set(err, EX_DATAERR,
                           "argument 'variance' is %g; it must be the variance of the trials' "
                           "Sharpe ratios per period, or nan where it is not known",
                           variance[row]);
        result[row] = metric_deflated_sharpe(m.mean / m.deviation, m.n, m.skew, m.kurtosis,
                                             (double)trials[row], variance[row]);
    }
    return 0;
}
