// SPDX-License-Identifier: Apache-2.0
// Every function of ta.def, for every instruction set this CPU has: against its slow twin, bit for
// bit between instruction sets, its warm-up, and what NaN, infinity, spikes, flat input and short
// series give. All tests go over the table, so that a new function is covered by its line (and
// fails until it has a twin).
#include "base/cpu.h"
#include "parity/walk.h"
#include "reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 4200 };

static double memory[COLUMNS][MOST + 8], *columns[COLUMNS];
static double results[2][TA_MAX_OUTPUTS][MOST + 8];
static double scratch[TA_SCRATCH_DOUBLES(MOST)];

struct call {
    const struct ta_function *function;
    size_t index, size;
    double param[TA_MAX_PARAMS];
    const double *in[TA_MAX_INPUTS];
};

static struct call call_new(size_t index, size_t size, double factor)
{
    struct call call = {.function = &ta_functions[index], .index = index, .size = size};
    for (size_t k = 0; k < call.function->param_count; k++) {
        const struct ta_param *p = &call.function->params[k];
        call.param[k] = p->is_period ? fmax(p->minimum, floor(factor * p->initial)) : p->initial;
    }
    for (size_t k = 0; k < call.function->input_count; k++)
        call.in[k] = walk_column(columns, call.function->inputs[k]);
    return call;
}

static void compute(const struct call *call, size_t variant, size_t into, size_t offset)
{
    double *out[TA_MAX_OUTPUTS];
    for (size_t k = 0; k < TA_MAX_OUTPUTS; k++) {
        memset(results[into][k], 0x55, sizeof results[into][k]);
        out[k] = results[into][k] + offset;
    }
    memset(scratch, 0x55, TA_SCRATCH_DOUBLES(call->size) * sizeof *scratch);
    ta_kernel_of_variant(call->index, variant)(call->in, call->size, call->param, out, scratch);
}

static bool same_bits(const double *a, const double *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(&a[i], &b[i], sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i])))
            return false;
    return true;
}

static void say(const struct call *call, size_t variant, const char *what)
{
    fail_msg("ta_%s(%g, %g, %g) of %zu values, %s: %s", call->function->name, call->param[0],
             call->param[1], call->param[2], call->size, cpu_variant_name(variant), what);
}

static void fill(double start, double step, uint64_t seed)
{
    for (size_t k = 0; k < COLUMNS; k++)
        columns[k] = memory[k] + k % 3; // not all aligned alike
    walk_bars(columns, MOST, start, step, seed);
}

// Differences near 0 count against the scale of what is subtracted.
static double scale_of(const struct call *call, double price, double step)
{
    static const char *const of_price[] = {"mom", "macd", "stddev", "bbands", "atr"};
    static const char *const of_volume[] = {"obv", "ad"};
    static const char *const of_step[] = {"return",       "log_return", "volatility", "parkinson",
                                          "garman_klass", "yang_zhang", "drawdown"};
    for (size_t i = 0; i < sizeof of_price / sizeof *of_price; i++)
        if (strcmp(call->function->name, of_price[i]) == 0)
            return price * step;
    for (size_t i = 0; i < sizeof of_volume / sizeof *of_volume; i++)
        if (strcmp(call->function->name, of_volume[i]) == 0)
            return 1e6;
    for (size_t i = 0; i < sizeof of_step / sizeof *of_step; i++)
        if (strcmp(call->function->name, of_step[i]) == 0)
            return step;
    return 1;
}

static void compare(const struct call *call, double price, double step, double tolerance)
{
    static double expected[TA_MAX_OUTPUTS][MOST];
    double *const out[TA_MAX_OUTPUTS] = {expected[0], expected[1], expected[2]};
    reference *twin = reference_of(call->function->name);
    if (twin == NULL)
        fail_msg("ta_%s has no twin in tests/unit/ta/reference.c", call->function->name);
    twin(call->in, call->size, call->param, out);
    const double scale = scale_of(call, price, step);
    for (size_t variant = 0; variant < cpu_variant_count(); variant++) {
        compute(call, variant, 0, 0);
        for (size_t k = 0; k < call->function->output_count; k++)
            for (size_t i = 0; i < call->size; i++) {
                const double a = results[0][k][i], b = expected[k][i];
                if (isnan(a) && isnan(b))
                    continue;
                if (!(fabs(a - b) <= tolerance * fmax(scale, fabs(b))))
                    fail_msg("ta_%s(%g, %g, %g) of %zu values, %s, %s[%zu] is %.17g, not %.17g",
                             call->function->name, call->param[0], call->param[1], call->param[2],
                             call->size, cpu_variant_name(variant), call->function->outputs[k], i,
                             a, b);
            }
    }
}

static const double factors[] = {0, 0.3, 0.5, 1, 1.35, 2.2, 9};
#define EACH_FACTOR(f) for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
#define EACH_FUNCTION(i) for (size_t i = 0; i < ta_function_count; i++)
#define EACH_VARIANT(v, from) for (size_t v = (from); v < cpu_variant_count(); v++)

static void test_agrees_with_its_twin(void **state)
{
    (void)state;
    fill(100, 0.015, 1);
    EACH_FUNCTION(i)
    EACH_FACTOR(f)
    {
        struct call call = call_new(i, 0, factors[f]);
        for (call.size = 0; call.size <= 70; call.size++)
            compare(&call, 100, 0.015, 1e-10);
        call.size = 1000;
        compare(&call, 100, 0.015, 1e-10);
    }
    EACH_FUNCTION(i)
    {
        const struct call call = call_new(i, 4097, 1);
        compare(&call, 100, 0.015, 1e-10);
    }
}

// Prices of 1e9 that move by 0.001: 1e-12 of the price. What a double can hold of such a move is
// 1e-4 of it, and the twin sees the same doubles; ratios and their logarithms lose as many digits
// as the prices have.
static void test_large_offset(void **state)
{
    (void)state;
    const volatile long double one = 1, less_than_a_double_holds = 1e-18L;
    if (one + less_than_a_double_holds == one)
        skip(); // valgrind computes long double in 64 bits: the twins are no better than the
                // kernels
    fill(1e9, 1e-12, 2);
    static const char *const exact[] = {"stddev", "bbands", "sma", "mom", "willr", "stoch", "atr"};
    for (size_t k = 0; k < sizeof exact / sizeof *exact; k++)
        EACH_FACTOR(f)
        {
            const size_t i = (size_t)(ta_find(exact[k], strlen(exact[k])) - ta_functions);
            const struct call call = call_new(i, 1000, factors[f]);
            const bool is_level = strcmp(exact[k], "bbands") == 0 || strcmp(exact[k], "sma") == 0;
            compare(&call, 1e9, 1e-12, is_level ? 1e-15 : 1e-11);
        }
}

static void test_same_bits_everywhere(void **state)
{
    (void)state;
    fill(100, 0.015, 3);
    for (size_t i = 0; i < MOST; i += 97) // and with holes
        columns[i / 97 % COLUMNS][i] = i % 2 ? NAN : INFINITY;
    EACH_FUNCTION(i)
    EACH_FACTOR(f)
    EACH_VARIANT(v, 1)
    {
        static const size_t sizes[] = {1, 5, 63, 64, 90, 1000, 1001, 1002, 1003, 4097};
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            const struct call call = call_new(i, sizes[s], factors[f]);
            compute(&call, 0, 0, 0);
            compute(&call, v, 1, 1 + s % 7);
            for (size_t k = 0; k < call.function->output_count; k++)
                if (!same_bits(results[0][k], results[1][k] + 1 + s % 7, sizes[s]))
                    say(&call, v, "other bits than scalar");
        }
    }
}

static void test_lookback_is_the_warm_up(void **state)
{
    (void)state;
    fill(100, 0.015, 4);
    EACH_FUNCTION(i)
    EACH_FACTOR(f)
    EACH_VARIANT(v, 0)
    {
        const struct call call = call_new(i, 1000, factors[f]);
        const size_t lookback = call.function->lookback(call.param);
        compute(&call, v, 0, 0);
        for (size_t k = 0; k < call.function->output_count; k++)
            for (size_t j = 0; j < call.size; j++)
                if (isnan(results[0][k][j]) != (j < lookback))
                    say(&call, v, "the warm-up is not its lookback");
    }
}

// Does the function follow the rule "Skips"? The text of its page says it, so the page is tested
// too.
static bool skips(const struct ta_function *function)
{
    return strstr(function->edges, "Skips: ") == function->edges;
}

static bool has_window(const struct ta_function *function)
{
    return strstr(function->edges, "Window: ") == function->edges;
}

// How many bars one result reads: what must pass until a spike is forgotten.
static size_t reach(const struct call *call)
{
    return call->function->lookback(call->param) + 1;
}

// The stochastic k reads fewer bars than d, with which it begins.
static size_t narrower(const struct call *call, size_t output)
{
    return strcmp(call->function->outputs[output], "k") == 0 ? (size_t)call->param[2] - 1 : 0;
}

// A NaN, an infinity or a spike in every input: what comes after the window has the bits of the
// clean series.
static void test_windows_forget(void **state)
{
    (void)state;
    static const double odd[] = {NAN, INFINITY, -INFINITY, 1e17, -1e17, 1e300};
    EACH_FUNCTION(i)
    EACH_FACTOR(f)
    EACH_VARIANT(v, 0)
    for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
        const size_t at = 700;
        fill(100, 0.015, 5);
        const struct call call = call_new(i, 1600, factors[f]);
        if (skips(call.function))
            continue;
        compute(&call, v, 0, 0);
        for (size_t c = 0; c < COLUMNS; c++)
            columns[c][at] = odd[k];
        compute(&call, v, 1, 0);
        const size_t after = at + reach(&call);
        for (size_t o = 0; o < call.function->output_count; o++) {
            if (!same_bits(results[0][o], results[1][o], at) ||
                !same_bits(results[0][o] + after, results[1][o] + after, call.size - after))
                say(&call, v, "does not forget what left its window");
            if (isnan(odd[k]) && !isnan(results[1][o][at]))
                say(&call, v, "hides a NaN that it reads");
            const size_t until = after - narrower(&call, o);
            for (size_t j = at; has_window(call.function) && isnan(odd[k]) && j < until; j++)
                if (!isnan(results[1][o][j]))
                    say(&call, v, "hides a NaN in its window");
        }
    }
}

// A bar that is not finite in any one input that is read leaves the others' results as if it were
// not there.
static void test_recurrences_skip(void **state)
{
    (void)state;
    static const size_t all[] = {0, 1, 2, 5, 6, 30, 31, 32, 200, 333, 799};
    enum { SIZE = 800, HOLES = sizeof all / sizeof *all };
    EACH_FUNCTION(i)
    EACH_FACTOR(f)
    EACH_VARIANT(v, 0)
    for (size_t run = 0; run <= HOLES; run++) { // all of them, then each alone
        const size_t *holes = run == 0 ? all : &all[run - 1], count = run == 0 ? HOLES : 1;
        fill(100, 0.015, 6);
        struct call clean = call_new(i, SIZE - count, factors[f]);
        if (!skips(clean.function))
            continue;
        const size_t read =
            strstr(clean.function->edges, "close is not read") ? 2 : clean.function->input_count;
        compute(&clean, v, 0, 0);
        static double spread[TA_MAX_INPUTS][SIZE];
        struct call call = clean;
        call.size = SIZE;
        for (size_t k = 0; k < call.function->input_count; k++) {
            for (size_t j = 0, from = 0, h = 0; j < SIZE; j++) {
                const bool hole = h < count && holes[h] == j;
                const bool here = hole && h % read == k;
                spread[k][j] = here ? (h % 2 ? NAN : -INFINITY) : clean.in[k][from];
                h += hole;
                from += !hole && from + 1 < clean.size;
            }
            call.in[k] = spread[k];
        }
        compute(&call, v, 1, 0);
        for (size_t o = 0; o < call.function->output_count; o++) {
            double last = NAN;
            for (size_t j = 0, from = 0, h = 0; j < SIZE; j++) {
                const bool hole = h < count && holes[h] == j;
                h += hole;
                last = hole ? last : results[0][o][from++];
                if (!same_bits(&last, &results[1][o][j], 1))
                    say(&call, v, "does not skip a bar that is not finite");
            }
        }
    }
}

static void test_nothing_finite(void **state)
{
    (void)state;
    fill(100, 0.015, 7);
    for (size_t c = 0; c < COLUMNS; c++)
        for (size_t j = 0; j < MOST; j++)
            columns[c][j] = NAN;
    EACH_FUNCTION(i)
    EACH_VARIANT(v, 0)
    {
        const struct call call = call_new(i, 300, 1);
        compute(&call, v, 0, 0);
        for (size_t o = 0; o < call.function->output_count; o++)
            for (size_t j = 0; j < call.size; j++)
                assert_true(isnan(results[0][o][j]));
    }
}

static void fill_flat(double price)
{
    fill(100, 0.015, 8);
    for (size_t c = 0; c < VOLUME; c++)
        for (size_t j = 0; j < MOST; j++)
            columns[c][j] = price;
}

static void test_flat_input(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double value; // NAN: the price
    } flat[] = {{"sma", NAN},     {"ema", NAN},        {"wma", NAN},      {"dema", NAN},
                {"tema", NAN},    {"kama", NAN},       {"hma", NAN},      {"trima", NAN},
                {"bbands", NAN},  {"vwap", NAN},       {"macd", 0},       {"rsi", 50},
                {"mom", 0},       {"roc", 0},          {"cmo", 0},        {"trix", 0},
                {"stoch", 0},     {"cci", 0},          {"adx", 0},        {"willr", 0},
                {"mfi", 50},      {"atr", 0},          {"natr", 0},       {"stddev", 0},
                {"ad", 0},        {"return", 0},       {"log_return", 0}, {"volatility", 0},
                {"parkinson", 0}, {"garman_klass", 0}, {"yang_zhang", 0}, {"drawdown", 0}};
    static const double prices[] = {5, 0.1, 1e9 + 0.001, 1e-7, 1234.56789};
    for (size_t p = 0; p < sizeof prices / sizeof *prices; p++)
        for (size_t k = 0; k < sizeof flat / sizeof *flat; k++)
            EACH_FACTOR(f)
    EACH_VARIANT(v, 0)
    {
        fill_flat(prices[p]);
        const size_t i = (size_t)(ta_find(flat[k].name, strlen(flat[k].name)) - ta_functions);
        const struct call call = call_new(i, 600, factors[f]);
        const double expected = isnan(flat[k].value) ? prices[p] : flat[k].value;
        // Averages of equal values may miss by their rounding; oscillators and deviations do not.
        const double off = isnan(flat[k].value) || strcmp(flat[k].name, "macd") == 0 ||
                                   strcmp(flat[k].name, "trix") == 0
                               ? 1e-13 * fmax(1, prices[p])
                               : 0;
        compute(&call, v, 0, 0);
        for (size_t o = 0; o < call.function->output_count; o++)
            for (size_t j = call.function->lookback(call.param); j < call.size; j++)
                if (!(fabs(results[0][o][j] - expected) <= off))
                    say(&call, v, "flat input gives something else than its page says");
    }
}

static void test_no_volume(void **state)
{
    (void)state;
    fill(100, 0.015, 9);
    memset(columns[VOLUME], 0, MOST * sizeof(double));
    EACH_VARIANT(v, 0)
    {
        struct call call = call_new((size_t)(ta_find("mfi", 3) - ta_functions), 100, 1);
        compute(&call, v, 0, 0);
        assert_true(results[0][0][99] == 50);
        call = call_new((size_t)(ta_find("vwap", 4) - ta_functions), 100, 1);
        compute(&call, v, 0, 0);
        assert_true(isnan(results[0][0][99]));
    }
}

static void test_periods_beyond_the_series(void **state)
{
    (void)state;
    fill(100, 0.015, 10);
    EACH_FUNCTION(i)
    EACH_VARIANT(v, 0)
    {
        static const double periods[] = {300, 301, 1e6, 9e15};
        for (size_t k = 0; k < sizeof periods / sizeof *periods; k++) {
            struct call call = call_new(i, 300, 1);
            if (call.function->param_count == 0)
                continue;
            for (size_t p = 0; p < call.function->param_count; p++)
                if (call.function->params[p].is_period)
                    call.param[p] = periods[k];
            compute(&call, v, 0, 0);
            const size_t first = call.function->lookback(call.param);
            for (size_t o = 0; o < call.function->output_count; o++)
                for (size_t j = 0; j < call.size; j++)
                    if (isnan(results[0][o][j]) != (j < first))
                        say(&call, v, "a period beyond the series gives a value");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_its_twin),
        cmocka_unit_test(test_large_offset),
        cmocka_unit_test(test_same_bits_everywhere),
        cmocka_unit_test(test_lookback_is_the_warm_up),
        cmocka_unit_test(test_windows_forget),
        cmocka_unit_test(test_recurrences_skip),
        cmocka_unit_test(test_nothing_finite),
        cmocka_unit_test(test_flat_input),
        cmocka_unit_test(test_no_volume),
        cmocka_unit_test(test_periods_beyond_the_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
