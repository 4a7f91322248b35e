// SPDX-License-Identifier: Apache-2.0
#include "ml.h"

struct ml_numbers ml_numbers_of(const struct native_column *column, size_t row)
{
    const uint64_t start = native_start(column->ends, row);
    return (struct ml_numbers){(const double *)column->children[0].values + start,
                               column->ends[row] - start};
}

int ml_check_pairs(const struct udf_function *function, const struct udf_call *call,
                   struct err *err)
{
    const uint64_t *first = call->arguments[0]->ends, *second = call->arguments[1]->ends;
    for (size_t row = 0; row < call->rows; row++)
        if (first[row] != second[row])
            return err_set(err, EX_DATAERR,
                           "row %zu: '%s' has %llu values, '%s' has %llu; they are judged in "
                           "pairs and must be equally many",
                           row + 1, function->arguments[0].name,
                           (unsigned long long)(first[row] - native_start(first, row)),
                           function->arguments[1].name,
                           (unsigned long long)(second[row] - native_start(second, row)));
    return 0;
}

size_t ml_longest(const struct native_column *column)
{
    size_t longest = 0;
    for (size_t row = 0; row < column->rows; row++) {
        const size_t size = column->ends[row] - native_start(column->ends, row);
        longest = size > longest ? size : longest;
    }
    return longest;
}

double *ml_result(struct udf_call *call, struct err *err)
{
    if (native_column_new(call->arena, call->result->type, call->rows, call->result, err) != 0)
        return NULL;
    return call->result->values;
}
