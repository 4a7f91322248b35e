// SPDX-License-Identifier: Apache-2.0
// The stream of changes: START_REPLICATION, what comes in COPY BOTH, and what the server is told.
//
// The server is only ever told a position whose messages, and all before them, are acknowledged by
// the broker. What a keepalive says of a log without changes for us counts as soon as nothing
// before it is under way, so that an idle table in a busy database keeps no log.
#ifndef TICKHOUSE_INGEST_PGCDC_REPLICATION_H
#define TICKHOUSE_INGEST_PGCDC_REPLICATION_H

#include "capture/capture.h"
#include "outbox.h"

#include <libpq-fe.h>

struct replication {
    PGconn *connection; // speaks the replication protocol
    struct capture *capture;
    struct outbox *outbox;
    double tell_seconds;   // the server is told at least so often
    double silent_seconds; // without a word after one was asked for, until it is a failure
    uint64_t floor;        // up to where everything had arrived before
    uint64_t told;         // what the server was told last
    uint64_t received;     // up to where the log was read
    int64_t commit_time;   // of the newest transaction, microseconds since 1970; 0: none came
    double told_at, heard_at, asked_at; // asked for a word: 0 when it is not owed
    bool in_transaction, is_reply_wanted, is_idle;
};

// Transactions that end after `from` come, or after what the slot has confirmed if that is later.
int replication_start(struct replication *stream, const struct capture_settings *settings,
                      uint64_t from, struct err *err);

// Takes some of what has arrived, without waiting; is_idle says that there is no more, or no room.
int replication_read(struct replication *stream, struct err *err);

// Tells the server what is confirmed, when that is due.
int replication_tell(struct replication *stream, struct err *err);

// Waits until something arrives, at most so long.
int replication_wait(struct replication *stream, double seconds, struct err *err);

// Up to where everything has arrived in Kafka.
uint64_t replication_confirmed(const struct replication *stream);

// Tells once more and takes leave, so that the next start repeats nothing that has arrived.
int replication_end(struct replication *stream, struct err *err);

#endif
