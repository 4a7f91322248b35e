// SPDX-License-Identifier: Apache-2.0
// The functions of ta.def over arrays: ta_ema(close, 12). A row of the block is a series; results
// have the series' length.
#include "family.h"
#include "plan.h"

#include <string.h>

struct arrays {
    const struct ta_function *ta;
    const double *inputs[TA_MAX_INPUTS]; // all rows, one after the other
    const uint64_t *ends;
    double *outputs[TA_MAX_OUTPUTS];
    double *scratch;
};

// Every input of a row has the same length; the first that has not is named.
static int check_lengths(const struct ta_function *ta, const struct udf_call *call, struct err *err)
{
    const uint64_t *first = call->arguments[0]->ends;
    for (size_t i = 1; i < ta->input_count; i++) {
        const uint64_t *other = call->arguments[i]->ends;
        if (call->rows == 0 || memcmp(first, other, call->rows * sizeof *first) == 0)
            continue;
        size_t row = 0;
        while (first[row] == other[row])
            row++;
        return err_set(
            err, EX_DATAERR,
            "row %zu: '%s' has %llu values, '%s' has %llu; arrays of one row must be equally long",
            row + 1, ta->inputs[0], (unsigned long long)(first[row] - native_start(first, row)),
            ta->inputs[i], (unsigned long long)(other[row] - native_start(other, row)));
    }
    return 0;
}

static size_t longest_row(const uint64_t *ends, size_t rows)
{
    size_t longest = 0;
    for (size_t row = 0; row < rows; row++) {
        const size_t size = ends[row] - native_start(ends, row);
        longest = size > longest ? size : longest;
    }
    return longest;
}

// The result column, whose arrays end where the input's do: one Array, or a Tuple of them.
static int prepare_outputs(struct arrays *a, struct udf_call *call, struct err *err)
{
    const size_t total = call->rows == 0 ? 0 : a->ends[call->rows - 1];
    for (size_t k = 0; k < a->ta->output_count; k++) {
        struct native_column *array =
            a->ta->output_count == 1 ? call->result : &call->result->children[k];
        array->rows = call->rows;
        array->ends = call->arguments[0]->ends;
        array->children[0].rows = total;
        a->outputs[k] = arena_alloc(call->arena, total, sizeof(double), err);
        array->children[0].values = a->outputs[k];
        if (a->outputs[k] == NULL)
            return err_code(err, EX_OSERR);
    }
    a->scratch = arena_alloc(call->arena, TA_SCRATCH_DOUBLES(longest_row(a->ends, call->rows)),
                             sizeof(double), err);
    return a->scratch != NULL ? 0 : err_code(err, EX_OSERR);
}

// The parameters of a row. They seldom change from row to row, so they are checked only when they
// do.
struct params {
    uint64_t bits[TA_MAX_PARAMS]; // as they arrived
    double value[TA_MAX_PARAMS];
    size_t lookback;
};

static int read_params(const struct ta_function *ta, const struct udf_call *call, size_t row,
                       struct params *params, struct err *err)
{
    bool changed = row == 0;
    for (size_t p = 0; p < ta->param_count; p++) {
        const uint64_t bits = ((const uint64_t *)call->arguments[ta->input_count + p]->values)[row];
        changed = changed || bits != params->bits[p];
        params->bits[p] = bits;
    }
    if (!changed)
        return 0;
    for (size_t p = 0; p < ta->param_count; p++) {
        if (ta->params[p].is_period)
            params->value[p] = (double)(int64_t)params->bits[p];
        else
            memcpy(&params->value[p], &params->bits[p], sizeof params->value[p]);
        TRY(ta_check_param(ta, p, params->value[p], err));
    }
    params->lookback = ta->lookback(params->value);
    return 0;
}

int ta_arrays_run(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    struct arrays a = {.ta = &ta_functions[function->index], .ends = call->arguments[0]->ends};
    struct params params;
    TRY(check_lengths(a.ta, call, err));
    TRY(prepare_outputs(&a, call, err));
    for (size_t row = 0; row < call->rows; row++) {
        const size_t start = native_start(a.ends, row), size = a.ends[row] - start;
        const double *in[TA_MAX_INPUTS];
        double *out[TA_MAX_OUTPUTS];
        TRY(read_params(a.ta, call, row, &params, err));
        for (size_t i = 0; i < a.ta->input_count; i++)
            in[i] = (const double *)call->arguments[i]->children[0].values + start;
        for (size_t k = 0; k < a.ta->output_count; k++)
            out[k] = a.outputs[k] + start;
        ta_run(function->index, params.lookback, in, size, params.value, out, a.scratch);
    }
    return 0;
}
