// SPDX-License-Identifier: Apache-2.0
// Scalers: what is taken from a value, and what it is multiplied with, so that a network gets
// values of one size.
#ifndef TICKHOUSE_NN_SCALING_H
#define TICKHOUSE_NN_SCALING_H

#include "walk/settings.h"

struct scaling {
    double offset, scale; // (x - offset) x scale
};

// Of values[i x stride] for which used[i] is not 0; used may be NULL. standard: less the mean, by
// the population's deviation, as scikit-learn's; minmax: to 0..1. What does not vary is scaled
// by 1.
struct scaling scaling_fit(enum scaler scaler, const float *values, size_t count, size_t stride,
                           const uint8_t *used);

#endif
