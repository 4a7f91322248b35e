// SPDX-License-Identifier: Apache-2.0
// Sobol points: as many as one likes, spread more evenly than chance does it.
#ifndef TICKHOUSE_NN_SOBOL_H
#define TICKHOUSE_NN_SOBOL_H

#include <stddef.h>
#include <stdint.h>

enum { SOBOL_MAX_DIMENSIONS = 20 };

// Coordinate `dimension` of point `index`, times 2^32. Point 0 is the origin.
uint32_t sobol_bits(size_t dimension, uint32_t index);

// Point `index` of the sequence that `seed` shifts (each coordinate's bits xored with bits of its
// own: as even as before, and no point at the origin), in the open unit cube.
void sobol_point(uint64_t seed, uint32_t index, size_t dimensions, double *point);

#endif
