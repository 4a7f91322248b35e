// SPDX-License-Identifier: Apache-2.0
// The best published models reach a daily IC near 0.05 with everything that they have; one column
// that alone reaches 0.3 was most likely computed from what came later.
#include "walk/leak.h"
#include "metrics/metrics.h"

enum { LEAK_SAMPLES = 100000 }; // more say nothing new of a correlation of 0.3

static int check_feature(const struct recipe *recipe, const char *name, double ic, size_t count,
                         const char *how, struct err *err)
{
    if (!(fabs(ic) > recipe->leak_limit && fabs(ic) > 4 / sqrt((double)count)))
        return 0;
    return err_set(err, EX_DATAERR,
                   "feature '%s' has a%s correlation of %.2f with the label, which no honest "
                   "feature has: it looks ahead. Compute it from what was known at its row's time, "
                   "or leave it out; --allow-leaks trains even so, --leak-limit moves the limit of "
                   "%g",
                   name, how, ic, recipe->leak_limit);
}

int leak_check(const struct recipe *recipe, const struct rows *rows, const struct samples *samples,
               struct arena *arena, struct err *err)
{
    if (recipe->allow_leaks)
        return 0;
    const size_t mark = arena_mark(arena);
    const size_t step = (samples->count + LEAK_SAMPLES - 1) / LEAK_SAMPLES;
    const size_t count = (samples->count + step - 1) / step;
    double *labels = arena_alloc(arena, count, sizeof *labels, err);
    double *values = arena_alloc(arena, count, sizeof *values, err);
    double *scratch = arena_alloc(arena, METRIC_RANK_SCRATCH(count), sizeof *scratch, err);
    if (labels == NULL || values == NULL || scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t f = 0; f < rows->features; f++) {
        for (size_t i = 0; i < count; i++) {
            labels[i] = samples->labels[i * step];
            values[i] = (double)rows->values[samples->ends[i * step] * rows->features + f];
        }
        const double ic = metric_ic(labels, values, count);
        const double ranks = metric_rank_ic(labels, values, count, scratch);
        TRY(check_feature(recipe, rows->names[f], ic, count, "", err));
        TRY(check_feature(recipe, rows->names[f], ranks, count, " rank", err));
    }
    arena_rewind(arena, mark);
    return 0;
}
