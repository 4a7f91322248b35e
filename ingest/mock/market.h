// SPDX-License-Identifier: Apache-2.0
// A market out of a seed: an endless row of trades that is the same each time. Prices follow a jump
// diffusion in whole cents, orders are now and then filled in several pieces within a millisecond,
// symbols are halted for five minutes, and nights, weekends and holidays are left out. Only + - * /
// and sqrt are used, so that every machine makes the same trades.
//
// Numbered trades are for checkers: symbol S000, S001, ... in turn, the volume is the number of the
// trade within its symbol from 1 on, and no two of a symbol have the same millisecond.
#ifndef TICKHOUSE_INGEST_MOCK_MARKET_H
#define TICKHOUSE_INGEST_MOCK_MARKET_H

#include "base/err.h"
#include "market/calendar.h"

#include <stdint.h>

enum { MARKET_SYMBOL_BYTES = 32, MARKET_SYMBOLS = 10000 };

struct market_settings {
    uint64_t seed;
    const char *const *symbols;
    size_t symbol_count;
    double rate;    // trades a second of the market's time; 0: as many as one a symbol and ms
    uint64_t ticks; // in all; 0: no end
    bool is_numbered;
    bool is_always_open;
    double halts;  // share of a symbol's spans of five minutes without trades
    int64_t start; // milliseconds since 1970-01-01 UTC; moved to the next session
    const struct calendar *calendar;
};

struct market_tick {
    uint64_t number; // from 1
    uint32_t symbol;
    int64_t due;          // microseconds of open market since the start
    int64_t milliseconds; // since 1970-01-01 UTC
    int64_t cents, volume;
};

struct market_symbol {
    double price;
    int64_t due; // of its last trade
};

struct market {
    const struct market_settings *settings;
    struct market_symbol *symbols;
    uint64_t random, number;
    double due;
    int64_t closed;          // milliseconds of closed market since the start
    int64_t opened_until;    // the session lasts until then
    uint32_t pieces, symbol; // that an order is still filled in, and of which symbol
};

int market_open(struct market *market, const struct market_settings *settings, struct err *err);
void market_close(struct market *market);
void market_copy(struct market *to, const struct market *from); // of the same settings

// False at the end.
bool market_next(struct market *market, struct market_tick *tick);

#endif
