// SPDX-License-Identifier: Apache-2.0
// The symbols that are asked for, each once, sorted.
#ifndef TICKHOUSE_INGEST_FINNHUB_SYMBOLS_H
#define TICKHOUSE_INGEST_FINNHUB_SYMBOLS_H

#include "base/buffer.h"
#include "base/csv.h"

enum { SYMBOLS_MOST = 10000, SYMBOLS_BYTES = 1 << 20 };

struct symbols {
    const char *list[SYMBOLS_MOST];
    size_t count;
    struct buffer text;
};

// From a list with commas, a file with one a line (# begins a comment), or both; either may be
// NULL. Symbols are what Finnhub calls them: AAPL, BRK.B, BINANCE:BTCUSDT.
int symbols_read(struct symbols *symbols, const char *list, const char *path, struct err *err);

// Its place in the list, or `count`.
size_t symbols_find(const struct symbols *symbols, const struct csv_view *name);

void symbols_free(struct symbols *symbols);

#endif
