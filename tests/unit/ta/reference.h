// SPDX-License-Identifier: Apache-2.0
// The slow and obvious twin of every kernel: straight from the formula, in long double, on clean
// input.
#ifndef TICKHOUSE_TESTS_UNIT_TA_REFERENCE_H
#define TICKHOUSE_TESTS_UNIT_TA_REFERENCE_H

#include "ta/ta.h"

typedef void reference(const double *const *in, size_t size, const double *param,
                       double *const *out);

// The twin of the function of that name; NULL when ta.def has none.
reference *reference_of(const char *name);

#endif
