// SPDX-License-Identifier: Apache-2.0
// tune_bench list                          the functions: name, dimensions, minimum, noise, bounds
// tune_bench ours|random NAME SEED TRIALS  a search; a line a trial: trial, seen, true score
// tune_bench evaluate NAME SEED            points of [0,1]^d on stdin, a line each; seen and true
//                                          scores on stdout: for peers, which so get the same
//                                          functions and the same noise
#include "functions.h"
#include "tune/random.h"
#include "tune/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int list(void)
{
    for (size_t i = 0; i < test_function_count; i++) {
        const struct test_function *f = &test_functions[i];
        (void)printf("%s\t%zu\t%.15g\t%g\n", f->name, f->dimensions, f->minimum, f->noise);
    }
    return 0;
}

static const struct test_function *find(const char *name)
{
    for (size_t i = 0; i < test_function_count; i++)
        if (strcmp(test_functions[i].name, name) == 0)
            return &test_functions[i];
    return NULL;
}

// Standard normal, by Box and Muller; the same for a seed and a trial whoever searches.
static double noise_of(uint64_t seed, size_t trial)
{
    uint64_t random = random_state(seed, trial, 1000);
    const double a = 1 - random_unit(&random), b = random_unit(&random);
    return sqrt(-2 * log(a)) * cos(2 * M_PI * b);
}

static double evaluate(const struct test_function *f, uint64_t seed, size_t trial, const double *u,
                       double *score)
{
    double x[6];
    for (size_t d = 0; d < f->dimensions; d++)
        x[d] = f->low[d] + u[d] * (f->high[d] - f->low[d]);
    *score = f->value(x);
    return *score + f->noise * noise_of(seed, trial);
}

static int evaluate_input(const struct test_function *f, uint64_t seed)
{
    double u[6], score;
    for (size_t trial = 0;; trial++) {
        for (size_t d = 0; d < f->dimensions; d++)
            if (scanf("%lf", &u[d]) != 1)
                return 0;
        const double seen = evaluate(f, seed, trial, u, &score);
        (void)printf("%.17g %.17g\n", seen, score);
        (void)fflush(stdout);
    }
}

static int propose(const struct search *search, bool model, uint64_t *random, double *values,
                   struct err *err)
{
    bool exhausted = false;
    if (model)
        return search_propose(search, values, &exhausted, err);
    for (size_t d = 0; d < search->space->count; d++)
        values[d] = random_unit(random);
    return 0;
}

static int run(const struct test_function *f, uint64_t seed, size_t trials, bool model,
               struct err *err)
{
    struct space space = {0};
    struct search search;
    uint64_t random = random_state(seed, 0, 2000);
    for (size_t d = 0; d < f->dimensions; d++) {
        const char name[] = {'x', (char)('0' + d), '\0'};
        TRY(space_set(&space, name, "0..1:float", err));
    }
    TRY(search_new(&search, &space, seed, 0, err));
    int code = 0;
    while (code == 0 && search.count < trials) {
        struct trial trial = {0};
        double score;
        code = propose(&search, model, &random, trial.values, err);
        trial.score = evaluate(f, seed, search.count, trial.values, &score);
        (void)printf("%zu\t%.17g\t%.17g\n", search.count, trial.score, score);
        code = code != 0 ? code : search_tell(&search, &trial, err);
    }
    search_free(&search);
    return code;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    const struct test_function *f = argc > 2 ? find(argv[2]) : NULL;
    const uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    if (f != NULL && argc == 4 && strcmp(argv[1], "evaluate") == 0)
        return evaluate_input(f, seed);
    if (f == NULL || argc != 5) {
        (void)fprintf(stderr, "usage: tune_bench list | ours|random NAME SEED TRIALS | evaluate "
                              "NAME SEED\n");
        return EX_USAGE;
    }
    const int code = run(f, seed, strtoull(argv[4], NULL, 10), strcmp(argv[1], "ours") == 0, &err);
    if (code != 0)
        (void)fprintf(stderr, "tune_bench: %s\n", err.text);
    return code;
}
