// SPDX-License-Identifier: Apache-2.0
// Which of the compiled kernels networks run on.
#include "base/cpu.h"
#include "kernels.h"

#include <stdlib.h>
#include <string.h>

extern const struct kernels forward_kernels_scalar;
#if defined(__x86_64__)
extern const struct kernels forward_kernels_avx2, forward_kernels_avx512, forward_kernels_bf16;
#elif defined(__aarch64__)
extern const struct kernels forward_kernels_neon;
#endif

// In the order of cpu_variant_name().
static const struct kernels *const variants[] = {
    &forward_kernels_scalar,
#if defined(__x86_64__)
    &forward_kernels_avx2,
    &forward_kernels_avx512,
#elif defined(__aarch64__)
    &forward_kernels_neon,
#endif
};

static const struct kernels *selected;

static int select_bf16(const char *cpu, struct err *err)
{
    if (!cpu_has_bf16() || (cpu != NULL && *cpu != '\0' && strcmp(cpu, "avx512") != 0))
        return err_set(err, EX_USAGE,
                       "TICKHOUSE_NN_PRECISION=bf16 needs a CPU with AVX-512 BF16, and "
                       "TICKHOUSE_CPU not to forbid it; leave it away to compute in float32");
#if defined(__x86_64__)
    selected = &forward_kernels_bf16;
#endif
    return 0;
}

int forward_select(const char *cpu, const char *precision, struct err *err)
{
    size_t variant;
    TRY(cpu_variant_find(cpu, &variant, err));
    if (precision != NULL && strcmp(precision, "bf16") == 0)
        return select_bf16(cpu, err);
    if (precision != NULL && *precision != '\0' && strcmp(precision, "float32") != 0)
        return err_set(err, EX_USAGE, "TICKHOUSE_NN_PRECISION=%s is neither float32 nor bf16",
                       precision);
    selected = variants[variant];
    return 0;
}

int forward_set_up(struct err *err)
{
    return forward_select(getenv("TICKHOUSE_CPU"), getenv("TICKHOUSE_NN_PRECISION"), err);
}

const struct kernels *forward_kernels(void)
{
    return selected != NULL ? selected : variants[cpu_variant_count() - 1];
}
