// SPDX-License-Identifier: Apache-2.0
// ta_anomaly(x, n, method): udf/ta/anomaly/ over the arrays of a block. The method is a word, which
// ta.def's numbers cannot be.
#include "anomaly/anomaly.h"
#include "family.h"
#include "plan.h"

#include <string.h>

static const struct method {
    const char *name;
    anomaly_method *run;
} methods[] = {{"robust", anomaly_robust}, {"ewma", anomaly_ewma}, {"seasonal", anomaly_seasonal}};

enum { ANOMALY_MIN_PERIOD = 3 };

// NULL, with `err` set, for a word that is none of them.
static anomaly_method *find_method(const struct native_column *names, size_t row, struct err *err)
{
    const uint64_t start = native_start(names->ends, row);
    const char *name = names->bytes + start;
    const size_t length = names->ends[row] - start;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strlen(methods[i].name) == length && memcmp(methods[i].name, name, length) == 0)
            return methods[i].run;
    (void)err_set(err, EX_DATAERR,
                  "argument 'method' is '%.*s'; it must be 'robust', 'ewma' or 'seasonal'",
                  (int)(length < 32 ? length : 32), name);
    return NULL;
}

static int check_period(int64_t n, struct err *err)
{
    if (n >= ANOMALY_MIN_PERIOD && n <= TA_MAX_PERIOD)
        return 0;
    return err_set(err, EX_DATAERR, "argument 'n' is %lld; it must be a whole number from %d to %d",
                   (long long)n, ANOMALY_MIN_PERIOD, TA_MAX_PERIOD);
}

static int run(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    const struct native_column *x = call->arguments[0];
    const int64_t *n = call->arguments[1]->values;
    const size_t total = call->rows == 0 ? 0 : x->ends[call->rows - 1];
    double *scores = arena_alloc(call->arena, total, sizeof *scores, err);
    (void)function;
    if (scores == NULL)
        return err_code(err, EX_OSERR);
    call->result->ends = x->ends;
    call->result->children[0].rows = total;
    call->result->children[0].values = scores;
    for (size_t row = 0; row < call->rows; row++) {
        const size_t start = native_start(x->ends, row), size = x->ends[row] - start;
        const size_t mark = arena_mark(call->arena);
        TRY(check_period(n[row], err));
        anomaly_method *method = find_method(call->arguments[2], row, err);
        double *scratch = arena_alloc(call->arena, ANOMALY_SCRATCH(size), sizeof *scratch, err);
        if (method == NULL || scratch == NULL)
            return err_code(err, EX_OSERR);
        method((const double *)x->children[0].values + start, size, (size_t)n[row], scores + start,
               scratch);
        arena_rewind(call->arena, mark);
    }
    return 0;
}

const struct udf_function ta_anomaly_function = {
    .name = "ta_anomaly",
    .arguments = {{"x", "Array(Float64)"}, {"n", "Int64"}, {"method", "String"}},
    .argument_count = 3,
    .return_type = "Array(Float64)",
    .run = run,
    .summary = "How unusual each value is beside those before it, in standard deviations",
    .details =
        "| `method` | score | warm-up |\n| --- | --- | --- |\n"
        "| `'robust'` | (x - m) / (1.4826 d), m the median of the n values before and d the median "
        "of their distances from it | n |\n"
        "| `'ewma'` | (x - m) / s, m and s the exponentially weighted mean and deviation of the "
        "values before, a = 2 / (n + 1): m += a (x - m), s^2 = (1 - a) (s^2 + a (x - m)^2), begun "
        "with mean and variance of the first n | n |\n"
        "| `'seasonal'` | the residual r, x less the median of the same place in the 3 seasons of "
        "n values before, scored by `'robust'` among the n residuals before | 4 n |\n\n"
        "`n` is a whole number from 3. The first scores, which have not enough before them, are "
        "NaN. No score reads a later value. "
        "A value that is not finite has the score NaN and is left out of the others; of a season's "
        "residuals at least half must be known. Where more than half of the values before are "
        "equal, d is 0 and 1.2533 times the mean distance takes the place of 1.4826 d. Where none "
        "moved, the score is 0 for the same value and infinite, with the step's sign, for another; "
        "a distance within 2^-48 of the value counts as none. A score beyond 3.5 is what Iglewicz "
        "and Hoaglin (1993) call an outlier.\n\n"
        "```sql\n"
        "SELECT ticker, arrayZip(arraySort(groupArray(date)), ta_anomaly(arraySort((value, day) -> "
        "day, groupArray(volume), groupArray(date)), 20, 'robust')) AS scores\n"
        "FROM warehouse.stock_daily FINAL GROUP BY ticker;\n"
        "```\n\n"
        "`warehouse.anomalies` has those of price, volume and sentiment "
        "([models-watching.md](models-watching.md)). "
        "Source: Iglewicz and Hoaglin 1993, robust z; Finch 2009, EWMA."};
