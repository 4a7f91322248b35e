// SPDX-License-Identifier: Apache-2.0
// A network's outputs for sequences. Every output is the same to the bit whatever the batch it is
// computed in, its place there, and the instruction set.
#ifndef TICKHOUSE_NN_FORWARD_H
#define TICKHOUSE_NN_FORWARD_H

#include "model/network.h"

// Kernels are compiled for several instruction sets; the best that the CPU has runs, or what the
// environment says:
//   TICKHOUSE_CPU           scalar, avx2, avx512 or neon: the same bits, slower
//   TICKHOUSE_NN_PRECISION  float32, or bf16: products of inputs and states rounded to bfloat16,
//                           about twice as fast and off by some thousandths
// To be called before the first forward_open; without it the best runs, in float32.
int forward_set_up(struct err *err);

// The same with both given; NULL or "": the best, float32.
int forward_select(const char *cpu, const char *precision, struct err *err);

struct forward; // weights packed for this machine, and room to work in

// Prepares a network, whose weights may go away afterwards.
int forward_open(const struct network *network, struct forward **forward, struct err *err);
void forward_close(struct forward *forward);

// One thread at a time: the room is shared by all calls.
// x: (batch, lookback, features), scaled; y: (batch, outputs). A sequence with a value that is not
// finite gives NaN.
void forward_run(struct forward *forward, const float *x, size_t batch, float *y);

// The slow and obvious twin, in double: the oracle of tests.
int forward_reference(const struct network *network, const float *x, size_t batch, double *y,
                      struct err *err);

#endif
