// SPDX-License-Identifier: Apache-2.0
// The rule that says which rows end a look-back window, for whoever makes sequences of rows:
// training, walking forward, `nn sequences`. It is written once so that what a model predicts from
// is made as what it was trained on.
#ifndef TICKHOUSE_NN_WINDOWS_H
#define TICKHOUSE_NN_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

struct window_rule {
    size_t lookback;      // rows of a window, at least 1
    size_t horizon;       // rows from a window's last to the one that its target is about
    int32_t max_gap_days; // neighbours further apart than this belong to different stretches
};

enum window_kind {
    WINDOW_NONE,    // no window ends here
    WINDOW_OPEN,    // one does, and its target is not known, or spans a gap
    WINDOW_LABELLED // one does, and its target is known
};

// Marks each row by what ends there. Rows are in order of series, then time:
// - series[i]: a number that changes where another series (a ticker) begins
// - days[i]: days since 1970-01-01
// - features_finite[i], target_finite[i]: whether all of the row's features are, and its target
// A window's rows are of one series, without a gap, and all finite. Where rows follow in the same
// series the way to the target's row must have no gap either; where the series ends before, the
// target is taken as it is given.
void windows_mark(const struct window_rule *rule, size_t rows, const uint32_t *series,
                  const int32_t *days, const uint8_t *features_finite, const uint8_t *target_finite,
                  uint8_t *kinds);

#endif
