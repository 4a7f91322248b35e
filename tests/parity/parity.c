// SPDX-License-Identifier: Apache-2.0
// Every function that TA-Lib has, against TA-Lib's C library, on seeded random bars and on the CSV
// files given:
//   ta_parity LIBRARY [FILE.csv …]
// A difference counts relative to the larger of the result and the scale of the input that it came
// from; above 1e-9, or with another warm-up, the program fails. Prints one line a function.
#include "talib.h"
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>

static const double tolerance = 1e-9;

struct bars {
    const char *name;
    double *columns[COLUMNS];
    size_t size;
};

// Bounded differences of what TA-Lib forms from running sums of squares are relative to the price.
static double difference(double ours, double theirs, double scale)
{
    if (isnan(ours) && isnan(theirs))
        return 0;
    if (!isfinite(ours) || !isfinite(theirs))
        return INFINITY;
    return fabs(ours - theirs) / fmax(fmax(fabs(ours), fabs(theirs)), scale);
}

// What a result near 0 is compared with. Oscillators run from 0 to 100; MACD, momentum and
// deviations are differences of prices and so known to the price's precision; totals to that of the
// largest total.
static double result_scale(const struct ta_function *function, const double *theirs, size_t size,
                           double price)
{
    static const char *const of_price[] = {"macd", "mom", "stddev", "bbands"};
    static const char *const of_total[] = {"ad", "obv"};
    for (size_t i = 0; i < sizeof of_price / sizeof *of_price; i++)
        if (strcmp(function->name, of_price[i]) == 0)
            return price * 1e-3;
    for (size_t i = 0; i < sizeof of_total / sizeof *of_total; i++)
        if (strcmp(function->name, of_total[i]) == 0) {
            double largest = 0;
            for (size_t k = 0; k < size; k++)
                largest = fmax(largest, fabs(theirs[k]));
            return largest;
        }
    return strcmp(function->name, "return") == 0 ? 1e-2 : 1;
}

static double mean_price(const struct bars *bars)
{
    double sum = 0;
    for (size_t i = 0; i < bars->size; i++)
        sum += bars->columns[CLOSE][i];
    return sum / (double)bars->size;
}

struct work {
    double *ours[TA_MAX_OUTPUTS], *theirs[TA_MAX_OUTPUTS], *scratch;
};

static double compare(size_t index, const struct bars *bars, const double *param, struct work *work)
{
    const struct ta_function *function = &ta_functions[index];
    const double *in[TA_MAX_INPUTS];
    for (size_t k = 0; k < function->input_count; k++)
        in[k] = walk_column(bars->columns, function->inputs[k]);
    for (size_t k = 0; k < function->output_count; k++)
        for (size_t i = 0; i < bars->size; i++)
            work->theirs[k][i] = NAN;
    ta_kernel_of(index)(in, bars->size, param, work->ours, work->scratch);
    const long count = talib_call(function, in, bars->size, param, work->theirs);
    if (count < 0 || (size_t)count + function->lookback(param) < bars->size)
        return INFINITY;
    double worst = 0;
    for (size_t k = 0; k < function->output_count; k++) {
        const double scale = result_scale(function, work->theirs[k] + function->lookback(param),
                                          bars->size - function->lookback(param), mean_price(bars));
        for (size_t i = 0; i < bars->size; i++) {
            const double d = difference(work->ours[k][i], work->theirs[k][i], scale);
            if (d > tolerance && worst <= tolerance)
                fprintf(stderr, "%s(%g, %g, %g) on %s, row %zu, %s: ours %.17g, TA-Lib %.17g\n",
                        function->name, param[0], param[1], param[2], bars->name, i,
                        function->outputs[k], work->ours[k][i], work->theirs[k][i]);
            worst = fmax(worst, d);
        }
    }
    return worst;
}

// Where our rule is not TA-Lib's (docs/numerics.md): at n = 1 its NATR is the true range, not in
// percent; a CCI of two bars is 66.67, 0 or -66.67 whatever the prices are, and what differs is
// rounding.
static bool is_exception(const struct ta_function *function, const double *param)
{
    return (strcmp(function->name, "natr") == 0 && param[0] == 1) ||
           (strcmp(function->name, "cci") == 0 && param[0] == 2);
}

// The defaults, and every period shorter and longer than usual.
static void parameters(const struct ta_function *function, size_t turn, double *param)
{
    static const double factor[] = {1, 0, 0.5, 1.7, 4};
    for (size_t k = 0; k < TA_MAX_PARAMS; k++) {
        const struct ta_param *p = &function->params[k];
        param[k] = p->initial;
        if (k < function->param_count && p->is_period)
            param[k] = fmax(p->minimum, floor(p->initial * factor[turn]));
    }
}

static int check_function(size_t index, const struct bars *all, size_t count, struct work *work)
{
    const struct ta_function *function = &ta_functions[index];
    double worst = 0;
    for (size_t b = 0; b < count; b++)
        for (size_t turn = 0; turn < 5; turn++) {
            double param[TA_MAX_PARAMS];
            parameters(function, turn, param);
            if (function->lookback(param) < all[b].size && !is_exception(function, param))
                worst = fmax(worst, compare(index, &all[b], param, work));
        }
    printf("| %-8s | %8.1e | %s |\n", function->name, worst, worst <= tolerance ? "ok" : "FAILED");
    return worst <= tolerance ? 0 : 1;
}

static struct bars bars_new(const char *name, size_t size)
{
    struct bars bars = {.name = name, .size = size};
    for (size_t k = 0; k < COLUMNS; k++)
        bars.columns[k] = calloc(size + 1, sizeof(double));
    return bars;
}

// The last five numbers of a line that has at least five after its first comma are open … volume.
// Stooq's bulk text has one more, openint, after them.
static bool read_row(const char *line, struct bars *bars, size_t row)
{
    double open, high, low, close, volume;
    if (sscanf(line, "%*[^,],D,%*d,%*d,%lf,%lf,%lf,%lf,%lf", &open, &high, &low, &close, &volume) !=
            5 &&
        sscanf(line, "%*[^,],%lf,%lf,%lf,%lf,%lf", &open, &high, &low, &close, &volume) != 5)
        return false;
    bars->columns[OPEN][row] = open, bars->columns[HIGH][row] = high;
    bars->columns[LOW][row] = low, bars->columns[CLOSE][row] = close;
    bars->columns[VOLUME][row] = volume;
    return true;
}

static struct bars bars_read(const char *path)
{
    enum { MOST_ROWS = 100000 };
    struct bars bars = bars_new(path, MOST_ROWS);
    bars.size = 0;
    FILE *file = fopen(path, "r");
    char line[1024];
    while (file != NULL && bars.size < MOST_ROWS && fgets(line, sizeof line, file) != NULL)
        bars.size += read_row(line, &bars, bars.size);
    if (file != NULL)
        fclose(file);
    return bars;
}

enum { WALKS = 3, WALK_BARS = 20000 };

// The random series, then the files. 0, or the exit code when a file holds nothing.
static int all_bars(struct bars *all, size_t files, char **paths)
{
    static const double start[WALKS] = {100, 5e4, 0.3}, step[WALKS] = {0.015, 0.001, 0.05};
    for (size_t i = 0; i < WALKS; i++) {
        all[i] = bars_new("random bars", WALK_BARS);
        walk_bars(all[i].columns, WALK_BARS, start[i], step[i], i + 1);
    }
    for (size_t i = 0; i < files; i++) {
        all[WALKS + i] = bars_read(paths[i]);
        if (all[WALKS + i].size == 0) {
            fprintf(stderr, "%s holds no daily bars\n", paths[i]);
            return 65;
        }
    }
    return 0;
}

static void all_bars_free(struct bars *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            free(all[i].columns[k]);
    free(all);
}

static int check_all(const struct bars *all, size_t count)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = all[i].size > most ? all[i].size : most;
    struct work work = {.scratch = calloc(TA_SCRATCH_DOUBLES(most), sizeof(double))};
    for (size_t k = 0; k < TA_MAX_OUTPUTS; k++) {
        work.ours[k] = calloc(most, sizeof(double));
        work.theirs[k] = calloc(most, sizeof(double));
    }
    printf("TA-Lib %s, %zu series\n", talib_version(), count);
    printf("| function | largest relative difference | |\n| --- | --- | --- |\n");
    int failed = 0, compared = 0;
    for (size_t i = 0; i < ta_function_count; i++)
        if (talib_has(ta_functions[i].name)) {
            failed += check_function(i, all, count, &work);
            compared++;
        }
    printf("%d functions compared, %d failed\n", compared, failed);
    for (size_t k = 0; k < TA_MAX_OUTPUTS; k++)
        free(work.ours[k]), free(work.theirs[k]);
    free(work.scratch);
    return failed == 0 && compared > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: ta_parity TA-LIB-LIBRARY [FILE.csv ...]\n");
        return 64;
    }
    if (talib_open(argv[1]) != 0 || ta_variant_select(getenv("TICKHOUSE_CPU"), NULL) != 0)
        return 69;
    const size_t files = (size_t)argc - 2, count = WALKS + files;
    struct bars *all = calloc(count, sizeof *all);
    int code = all_bars(all, files, argv + 2);
    if (code == 0)
        code = check_all(all, count);
    all_bars_free(all, count);
    return code;
}
