// SPDX-License-Identifier: Apache-2.0
// What live sources hand over: ticks (quotes and trades) and news, in their order.
//
// Prices and volumes stay the decimal texts that came, so that nothing is rounded on the way to a
// NUMERIC. A tick is told apart by (symbol, ts): a source that knows times only to the millisecond
// spreads the trades of one millisecond over its microseconds, in their order.
#ifndef TICKHOUSE_INGEST_LIVE_BATCH_H
#define TICKHOUSE_INGEST_LIVE_BATCH_H

#include "base/buffer.h"
#include "base/csv.h"

#include <stdint.h>

enum {
    LIVE_BATCH_ROWS = 16384,
    LIVE_SYMBOL_BYTES = 64,  // longest symbol
    LIVE_NUMBER_BYTES = 64,  // longest decimal text
    LIVE_TEXT_BYTES = 65536, // longest text of an article
};

struct tick {
    struct csv_view symbol, price;
    struct csv_view volume; // size 0: a quote, which has none
    int64_t ts;             // microseconds since 1970-01-01 UTC
};

struct article {
    uint64_t id; // the provider's
    int64_t ts;
    struct csv_view category, headline, related, source, summary, url;
};

// Rows in the order of their arrival; texts are in one buffer.
struct live_batch {
    uint64_t number; // of the batch, from 1, without holes; the spool's
    size_t tick_count, article_count;
    struct live_tick {
        int64_t ts;
        uint32_t symbol, price, volume; // where the text begins in `texts`
        uint8_t symbol_size, price_size, volume_size;
    } * ticks;
    struct live_article {
        uint64_t id;
        int64_t ts;
        uint32_t texts[6], sizes[6]; // category, headline, related, source, summary, url
    } * articles;
    struct buffer texts;
};

int live_batch_init(struct live_batch *batch, struct err *err);
void live_batch_free(struct live_batch *batch);
void live_batch_clear(struct live_batch *batch);

// Whether another row may be added.
bool live_batch_is_full(const struct live_batch *batch);
int live_batch_add_tick(struct live_batch *batch, const struct tick *tick, struct err *err);
int live_batch_add_article(struct live_batch *batch, const struct article *article,
                           struct err *err);

struct tick live_batch_tick(const struct live_batch *batch, size_t index);
struct article live_batch_article(const struct live_batch *batch, size_t index);

#endif
