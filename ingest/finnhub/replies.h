// SPDX-License-Identifier: Apache-2.0
// What Finnhub's replies say.
#ifndef TICKHOUSE_INGEST_FINNHUB_REPLIES_H
#define TICKHOUSE_INGEST_FINNHUB_REPLIES_H

#include "base/arena.h"
#include "base/buffer.h"
#include "live/batch.h"

struct quote {
    struct csv_view price; // of the reply, or the arena
    int64_t seconds;       // since 1970-01-01 UTC
};

// /quote, JSON that ends with a NUL. EX_NOINPUT: nobody knows the symbol; EX_DATAERR: other types
// than documented.
int quote_read(const char *text, size_t size, struct arena *arena, struct quote *quote,
               struct err *err);

// /news and /company-news: each article that is one goes to `take`, whose failure ends it; the
// others are counted, and the first of them explained. EX_DATAERR when it is no list at all.
struct news_counts {
    uint64_t taken, refused;
    char why[160];
};
typedef int take_article(void *context, const struct article *article, struct err *err);
int news_read(const char *text, size_t size, take_article *take, void *context,
              struct news_counts *counts, struct err *err);

#endif
