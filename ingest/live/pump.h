// SPDX-License-Identifier: Apache-2.0
// Between a live source and its sink: rows are gathered into batches, a thread stores them. While
// the sink is away, batches wait in a spool on disk, in their order, and survive the process; when
// the spool is full the source waits: nothing is dropped.
#ifndef TICKHOUSE_INGEST_LIVE_PUMP_H
#define TICKHOUSE_INGEST_LIVE_PUMP_H

#include "base/options.h"
#include "live_sink.h"

struct pump;

struct pump_options {
    const char *sink;
    struct live_sink_options sink_options;
    struct option_texts properties; // become sink_options.properties
    const char *spool;              // folder; NULL: no spool, the source waits for the sink
    int64_t spool_bytes;            // at most, 1 GiB by default
    double linger;                  // seconds that a row waits for company at most
    bool every_row;                 // each row is in the spool, on disk, before pump_tick returns
    double patience; // seconds that the end waits for a sink that is away when rows would be lost
    bool quiet;
};

struct pump_counts {
    uint64_t rows, stored, spooled, waiting_bytes; // handed over, durable in the sink, ...
    bool is_away;                                  // the sink does not answer
};

// The defaults: what the environment says of ClickHouse, topic dbserver1.public.finnhub_stocks, a
// linger of 0.1 s, and so on. `source` is what headers and the column `source` say.
void pump_options_init(struct pump_options *options, const char *source);

// Opens the sink; what an earlier run left in the spool is stored first.
int pump_open(struct pump **pump, const struct pump_options *options, struct err *err);

// Each waits while the spool is full (or, without one, the sink is away); EX_TEMPFAIL when a signal
// asks to stop meanwhile, and then the row is not taken. EX_DATAERR: the row can never be stored
// and is not taken; `err` says why and the next one may come. Any other error is the sink's and
// lasting.
int pump_tick(struct pump *pump, const struct tick *tick, struct err *err);
int pump_article(struct pump *pump, const struct article *article, struct err *err);

// Hands over what has been gathered, without waiting for the linger.
int pump_flush(struct pump *pump, struct err *err);

void pump_counts(struct pump *pump, struct pump_counts *counts);

// Waits until everything is stored, or is in the spool when the sink is away; then closes. Where
// rows would be lost it waits for a sink that is away `patience` (10 s) more, and EX_TEMPFAIL says
// how much is lost. NULL is allowed.
int pump_close(struct pump *pump, struct err *err);

// The same, and tells the counts as they are at the end.
int pump_finish(struct pump *pump, struct pump_counts *counts, struct err *err);

// The options that every live source has. OFFSET(field) is the place of a field of the source's
// struct pump_options, in a structure that has it as `pump`:
//     #define PUMP(field) offsetof(struct my_options, pump.field)
//     ... PUMP_OPTION_LIST(PUMP), {0} };
#define PUMP_OPTION_LIST(OFFSET)                                                                     \
    {"sink",                                                                                         \
     OPTION_TEXT,                                                                                    \
     OFFSET(sink),                                                                                   \
     "NAME",                                                                                         \
     "clickhouse (default), kafka, postgres, or text: print on stdout",                              \
     0,                                                                                              \
     0},                                                                                             \
        {"url",                                                                                      \
         OPTION_TEXT,                                                                                \
         OFFSET(sink_options.url),                                                                   \
         "URL",                                                                                      \
         "ClickHouse's HTTP port (TICKHOUSE_URL, else http://127.0.0.1:8123)",                       \
         0,                                                                                          \
         0},                                                                                         \
        {"user", OPTION_TEXT, OFFSET(sink_options.user), "NAME", "ClickHouse user (default)", 0, 0}, \
        {"database",                                                                                 \
         OPTION_TEXT,                                                                                \
         OFFSET(sink_options.database),                                                              \
         "NAME",                                                                                     \
         "ClickHouse database (warehouse)",                                                          \
         0,                                                                                          \
         0},                                                                                         \
        {"postgres",                                                                                 \
         OPTION_TEXT,                                                                                \
         OFFSET(sink_options.postgres),                                                              \
         "URI",                                                                                      \
         "postgresql://user@host:port/database (else PGHOST, PGPORT, ...); the password is "         \
         "PGPASSWORD's",                                                                             \
         0,                                                                                          \
         0},                                                                                         \
        {"brokers",                                                                                  \
         OPTION_TEXT,                                                                                \
         OFFSET(sink_options.brokers),                                                               \
         "LIST",                                                                                     \
         "Kafka's HOST:PORT,... (127.0.0.1:9092)",                                                   \
         0,                                                                                          \
         0},                                                                                         \
        {"topic",                                                                                    \
         OPTION_TEXT,                                                                                \
         OFFSET(sink_options.topic),                                                                 \
         "NAME",                                                                                     \
         "of ticks (dbserver1.public.finnhub_stocks); news go to ....finnhub_news beside it",        \
         0,                                                                                          \
         0},                                                                                         \
        {"X",                                                                                        \
         OPTION_TEXTS,                                                                               \
         OFFSET(properties),                                                                         \
         "KEY=VALUE",                                                                                \
         "a property of librdkafka, as often as needed; secrets go into the file that "              \
         "TICKHOUSE_KAFKA_PROPERTIES names",                                                         \
         0,                                                                                          \
         0},                                                                                         \
        {"spool",                                                                                    \
         OPTION_TEXT,                                                                                \
         OFFSET(spool),                                                                              \
         "DIR",                                                                                      \
         "where rows wait on disk while the sink is away (none)",                                    \
         0,                                                                                          \
         0},                                                                                         \
        {"spool-bytes",                                                                              \
         OPTION_INTEGER,                                                                             \
         OFFSET(spool_bytes),                                                                        \
         "N",                                                                                        \
         "at most so many bytes wait; then the source does (1073741824)",                            \
         1 << 20,                                                                                    \
         INT64_MAX},                                                                                 \
        {"every-row",                                                                                \
         OPTION_FLAG,                                                                                \
         OFFSET(every_row),                                                                          \
         NULL,                                                                                       \
         "each row is in the spool, on disk, before the next is read",                               \
         0,                                                                                          \
         0},                                                                                         \
        {"linger",                                                                                   \
         OPTION_NUMBER,                                                                              \
         OFFSET(linger),                                                                             \
         "SECONDS",                                                                                  \
         "how long a row waits for company at most (0.1)",                                           \
         0,                                                                                          \
         0},                                                                                         \
    {                                                                                                \
        "quiet", OPTION_FLAG, OFFSET(quiet), NULL, "no progress and no summary", 0, 0                \
    }

#endif
