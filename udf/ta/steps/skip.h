// SPDX-License-Identifier: Apache-2.0
// What a recurrence does with values that are not finite: it leaves the bar out, and its outputs
// hold.
#ifndef TICKHOUSE_UDF_TA_STEPS_SKIP_H
#define TICKHOUSE_UDF_TA_STEPS_SKIP_H

#include "ta.h"

// A kernel that is right for finite input, and says false when it met anything else: its state
// would stay NaN or infinite from there to the end, so one look at the end is enough and clean
// input costs nothing.
typedef bool ta_recursion(const double *const *in, size_t size, const double *param,
                          double *const *out, double *scratch);

// Runs it; when it says false, runs it again over the bars whose `inputs` values are all finite,
// and spreads the results: a bar left out repeats the result before it, or NaN where there is none.
// The recursion may use 8 - inputs times `size` doubles of scratch.
#define run_skipping TA_NAME(run_skipping)
void run_skipping(ta_recursion *recursion, size_t inputs, size_t outputs, const double *const *in,
                  size_t size, const double *param, double *const *out, double *scratch);

#endif
