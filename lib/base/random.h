// SPDX-License-Identifier: Apache-2.0
// Random numbers by seed: splitmix64 (Steele, Lea and Flood 2014). Small, and the same on every
// machine.
#ifndef TICKHOUSE_BASE_RANDOM_H
#define TICKHOUSE_BASE_RANDOM_H

#include <stdint.h>

#define RANDOM_STEP 0x9e3779b97f4a7c15ULL // 2^64 over the golden ratio

// Numbers that are alike share no bits afterwards.
static inline uint64_t random_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

static inline uint64_t random_bits(uint64_t *state)
{
    return random_mix(*state += RANDOM_STEP);
}

// 64 bits as a number in [0, 1).
static inline double random_share(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

// In [0, 1).
static inline double random_unit(uint64_t *state)
{
    return random_share(random_bits(state));
}

#endif
