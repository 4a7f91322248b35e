// SPDX-License-Identifier: Apache-2.0
// What stands beside every network: predictions that take no network.
#ifndef TICKHOUSE_NN_BASELINE_H
#define TICKHOUSE_NN_BASELINE_H

#include "walk/samples.h"

enum baseline {
    BASELINE_ZERO,          // always 0
    BASELINE_MEAN,          // the training labels' mean: of returns, who buys and holds
    BASELINE_LAST,          // the last label that is already known
    BASELINE_RIDGE,         // linear in the features' last values and means over the window
    BASELINE_MOVING_AVERAGE // up while the price is above its average over the window, else down
};
enum { BASELINE_COUNT = BASELINE_MOVING_AVERAGE + 1 };

const char *baseline_name(enum baseline baseline);

// One prediction for each sample of the fold's test, learned from its training (and, for the
// penalty, its validation) alone.
//
// The price of `moving_average` is rebuilt from labels that are known, taken as returns: the label
// of the row `horizon` bars before, of the one as many before that, and so on. A label that is not
// known gives the prediction 0. `table` is told that work goes on; it may be NULL.
int baseline_predict(enum baseline baseline, const struct recipe *recipe, const struct rows *rows,
                     const struct samples *samples, const struct fold *fold, struct arena *arena,
                     struct table *table, double *predicted, struct err *err);

#endif
