// SPDX-License-Identifier: Apache-2.0
// The best published models reach a daily IC near 0.05 with everything that they have; one column
// that alone reaches 0.3 was most likely computed from what came later.
#include "walk/leak.h"
#include "metrics/metrics.h"

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
    const size_t mark = arena_mark(arena), count = samples->count;
    double *values = arena_alloc(arena, count, sizeof *values, err);
    double *scratch = arena_alloc(arena, METRIC_RANK_SCRATCH(count), sizeof *scratch, err);
    if (values == NULL || scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t f = 0; f < rows->features; f++) {
        for (size_t i = 0; i < count; i++)
            values[i] = (double)rows->values[samples->ends[i] * rows->features + f];
        const double ic = metric_ic(samples->labels, values, count);
        const double ranks = metric_rank_ic(samples->labels, values, count, scratch);
        TRY(check_feature(recipe, rows->names[f], ic, count, "", err));
        TRY(check_feature(recipe, rows->names[f], ranks, count, " rank", err));
    }
    arena_rewind(arena, mark);
    return 0;
}
