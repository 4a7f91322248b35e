// SPDX-License-Identifier: Apache-2.0
// The tickers met in one run, each once, numbered in the order of their first appearance.
#ifndef TICKHOUSE_MARKET_TICKER_SET_H
#define TICKHOUSE_MARKET_TICKER_SET_H

#include "base/arena.h"
#include "base/err.h"
#include "market/ticker.h"
#include <stdint.h>

// What goes through rows keeps its marks beside the ticker, so that a row costs no look-up.
struct ticker_entry {
    struct ticker ticker;
    uint32_t batch, slot; // the batch that last held the ticker, and its place in it
    uint32_t file;        // the file that last held it
    uint64_t *days;       // one bit a day that the file has had
};

struct ticker_slot {
    struct ticker_entry *entry; // NULL: free
};

struct ticker_set {
    struct arena *arena;
    struct ticker_slot *slots; // open addressing
    size_t capacity, count;
};

int ticker_set_init(struct ticker_set *set, struct arena *arena, struct err *err);

// NULL when the ticker is not in the set.
struct ticker_entry *ticker_set_find(const struct ticker_set *set, const struct ticker *ticker);

// Finds the ticker or adds it; NULL with `err` set when memory is out.
struct ticker_entry *ticker_set_add(struct ticker_set *set, const struct ticker *ticker,
                                    struct err *err);

#endif
