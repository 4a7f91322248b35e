// SPDX-License-Identifier: Apache-2.0
// How far the capture is, and what the slot keeps: a line on stderr, and a file of JSON for whoever
// watches. The server is asked without waiting for its answer.
#ifndef TICKHOUSE_INGEST_PGCDC_STATUS_H
#define TICKHOUSE_INGEST_PGCDC_STATUS_H

#include "outbox.h"
#include "replication.h"
#include "slot.h"

struct status {
    const char *slot_name, *file; // file: NULL for none
    double interval;              // seconds
    double warn_bytes;            // of log that the slot keeps
    bool is_quiet;

    bool is_asked, is_warned;
    double asked_at;
    uint64_t messages; // when it was said last
};

// Asks when that is due, and says what was answered. `questions` is used by nobody else meanwhile.
int status_step(struct status *status, PGconn *questions, const struct replication *stream,
                const struct outbox *outbox, struct err *err);

// The state of a slot as one line of JSON, without a stream: --status-only.
int status_print(const char *slot_name, const struct slot *slot, struct err *err);

#endif
