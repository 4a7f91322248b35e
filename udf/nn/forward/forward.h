// SPDX-License-Identifier: Apache-2.0
// A network's outputs for sequences. Every output is the same to the bit whatever the batch it is
// computed in, its place there, and the instruction set.
#ifndef TICKHOUSE_NN_FORWARD_H
#define TICKHOUSE_NN_FORWARD_H

#include "model/network.h"

struct forward; // weights packed for this machine, and room to work in

// Prepares a network, whose weights may go away afterwards.
int forward_open(const struct network *network, struct forward **forward, struct err *err);
void forward_close(struct forward *forward);

// x: (batch, lookback, features), scaled; y: (batch, outputs). A sequence with a value that is not
// finite gives NaN.
void forward_run(struct forward *forward, const float *x, size_t batch, float *y);

// The slow and obvious twin, in double: the oracle of tests.
int forward_reference(const struct network *network, const float *x, size_t batch, double *y,
                      struct err *err);

#endif
