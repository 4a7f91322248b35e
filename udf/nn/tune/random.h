// SPDX-License-Identifier: Apache-2.0
// The random numbers of a search.
#ifndef TICKHOUSE_NN_RANDOM_H
#define TICKHOUSE_NN_RANDOM_H

#include "base/random.h"

// The state for one purpose of one trial: what is drawn for it does not depend on what was drawn
// before, so a search that goes on draws what one that never stopped would have drawn.
static inline uint64_t random_state(uint64_t seed, uint64_t trial, uint64_t purpose)
{
    uint64_t state = seed;
    state = random_bits(&state) + trial;
    state = random_bits(&state) + purpose;
    return random_bits(&state);
}

#endif
