// SPDX-License-Identifier: Apache-2.0
// Makes the table of functions from ta.def, and chooses the instruction set that calls go to.
#include "ta.h"

#include <string.h>

// The lookback expressions of ta.def, with the parameters under their own names.
#define PERIOD(name, initial, minimum) __attribute__((unused)) const double name = *param++;
#define REAL(name, initial, minimum) PERIOD(name, initial, minimum)
#define TA_FUNCTION(name, inputs, parameters, outputs, lookback, summary, formula, edges, source)  \
    static size_t lookback_##name(const double *param)                                             \
    {                                                                                              \
        (void)param;                                                                               \
        parameters return (size_t)(lookback);                                                      \
    }
#include "ta.def"
#undef TA_FUNCTION
#undef PERIOD
#undef REAL

#define INPUT(name) #name,
#define OUTPUT(name) #name,
#define PERIOD(name, initial, minimum) {#name, true, initial, minimum},
#define REAL(name, initial, minimum) {#name, false, initial, minimum},
#define COUNT_STRINGS(...) (sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *))
#define COUNT_PARAMS(...)                                                                          \
    (sizeof((struct ta_param[]){__VA_ARGS__{0}}) / sizeof(struct ta_param) - 1)
#define TA_FUNCTION(fn, in, parameters, out, look, what, how, odd, from)                           \
    {.name = #fn,                                                                                  \
     .inputs = {in},                                                                               \
     .params = {parameters},                                                                       \
     .outputs = {out},                                                                             \
     .input_count = COUNT_STRINGS(in),                                                             \
     .param_count = COUNT_PARAMS(parameters),                                                      \
     .output_count = COUNT_STRINGS(out),                                                           \
     .lookback_text = #look,                                                                       \
     .lookback = lookback_##fn,                                                                    \
     .summary = what,                                                                              \
     .formula = how,                                                                               \
     .edges = odd,                                                                                 \
     .source = from},
const struct ta_function ta_functions[] = {
#include "ta.def"
};
const size_t ta_function_count = sizeof ta_functions / sizeof *ta_functions;
#undef TA_FUNCTION

// One table of kernels per instruction set.
#define TA_FUNCTION(fn, ...) extern ta_kernel ta_##fn##_scalar;
#include "ta.def"
#undef TA_FUNCTION
#define TA_FUNCTION(fn, ...) ta_##fn##_scalar,
static ta_kernel *const kernels_scalar[] = {
#include "ta.def"
};
#undef TA_FUNCTION

#if defined(__x86_64__)
#define TA_FUNCTION(fn, ...) extern ta_kernel ta_##fn##_avx2, ta_##fn##_avx512;
#include "ta.def"
#undef TA_FUNCTION
#define TA_FUNCTION(fn, ...) ta_##fn##_avx2,
static ta_kernel *const kernels_avx2[] = {
#include "ta.def"
};
#undef TA_FUNCTION
#define TA_FUNCTION(fn, ...) ta_##fn##_avx512,
static ta_kernel *const kernels_avx512[] = {
#include "ta.def"
};
#undef TA_FUNCTION
#elif defined(__aarch64__)
#define TA_FUNCTION(fn, ...) extern ta_kernel ta_##fn##_neon;
#include "ta.def"
#undef TA_FUNCTION
#define TA_FUNCTION(fn, ...) ta_##fn##_neon,
static ta_kernel *const kernels_neon[] = {
#include "ta.def"
};
#undef TA_FUNCTION
#endif

struct variant {
    const char *name;
    ta_kernel *const *kernels;
};

static const struct variant variants[] = {
    {"scalar", kernels_scalar},
#if defined(__x86_64__)
    {"avx2", kernels_avx2},
    {"avx512", kernels_avx512},
#elif defined(__aarch64__)
    {"neon", kernels_neon},
#endif
};

static size_t selected;

size_t ta_variant_count(void)
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
    return sizeof variants / sizeof *variants;
#endif
}

const char *ta_variant_name(size_t variant)
{
    return variants[variant].name;
}

int ta_variant_select(const char *name_or_null)
{
    const size_t count = ta_variant_count();
    selected = count - 1;
    if (name_or_null == NULL || *name_or_null == '\0')
        return 0;
    for (selected = 0; selected < count; selected++)
        if (strcmp(variants[selected].name, name_or_null) == 0)
            return 0;
    selected = 0;
    return -1;
}

ta_kernel *ta_kernel_of(size_t index)
{
    return ta_kernel_of_variant(index, selected);
}

ta_kernel *ta_kernel_of_variant(size_t index, size_t variant)
{
    return variants[variant].kernels[index];
}

const struct ta_function *ta_find(const char *name, size_t length)
{
    for (size_t i = 0; i < ta_function_count; i++)
        if (strlen(ta_functions[i].name) == length &&
            memcmp(ta_functions[i].name, name, length) == 0)
            return &ta_functions[i];
    return NULL;
}
