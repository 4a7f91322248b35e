// SPDX-License-Identifier: Apache-2.0
// What the mock says, as Finnhub says it.
#ifndef TICKHOUSE_INGEST_MOCK_REPLY_H
#define TICKHOUSE_INGEST_MOCK_REPLY_H

#include "base/buffer.h"
#include "fault.h"
#include "market.h"

struct reply {
    unsigned status;
    const char *type;
    const char *retry_after; // seconds; NULL: not said
    bool is_cut;             // only half of it is sent
    struct buffer body;
};

int reply_quote(struct buffer *body, const struct market_tick *tick, struct err *err);
int reply_no_quote(struct buffer *body, struct err *err); // of a symbol that nobody knows

int reply_no_news(struct buffer *body, struct err *err);

// A few articles of the hours before `seconds`, about `symbol` or, when that is NULL, the market.
int reply_news(struct buffer *body, uint64_t seed, const char *symbol, int64_t seconds,
               struct err *err);

// Makes what the fault wants of a good reply.
int reply_spoil(struct reply *reply, enum fault_kind fault, struct err *err);

// A message of trades is begun, gets its trades, and is ended.
int message_begin(struct buffer *message, struct err *err);
int message_trade(struct buffer *message, const char *symbol, const struct market_tick *tick,
                  struct err *err);
int message_end(struct buffer *message, struct err *err);

#endif
