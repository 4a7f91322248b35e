// SPDX-License-Identifier: Apache-2.0
// The family as the worker sees it: ta.def's functions over arrays, the functions over bars, and
// the commands of `ta`.
#include "family.h"
#include "plan.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FUNCTIONS = 256 };

static struct udf_function functions[MAX_FUNCTIONS];
static size_t function_count;

static void document_array_function(const struct udf_function *function, FILE *out)
{
    const struct ta_function *ta = &ta_functions[function->index];
    (void)fprintf(out, "\n`%s`\n\n", ta->formula);
    if (ta->param_count != 0) {
        (void)fprintf(out, "Parameters:");
        for (size_t p = 0; p < ta->param_count; p++)
            (void)fprintf(out, "%s `%s` (%s from %g; usual %g)", p != 0 ? "," : "",
                          ta->params[p].name, ta->params[p].is_period ? "whole number" : "number",
                          ta->params[p].minimum, ta->params[p].initial);
        (void)fprintf(out, ". ");
    }
    (void)fprintf(out, "Warm-up: the first `%s` values are NaN. %s Source: %s.\n",
                  ta->lookback_text, ta->edges, ta->source);
}

// Names and types that are made of ta.def; they live as long as the program.
static char text_room[1 << 14];
static size_t text_used;

static const char *text_make(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *text_make(const char *format, ...)
{
    va_list arguments;
    char *text = text_room + text_used;
    va_start(arguments, format);
    text_used += (size_t)vsnprintf(text, sizeof text_room - text_used, format, arguments) + 1;
    va_end(arguments);
    assert(text_used <= sizeof text_room);
    return text;
}

// Array(Float64), or a Tuple of them under the outputs' names.
static const char *return_type(const struct ta_function *ta)
{
    char elements[256] = "";
    size_t used = 0;
    if (ta->output_count == 1)
        return "Array(Float64)";
    for (size_t k = 0; k < ta->output_count; k++)
        used += (size_t)snprintf(elements + used, sizeof elements - used, "%s%s Array(Float64)",
                                 k != 0 ? ", " : "", ta->outputs[k]);
    assert(used < sizeof elements);
    return text_make("Tuple(%s)", elements);
}

static void describe(const struct ta_function *ta, struct udf_function *f)
{
    f->name = text_make("ta_%s", ta->name);
    f->index = (size_t)(ta - ta_functions);
    f->run = ta_arrays_run;
    f->summary = ta->summary;
    f->document = document_array_function;
    f->return_type = return_type(ta);
    for (size_t i = 0; i < ta->input_count; i++)
        f->arguments[f->argument_count++] = (struct udf_argument){ta->inputs[i], "Array(Float64)"};
    for (size_t p = 0; p < ta->param_count; p++)
        f->arguments[f->argument_count++] = (struct udf_argument){
            ta->params[p].name, ta->params[p].is_period ? "Int64" : "Float64"};
}

static const struct udf_function *list(size_t *count)
{
    if (function_count == 0) {
        for (size_t i = 0; i < ta_bars_function_count; i++)
            functions[function_count++] = ta_bars_functions[i];
        functions[function_count++] = ta_anomaly_function;
        for (size_t i = 0; i < ta_function_count && function_count < MAX_FUNCTIONS; i++)
            describe(&ta_functions[i], &functions[function_count++]);
    }
    *count = function_count;
    return functions;
}

static int setup(struct err *err)
{
    return ta_variant_select(getenv("TICKHOUSE_CPU"), err);
}

static void document_family(FILE *out)
{
    (void)fprintf(
        out, "**Order first.** An indicator needs its values in order of time, and "
             "`groupArray` does not keep any order when a table is "
             "read in parallel: the same query can give other values from run to run. "
             "Use a form that orders:\n\n"
             "```sql\n"
             "-- shortest: the columns come with their time, and the function orders them\n"
             "SELECT ticker, ta('ema(12), rsi(14)', groupArray(date), groupArray(close)) FROM "
             "warehouse.stock_daily FINAL GROUP BY ticker;\n"
             "-- arrays: values sorted by their dates\n"
             "SELECT ticker, ta_ema(arraySort((value, day) -> day, groupArray(close), "
             "groupArray(date)), 12) "
             "FROM warehouse.stock_daily FINAL GROUP BY ticker;\n"
             "-- rows: the same rows come back with indicators beside them; input that is not "
             "in order is refused\n"
             "SELECT * FROM executable('ta table fast=ema(12),rsi=rsi(14)', Native,\n"
             "    'ticker String, date Date, close Float64, fast Float64, rsi Float64',\n"
             "    (SELECT ticker, date, close FROM warehouse.stock_daily FINAL ORDER BY "
             "ticker, date));\n"
             "```\n\n"
             "In the table function, name the outputs (`fast=ema(12)`, `macd/signal/hist=macd`): "
             "ClickHouse fills a column of the structure that comes under another name with "
             "zeros, and says nothing. To land a table, add `SETTINGS max_insert_threads`.\n\n"
             "What each form costs stands in [benchmarks.md](benchmarks.md), what the "
             "numbers obey in [numerics.md](numerics.md).\n\n"
             "Arrays go in and arrays of the same length come out; the first values, "
             "which have not enough history, are NaN. A period "
             "that is 0, negative or no whole number is an error, as are arrays of "
             "unequal length in one row.\n\n");
}

static int command(int argc, char **argv, struct err *err)
{
    if (strcmp(argv[0], "table") == 0)
        return ta_table_command(argc, argv, err);
    if (strcmp(argv[0], "bars") == 0)
        return ta_tick_bars_command(argc, argv, err);
    if (ta_find(argv[0], strlen(argv[0])) != NULL)
        return ta_csv_command(argc, argv, err);
    return -1;
}

static void complete(FILE *out)
{
    (void)fprintf(out, "table\nbars\n");
    for (size_t i = 0; i < ta_function_count; i++)
        (void)fprintf(out, "%s\n", ta_functions[i].name);
}

const struct udf_family udf_family = {
    .name = "ta",
    .summary = "technical indicators for ClickHouse",
    .functions = list,
    .setup = setup,
    .document = document_family,
    .command = command,
    .usage =
        "       ta table SPEC       rows in, the same rows with indicators out: for executable()\n"
        "       ta bars [options]   trades in, volume, dollar or tick bars out: for executable()\n"
        "       ta INDICATOR [--PARAMETER VALUE ...] < prices.csv\n"
        "                           add an indicator to a CSV file; 'ta ema --help' shows its "
        "parameters\n",
    .complete = complete,
};
