// SPDX-License-Identifier: Apache-2.0
// What a core can do at most: multiply-adds of registers alone, as many as fit, each second.
#ifndef TICKHOUSE_BENCH_PEAK_H
#define TICKHOUSE_BENCH_PEAK_H

#include <stddef.h>

// The widest vectors of floats that the CPU has, GFLOP/s; 0 where this is not known.
double peak_float32(void);

// The same with products of bfloat16; 0 where the CPU has none.
double peak_bf16(void);

#endif
