// SPDX-License-Identifier: Apache-2.0
// Vectors of a core's type, filled and read as doubles, and a small random problem.
#ifndef TICKHOUSE_TESTS_NN_TRAIN_VALUES_H
#define TICKHOUSE_TESTS_NN_TRAIN_VALUES_H

#include "core/core.h"
#include "train/random.h"

#include <stdlib.h>

static inline void *values_new(size_t count)
{
    void *values = aligned_alloc(64, (count * sizeof(double) + 63) / 64 * 64);
    if (values == NULL)
        abort();
    for (size_t i = 0; i < count; i++)
        ((double *)values)[i] = 0;
    return values;
}

static inline double value_get(const struct fit_core *core, const void *values, size_t i)
{
    return core->real_size == sizeof(double) ? ((const double *)values)[i]
                                             : (double)((const float *)values)[i];
}

static inline void value_set(const struct fit_core *core, void *values, size_t i, double value)
{
    if (core->real_size == sizeof(double))
        ((double *)values)[i] = value;
    else
        ((float *)values)[i] = (float)value;
}

// A set whose rows and targets are of the core's type.
struct problem {
    struct fit_set set;
    void *rows, *targets;
    uint32_t *ends;
};

// Overlapping windows over rows between -1 and 1; targets are classes where classes > 0.
static inline struct problem problem_new(const struct fit_core *core, const struct network *network,
                                         size_t count, size_t classes, uint64_t seed)
{
    const size_t rows = count + network->lookback - 1;
    const size_t targets = classes > 0 ? count : count * network->outputs;
    struct problem p = {.rows = values_new(rows * network->features),
                        .targets = values_new(targets),
                        .ends = malloc(count * sizeof *p.ends)};
    if (p.ends == NULL)
        abort();
    for (size_t i = 0; i < rows * network->features; i++)
        value_set(core, p.rows, i, (double)(float)(2 * random_unit(&seed) - 1));
    for (size_t i = 0; i < targets; i++)
        value_set(core, p.targets, i,
                  classes > 0 ? (double)random_below(&seed, (uint32_t)classes)
                              : (double)(float)(2 * random_unit(&seed) - 1));
    for (size_t i = 0; i < count; i++)
        p.ends[i] = (uint32_t)(i + network->lookback - 1);
    p.set = (struct fit_set){p.rows, network->features, p.ends, p.targets, count};
    return p;
}

static inline void problem_free(struct problem *problem)
{
    free(problem->rows);
    free(problem->targets);
    free(problem->ends);
}

#endif
