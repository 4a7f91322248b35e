// SPDX-License-Identifier: Apache-2.0
// The market's trades as a bad line delivers them: some come late, some come again. Which ones
// depends on the seed and the trade's number alone.
#ifndef TICKHOUSE_INGEST_MOCK_FEED_H
#define TICKHOUSE_INGEST_MOCK_FEED_H

#include "market.h"

enum { FEED_RING = 32 };

struct feed_settings {
    struct market_settings market;
    double disorder, duplicates; // shares of the trades
};

struct feed {
    const struct feed_settings *settings;
    struct market market;
    struct market_tick ahead; // the trade after the last step's
    bool has_ahead;
    struct feed_tick {
        struct market_tick tick;
        bool is_again;
    } ring[FEED_RING], out[2 * FEED_RING];
    uint64_t step;         // trades that the market has given
    uint64_t last_step;    // at which something is still to come
    int64_t newest, shown; // milliseconds: of the market's last trade, of the newest one given
    size_t out_count, out_at;
};

int feed_open(struct feed *feed, const struct feed_settings *settings, struct err *err);
void feed_close(struct feed *feed);
void feed_copy(struct feed *to, const struct feed *from); // of the same settings

// The trade that comes next, not taken yet; NULL at the end. `is_again`: it came before.
const struct feed_tick *feed_peek(struct feed *feed);
void feed_take(struct feed *feed);

// Whether all trades up to some millisecond have come, and none after it: a feed that is begun
// again here repeats whole milliseconds.
bool feed_is_boundary(const struct feed *feed);

#endif
