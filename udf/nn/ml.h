// SPDX-License-Identifier: Apache-2.0
// What the ml_ functions share: arrays of a block's rows.
#ifndef TICKHOUSE_NN_ML_H
#define TICKHOUSE_NN_ML_H

#include "nn.h"

// The numbers of an Array(Float64) column's row.
struct ml_numbers {
    const double *values;
    size_t size;
};
struct ml_numbers ml_numbers_of(const struct native_column *column, size_t row);

// The first two arguments' arrays have the same length in every row; the error names the row.
int ml_check_pairs(const struct udf_function *function, const struct udf_call *call,
                   struct err *err);

// The longest array of a column.
size_t ml_longest(const struct native_column *column);

// Room for the call's Float64 result; NULL with `err` set where there is none.
double *ml_result(struct udf_call *call, struct err *err);

#endif
