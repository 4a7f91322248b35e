// SPDX-License-Identifier: Apache-2.0
// One look at a table: the rows behind the last one that has arrived, in their order.
#ifndef TICKHOUSE_INGEST_PGCDC_POLL_TABLE_H
#define TICKHOUSE_INGEST_PGCDC_POLL_TABLE_H

#include "base/buffer.h"
#include "capture/capture.h"
#include "outbox.h"
#include "poll_state.h"

#include <libpq-fe.h>

struct poll_columns {
    const char *incrementing; // NULL: not of this mode
    const char *timestamps;   // with commas between: the first that is not null; NULL: none
    const char *time_zone;    // of those that have none
};

struct poll_table {
    PGconn *connection;
    struct capture *capture;
    struct outbox *outbox;
    struct poll_state *state;
    const struct poll_columns *columns;
    double delay;        // seconds that a row must be old by its timestamp
    const char *ceiling; // highest incrementing value that counts; NULL: any
    uint64_t rows;       // emitted, of all looks
};

// Emits the rows and saves how far it came, after they have arrived.
int poll_table_look(struct poll_table *poll, const struct capture_table *table, struct err *err);

// The highest incrementing value there is, an empty text for none.
int poll_table_highest(struct poll_table *poll, const struct capture_table *table,
                       char highest[static POLL_VALUE_BYTES], struct err *err);

// That the table has the columns, and its timestamps all a time zone or all none.
int poll_table_check(const struct poll_columns *columns, const struct capture_table *table,
                     struct err *err);

// Whether they have none.
bool poll_table_is_local(const struct poll_columns *columns, const struct capture_table *table);

#endif
