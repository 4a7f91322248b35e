// SPDX-License-Identifier: Apache-2.0
// The minimum of a smooth function in a box: L-BFGS along the projected path (Nocedal and Wright,
// 7.2 and 16.7), for a few dozen variables.
#ifndef TICKHOUSE_NN_MINIMIZE_H
#define TICKHOUSE_NN_MINIMIZE_H

#include <stddef.h>

enum { MINIMIZE_MAX_VARIABLES = 32 };

// The value at x, and its gradient. A value that is not finite is stepped back from.
typedef double minimize_function(void *user, const double *x, double *gradient);

struct minimize_problem {
    minimize_function *function;
    void *user;
    size_t variables; // at most MINIMIZE_MAX_VARIABLES
    const double *low, *high;
    size_t iterations; // at most
    double tolerance;  // ends where the projected gradient is below it in every direction
};

// Moves x, which lies in the box, to a local minimum and returns the value there: never above where
// it began.
double minimize(const struct minimize_problem *problem, double *x);

#endif
