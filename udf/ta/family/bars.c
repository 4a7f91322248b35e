// SPDX-License-Identifier: Apache-2.0
// Many indicators in one call, over bars that carry their time: ta('ema(12), rsi(14)',
// groupArray((date, close))). The bars may come in any order, as groupArray gives them under
// parallel reads: they are put in order of time here, so the result never depends on it. Bars of
// equal time are ordered by their values, for the same reason.
#include "family.h"
#include "plan.h"

#include <string.h>

#define TIME_TYPE "DateTime64(6,'UTC')"
#define POINTS_TYPE "Array(Tuple(time " TIME_TYPE ", value Float64))"
#define BARS_TYPE                                                                                  \
    "Array(Tuple(time " TIME_TYPE                                                                  \
    ", open Float64, high Float64, low Float64, close Float64, volume Float64))"
#define EVERY_TYPE "Array(Tuple(time " TIME_TYPE ", values Array(Float64)))"

enum { BARS_MAX_SERIES = 5 };

struct bars {
    size_t series_count;                   // values beside the time: 1 or 5
    const int64_t *time;                   // of one row
    const double *values[BARS_MAX_SERIES]; // of one row
    size_t size;
};

static int compare_bars(const struct bars *b, uint32_t i, uint32_t k)
{
    if (b->time[i] != b->time[k])
        return b->time[i] < b->time[k] ? -1 : 1;
    for (size_t s = 0; s < b->series_count; s++) {
        int64_t left, right; // by bits, so that NaN has its place too
        memcpy(&left, &b->values[s][i], sizeof left);
        memcpy(&right, &b->values[s][k], sizeof right);
        if (left != right)
            return left < right ? -1 : 1;
    }
    return 0;
}

static bool in_order(const struct bars *b)
{
    for (size_t i = 1; i < b->size; i++)
        if (b->time[i - 1] >= b->time[i] && compare_bars(b, (uint32_t)(i - 1), (uint32_t)i) > 0)
            return false;
    return true;
}

// Merges the two ordered halves [0, middle) and [middle, size) of `from` into `to`.
static void merge(const struct bars *b, const uint32_t *from, size_t middle, size_t size,
                  uint32_t *to)
{
    size_t left = 0, right = middle;
    for (size_t i = 0; i < size; i++)
        to[i] = right == size || (left < middle && compare_bars(b, from[left], from[right]) <= 0)
                    ? from[left++]
                    : from[right++];
}

// Bottom-up merge sort of positions; returns the array that holds the result.
static uint32_t *sort_positions(const struct bars *b, uint32_t *from, uint32_t *to)
{
    for (size_t i = 0; i < b->size; i++)
        from[i] = (uint32_t)i;
    for (size_t width = 1; width < b->size; width *= 2) {
        for (size_t start = 0; start < b->size; start += 2 * width) {
            const size_t rest = b->size - start;
            merge(b, from + start, width < rest ? width : rest, 2 * width < rest ? 2 * width : rest,
                  to + start);
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

// Puts the bars of a row in order of time; what is in order already is not copied.
static int order_bars(struct bars *b, struct arena *arena, struct err *err)
{
    if (in_order(b))
        return 0;
    if (b->size > UINT32_MAX)
        return err_set(err, EX_DATAERR, "a series of %zu bars is too long to be put in order",
                       b->size);
    uint32_t *positions = arena_alloc(arena, 2 * b->size, sizeof *positions, err);
    int64_t *time = arena_alloc(arena, b->size, sizeof *time, err);
    if (positions == NULL || time == NULL)
        return err_code(err, EX_OSERR);
    const uint32_t *sorted = sort_positions(b, positions, positions + b->size);
    for (size_t s = 0; s < b->series_count; s++) {
        double *values = arena_alloc(arena, b->size, sizeof *values, err);
        if (values == NULL)
            return err_code(err, EX_OSERR);
        for (size_t i = 0; i < b->size; i++)
            values[i] = b->values[s][sorted[i]];
        b->values[s] = values;
    }
    for (size_t i = 0; i < b->size; i++)
        time[i] = b->time[sorted[i]];
    b->time = time;
    return 0;
}

// The plan for a row's spec; parsed again only when the text changes.
struct plan_cache {
    struct ta_plan plan;
    const char *text;
    size_t length;
    bool whole_bars;
};

static int plan_for_row(struct plan_cache *cache, const struct native_column *specs, size_t row,
                        struct err *err)
{
    const uint64_t start = native_start(specs->ends, row);
    const char *text = specs->bytes + start;
    const size_t length = specs->ends[row] - start;
    if (cache->text != NULL && cache->length == length && memcmp(cache->text, text, length) == 0)
        return 0;
    cache->text = text;
    cache->length = length;
    TRY(ta_plan_parse(&cache->plan, text, length, err));
    bool has[TA_SERIES_COUNT] = {false};
    has[TA_X] = true;
    for (enum ta_series s = TA_OPEN; s <= TA_VOLUME; s++)
        has[s] = cache->whole_bars;
    if (ta_plan_check(&cache->plan, has, err) != 0)
        return cache->whole_bars
                   ? err->code
                   : err_prefix(err, "only (time, value) was given; ta_bars takes whole bars");
    return 0;
}

static struct bars row_bars(const struct native_column *argument, size_t row)
{
    const struct native_column *tuple = &argument->children[0];
    const size_t start = native_start(argument->ends, row);
    struct bars b = {.series_count = tuple->type->child_count - 1,
                     .size = argument->ends[row] - start};
    b.time = (const int64_t *)tuple->children[0].values + start;
    for (size_t s = 0; s < b.series_count; s++)
        b.values[s] = (const double *)tuple->children[s + 1].values + start;
    return b;
}

// Runs the plan over a row's bars; `outputs` receives where each output series lies.
static int run_row(const struct ta_plan *plan, const struct bars *b, struct arena *arena,
                   double **outputs, struct err *err)
{
    double *scratch = arena_alloc(arena, TA_SCRATCH_DOUBLES(b->size), sizeof *scratch, err);
    if (scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t k = 0; k < plan->output_count; k++)
        if ((outputs[k] = arena_alloc(arena, b->size, sizeof **outputs, err)) == NULL)
            return err_code(err, EX_OSERR);
    const double *series[TA_SERIES_COUNT] = {NULL};
    for (size_t s = 0; s < b->series_count && b->series_count > 1; s++)
        series[s] = b->values[s];
    series[TA_X] = b->series_count > 1 ? b->values[TA_CLOSE] : b->values[0];
    ta_plan_run(plan, series, b->size, outputs, scratch);
    return 0;
}

// The result of ta and ta_bars while it is filled: times and ends for every bar, values growing at
// the arena's end.
struct every {
    int64_t *time;
    uint64_t *ends;
    double *values;
    size_t bars, used;
};

static int every_open(struct every *e, struct udf_call *call, const struct plan_cache *cache,
                      struct err *err)
{
    const struct native_column *bars = call->arguments[1];
    const size_t total = call->rows == 0 ? 0 : bars->ends[call->rows - 1];
    e->time = arena_alloc(call->arena, total, sizeof *e->time, err);
    e->ends = arena_alloc(call->arena, total, sizeof *e->ends, err);
    e->values = arena_alloc(call->arena, total * cache->plan.output_count, sizeof *e->values, err);
    if (e->time == NULL || e->ends == NULL || e->values == NULL)
        return err_code(err, EX_OSERR);
    struct native_column *tuple = &call->result->children[0];
    call->result->ends = bars->ends;
    tuple->rows = tuple->children[0].rows = tuple->children[1].rows = total;
    tuple->children[0].values = e->time;
    tuple->children[1].ends = e->ends;
    tuple->children[1].children[0].values = e->values;
    tuple->children[1].children[0].rows = total * cache->plan.output_count;
    return 0;
}

// Output series side by side become one array a bar.
static void every_add(struct every *e, const struct bars *b, double *const *outputs,
                      size_t output_count)
{
    memcpy(e->time + e->bars, b->time, b->size * sizeof *e->time);
    for (size_t i = 0; i < b->size; i++) {
        for (size_t k = 0; k < output_count; k++)
            e->values[e->used + k] = outputs[k][i];
        e->used += output_count;
        e->ends[e->bars++] = e->used;
    }
}

static int run_every(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    static struct plan_cache cache;
    struct every every = {0};
    cache.text = NULL;
    cache.whole_bars = function->index != 0;
    for (size_t row = 0; row < call->rows; row++) {
        double *outputs[TA_MAX_STEPS * TA_MAX_OUTPUTS];
        const size_t outputs_before = cache.plan.output_count;
        TRY(plan_for_row(&cache, call->arguments[0], row, err));
        if (row == 0)
            TRY(every_open(&every, call, &cache, err));
        else if (cache.plan.output_count != outputs_before)
            return err_set(err, EX_DATAERR,
                           "row %zu: the spec must have the same number of outputs in every row",
                           row + 1);
        const size_t mark = arena_mark(call->arena);
        struct bars b = row_bars(call->arguments[1], row);
        TRY(order_bars(&b, call->arena, err));
        TRY(run_row(&cache.plan, &b, call->arena, outputs, err));
        every_add(&every, &b, outputs, cache.plan.output_count);
        arena_rewind(call->arena, mark);
    }
    return 0;
}

static int run_last(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    static struct plan_cache cache;
    cache.text = NULL;
    cache.whole_bars = function->index != 0;
    uint64_t *ends = arena_alloc(call->arena, call->rows, sizeof *ends, err);
    double *values =
        arena_alloc(call->arena, call->rows * TA_MAX_STEPS * TA_MAX_OUTPUTS, sizeof *values, err);
    if (ends == NULL || values == NULL)
        return err_code(err, EX_OSERR);
    size_t used = 0;
    for (size_t row = 0; row < call->rows; row++) {
        double *outputs[TA_MAX_STEPS * TA_MAX_OUTPUTS];
        TRY(plan_for_row(&cache, call->arguments[0], row, err));
        const size_t mark = arena_mark(call->arena);
        struct bars b = row_bars(call->arguments[1], row);
        TRY(order_bars(&b, call->arena, err));
        TRY(run_row(&cache.plan, &b, call->arena, outputs, err));
        for (size_t k = 0; k < cache.plan.output_count; k++)
            values[used++] = b.size == 0 ? (double)NAN : outputs[k][b.size - 1];
        ends[row] = used;
        arena_rewind(call->arena, mark);
    }
    call->result->ends = ends;
    call->result->children[0].values = values;
    call->result->children[0].rows = used;
    return 0;
}

static void document(const struct udf_function *function, FILE *out)
{
    (void)fprintf(
        out,
        "\n`spec` lists indicators by the names of this page without `ta_`, with their parameters: "
        "`'ema(12), macd(12,26,9), rsi'`; what is left out has its default. %s The bars may come "
        "in any order: they "
        "are ordered by time before anything is computed, so plain `groupArray` is safe here. %s\n",
        function->index != 0 ? "Indicators of one series read `close`."
                             : "Indicators of one series read `value`.",
        function->run == run_every ? "The result has one element a bar, in order of time: its time "
                                     "and the values in the order of the spec."
                                   : "The result has the values of the latest bar, in the order of "
                                     "the spec; NaN where there is no bar.");
}

#define BARS_FUNCTION(fn, what, whole, input, input_type, result_type, function)                   \
    {.name = #fn,                                                                                  \
     .arguments = {{"spec", "String"}, {input, input_type}},                                       \
     .argument_count = 2,                                                                          \
     .return_type = result_type,                                                                   \
     .run = function,                                                                              \
     .index = whole,                                                                               \
     .summary = what,                                                                              \
     .document = document},
const struct udf_function ta_bars_functions[] = {
    BARS_FUNCTION(ta, "Many indicators of one series in one call, for every bar", 0, "points",
                  POINTS_TYPE, EVERY_TYPE, run_every)
        BARS_FUNCTION(ta_bars, "Many indicators of whole bars in one call, for every bar", 1,
                      "bars", BARS_TYPE, EVERY_TYPE, run_every)
            BARS_FUNCTION(ta_last, "Many indicators of one series, only for its latest point", 0,
                          "points", POINTS_TYPE, "Array(Float64)", run_last)
                BARS_FUNCTION(ta_bars_last,
                              "Many indicators of whole bars, only for the latest bar", 1, "bars",
                              BARS_TYPE, "Array(Float64)", run_last)};
const size_t ta_bars_function_count = sizeof ta_bars_functions / sizeof *ta_bars_functions;
