// SPDX-License-Identifier: Apache-2.0
// Finnhub's trades have times in milliseconds and no number of their own. This makes a time in
// microseconds that tells each from the others of its symbol: the trades of a millisecond get its
// microseconds 0, 1, 2, ... in the order in which they came. Hence
//   - a feed that repeats from the start of a millisecond gets the same times again;
//   - equal trades (symbol, time, price, volume) are several as long as the millisecond is the
//     newest one, or within a message; of an earlier millisecond, in a later message, they are the
//     ones that came before, and dropped.
// What came is remembered for a bounded number of trades, at least SPREAD_TRADES of them.
#ifndef TICKHOUSE_INGEST_FINNHUB_SPREAD_H
#define TICKHOUSE_INGEST_FINNHUB_SPREAD_H

#include "trade_message.h"

enum { SPREAD_TRADES = 1 << 17 };

struct spread_slot;

struct spread {
    struct spread_slot *recent, *older; // two generations: the older is forgotten as a whole
    size_t used, capacity;              // of `recent`
    uint32_t message;                   // number of the message that is read
    int64_t newest;                     // millisecond of this connection
};

int spread_init(struct spread *spread, size_t trades, struct err *err);
void spread_free(struct spread *spread);

// To be called for each connection: it may begin with what came before.
void spread_connection(struct spread *spread);

// To be called before the trades of each message.
void spread_message(struct spread *spread);

enum spread_result { SPREAD_NEW, SPREAD_DUPLICATE, SPREAD_CROWDED };

// Gives the trade's time in microseconds. CROWDED: the millisecond has 1,000 trades already.
enum spread_result spread_place(struct spread *spread, const struct trade *trade, int64_t *ts);

#endif
