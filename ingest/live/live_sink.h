// SPDX-License-Identifier: Apache-2.0
// Where live rows go. A sink stores a whole batch and answers only when it is durable there;
// storing the same batch again changes nothing.
#ifndef TICKHOUSE_INGEST_LIVE_SINK_H
#define TICKHOUSE_INGEST_LIVE_SINK_H

#include "batch.h"

struct live_sink_options {
    const char *source; // finnhub, mock: what headers and the column `source` say
    const char *url, *user, *password, *database; // ClickHouse
    const char *postgres;                         // URI; NULL: libpq's environment
    const char *brokers, *topic;                  // Kafka
    const char *const *properties;                // of librdkafka, ended by NULL
    bool quiet;
    bool (*give_up)(void *context); // asked while a store waits; true ends it as retriable
    void *give_up_context;
};

struct live_sink {
    const char *name;
    // 0: stored. A retriable error: the sink is away, the same batch may be tried later. Another
    // error: no later try will help.
    int (*store)(struct live_sink *sink, const struct live_batch *batch, struct err *err);
    void (*close)(struct live_sink *sink); // also frees it
    uint64_t stored;                       // rows that are durable
};

// `name` is postgres, kafka, clickhouse, or text: rows as TSV on stdout.
int live_sink_open(struct live_sink **sink, const char *name,
                   const struct live_sink_options *options, struct err *err);

// None of them waits for its server: one that is away shows when a batch is to be stored.
int live_sink_open_clickhouse(struct live_sink **sink, const struct live_sink_options *options,
                              struct err *err);
int live_sink_open_kafka(struct live_sink **sink, const struct live_sink_options *options,
                         struct err *err);
int live_sink_open_postgres(struct live_sink **sink, const struct live_sink_options *options,
                            struct err *err);
int live_sink_open_text(struct live_sink **sink, const struct live_sink_options *options,
                        struct err *err);

#endif
