// SPDX-License-Identifier: Apache-2.0
// Chooses the core for this CPU.
#include "base/cpu.h"
#include "core/core.h"

#include <stdlib.h>

extern const struct fit_core fit_core_scalar;
#if defined(__x86_64__)
extern const struct fit_core fit_core_avx2, fit_core_avx512;
#endif

// In the order of cpu_variant_name(), which may have more.
static const struct fit_core *const cores[] = {
    &fit_core_scalar,
#if defined(__x86_64__)
    &fit_core_avx2,
    &fit_core_avx512,
#endif
};

size_t fit_core_count(void)
{
    const size_t count = sizeof cores / sizeof *cores, able = cpu_variant_count();
    return count < able ? count : able;
}

const struct fit_core *fit_core_at(size_t index)
{
    return cores[index];
}

int fit_core_select(const struct fit_core **core, struct err *err)
{
    const size_t best = fit_core_count() - 1;
    size_t variant;
    TRY(cpu_variant_find(getenv("TICKHOUSE_CPU"), &variant, err));
    *core = cores[variant < best ? variant : best];
    return 0;
}
