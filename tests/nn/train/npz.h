// SPDX-License-Identifier: Apache-2.0
// Reads numpy's .npz: a zip of .npy files, of which only float64 in C order is understood here.
#ifndef TICKHOUSE_TESTS_NN_TRAIN_NPZ_H
#define TICKHOUSE_TESTS_NN_TRAIN_NPZ_H

#include <stddef.h>

struct npz;
struct npz *npz_open(const char *path); // NULL: it cannot be read
void npz_close(struct npz *npz);

// The values of an array and how many; ends the program when it is not there.
const double *npz_array(struct npz *npz, const char *name, size_t *count);

#endif
