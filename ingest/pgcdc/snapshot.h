// SPDX-License-Identifier: Apache-2.0
// The rows that were there before the stream begins: read in one transaction that sees exactly what
// had been committed at the position from which the slot streams, so that no change is missing
// between the two and none is in both.
#ifndef TICKHOUSE_INGEST_PGCDC_SNAPSHOT_H
#define TICKHOUSE_INGEST_PGCDC_SNAPSHOT_H

#include "capture/capture.h"
#include "outbox.h"
#include "slot.h"

struct snapshot {
    PGconn *questions;
    struct capture *capture;
    struct outbox *outbox;
    const struct slot_snapshot *slot;
    bool is_quiet;
    uint64_t rows;
};

// Emits all rows of the tables and waits until they have arrived.
int snapshot_read(struct snapshot *snapshot, const struct capture_table *tables, size_t count,
                  struct err *err);

#endif
