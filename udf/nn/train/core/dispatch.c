// SPDX-License-Identifier: Apache-2.0
// Chooses the core for this CPU.
#include "core/core.h"

#include <stdlib.h>
#include <string.h>

extern const struct fit_core fit_core_scalar;
#if defined(__x86_64__)
extern const struct fit_core fit_core_avx2, fit_core_avx512;
#endif

static const struct fit_core *const cores[] = {
    &fit_core_scalar,
#if defined(__x86_64__)
    &fit_core_avx2,
    &fit_core_avx512,
#endif
};

size_t fit_core_count(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return 1;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
               ? 3
               : 2;
#else
    return sizeof cores / sizeof *cores;
#endif
}

const struct fit_core *fit_core_at(size_t index)
{
    return cores[index];
}

const struct fit_core *fit_core_select(void)
{
    const size_t count = fit_core_count();
    const char *wanted = getenv("TICKHOUSE_CPU");
    for (size_t i = 0; wanted != NULL && i < count; i++)
        if (strcmp(cores[i]->name, wanted) == 0)
            return cores[i];
    return cores[count - 1];
}
