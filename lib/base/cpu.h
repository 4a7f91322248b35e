// SPDX-License-Identifier: Apache-2.0
// The instruction sets that kernels are compiled for: scalar, avx2 and avx512 on x86-64, scalar and
// neon on arm64.
#ifndef TICKHOUSE_BASE_CPU_H
#define TICKHOUSE_BASE_CPU_H

#include "base/err.h"

// Those that this CPU has: 0 is scalar, the last the best.
size_t cpu_variant_count(void);
const char *cpu_variant_name(size_t variant);

// The one of that name, the best where it is NULL or empty; a sentence where there is none, which
// names TICKHOUSE_CPU as where the name comes from.
int cpu_variant_find(const char *name_or_null, size_t *variant, struct err *err);

// Products of bfloat16 that are summed in float32.
bool cpu_has_bf16(void);

#endif
