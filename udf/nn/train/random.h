// SPDX-License-Identifier: Apache-2.0
// Random numbers by seed: SplitMix64 (Steele, Lea and Flood 2014).
#ifndef TICKHOUSE_NN_TRAIN_RANDOM_H
#define TICKHOUSE_NN_TRAIN_RANDOM_H

#include <math.h>
#include <stdint.h>

static inline uint64_t random_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

static inline uint64_t random_next(uint64_t *state)
{
    return random_mix(*state += 0x9e3779b97f4a7c15ULL);
}

// A state of its own for the n-th stream of a seed.
static inline uint64_t random_stream(uint64_t seed, uint64_t n)
{
    return random_mix(seed + 0x9e3779b97f4a7c15ULL) ^ random_mix(n + 0x6a09e667f3bcc909ULL);
}

// From 0 up to, but without, 1.
static inline double random_uniform(uint64_t *state)
{
    return (double)(random_next(state) >> 11) * 0x1p-53;
}

// From 0 to bound - 1; the bias is below 2^-32.
static inline uint32_t random_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(((random_next(state) >> 32) * bound) >> 32);
}

// Box and Muller's; one of the two.
static inline double random_normal(uint64_t *state)
{
    const double radius = sqrt(-2 * log(1 - random_uniform(state)));
    return radius * cos(6.283185307179586 * random_uniform(state));
}

#endif
