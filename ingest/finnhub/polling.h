// SPDX-License-Identifier: Apache-2.0
// Asks for quotes and news of all symbols, round after round.
#ifndef TICKHOUSE_INGEST_FINNHUB_POLLING_H
#define TICKHOUSE_INGEST_FINNHUB_POLLING_H

#include "base/arena.h"
#include "live/pump.h"
#include "rest.h"
#include "symbols.h"

#include <stdatomic.h>

enum { POLL_SEEN = 1 << 17 }; // articles that are remembered, at least half of it

struct poll {
    // set by the caller
    struct rest rest;
    const struct symbols *symbols;
    struct pump *pump;
    _Atomic int64_t *newest; // of each symbol: milliseconds of its newest trade, or NULL
    bool quotes, news, company_news, once, quiet;
    int64_t interval, news_days; // seconds between the beginnings of two rounds

    uint64_t rounds, quote_count, article_count, refused, unknown;
    struct quote_seen {
        int64_t seconds;
        char price[LIVE_NUMBER_BYTES + 1];
        bool no_quotes, no_news; // the key has no access
        unsigned zeros;          // quotes that knew nothing of it, one after the other
        uint64_t round_again;    // when it is asked for again after those
    } * last;                    // of each symbol
    uint64_t *articles;          // that were seen, by hash
    size_t article_slots_used;
    bool no_news;                      // the key has no access
    size_t no_quotes, no_company_news; // to those of so many symbols
    int worst;                         // exit code of what went wrong and did not end it
    struct buffer body;
    struct arena arena;
};

// Until check() of `rest` or an error that no later round can mend ends it; with `once` after one
// round, and then `worst` says what went wrong in it.
int poll_run(struct poll *poll, struct err *err);

#endif
