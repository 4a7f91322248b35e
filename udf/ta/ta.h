// SPDX-License-Identifier: Apache-2.0
// Technical indicators: the shape that every kernel has, and the table that ta.def makes of them.
#ifndef TICKHOUSE_UDF_TA_TA_H
#define TICKHOUSE_UDF_TA_TA_H

#include "base/err.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TA_MAX_INPUTS = 5, TA_MAX_PARAMS = 3, TA_MAX_OUTPUTS = 3 };

// - in: the input series in the order of ta.def, `size` values each, oldest first
// - param: the parameters in the order of ta.def; periods are whole numbers, checked before
// - out: the output series, `size` values each, all to be written, the first `lookback` as NaN;
//   they never overlap the inputs
// - scratch: TA_SCRATCH_DOUBLES(size) doubles to use at will; kernels allocate nothing
typedef void ta_kernel(const double *const *in, size_t size, const double *param,
                       double *const *out, double *scratch);

// Address space, not memory: pages that a kernel does not touch cost nothing.
#define TA_SCRATCH_DOUBLES(size) (8 * ((size) + 1024))

#define TA_JOIN_(a, b, c) a##b##_##c
#define TA_JOIN(a, b, c) TA_JOIN_(a, b, c)

// The name of a function that is compiled once per instruction set: ta_ema_avx2.
#define TA_NAME(name) TA_JOIN(ta_, name, TA_VARIANT)
#define TA_KERNEL(name)                                                                            \
    ta_kernel TA_NAME(name);                                                                       \
    void TA_NAME(name)(const double *const *in, size_t size, const double *param,                  \
                       double *const *out, double *scratch)

struct ta_param {
    const char *name;
    bool is_period; // a whole number; otherwise any finite number
    double initial; // TA-Lib's default, used by the command line and by a spec that leaves it out
    double minimum;
};

struct ta_function {
    const char *name; // without ta_
    const char *inputs[TA_MAX_INPUTS];
    struct ta_param params[TA_MAX_PARAMS];
    const char *outputs[TA_MAX_OUTPUTS];
    size_t input_count, param_count, output_count;
    const char *lookback_text;
    size_t (*lookback)(const double *param); // how many leading values are NaN on clean input
    const char *summary, *formula, *edges, *source;
};

extern const struct ta_function ta_functions[];
extern const size_t ta_function_count;

// Which instruction set calls go to: the best, or what TICKHOUSE_CPU names (base/cpu.h).
int ta_variant_select(const char *name_or_null, struct err *err);

// The kernel of ta_functions[index] for the selected variant, or for a given one of base/cpu.h.
ta_kernel *ta_kernel_of(size_t index);
ta_kernel *ta_kernel_of_variant(size_t index, size_t variant);

// NULL when there is none of that name; `name` without ta_.
const struct ta_function *ta_find(const char *name, size_t length);

#endif
