// SPDX-License-Identifier: Apache-2.0
// Random numbers of a search: splitmix64 (Steele, Lea and Flood 2014). Small, and the same on every
// machine.
#ifndef TICKHOUSE_NN_RANDOM_H
#define TICKHOUSE_NN_RANDOM_H

#include <stdint.h>

static inline uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

// The state for one purpose of one trial: what is drawn for it does not depend on what was drawn
// before, so a search that goes on draws what one that never stopped would have drawn.
static inline uint64_t random_state(uint64_t seed, uint64_t trial, uint64_t purpose)
{
    uint64_t state = seed;
    state = random_bits(&state) + trial;
    state = random_bits(&state) + purpose;
    return random_bits(&state);
}

// In [0, 1).
static inline double random_unit(uint64_t *state)
{
    return (double)(random_bits(state) >> 11) * 0x1p-53;
}

#endif
