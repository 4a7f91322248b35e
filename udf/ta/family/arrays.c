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

static int read_params(const struct ta_function *ta, const struct udf_call *call, size_t row,
                       double *param, struct err *err)
{
    for (size_t p = 0; p < ta->param_count; p++) {
        const void *values = call->arguments[ta->input_count + p]->values;
        param[p] = ta->params[p].is_period ? (double)((const int64_t *)values)[row]
                                           : ((const double *)values)[row];
        TRY(ta_check_param(ta, p, param[p], err));
    }
    return 0;
}

// Where the rows end that have the parameters of row `from`: mostly all of the block.
static size_t same_params(const struct ta_function *ta, const struct udf_call *call, size_t from)
{
    size_t to = call->rows;
    for (size_t p = 0; p < ta->param_count; p++) {
        const uint64_t *bits = call->arguments[ta->input_count + p]->values;
        size_t row = from + 1;
        while (row < to && bits[row] == bits[from])
            row++;
        to = row;
    }
    return to;
}

static void run_rows(const struct arrays *a, const struct udf_call *call, size_t index, size_t from,
                     size_t to, const double *param)
{
    const size_t lookback = a->ta->lookback(param);
    for (size_t row = from; row < to; row++) {
        const size_t start = native_start(a->ends, row), size = a->ends[row] - start;
        const double *in[TA_MAX_INPUTS];
        double *out[TA_MAX_OUTPUTS];
        for (size_t i = 0; i < a->ta->input_count; i++)
            in[i] = (const double *)call->arguments[i]->children[0].values + start;
        for (size_t k = 0; k < a->ta->output_count; k++)
            out[k] = a->outputs[k] + start;
        ta_run(index, lookback, in, size, param, out, a->scratch);
    }
}

int ta_arrays_run(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    struct arrays a = {.ta = &ta_functions[function->index], .ends = call->arguments[0]->ends};
    TRY(check_lengths(a.ta, call, err));
    TRY(prepare_outputs(&a, call, err));
    for (size_t from = 0, to; from < call->rows; from = to) {
        double param[TA_MAX_PARAMS];
        TRY(read_params(a.ta, call, from, param, err));
        to = same_params(a.ta, call, from);
        run_rows(&a, call, function->index, from, to, param);
    }
    return 0;
}
