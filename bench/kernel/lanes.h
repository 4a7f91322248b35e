// SPDX-License-Identifier: Apache-2.0
// Measured and not taken: the same recurrence for eight series at once, one series a lane. It needs
// a transposition of 8 x 8 values on the way in and out, series of equal length, and eight of them.
#ifndef TICKHOUSE_BENCH_KERNEL_LANES_H
#define TICKHOUSE_BENCH_KERNEL_LANES_H

#include <stdbool.h>
#include <stddef.h>

bool lanes_can_run(void);

// x, out: eight series of `size` values, one after the other; n <= size.
void lanes_ema(const double *x, size_t size, double n, double *out);

#endif
