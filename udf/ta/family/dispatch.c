// SPDX-License-Identifier: Apache-2.0
// Makes the table of functions from ta.def, and chooses the instruction set that calls go to.
#include "base/cpu.h"
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

// In the order of cpu_variant_name().
static ta_kernel *const *const variants[] = {
    kernels_scalar,
#if defined(__x86_64__)
    kernels_avx2,
    kernels_avx512,
#elif defined(__aarch64__)
    kernels_neon,
#endif
};

static size_t selected;

int ta_variant_select(const char *name_or_null, struct err *err)
{
    return cpu_variant_find(name_or_null, &selected, err);
}

ta_kernel *ta_kernel_of(size_t index)
{
    return ta_kernel_of_variant(index, selected);
}

ta_kernel *ta_kernel_of_variant(size_t index, size_t variant)
{
    return variants[variant][index];
}

const struct ta_function *ta_find(const char *name, size_t length)
{
    for (size_t i = 0; i < ta_function_count; i++)
        if (strlen(ta_functions[i].name) == length &&
            memcmp(ta_functions[i].name, name, length) == 0)
            return &ta_functions[i];
    return NULL;
}
