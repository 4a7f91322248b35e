// SPDX-License-Identifier: Apache-2.0
// Functions that searches are measured on, with known minima (Surjanovic and Bingham, "Virtual
// Library of Simulation Experiments").
#ifndef TICKHOUSE_BENCH_TUNE_FUNCTIONS_H
#define TICKHOUSE_BENCH_TUNE_FUNCTIONS_H

#include <stddef.h>

struct test_function {
    const char *name;
    size_t dimensions;
    double low[6], high[6];
    double minimum;
    double noise; // standard deviation of what a trial adds to the value
    double (*value)(const double *x);
};

extern const struct test_function test_functions[];
extern const size_t test_function_count;

#endif
