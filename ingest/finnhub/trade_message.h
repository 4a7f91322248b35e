// SPDX-License-Identifier: Apache-2.0
// What Finnhub's socket sends, read in place:
//   {"data":[{"c":["1","12"],"p":179.66,"s":"AAPL","t":1709303400123,"v":100}, ...],"type":"trade"}
//   {"type":"ping"}    {"type":"error","msg":"..."}
// Members may come in any order, others are passed by. Prices and volumes keep their digits; only
// an exponent is written out.
#ifndef TICKHOUSE_INGEST_FINNHUB_TRADE_MESSAGE_H
#define TICKHOUSE_INGEST_FINNHUB_TRADE_MESSAGE_H

#include "base/arena.h"
#include "base/csv.h"

#include <stdint.h>

enum message_kind { MESSAGE_OTHER, MESSAGE_TRADES, MESSAGE_PING, MESSAGE_ERROR };

struct trade {
    struct csv_view symbol, price, volume; // of the message, or of the arena
    int64_t milliseconds;                  // since 1970-01-01 UTC
};

struct trade_message {
    enum message_kind kind;
    struct trade *trades;
    size_t count, capacity;
    size_t refused;       // elements of this message that are no trades,
    const char *why;      // the first of them for this reason
    struct csv_view text; // of an error; of another kind its name
    struct arena arena;   // what could not be left in place
};

int trade_message_init(struct trade_message *message, struct err *err);
void trade_message_free(struct trade_message *message);

// Reads one message; data[size] must be NUL. What it gives points into `data` and holds until the
// next call. EX_DATAERR for what is no JSON, not UTF-8, or no object.
int trade_message_parse(struct trade_message *message, const char *data, size_t size,
                        struct err *err);

#endif
