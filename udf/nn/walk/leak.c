// SPDX-License-Identifier: Apache-2.0
// The best published models reach a daily IC near 0.05 with everything that they have; one column
// that alone reaches 0.3, in whichever step of the window, was most likely computed from what came
// later.
#include "walk/leak.h"
#include "metrics/metrics.h"

// More samples say nothing new of a correlation of 0.3; the steps before the last are many.
enum { LAST_STEP_SAMPLES = 100000, EARLIER_STEP_SAMPLES = 10000 };

struct check {
    const struct recipe *recipe;
    const struct rows *rows;
    const struct samples *samples;
    struct table *table;
    double *labels, *values, *scratch;
};

// What a feature shows at worst.
struct suspicion {
    double correlation;
    size_t lag; // steps before the window's last
    bool ranks;
};

static void suspect(struct suspicion *worst, double correlation, size_t count, size_t lag,
                    bool ranks)
{
    // NaN is less than nothing; what few samples show by chance is nothing.
    if (fabs(correlation) > fabs(worst->correlation) && fabs(correlation) > 4 / sqrt((double)count))
        *worst = (struct suspicion){correlation, lag, ranks};
}

static void check_step(const struct check *c, size_t feature, size_t lag, struct suspicion *worst)
{
    const struct samples *s = c->samples;
    const size_t most = lag == 0 ? LAST_STEP_SAMPLES : EARLIER_STEP_SAMPLES;
    const size_t step = (s->count + most - 1) / most, count = (s->count + step - 1) / step;
    for (size_t i = 0; i < count; i++) {
        const size_t row = s->ends[i * step] - lag;
        c->labels[i] = s->labels[i * step];
        c->values[i] = (double)c->rows->values[row * c->rows->features + feature];
    }
    suspect(worst, metric_ic(c->labels, c->values, count), count, lag, false);
    suspect(worst, metric_rank_ic(c->labels, c->values, count, c->scratch), count, lag, true);
}

static int check_feature(const struct check *c, size_t feature, struct err *err)
{
    struct suspicion worst = {0, 0, false};
    char when[64] = "";
    for (size_t lag = 0; lag < c->recipe->lookback; lag++) {
        TRY(table_wait(c->table, err));
        check_step(c, feature, lag, &worst);
    }
    if (!(fabs(worst.correlation) > c->recipe->leak_limit))
        return 0;
    if (worst.lag != 0)
        (void)snprintf(when, sizeof when, " of the window that ends %zu bar%s later", worst.lag,
                       worst.lag == 1 ? "" : "s");
    return err_set(err, EX_DATAERR,
                   "feature '%s' has a%s correlation of %.2f with the label%s, which no honest "
                   "feature has: it looks ahead. Compute it from what was known at its row's time, "
                   "or leave it out; --allow-leaks trains even so, --leak-limit moves the limit of "
                   "%g",
                   c->rows->names[feature], worst.ranks ? " rank" : "", worst.correlation, when,
                   c->recipe->leak_limit);
}

int leak_check(const struct recipe *recipe, const struct rows *rows, const struct samples *samples,
               struct arena *arena, struct table *table, struct err *err)
{
    if (recipe->allow_leaks)
        return 0;
    const size_t mark = arena_mark(arena);
    const size_t room = samples->count < LAST_STEP_SAMPLES ? samples->count : LAST_STEP_SAMPLES;
    const struct check c = {
        .recipe = recipe,
        .rows = rows,
        .samples = samples,
        .table = table,
        .labels = arena_alloc(arena, room, sizeof *c.labels, err),
        .values = arena_alloc(arena, room, sizeof *c.values, err),
        .scratch = arena_alloc(arena, METRIC_RANK_SCRATCH(room), sizeof *c.scratch, err)};
    if (c.labels == NULL || c.values == NULL || c.scratch == NULL)
        return err_code(err, EX_OSERR);
    for (size_t f = 0; f < rows->features; f++)
        TRY(check_feature(&c, f, err));
    arena_rewind(arena, mark);
    return 0;
}
