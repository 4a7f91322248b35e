// SPDX-License-Identifier: Apache-2.0
// Many indicators of one series: the spec "ema(12), macd(12,26,9), atr(14)" read once and run over
// each series.
#ifndef TICKHOUSE_UDF_TA_PLAN_H
#define TICKHOUSE_UDF_TA_PLAN_H

#include "base/arena.h"
#include "ta.h"

enum { TA_MAX_STEPS = 64, TA_MAX_PERIOD = 1000000000 };

// The series that an indicator can ask for, by the names of ta.def; x is the one series of
// functions that have only one.
enum ta_series { TA_OPEN, TA_HIGH, TA_LOW, TA_CLOSE, TA_VOLUME, TA_X, TA_SERIES_COUNT };

struct ta_step {
    size_t function; // index into ta_functions
    double param[TA_MAX_PARAMS];
    size_t lookback;
    size_t first_output; // of the plan's outputs
    enum ta_series inputs[TA_MAX_INPUTS];
    const char *names[TA_MAX_OUTPUTS]; // what the spec calls the outputs
};

struct ta_plan {
    struct ta_step steps[TA_MAX_STEPS];
    size_t step_count, output_count;
    char names[TA_MAX_STEPS * TA_MAX_OUTPUTS * 48]; // the text behind `names`
    size_t names_used;
};

// Reads a spec: items separated by commas, each `function`, `function(12,26)` or `name/name =
// function(12,26)`; parameters left out have their defaults. Output names default to ema_12,
// macd_12_26_9, macd_signal_12_26_9 and so on.
int ta_plan_parse(struct ta_plan *plan, const char *spec, size_t length, struct err *err);

// Is every series there that the plan needs? `has[s]` says which are; errors name the function and
// what it lacks.
int ta_plan_check(const struct ta_plan *plan, const bool has[TA_SERIES_COUNT], struct err *err);

// Runs the plan over series of `size` values, oldest first. outputs: output_count x size. scratch:
// TA_SCRATCH_DOUBLES(size).
void ta_plan_run(const struct ta_plan *plan, const double *const series[TA_SERIES_COUNT],
                 size_t size, double *const *outputs, double *scratch);

// One kernel call; series no longer than the lookback become NaN without it.
void ta_run(size_t function, size_t lookback, const double *const *in, size_t size,
            const double *param, double *const *out, double *scratch);

// Is `value` allowed for parameter `p` of `function`? The error names function, parameter and
// value.
int ta_check_param(const struct ta_function *function, size_t p, double value, struct err *err);

enum ta_series ta_series_named(const char *name);

#endif
