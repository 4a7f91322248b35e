// SPDX-License-Identifier: Apache-2.0
// The random numbers of a training.
#ifndef TICKHOUSE_NN_TRAIN_RANDOM_H
#define TICKHOUSE_NN_TRAIN_RANDOM_H

#include "base/random.h"

#include <math.h>

// A state of its own for the n-th stream of a seed.
static inline uint64_t random_stream(uint64_t seed, uint64_t n)
{
    return random_mix(seed + RANDOM_STEP) ^ random_mix(n + 0x6a09e667f3bcc909ULL);
}

// From 0 to bound - 1; the bias is below 2^-32.
static inline uint32_t random_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(((random_bits(state) >> 32) * bound) >> 32);
}

// Box and Muller's; one of the two.
static inline double random_normal(uint64_t *state)
{
    const double radius = sqrt(-2 * log(1 - random_unit(state)));
    return radius * cos(6.283185307179586 * random_unit(state));
}

#endif
