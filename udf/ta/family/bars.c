// SPDX-License-Identifier: Apache-2.0
// Many indicators in one call, over columns that come with their time: ta('ema(12), rsi(14)',
// groupArray(date), groupArray(close)). The bars may come in any order, as groupArray gives them
// under parallel reads (the same for all columns of a query): they are put in order of time here,
// so the result never depends on it. Bars of equal time are ordered by their values, for the same
// reason.
#include "family.h"
#include "plan.h"

#include <assert.h>
#include <string.h>

#define TIMES_TYPE "Array(DateTime64(6,'UTC'))"
#define SERIES_TYPE "Array(Float64)"
#define EVERY_TYPE "Tuple(time " TIMES_TYPE ", values Array(Array(Float64)))"

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
        assert(b->values[s] != NULL);
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
        assert(b->values[s] != NULL);
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
                   : err_prefix(err, "only one series was given; ta_bars takes whole bars");
    return 0;
}

static int row_bars(const struct udf_function *function, const struct udf_call *call, size_t row,
                    struct bars *b, struct err *err)
{
    const uint64_t *ends = call->arguments[1]->ends;
    const size_t start = native_start(ends, row);
    *b = (struct bars){.series_count = function->argument_count - 2, .size = ends[row] - start};
    b->time = (const int64_t *)call->arguments[1]->children[0].values + start;
    for (size_t s = 0; s < b->series_count; s++) {
        const struct native_column *series = call->arguments[2 + s];
        const size_t first = native_start(series->ends, row), size = series->ends[row] - first;
        if (size != b->size)
            return err_set(
                err, EX_DATAERR,
                "row %zu: 'time' has %zu values, '%s' has %zu; arrays of one row must be "
                "equally long",
                row + 1, b->size, function->arguments[2 + s].name, size);
        b->values[s] = (const double *)series->children[0].values + first;
    }
    return 0;
}

// Runs the plan over a row's bars into `output_count` series of b->size values each.
static int run_row(const struct ta_plan *plan, const struct bars *b, struct arena *arena,
                   double *values, struct err *err)
{
    double *scratch = arena_alloc(arena, TA_SCRATCH_DOUBLES(b->size), sizeof *scratch, err);
    double *outputs[TA_MAX_STEPS * TA_MAX_OUTPUTS];
    if (scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t k = 0; k < plan->output_count; k++)
        outputs[k] = values + k * b->size;
    const double *series[TA_SERIES_COUNT] = {NULL};
    for (size_t s = 0; s < b->series_count && b->series_count > 1; s++)
        series[s] = b->values[s];
    series[TA_X] = b->series_count > 1 ? b->values[TA_CLOSE] : b->values[0];
    ta_plan_run(plan, series, b->size, outputs, scratch);
    return 0;
}

// The result of ta and ta_bars: of each row the times, and an array of series.
struct every {
    int64_t *time;
    uint64_t *series_ends, *ends;
    double *values;
    size_t bars, series, used;
};

static int every_open(struct every *e, struct udf_call *call, size_t output_count, struct err *err)
{
    const struct native_column *times = call->arguments[1];
    const size_t bars = times->ends[call->rows - 1], series = call->rows * output_count;
    e->time = arena_alloc(call->arena, bars, sizeof *e->time, err);
    e->series_ends = arena_alloc(call->arena, call->rows, sizeof *e->series_ends, err);
    e->ends = arena_alloc(call->arena, series, sizeof *e->ends, err);
    e->values = arena_alloc(call->arena, bars * output_count, sizeof *e->values, err);
    if (e->time == NULL || e->series_ends == NULL || e->ends == NULL || e->values == NULL)
        return err_code(err, EX_OSERR);
    struct native_column *time = &call->result->children[0], *values = &call->result->children[1];
    time->rows = values->rows = call->rows;
    time->ends = times->ends;
    time->children[0].rows = bars;
    time->children[0].values = e->time;
    values->ends = e->series_ends;
    values->children[0].rows = series;
    values->children[0].ends = e->ends;
    values->children[0].children[0].rows = bars * output_count;
    values->children[0].children[0].values = e->values;
    return 0;
}

static int every_add(struct every *e, const struct plan_cache *cache, const struct bars *b,
                     struct arena *arena, size_t row, struct err *err)
{
    TRY(run_row(&cache->plan, b, arena, e->values + e->used, err));
    if (b->size != 0)
        memcpy(e->time + e->bars, b->time, b->size * sizeof *e->time);
    e->bars += b->size;
    for (size_t k = 0; k < cache->plan.output_count; k++)
        e->ends[e->series++] = e->used += b->size;
    e->series_ends[row] = e->series;
    return 0;
}

static int run_every(const struct udf_function *function, struct udf_call *call, struct err *err)
{
    static struct plan_cache cache;
    struct every every = {0};
    cache.text = NULL;
    cache.whole_bars = function->index != 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct bars b;
        const size_t outputs_before = cache.plan.output_count;
        TRY(plan_for_row(&cache, call->arguments[0], row, err));
        if (row == 0)
            TRY(every_open(&every, call, cache.plan.output_count, err));
        else if (cache.plan.output_count != outputs_before)
            return err_set(err, EX_DATAERR,
                           "row %zu: the spec must have the same number of outputs in every row",
                           row + 1);
        const size_t mark = arena_mark(call->arena);
        TRY(row_bars(function, call, row, &b, err));
        TRY(order_bars(&b, call->arena, err));
        TRY(every_add(&every, &cache, &b, call->arena, row, err));
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
    double *last =
        arena_alloc(call->arena, call->rows * TA_MAX_STEPS * TA_MAX_OUTPUTS, sizeof *last, err);
    if (ends == NULL || last == NULL)
        return err_code(err, EX_OSERR);
    size_t used = 0;
    for (size_t row = 0; row < call->rows; row++) {
        struct bars b;
        TRY(plan_for_row(&cache, call->arguments[0], row, err));
        const size_t mark = arena_mark(call->arena), outputs = cache.plan.output_count;
        TRY(row_bars(function, call, row, &b, err));
        TRY(order_bars(&b, call->arena, err));
        double *values = arena_alloc(call->arena, b.size * outputs, sizeof *values, err);
        if (values == NULL)
            return err_code(err, EX_OSERR);
        TRY(run_row(&cache.plan, &b, call->arena, values, err));
        for (size_t k = 0; k < outputs; k++)
            last[used++] = b.size == 0 ? (double)NAN : values[(k + 1) * b.size - 1];
        ends[row] = used;
        arena_rewind(call->arena, mark);
    }
    call->result->ends = ends;
    call->result->children[0].values = last;
    call->result->children[0].rows = used;
    return 0;
}

static void document(const struct udf_function *function, FILE *out)
{
    (void)fprintf(
        out,
        "\n`spec` lists indicators by the names of this page without `ta_`, with their parameters: "
        "`'ema(12), macd(12,26,9), rsi'`; what is left out has its default. %s The bars may come "
        "in "
        "any order: they are ordered by `time` before anything is computed, so plain `groupArray` "
        "is "
        "safe here. %s\n",
        function->index != 0 ? "Indicators of one series read `close`."
                             : "Indicators of one series read `x`.",
        function->run == run_every
            ? "The result holds the times in order, and in `values` one array for each output of "
              "the "
              "spec, in its order."
            : "The result holds the values of the latest bar, in the order of the spec; NaN where "
              "there is no bar.");
}

#define SERIES_ARGUMENTS                                                                           \
    {"time", TIMES_TYPE},                                                                          \
    {                                                                                              \
        "x", SERIES_TYPE                                                                           \
    }
#define BARS_ARGUMENTS                                                                             \
    {"time", TIMES_TYPE}, {"open", SERIES_TYPE}, {"high", SERIES_TYPE}, {"low", SERIES_TYPE},      \
        {"close", SERIES_TYPE},                                                                    \
    {                                                                                              \
        "volume", SERIES_TYPE                                                                      \
    }
#define BARS_FUNCTION(fn, what, whole, count, columns, result_type, function)                      \
    {.name = #fn,                                                                                  \
     .arguments = {{"spec", "String"}, columns},                                                   \
     .argument_count = count,                                                                      \
     .return_type = result_type,                                                                   \
     .run = function,                                                                              \
     .index = whole,                                                                               \
     .summary = what,                                                                              \
     .document = document},
const struct udf_function ta_bars_functions[] = {
    // clang-format off
    BARS_FUNCTION(ta, "Many indicators of one series in one call, for every bar", 0, 3,
                  SERIES_ARGUMENTS, EVERY_TYPE, run_every)
    BARS_FUNCTION(ta_bars, "Many indicators of whole bars in one call, for every bar", 1, 7,
                  BARS_ARGUMENTS, EVERY_TYPE, run_every)
    BARS_FUNCTION(ta_last, "Many indicators of one series, only for its latest point", 0, 3,
                  SERIES_ARGUMENTS, "Array(Float64)", run_last)
    BARS_FUNCTION(ta_bars_last, "Many indicators of whole bars, only for the latest bar", 1, 7,
                  BARS_ARGUMENTS, "Array(Float64)", run_last)
    // clang-format on
};
const size_t ta_bars_function_count = sizeof ta_bars_functions / sizeof *ta_bars_functions;
