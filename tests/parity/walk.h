// SPDX-License-Identifier: Apache-2.0
// Seeded random bars for tests and benchmarks: the same on every machine.
#ifndef TICKHOUSE_TESTS_PARITY_WALK_H
#define TICKHOUSE_TESTS_PARITY_WALK_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Uniform in [0, 1): xorshift64*.
static inline double walk_uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)((*state * 0x2545F4914F6CDD1DULL) >> 11) * 0x1p-53;
}

enum { OPEN, HIGH, LOW, CLOSE, VOLUME, COLUMNS };

// `step` is the standard deviation of one bar's logarithmic return.
static inline void walk_bars(double *const columns[COLUMNS], size_t size, double start, double step,
                             uint64_t seed)
{
    uint64_t state = seed * 2654435761U + 88172645463325252U;
    double close = start;
    for (size_t i = 0; i < size; i++) {
        const double open = close;
        const double r = walk_uniform(&state) + walk_uniform(&state) + walk_uniform(&state) - 1.5;
        close = open * exp(2 * step * r);
        columns[OPEN][i] = open;
        columns[CLOSE][i] = close;
        columns[HIGH][i] = fmax(open, close) * (1 + 0.5 * step * walk_uniform(&state));
        columns[LOW][i] = fmin(open, close) * (1 - 0.5 * step * walk_uniform(&state));
        columns[VOLUME][i] = floor(1000 + 999000 * walk_uniform(&state));
    }
}

// The columns that the inputs of a function of ta.def name; any other name stands for the close.
static inline const double *walk_column(double *const columns[COLUMNS], const char *input)
{
    static const char *const names[COLUMNS] = {"open", "high", "low", "close", "volume"};
    for (size_t k = 0; k < COLUMNS; k++)
        if (strcmp(names[k], input) == 0)
            return columns[k];
    return columns[CLOSE];
}

#endif
