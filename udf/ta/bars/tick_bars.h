// SPDX-License-Identifier: Apache-2.0
// Bars that end when enough was traded, not when the clock says so: after so many trades, so many
// shares, or so much money (Lopez de Prado, Advances in Financial Machine Learning, 2018, ch. 2).
#ifndef TICKHOUSE_UDF_TA_TICK_BARS_H
#define TICKHOUSE_UDF_TA_TICK_BARS_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

enum tick_bar_kind { BAR_OF_TICKS, BAR_OF_VOLUME, BAR_OF_DOLLARS };

// "tick", "volume" or "dollar".
int tick_bar_kind_named(const char *name, size_t length, enum tick_bar_kind *kind, struct err *err);

struct tick_bar {
    uint64_t number; // from 0 in each series
    int64_t open_at, close_at;
    double open, high, low, close, volume, dollars;
    uint64_t trades;
};

// Adds a trade and says whether it completed the bar: the one with which the sum reaches `size`,
// and that belongs to the bar whole. A bar without trades (trades == 0) begins with it.
bool tick_bar_add(struct tick_bar *bar, enum tick_bar_kind kind, double size, int64_t at,
                  double price, double volume);

// The bar after a complete one.
void tick_bar_next(struct tick_bar *bar);

#endif
