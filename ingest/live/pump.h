// SPDX-License-Identifier: Apache-2.0
// Between a live source and its sink: rows are gathered into batches, a thread stores them. While
// the sink is away, batches wait in a spool on disk, in their order, and survive the process; when
// the spool is full the source waits: nothing is dropped.
#ifndef TICKHOUSE_INGEST_LIVE_PUMP_H
#define TICKHOUSE_INGEST_LIVE_PUMP_H

#include "live_sink.h"

struct pump;

struct pump_options {
    const char *sink;
    struct live_sink_options sink_options;
    const char *spool;    // folder; NULL: no spool, the source waits for the sink
    uint64_t spool_bytes; // at most, 1 GiB by default
    double linger;        // seconds that a row waits for company at most
    bool every_row;       // each row is in the spool, on disk, before pump_tick returns
    bool quiet;
};

struct pump_counts {
    uint64_t rows, stored, spooled, waiting_bytes; // handed over, durable in the sink, ...
    bool is_away;                                  // the sink does not answer
};

// Opens the sink and stores first what an earlier run left in the spool.
int pump_open(struct pump **pump, const struct pump_options *options, struct err *err);

// Each waits while the spool is full; EX_TEMPFAIL when a signal asks to stop meanwhile.
int pump_tick(struct pump *pump, const struct tick *tick, struct err *err);
int pump_article(struct pump *pump, const struct article *article, struct err *err);

// Hands over what has been gathered, without waiting for the linger.
int pump_flush(struct pump *pump, struct err *err);

void pump_counts(struct pump *pump, struct pump_counts *counts);

// Waits until everything is stored, or is in the spool when the sink is away; then closes.
int pump_close(struct pump *pump, struct err *err);

// The options that every live source has; OFFSET names the members of its own structure.
// (sink, spool, brokers, topic, postgres, url, user, database, quiet)
#endif
