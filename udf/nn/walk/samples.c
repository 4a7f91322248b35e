// SPDX-License-Identifier: Apache-2.0
#include "walk/samples.h"
#include "base/time.h"
#include "model/windows.h"

#include <stdlib.h>
#include <string.h>

size_t label_class(double label, double threshold)
{
    return label > threshold ? CLASS_UP : label < -threshold ? CLASS_DOWN : CLASS_NEUTRAL;
}

// The row `bars` further in the same ticker; rows->count where there is none.
static size_t row_after(const struct rows *rows, size_t row, size_t bars)
{
    const size_t after = row + bars;
    return after < rows->count && rows->tickers[after] == rows->tickers[row] ? after : rows->count;
}

double row_label(const struct recipe *recipe, const struct rows *rows, size_t row)
{
    if (recipe->label == LABEL_VALUE)
        return rows->targets[row];
    const size_t after = row_after(rows, row, recipe->horizon);
    return after != rows->count ? rows->targets[after] / rows->targets[row] - 1 : (double)NAN;
}

static uint8_t features_finite(const struct rows *rows, size_t row)
{
    for (size_t f = 0; f < rows->features; f++)
        if (!isfinite(rows->values[row * rows->features + f]))
            return 0;
    return 1;
}

// Which rows end a window with a known label; labels: one of each row.
static int mark(const struct recipe *recipe, const struct rows *rows, struct arena *arena,
                double *labels, uint8_t *kinds, struct err *err)
{
    uint8_t *features = arena_alloc(arena, rows->count, 1, err);
    uint8_t *target = arena_alloc(arena, rows->count, 1, err);
    if (features == NULL || target == NULL)
        return err_code(err, EX_OSERR);
    const struct window_rule rule = {recipe->lookback, recipe->horizon, recipe->max_gap_days};
    for (size_t row = 0; row < rows->count; row++) {
        labels[row] = row_label(recipe, rows, row);
        features[row] = features_finite(rows, row);
        target[row] = isfinite(labels[row]) != 0;
    }
    windows_mark(&rule, rows->count, rows->tickers, rows->days, features, target, kinds);
    return 0;
}

struct placed {
    int64_t time;
    uint32_t row;
};

static int placed_compare(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int allocate(struct samples *samples, struct arena *arena, struct err *err)
{
    const size_t count = samples->count;
    samples->ends = arena_alloc(arena, count, sizeof *samples->ends, err);
    samples->labels = arena_alloc(arena, count, sizeof *samples->labels, err);
    samples->times = arena_alloc(arena, count, sizeof *samples->times, err);
    samples->known_at = arena_alloc(arena, count, sizeof *samples->known_at, err);
    samples->calendar = arena_alloc(arena, count, sizeof *samples->calendar, err);
    return samples->ends != NULL && samples->labels != NULL && samples->times != NULL &&
                   samples->known_at != NULL && samples->calendar != NULL
               ? 0
               : err_code(err, EX_OSERR);
}

static void fill(const struct recipe *recipe, const struct rows *rows, const double *labels,
                 const struct placed *placed, struct samples *samples)
{
    for (size_t i = 0; i < samples->count; i++) {
        const size_t row = placed[i].row, after = row_after(rows, row, recipe->horizon);
        samples->ends[i] = (uint32_t)row;
        samples->labels[i] = labels[row];
        samples->times[i] = placed[i].time;
        samples->known_at[i] = after != rows->count ? rows->times[after] : NEVER;
        if (i == 0 || placed[i].time != placed[i - 1].time)
            samples->calendar[samples->time_count++] = placed[i].time;
    }
}

int samples_make(const struct recipe *recipe, const struct rows *rows, struct arena *arena,
                 struct samples *samples, struct err *err)
{
    double *labels = arena_alloc(arena, rows->count, sizeof *labels, err);
    uint8_t *kinds = arena_alloc(arena, rows->count, 1, err);
    struct placed *placed = arena_alloc(arena, rows->count, sizeof *placed, err);
    if (labels == NULL || kinds == NULL || placed == NULL)
        return err_code(err, EX_OSERR);
    TRY(mark(recipe, rows, arena, labels, kinds, err));
    *samples = (struct samples){0};
    for (size_t row = 0; row < rows->count; row++)
        if (kinds[row] == WINDOW_LABELLED)
            placed[samples->count++] = (struct placed){rows->times[row], (uint32_t)row};
    if (samples->count == 0)
        return err_set(err, EX_DATAERR,
                       "none of %zu rows ends a window of %zu finite rows, without a gap of more "
                       "than %d days, whose '%s' is known; check the features for NaN",
                       rows->count, recipe->lookback, recipe->max_gap_days, rows->target);
    qsort(placed, samples->count, sizeof *placed, placed_compare);
    TRY(allocate(samples, arena, err));
    fill(recipe, rows, labels, placed, samples);
    return 0;
}

// The first sample at `time` or later.
static size_t sample_from(const struct samples *samples, int64_t time)
{
    size_t low = 0, high = samples->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (samples->times[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int part_make(const struct samples *samples, int64_t from, int64_t to, int64_t known,
              struct arena *arena, struct part *part, struct err *err)
{
    const size_t first = sample_from(samples, from), end = sample_from(samples, to);
    part->count = 0;
    part->samples = arena_alloc(arena, first < end ? end - first : 0, sizeof *part->samples, err);
    if (part->samples == NULL)
        return err_code(err, EX_OSERR);
    for (size_t i = first; i < end; i++)
        if (known == NEVER || samples->known_at[i] < known)
            part->samples[part->count++] = (uint32_t)i;
    return 0;
}

// The time of a place in the calendar; NEVER behind its end.
static int64_t time_at(const struct samples *samples, size_t place)
{
    return place < samples->time_count ? samples->calendar[place] : NEVER;
}

static size_t place_before(size_t place, size_t bars)
{
    return place > bars ? place - bars : 0;
}

// Calendar places: training from `from`, validation from `validate`, test from `test` to `end`.
static int fold_make(const struct samples *samples, size_t from, size_t validate, size_t test,
                     size_t end, size_t embargo, struct arena *arena, struct fold *fold,
                     struct err *err)
{
    const int64_t limit = time_at(samples, place_before(validate, embargo));
    const int64_t limit_test = time_at(samples, place_before(test, embargo));
    const int64_t from_time = time_at(samples, from), validate_time = time_at(samples, validate);
    TRY(part_make(samples, from_time, limit, limit, arena, &fold->train, err));
    TRY(part_make(samples, validate_time, limit_test, limit_test, arena, &fold->validation, err));
    TRY(part_make(samples, time_at(samples, test), time_at(samples, end), NEVER, arena, &fold->test,
                  err));
    return 0;
}

static int check_fold(const struct fold *fold, bool tested, struct err *err)
{
    if (fold->train.count == 0)
        return err_set(err, EX_DATAERR,
                       "nothing is left to train on before the test of fold %zu; give more rows, "
                       "fewer folds, or a shorter look-back",
                       fold->number);
    if (tested && fold->test.count == 0)
        return err_set(err, EX_DATAERR, "fold %zu has nothing to test; give more rows",
                       fold->number);
    return 0;
}

int fold_split(const struct samples *samples, const double *shares, size_t embargo,
               struct arena *arena, struct fold *fold, struct err *err)
{
    const double bars = (double)samples->time_count;
    const size_t validate = (size_t)floor(bars * shares[0] + 0.5);
    const size_t test = (size_t)floor(bars * (shares[0] + shares[1]) + 0.5);
    fold->number = 1;
    TRY(fold_make(samples, 0, validate, test, samples->time_count, embargo, arena, fold, err));
    return check_fold(fold, false, err);
}

// The place in the calendar of the first test.
static size_t first_test(const struct samples *samples, const struct walk_options *options)
{
    size_t place = 0;
    if (options->first_test == NEVER)
        return (size_t)floor((double)samples->time_count * options->initial + 0.5);
    while (place < samples->time_count && samples->calendar[place] < options->first_test)
        place++;
    return place;
}

int folds_make(const struct samples *samples, const struct walk_options *options,
               struct arena *arena, struct fold **folds, size_t *count, struct err *err)
{
    const size_t start = first_test(samples, options), all = samples->time_count;
    const size_t left = all - start;
    const size_t bars = options->test_bars != 0 ? options->test_bars : left / options->folds;
    if (bars == 0 || left < bars)
        return err_set(err, EX_DATAERR,
                       "%zu of %zu dates are left to test, which is no fold of %zu dates", left,
                       all, bars);
    *count = left / bars < options->folds ? left / bars : options->folds;
    if ((*folds = arena_alloc(arena, *count, sizeof **folds, err)) == NULL)
        return err_code(err, EX_OSERR);
    for (size_t k = 0; k < *count; k++) {
        const size_t test = start + k * bars;
        const size_t end = options->test_bars == 0 && k + 1 == *count ? all : test + bars;
        const size_t from =
            options->window_bars != 0 ? place_before(test, options->window_bars) : 0;
        const double share = (double)(test - from) * (1 - options->validation);
        (*folds)[k].number = k + 1;
        TRY(fold_make(samples, from, from + (size_t)floor(share + 0.5), test, end, options->embargo,
                      arena, &(*folds)[k], err));
        TRY(check_fold(&(*folds)[k], true, err));
    }
    return 0;
}
