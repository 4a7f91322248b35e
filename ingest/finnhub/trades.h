// SPDX-License-Identifier: Apache-2.0
// From the socket's messages to ticks.
#ifndef TICKHOUSE_INGEST_FINNHUB_TRADES_H
#define TICKHOUSE_INGEST_FINNHUB_TRADES_H

#include "live/pump.h"
#include "socket.h"
#include "spread.h"
#include "symbols.h"

#include <stdatomic.h>

struct trades {
    const struct symbols *symbols;
    struct pump *pump;
    const char *key;
    bool quiet;
    struct trade_message message;
    struct spread spread;
    struct socket_counts socket;
    _Atomic int64_t *newest; // milliseconds of each symbol's newest trade
    uint64_t count, duplicates, refused;
    bool has_said_refused;
};

int trades_init(struct trades *trades, const struct symbols *symbols, const char *key, bool quiet,
                struct err *err);
void trades_free(struct trades *trades);

// A connection was made; a message came, whose data[size] is NUL.
void trades_connected(struct trades *trades);
int trades_take(struct trades *trades, const char *data, size_t size, struct err *err);

#endif
