// SPDX-License-Identifier: Apache-2.0
// Messages on their way out, and up to which position of the log all of them have arrived.
//
// A position is marked when every message of it has been handed over, and counts as confirmed when
// the broker has acknowledged them all, and all before. What is under way is bounded in bytes, so
// that a broker that is slow or away costs no memory: whoever reads the log stops reading.
#ifndef TICKHOUSE_INGEST_PGCDC_OUTBOX_H
#define TICKHOUSE_INGEST_PGCDC_OUTBOX_H

#include "capture/capture.h"

#define OUTBOX_AWAY_SECONDS 10.0 // without an acknowledgement, until Kafka counts as away

struct outbox;

struct outbox_options {
    const char *brokers;           // NULL: lines on stdout
    const char *const *properties; // of librdkafka, ended by NULL; may be NULL
    bool fails_when_away;          // outbox_serve, so that it counts as a try; else it waits
};

int outbox_open(struct outbox **outbox, const struct outbox_options *options, struct err *err);
void outbox_close(struct outbox *outbox);

// For capture_open; the context is the outbox.
capture_emit outbox_emit;

// Everything that was emitted so far belongs to positions up to `lsn`. Never goes back.
int outbox_mark(struct outbox *outbox, uint64_t lsn, struct err *err);

// Hears what the broker says. An error is final for this outbox: open another, and begin again at
// what was confirmed. Only one that came of Kafka being away is not: what is under way stays so.
int outbox_serve(struct outbox *outbox, struct err *err);

// Up to where everything has arrived; 0 before the first mark.
uint64_t outbox_confirmed(const struct outbox *outbox);

// The newest position that was marked: it is confirmed sooner or later, unless the outbox fails.
uint64_t outbox_marked(const struct outbox *outbox);

// Whether so much is under way that nothing should be read.
bool outbox_is_full(const struct outbox *outbox);

// Waits until it is not. EX_TEMPFAIL when a signal asks to stop.
int outbox_make_room(struct outbox *outbox, struct err *err);

// Whether something is under way and the brokers are down, or have been silent for long.
bool outbox_is_away(const struct outbox *outbox);

// Whether nothing is under way.
bool outbox_is_empty(const struct outbox *outbox);

// Waits until nothing is under way: so many seconds at most, whatever signals come, or, with 0, as
// long as it takes, unless a signal asks to stop. EX_TEMPFAIL when something is left.
int outbox_flush(struct outbox *outbox, double seconds, struct err *err);

struct outbox_counts {
    uint64_t messages, acknowledged; // since it was opened
    uint64_t bytes_waiting;
    double waiting_since; // of clock_seconds: when the broker acknowledged last, if something waits
    const char *brokers, *trouble; // what librdkafka complained of last, or empty
};

struct outbox_counts outbox_counts(const struct outbox *outbox);

#endif
