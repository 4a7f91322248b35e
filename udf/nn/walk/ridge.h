// SPDX-License-Identifier: Apache-2.0
// Linear regression with a penalty on the squares of its weights, from the sums that its rows
// leave.
#ifndef TICKHOUSE_NN_RIDGE_H
#define TICKHOUSE_NN_RIDGE_H

#include <stdbool.h>
#include <stddef.h>

// Weights w with (gram + lambda I) w = moment. gram: (width, width), symmetric, of which the lower
// triangle is read; scratch: width x width. By Cholesky; false where the sum is not positive
// definite, which a lambda above 0 prevents but for values that are not finite.
bool ridge_solve(const double *gram, const double *moment, size_t width, double lambda,
                 double *scratch, double *weights);

#endif
