// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.h"

#include <string.h>

#if defined(__x86_64__)
static const char *const names[] = {"scalar", "avx2", "avx512"};
#elif defined(__aarch64__)
static const char *const names[] = {"scalar", "neon"};
#else
static const char *const names[] = {"scalar"};
#endif

size_t cpu_variant_count(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
        !__builtin_cpu_supports("bmi2"))
        return 1;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
               ? 3
               : 2;
#else
    return sizeof names / sizeof *names;
#endif
}

const char *cpu_variant_name(size_t variant)
{
    return names[variant];
}

int cpu_variant_find(const char *name_or_null, size_t *variant, struct err *err)
{
    const size_t count = cpu_variant_count();
    *variant = count - 1;
    if (name_or_null == NULL || *name_or_null == '\0')
        return 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name_or_null) == 0) {
            *variant = i;
            return 0;
        }
    return err_set(err, EX_USAGE,
                   "TICKHOUSE_CPU=%s cannot run on this CPU; the best that can is '%s'",
                   name_or_null, names[count - 1]);
}

bool cpu_has_bf16(void)
{
#if defined(__x86_64__)
    return cpu_variant_count() == 3 && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}
