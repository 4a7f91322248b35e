// SPDX-License-Identifier: Apache-2.0
// Samples: a window of rows and the label that follows it, in the order of time; and the parts that
// a training, a validation and a test take of them.
#ifndef TICKHOUSE_NN_SAMPLES_H
#define TICKHOUSE_NN_SAMPLES_H

#include "walk/rows.h"

#define NEVER INT64_MAX

struct samples {
    size_t count;
    uint32_t *ends;    // the row of a window's last step; ordered by time, then ticker
    double *labels;    // the target's value, or its return over the horizon
    int64_t *times;    // of the window's last step, seconds
    int64_t *known_at; // when the label is known: the time `horizon` bars later in the ticker,
                       // NEVER where the ticker ends before
    size_t time_count; // distinct times
    int64_t *calendar; // the distinct times, ascending
};

// Where --label return is asked for, the label is target[i + horizon] / target[i] - 1.
int samples_make(const struct recipe *recipe, const struct rows *rows, struct arena *arena,
                 struct samples *samples, struct err *err);

// The label of a row, NaN where it is not known.
double row_label(const struct recipe *recipe, const struct rows *rows, size_t row);

// The class of a label: 0 up, 1 neutral, 2 down.
enum { CLASS_UP, CLASS_NEUTRAL, CLASS_DOWN, CLASS_COUNT };
size_t label_class(double label, double threshold);

// Samples by their numbers, ascending.
struct part {
    size_t count;
    uint32_t *samples;
};

struct fold {
    size_t number; // from 1
    struct part train, validation, test;
};

// Samples from time `from` until before `to`, of which the labels are known before `known`: the
// purge, without which a label reaches into what follows.
int part_make(const struct samples *samples, int64_t from, int64_t to, int64_t known,
              struct arena *arena, struct part *part, struct err *err);

// One fold of three shares of the calendar, each purged against the next; the bars of the embargo
// are left out before validation and test besides.
int fold_split(const struct samples *samples, const double *shares, size_t embargo,
               struct arena *arena, struct fold *fold, struct err *err);

// Walking forward: the folds' tests follow each other, each trained on what was known before it.
struct walk_options {
    size_t folds;       // at most
    size_t test_bars;   // distinct times of a test; 0: what is left, divided by the folds
    size_t window_bars; // training uses no more than the last so many; 0: all (expanding)
    int64_t first_test; // time; NEVER: after `initial` of the calendar
    double initial;     // share of the calendar before the first test
    double validation;  // share of the training window, its newest, that stops the training
    size_t embargo;     // bars left out between training and test, beyond the purge
};
int folds_make(const struct samples *samples, const struct walk_options *options,
               struct arena *arena, struct fold **folds, size_t *count, struct err *err);

#endif
