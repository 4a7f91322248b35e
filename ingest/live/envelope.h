// SPDX-License-Identifier: Apache-2.0
// Change events without a database: the JSON that Debezium's PostgreSQL connector would make of an
// insert into finnhub_stocks or finnhub_news (decimal.handling.mode=string, schemas off), with
// "connector":"tickhouse" and no position in a log.
#ifndef TICKHOUSE_INGEST_LIVE_ENVELOPE_H
#define TICKHOUSE_INGEST_LIVE_ENVELOPE_H

#include "batch.h"

// What all events of one table have in common.
struct envelope {
    char *source; // from "source": to where its times begin, and the rest of it
    char *rest;
};

// `server` is the topic's first part, `table` the table's name.
int envelope_init(struct envelope *envelope, const char *server, const char *table,
                  struct err *err);
void envelope_free(struct envelope *envelope);

// Appends one event; `now` in microseconds since 1970.
int envelope_tick(const struct envelope *envelope, const struct tick *tick, int64_t now,
                  struct buffer *out, struct err *err);
int envelope_article(const struct envelope *envelope, const struct article *article, int64_t now,
                     struct buffer *out, struct err *err);

#endif
