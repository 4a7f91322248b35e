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

#include <stdbool.h>
#include <stdint.h>

enum {
    LIVE_BATCH_ROWS = 16384,
    LIVE_SYMBOL_BYTES = 64,  // longest symbol
    LIVE_NUMBER_BYTES = 64,  // longest decimal text
    LIVE_TEXT_BYTES = 65536, // longest text of an article
    LIVE_ARTICLE_TEXTS = 6,
};

// What every sink can hold: 1970-01-01 to before 2200-01-01, in microseconds.
#define LIVE_TIME_MOST 7258118400000000

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
    uint64_t number; // of the batch, growing; tried again, a batch keeps its number
    size_t tick_count, article_count;
    struct live_tick {
        int64_t ts;
        uint32_t symbol, price, volume; // where the text begins in `texts`
        uint8_t symbol_size, price_size, volume_size;
    } * ticks;
    struct live_article {
        uint64_t id;
        int64_t ts;
        uint32_t texts[LIVE_ARTICLE_TEXTS],
            sizes[LIVE_ARTICLE_TEXTS]; // category, headline, related, source, summary, url
    } * articles;
    struct buffer texts;
};

int live_batch_init(struct live_batch *batch, struct err *err);
void live_batch_free(struct live_batch *batch);
void live_batch_clear(struct live_batch *batch);

// Whether no other row may be added.
bool live_batch_is_full(const struct live_batch *batch);

// What a sink could never store is refused with EX_DATAERR and a sentence that shows it: a price
// that is no finite number, a symbol that is no text, a time that is out of range. The batch stays
// as it was, and so the caller may go on.
int live_batch_add_tick(struct live_batch *batch, const struct tick *tick, struct err *err);
int live_batch_add_article(struct live_batch *batch, const struct article *article,
                           struct err *err);

// Takes the last row back.
void live_batch_drop_tick(struct live_batch *batch);
void live_batch_drop_article(struct live_batch *batch);

struct tick live_batch_tick(const struct live_batch *batch, size_t index);
struct article live_batch_article(const struct live_batch *batch, size_t index);

static inline size_t live_batch_rows(const struct live_batch *batch)
{
    return batch->tick_count + batch->article_count;
}

enum { LIVE_TIME_BYTES = 28 };

// Writes 2024-03-01T14:30:00.123456Z and a NUL; 1970 to 2200.
void live_time_format(int64_t microseconds, char out[static LIVE_TIME_BYTES]);

#endif
