// SPDX-License-Identifier: Apache-2.0
#include "walk/baseline.h"
#include "walk/ridge.h"

#include <string.h>

struct problem {
    const struct recipe *recipe;
    const struct rows *rows;
    const struct samples *samples;
    const struct fold *fold;
    struct table *table;
};

enum { WAIT_SAMPLES = 1 << 12 };

// To be called for each sample.
static int keep_waiting(const struct problem *p, size_t sample, struct err *err)
{
    return sample % WAIT_SAMPLES == 0 ? table_wait(p->table, err) : 0;
}

const char *baseline_name(enum baseline baseline)
{
    static const char *const names[] = {"zero", "mean", "last", "ridge", "moving_average"};
    return names[baseline];
}

static double mean_label(const struct problem *p, bool absolute)
{
    const struct part *train = &p->fold->train;
    double sum = 0;
    for (size_t i = 0; i < train->count; i++) {
        const double label = p->samples->labels[train->samples[i]];
        sum += absolute ? fabs(label) : label;
    }
    return sum / (double)train->count;
}

// The label that was known at a row: that of the row `horizon` bars before; NaN where there is
// none.
static double known_label(const struct problem *p, size_t row)
{
    const size_t horizon = p->recipe->horizon;
    if (row < horizon || p->rows->tickers[row - horizon] != p->rows->tickers[row])
        return (double)NAN;
    return row_label(p->recipe, p->rows, row - horizon);
}

static double predict_last(const struct problem *p, size_t row)
{
    const double label = known_label(p, row);
    return isfinite(label) ? label : 0;
}

// The price against the mean of itself and those before it, the price now being 1.
static double predict_moving_average(const struct problem *p, size_t row, double size)
{
    const size_t horizon = p->recipe->horizon;
    const size_t points = p->recipe->lookback / horizon > 2 ? p->recipe->lookback / horizon : 2;
    double price = 1, sum = 1;
    for (size_t k = 1; k < points; k++) {
        const double change =
            row >= (k - 1) * horizon ? known_label(p, row - (k - 1) * horizon) : (double)NAN;
        price /= 1 + change;
        sum += price;
    }
    const double mean = sum / (double)points;
    return !isfinite(mean) || mean == 1 ? 0 : mean < 1 ? size : -size;
}

// ---- ridge

struct ridge {
    size_t width;         // twice the features
    double *mean, *scale; // of each column
    double *gram, *moment, *scratch, *weights;
    double label_mean;
};

// Columns of a sample: the features' last values, then their means over the window.
static void columns_of(const struct problem *p, size_t sample, double *x)
{
    const size_t features = p->rows->features, lookback = p->recipe->lookback;
    const size_t end = p->samples->ends[sample];
    const float *rows = p->rows->values + (end + 1 - lookback) * features;
    memset(x, 0, 2 * features * sizeof *x);
    for (size_t step = 0; step < lookback; step++)
        for (size_t f = 0; f < features; f++)
            x[features + f] += (double)rows[step * features + f];
    for (size_t f = 0; f < features; f++) {
        x[features + f] /= (double)lookback;
        x[f] = (double)rows[(lookback - 1) * features + f];
    }
}

static int ridge_open(struct ridge *r, size_t width, struct arena *arena, struct err *err)
{
    *r = (struct ridge){.width = width};
    r->mean = arena_alloc(arena, 6 * width, sizeof *r->mean, err);
    r->gram = arena_alloc(arena, 2 * width * width, sizeof *r->gram, err);
    if (r->mean == NULL || r->gram == NULL)
        return err_code(err, EX_OSERR);
    memset(r->mean, 0, 6 * width * sizeof *r->mean);
    memset(r->gram, 0, 2 * width * width * sizeof *r->gram);
    r->scale = r->mean + width;
    r->moment = r->scale + width;
    r->weights = r->moment + width;
    r->scratch = r->gram + width * width;
    return 0;
}

// Room behind the weights, of two columns' width.
static double *ridge_row(const struct ridge *r)
{
    return r->weights + r->width;
}

static int ridge_standardize(struct ridge *r, const struct problem *p, struct err *err)
{
    const struct part *train = &p->fold->train;
    double *x = ridge_row(r);
    for (size_t i = 0; i < train->count; i++) {
        TRY(keep_waiting(p, i, err));
        columns_of(p, train->samples[i], x);
        for (size_t c = 0; c < r->width; c++) {
            const double away = x[c] - r->mean[c];
            r->mean[c] += away / (double)(i + 1);
            r->scale[c] += away * (x[c] - r->mean[c]);
        }
    }
    for (size_t c = 0; c < r->width; c++) {
        const double deviation = sqrt(r->scale[c] / (double)train->count);
        r->scale[c] = deviation > 1e-12 * fabs(r->mean[c]) ? 1 / deviation : 0; // flat: no column
    }
    return 0;
}

static const double *ridge_columns(const struct ridge *r, const struct problem *p, size_t sample)
{
    double *x = ridge_row(r);
    columns_of(p, sample, x);
    for (size_t c = 0; c < r->width; c++)
        x[c] = (x[c] - r->mean[c]) * r->scale[c];
    return x;
}

static int ridge_sum(struct ridge *r, const struct problem *p, struct err *err)
{
    const struct part *train = &p->fold->train;
    const double share = 1 / (double)train->count;
    r->label_mean = mean_label(p, false);
    for (size_t i = 0; i < train->count; i++) {
        TRY(keep_waiting(p, i, err));
        const double *x = ridge_columns(r, p, train->samples[i]);
        const double y = p->samples->labels[train->samples[i]] - r->label_mean;
        for (size_t c = 0; c < r->width; c++) {
            r->moment[c] += x[c] * y * share;
            for (size_t k = 0; k <= c; k++)
                r->gram[c * r->width + k] += x[c] * x[k] * share;
        }
    }
    return 0;
}

static double ridge_predict(const struct ridge *r, const struct problem *p, size_t sample)
{
    const double *x = ridge_columns(r, p, sample);
    double y = r->label_mean;
    for (size_t c = 0; c < r->width; c++)
        y += r->weights[c] * x[c];
    return y;
}

// The penalty with the least squared error in the validation, or 1 without one.
static int ridge_penalty(struct ridge *r, const struct problem *p, double *penalty, struct err *err)
{
    const struct part *part = &p->fold->validation;
    double best = INFINITY;
    *penalty = 1;
    for (double lambda = 1e-4; lambda < 2e3 && part->count != 0; lambda *= 10) {
        double squares = 0;
        if (!ridge_solve(r->gram, r->moment, r->width, lambda, r->scratch, r->weights))
            continue;
        for (size_t i = 0; i < part->count; i++) {
            TRY(keep_waiting(p, i, err));
            const double wrong =
                ridge_predict(r, p, part->samples[i]) - p->samples->labels[part->samples[i]];
            squares += wrong * wrong;
        }
        if (squares < best) {
            best = squares;
            *penalty = lambda;
        }
    }
    return 0;
}

static int run_ridge(const struct problem *p, struct arena *arena, double *predicted,
                     struct err *err)
{
    struct ridge r;
    double penalty;
    const size_t mark = arena_mark(arena);
    TRY(ridge_open(&r, 2 * p->rows->features, arena, err));
    TRY(ridge_standardize(&r, p, err));
    TRY(ridge_sum(&r, p, err));
    TRY(ridge_penalty(&r, p, &penalty, err));
    if (!ridge_solve(r.gram, r.moment, r.width, penalty, r.scratch, r.weights))
        return err_set(err, EX_DATAERR,
                       "the ridge of fold %zu has no solution; a feature has "
                       "values too large to be squared",
                       p->fold->number);
    for (size_t i = 0; i < p->fold->test.count; i++) {
        TRY(keep_waiting(p, i, err));
        predicted[i] = ridge_predict(&r, p, p->fold->test.samples[i]);
    }
    arena_rewind(arena, mark);
    return 0;
}

int baseline_predict(enum baseline baseline, const struct recipe *recipe, const struct rows *rows,
                     const struct samples *samples, const struct fold *fold, struct arena *arena,
                     struct table *table, double *predicted, struct err *err)
{
    const struct problem p = {recipe, rows, samples, fold, table};
    if (baseline == BASELINE_RIDGE)
        return run_ridge(&p, arena, predicted, err);
    const double mean = mean_label(&p, false), size = mean_label(&p, true);
    for (size_t i = 0; i < fold->test.count; i++) {
        const size_t row = samples->ends[fold->test.samples[i]];
        TRY(keep_waiting(&p, i, err));
        predicted[i] = baseline == BASELINE_MEAN             ? mean
                       : baseline == BASELINE_LAST           ? predict_last(&p, row)
                       : baseline == BASELINE_MOVING_AVERAGE ? predict_moving_average(&p, row, size)
                                                             : 0;
    }
    return 0;
}
