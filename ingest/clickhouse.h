// SPDX-License-Identifier: Apache-2.0
// A connection to ClickHouse's HTTP port that tries again: on statuses from 500, 408 and 429 and on
// lost connections, but not on what another try cannot change (syntax, constraints, rights).
#ifndef TICKHOUSE_INGEST_CLICKHOUSE_H
#define TICKHOUSE_INGEST_CLICKHOUSE_H

#include "net/http.h"
#include "sink.h"
#include <stdbool.h>
#include <stdint.h>

struct clickhouse {
    struct http_client *http;
    const char *url;
    char shown[1024];         // the URL without name and password, for messages
    char user[256], key[256]; // header lines
    int tries_most;           // waits before giving up
    bool quiet;
    bool (*give_up)(void *context); // ends a request that waits, as retriable; NULL: never
    void *give_up_context;
    long stall_seconds; // without progress, as http_request has them
};

struct clickhouse_query {
    const char *sql;
    const char *settings; // "&name=value..." escaped; may be ""
    const void *body;     // NULL when `sql` is all
    size_t body_size;
    bool body_is_zstd;
};

int clickhouse_open(struct clickhouse *server, const struct sink_options *options, struct err *err);
void clickhouse_close(struct clickhouse *server);

// Sends the query until it succeeds or the tries are used up. `reply->body` must be initialised.
int clickhouse_send(struct clickhouse *server, const struct clickhouse_query *query,
                    struct http_reply *reply, struct err *err);

// The whole number that a query gives.
int clickhouse_number(struct clickhouse *server, const char *sql, const char *settings,
                      uint64_t *number, struct err *err);

#endif
