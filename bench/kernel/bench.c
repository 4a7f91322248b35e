// SPDX-License-Identifier: Apache-2.0
// Our kernels against TA-Lib's C library, in one process, on the same memory:
//   ta_bench LIBRARY [REPETITIONS]
// One series of 10 million bars, then 1,000 series of 2,520. Results are compared before anything
// is timed; ours and theirs take turns, and the shortest time of each counts. `copy` is memcpy of
// the same number of input and output arrays: what the memory allows. Prints Markdown.
#include "base/cpu.h"
#include "lanes.h"
#include "talib.h"
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static const struct {
    const char *name;
    double param[TA_MAX_PARAMS];
} measured[] = {{"sma", {20}},          {"ema", {20}}, {"rsi", {14}},         {"macd", {12, 26, 9}},
                {"bbands", {20, 2, 2}}, {"atr", {14}}, {"stoch", {14, 3, 3}}, {"adx", {14}},
                {"cci", {14}},          {"mfi", {14}}};

struct set {
    const char *name;
    size_t series, length;
    double *columns[COLUMNS];
    double *ours[TA_MAX_OUTPUTS], *theirs[TA_MAX_OUTPUTS], *scratch;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double *map_doubles(size_t count)
{
    void *p = mmap(NULL, count * sizeof(double), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        perror("memory for the benchmark");
        exit(71);
    }
    return p;
}

static struct set set_new(const char *name, size_t series, size_t length, double step)
{
    struct set set = {.name = name, .series = series, .length = length};
    for (size_t k = 0; k < COLUMNS; k++)
        set.columns[k] = map_doubles(series * length);
    for (size_t k = 0; k < TA_MAX_OUTPUTS; k++) {
        set.ours[k] = map_doubles(series * length);
        set.theirs[k] = map_doubles(series * length);
    }
    set.scratch = map_doubles(TA_SCRATCH_DOUBLES(length));
    for (size_t s = 0; s < series; s++) {
        double *columns[COLUMNS];
        for (size_t k = 0; k < COLUMNS; k++)
            columns[k] = set.columns[k] + s * length;
        walk_bars(columns, length, 100, step, s + 1);
    }
    return set;
}

static void set_free(struct set *set)
{
    for (size_t k = 0; k < COLUMNS; k++)
        munmap(set->columns[k], set->series * set->length * sizeof(double));
    for (size_t k = 0; k < TA_MAX_OUTPUTS; k++) {
        munmap(set->ours[k], set->series * set->length * sizeof(double));
        munmap(set->theirs[k], set->series * set->length * sizeof(double));
    }
    munmap(set->scratch, TA_SCRATCH_DOUBLES(set->length) * sizeof(double));
}

enum who { OURS, THEIRS, COPY, WHOS };

static void run_series(enum who who, size_t index, const struct set *set, size_t s,
                       const double *param)
{
    const struct ta_function *function = &ta_functions[index];
    const size_t offset = s * set->length;
    const double *in[TA_MAX_INPUTS];
    double *out[TA_MAX_OUTPUTS];
    for (size_t k = 0; k < function->input_count; k++)
        in[k] = walk_column(set->columns, function->inputs[k]) + offset;
    for (size_t k = 0; k < function->output_count; k++)
        out[k] = (who == OURS ? set->ours[k] : set->theirs[k]) + offset;
    if (who == OURS)
        ta_kernel_of(index)(in, set->length, param, out, set->scratch);
    else
        talib_call(function, in, set->length, param, out);
}

// As many bytes read as the inputs have, as many written as the outputs have: the larger number of
// arrays is copied, and where there are fewer outputs than inputs, onto the same place.
static void copy_arrays(size_t index, const struct set *set, size_t s)
{
    const struct ta_function *function = &ta_functions[index];
    const size_t offset = s * set->length, in = function->input_count, out = function->output_count;
    for (size_t k = 0; k < (in > out ? in : out); k++) {
        const size_t from = k < in ? k : in - 1, to = k < out ? k : out - 1;
        memcpy(set->theirs[to] + offset, walk_column(set->columns, function->inputs[from]) + offset,
               set->length * sizeof(double));
    }
}

static double time_once(enum who who, size_t index, const struct set *set, const double *param)
{
    const double start = seconds();
    for (size_t s = 0; s < set->series; s++)
        if (who == COPY)
            copy_arrays(index, set, s);
        else
            run_series(who, index, set, s, param);
    return seconds() - start;
}

// The largest difference, relative to the result or, near 0, to 1.
static double largest_difference(size_t index, const struct set *set, const double *param)
{
    const struct ta_function *function = &ta_functions[index];
    const size_t lookback = function->lookback(param);
    double worst = 0;
    for (size_t k = 0; k < function->output_count; k++)
        for (size_t i = 0; i < set->series * set->length; i++) {
            if (i % set->length < lookback)
                continue;
            const double a = set->ours[k][i], b = set->theirs[k][i];
            const double d = fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
            worst = d <= worst ? worst : isnan(d) ? INFINITY : d;
        }
    return worst;
}

static int measure(size_t which, const struct set *set, int repetitions)
{
    const char *name = measured[which].name;
    const double *param = measured[which].param;
    const size_t index = (size_t)(ta_find(name, strlen(name)) - ta_functions);
    double best[WHOS] = {INFINITY, INFINITY, INFINITY};
    for (enum who who = OURS; who < COPY; who++)
        time_once(who, index, set, param);
    const double difference = largest_difference(index, set, param);
    for (int r = 0; r < repetitions; r++)
        for (enum who who = OURS; who < WHOS; who++)
            best[who] = fmin(best[who], time_once(who, index, set, param));
    const double values = (double)(set->series * set->length) * 1e-6;
    printf("| %-6s | %7.0f | %7.0f | %5.2f | %7.0f | %3.0f%% | %.0e |\n", name, values / best[OURS],
           values / best[THEIRS], best[THEIRS] / best[OURS], values / best[COPY],
           100 * best[COPY] / best[OURS], difference);
    fflush(stdout);
    if (difference <= 1e-8)
        return 0;
    fprintf(stderr, "%s differs from TA-Lib's by %g: the times mean nothing\n", name, difference);
    return 1;
}

// The form that was not taken: eight series side by side in lanes.
static void measure_lanes(const struct set *set, int repetitions)
{
    if (!lanes_can_run() || set->series < 8)
        return;
    double best[2] = {INFINITY, INFINITY};
    const double n = 20;
    for (int r = 0; r < repetitions; r++) {
        double start = seconds();
        for (size_t s = 0; s + 8 <= set->series; s += 8)
            lanes_ema(set->columns[CLOSE] + s * set->length, set->length, n,
                      set->theirs[0] + s * set->length);
        best[0] = fmin(best[0], seconds() - start);
        start = seconds();
        for (size_t s = 0; s < set->series / 8 * 8; s++)
            run_series(OURS, (size_t)(ta_find("ema", 3) - ta_functions), set, s, &n);
        best[1] = fmin(best[1], seconds() - start);
    }
    const double values = (double)(set->series / 8 * 8 * set->length) * 1e-6;
    printf("\nEMA with eight series side by side in lanes: %.0f M values/s; along each series: "
           "%.0f.\n",
           values / best[0], values / best[1]);
}

static void print_machine(int repetitions)
{
    char line[256], cpu[256] = "unknown CPU";
    FILE *info = fopen("/proc/cpuinfo", "r");
    while (info != NULL && fgets(line, sizeof line, info) != NULL)
        if (sscanf(line, "model name : %255[^\n]", cpu) == 1)
            break;
    if (info != NULL)
        fclose(info);
    size_t variant = 0;
    while (ta_kernel_of(0) != ta_kernel_of_variant(0, variant))
        variant++;
    printf("%s, %s, GCC %s; TA-Lib %s; shortest of %d\n", cpu, cpu_variant_name(variant),
           __VERSION__, talib_version(), repetitions);
}

int main(int argc, char **argv)
{
    const int repetitions = argc > 2 ? atoi(argv[2]) : 9;
    if (argc < 2 || repetitions < 1) {
        fprintf(stderr, "usage: ta_bench TA-LIB-LIBRARY [REPETITIONS]\n");
        return 64;
    }
    if (talib_open(argv[1]) != 0 || ta_variant_select(getenv("TICKHOUSE_CPU"), NULL) != 0)
        return 69;
    print_machine(repetitions);
    int failed = 0;
    for (size_t s = 0; s < 2; s++) {
        struct set set = s == 0 ? set_new("one series of 10,000,000", 1, 10000000, 0.0005)
                                : set_new("1,000 series of 2,520", 1000, 2520, 0.015);
        printf(
            "\n%s, M values/s\n\n| function | ours | TA-Lib | ratio | copy | of copy | differs |\n"
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
            set.name);
        for (size_t i = 0; i < sizeof measured / sizeof *measured; i++)
            failed += measure(i, &set, repetitions);
        measure_lanes(&set, repetitions);
        set_free(&set);
    }
    return failed == 0 ? 0 : 1;
}
